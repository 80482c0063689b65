//! What lies behind a place's name: its shape and its house numbers, each step from the one before.

use super::bytes::{Reader, write_number, write_signed};
use super::position::Spot;

/// Corners of lines are kept to this many units of 1e-5 degrees, about four metres.
const LINE_STEP: i32 = 4;

/// A house number of a street, packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct House {
    /// The digits it starts with; `None` when all of it is in the table of endings.
    pub(super) digits: Option<u32>,
    /// Position in the table of endings; 0 is the empty one.
    pub(super) ending: u32,
    /// Where.
    pub(super) spot: Spot,
}

/// Packs them; `houses` sorted by number. Nothing at all is no byte.
pub(super) fn pack(at: Spot, lines: &[Vec<Spot>], houses: &[House]) -> Vec<u8> {
    let mut out = Vec::new();
    if lines.is_empty() && houses.is_empty() {
        return out;
    }
    let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    write_number(&mut out, count(lines.len()));
    for line in lines {
        write_number(&mut out, count(line.len()));
        let mut last = at;
        for spot in line {
            let (north, east) = spot.from(last);
            let (north, east) = (steps(north), steps(east));
            write_signed(&mut out, north);
            write_signed(&mut out, east);
            last = last.moved(whole(north), whole(east));
        }
    }
    let (mut last_digits, mut last_spot) = (0, at);
    for house in houses {
        let digits = house.digits.map_or(0, |digits| digits.saturating_add(1));
        let has_ending = u32::from(house.ending != 0);
        let step = digits.wrapping_sub(last_digits);
        write_number(&mut out, step.wrapping_shl(1) | has_ending);
        if house.ending != 0 {
            write_number(&mut out, house.ending);
        }
        write_step(&mut out, last_spot, house.spot);
        (last_digits, last_spot) = (digits, house.spot);
    }
    out
}

/// The nearest whole number of steps.
fn steps(units: i32) -> i32 {
    units.saturating_add(LINE_STEP / 2).div_euclid(LINE_STEP)
}

fn whole(steps: i32) -> i32 {
    steps.wrapping_mul(LINE_STEP)
}

fn write_step(out: &mut Vec<u8>, from: Spot, to: Spot) {
    let (north, east) = to.from(from);
    write_signed(out, north);
    write_signed(out, east);
}

/// The packed shape and houses of a place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Details<'a> {
    at: Spot,
    packed: &'a [u8],
}

impl<'a> Details<'a> {
    pub(super) const fn new(at: Spot, packed: &'a [u8]) -> Self {
        Self { at, packed }
    }

    /// Calls back with each line; answers where the houses start.
    pub(super) fn read_lines(self, mut line: impl FnMut(&[Spot])) -> Option<Houses<'a>> {
        let mut reader = Reader::new(self.packed);
        let mut spots = Vec::new();
        let lines = if reader.is_at_end() {
            0
        } else {
            reader.number()?
        };
        for _ in 0..lines {
            spots.clear();
            let mut last = self.at;
            for _ in 0..reader.number()? {
                let north = whole(reader.signed()?);
                last = last.moved(north, whole(reader.signed()?));
                spots.push(last);
            }
            line(&spots);
        }
        Some(Houses {
            reader,
            digits: 0,
            spot: self.at,
        })
    }

    /// The houses.
    pub(super) fn houses(self) -> Houses<'a> {
        self.read_lines(|_| {}).unwrap_or(Houses {
            reader: Reader::new(&[]),
            digits: 0,
            spot: self.at,
        })
    }
}

fn read_step(reader: &mut Reader<'_>, from: Spot) -> Option<Spot> {
    let north = reader.signed()?;
    Some(from.moved(north, reader.signed()?))
}

/// The house numbers of a street, ascending. Ends early where bytes are broken.
#[derive(Debug, Clone, Copy)]
pub(super) struct Houses<'a> {
    reader: Reader<'a>,
    digits: u32,
    spot: Spot,
}

impl Houses<'_> {
    pub(super) const fn is_at_end(&self) -> bool {
        self.reader.is_at_end()
    }

    fn read(&mut self) -> Option<House> {
        let head = self.reader.number()?;
        let ending = match head & 1 {
            0 => 0,
            _ => self.reader.number()?,
        };
        self.digits = self.digits.wrapping_add(head >> 1);
        self.spot = read_step(&mut self.reader, self.spot)?;
        Some(House {
            digits: self.digits.checked_sub(1),
            ending,
            spot: self.spot,
        })
    }
}

impl Iterator for Houses<'_> {
    type Item = House;

    fn next(&mut self) -> Option<House> {
        self.read()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spot(lat_e5: i32, lng_e5: i32) -> Spot {
        Spot { lat_e5, lng_e5 }
    }

    #[test]
    fn lines_and_houses_come_back() {
        let at = spot(4_115_000, -861_000);
        let lines = vec![vec![at, spot(4_115_100, -861_052)], vec![at]];
        let house = |digits, ending, lat| House {
            digits,
            ending,
            spot: spot(lat, -861_010),
        };
        let houses = vec![
            house(None, 3, 4_115_007),
            house(Some(1), 0, 4_114_990),
            house(Some(1), 2, 4_114_991),
            house(Some(400), 0, 4_115_200),
        ];
        let packed = pack(at, &lines, &houses);
        let details = Details::new(at, &packed);
        let mut read = Vec::new();
        let rest = details.read_lines(|line| read.push(line.to_vec())).unwrap();
        assert_eq!(read, lines);
        assert_eq!(rest.collect::<Vec<_>>(), houses);
        assert_eq!(details.houses().collect::<Vec<_>>(), houses);
    }

    #[test]
    fn corners_of_lines_do_not_drift() {
        let at = spot(4_115_000, -861_000);
        let line: Vec<Spot> = (0..50)
            .map(|i| spot(4_115_000 + 5 * i, -861_000 - 3 * i))
            .collect();
        let packed = pack(at, std::slice::from_ref(&line), &[]);
        let read = |read: &[Spot]| {
            for (read, spot) in read.iter().zip(&line) {
                let (north, east) = read.from(*spot);
                assert!(north.abs() <= LINE_STEP / 2 && east.abs() <= LINE_STEP / 2);
            }
        };
        assert!(Details::new(at, &packed).read_lines(read).is_some());
    }

    #[test]
    fn nothing_takes_no_byte_and_reads_as_nothing() {
        let at = spot(0, 0);
        assert!(pack(at, &[], &[]).is_empty());
        assert!(Details::new(at, &[]).houses().is_at_end());
        assert_eq!(
            Details::new(at, &[0xff]).houses().next(),
            None,
            "broken bytes"
        );
    }
}
