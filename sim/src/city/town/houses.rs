//! Houses with numbers: closed rows in the old town, single houses further out, and addresses
//! without an outline where there would be too many.

use rand::RngExt;

use super::cells::{Cell, Use};
use super::ground::{OLD_TOWN, Spot};
use super::landmarks::is_inside;
use super::roads::{Class, Roads, length_m, pairs};
use super::sheet::{NodeId, Sheet, tags};
use crate::chance::Chance;

/// Rows of houses stand within this of the middle of the old town.
const ROWS_M: f64 = 720.0;
/// Single houses stand within this of the middle.
const HOUSES_M: f64 = 3900.0;
const HOUSES_MAX: usize = 1900;
/// Elsewhere one address is known in so many metres.
const ADDRESS_EVERY_M: f64 = 140.0;

/// The middle of a house that people may go into, and how wide it is.
#[derive(Debug, Clone)]
pub(super) struct House {
    pub(super) at: Spot,
    pub(super) street: String,
    pub(super) number: u32,
}

/// Where along a street, on which side.
#[derive(Debug, Clone, Copy)]
struct Plot {
    /// On the middle of the street.
    at: Spot,
    /// Direction of the street, radians.
    along: f64,
    /// 1 left, -1 right of it.
    side: f64,
}

impl Plot {
    fn corner(self, along_m: f64, aside_m: f64) -> Spot {
        let across = self.along + std::f64::consts::FRAC_PI_2;
        self.at
            .polar(self.along, along_m)
            .polar(across, self.side * aside_m)
    }
}

/// Draws houses along all streets. Gives those of the old town, for shops to move into.
pub(super) fn draw(
    roads: &Roads,
    cells: &[Cell],
    chance: &mut Chance,
    sheet: &mut Sheet,
) -> Vec<House> {
    let mut builder = Builder {
        other: cells
            .iter()
            .filter(|cell| cell.uses != Use::Houses)
            .collect(),
        chance,
        sheet,
        houses: Vec::new(),
        single: 0,
        taken: std::collections::HashSet::new(),
    };
    let mut last = None;
    let (mut numbers, mut offset_m) = ([0_u32; 2], 0.0);
    for piece in &roads.pieces {
        let Some((road, name)) = roads
            .all
            .get(piece.road)
            .and_then(|road| Some((road, road.name.as_deref()?)))
        else {
            continue;
        };
        if last.as_deref() != Some(name) {
            (numbers, offset_m) = ([0; 2], 0.0);
            last = Some(name.to_owned());
        }
        if road.class < Class::Primary || road.more.iter().any(|(key, _)| *key == "junction") {
            continue;
        }
        if !piece.spans.is_empty() {
            continue;
        }
        let spots: Vec<Spot> = piece
            .nodes
            .iter()
            .map(|node: &NodeId| builder.sheet.at(*node))
            .collect();
        offset_m = builder.line(&spots, road.class, name, &mut numbers, offset_m);
    }
    builder.houses
}

struct Builder<'a> {
    chance: &'a mut Chance,
    sheet: &'a mut Sheet,
    /// Blocks that are not for houses.
    other: Vec<&'a Cell>,
    houses: Vec<House>,
    single: usize,
    /// Squares of the map with a house in them.
    taken: std::collections::HashSet<(i64, i64)>,
}

impl Builder<'_> {
    /// Both sides of one piece of a street. Gives how much is left until the next address.
    fn line(
        &mut self,
        spots: &[Spot],
        class: Class,
        name: &str,
        numbers: &mut [u32; 2],
        offset_m: f64,
    ) -> f64 {
        let length_m = length_m(spots);
        let Some(middle) = at_m(spots, length_m / 2.0) else {
            return offset_m;
        };
        if middle.at.distance_m(OLD_TOWN) < ROWS_M {
            for (side, number) in [1.0, -1.0].into_iter().zip(numbers) {
                self.row(spots, class, name, side, number);
            }
            return 0.0;
        }
        let is_small = matches!(class, Class::Residential | Class::Living);
        let is_court = length_m < 240.0;
        let near = middle.at.distance_m(Spot::MIDDLE) < HOUSES_M;
        if is_small && is_court && near && self.single < HOUSES_MAX {
            for (side, number) in [1.0, -1.0].into_iter().zip(numbers) {
                self.singles(spots, class, name, side, number);
            }
            return 0.0;
        }
        self.addresses(spots, class, name, numbers, offset_m)
    }

    /// Houses wall to wall.
    fn row(&mut self, spots: &[Spot], class: Class, name: &str, side: f64, number: &mut u32) {
        let length_m = length_m(spots);
        let mut along_m = 15.0;
        loop {
            let width_m = self.chance.random_range(8.0..17.0);
            if along_m + width_m > length_m - 15.0 {
                break;
            }
            let depth_m = self.chance.random_range(11.0..17.0);
            *number += 1;
            if self.chance.random::<f64>() < 0.93
                && let Some(plot) = plot(spots, along_m + width_m / 2.0, side)
            {
                let front_m = class.half_width_m();
                self.house(
                    plot,
                    (width_m, front_m, depth_m),
                    name,
                    number_of(*number, side),
                );
            }
            along_m += width_m;
        }
    }

    /// Houses with gardens between them.
    fn singles(&mut self, spots: &[Spot], class: Class, name: &str, side: f64, number: &mut u32) {
        let length_m = length_m(spots);
        let mut along_m = 22.0;
        while along_m < length_m - 12.0 {
            let (width_m, depth_m) = (
                self.chance.random_range(9.0..14.0),
                self.chance.random_range(9.0..13.0),
            );
            *number += 1;
            if self.chance.random::<f64>() < 0.7
                && let Some(plot) = plot(spots, along_m, side)
            {
                self.single += 1;
                let front_m = class.half_width_m() + self.chance.random_range(3.0..8.0);
                self.house(
                    plot,
                    (width_m, front_m, depth_m),
                    name,
                    number_of(*number, side),
                );
            }
            along_m += width_m + self.chance.random_range(9.0..20.0);
        }
    }

    fn house(
        &mut self,
        plot: Plot,
        (width_m, front_m, depth_m): (f64, f64, f64),
        street: &str,
        number: u32,
    ) {
        let back_m = front_m + depth_m;
        let half_m = width_m / 2.0;
        let middle = plot.corner(0.0, f64::midpoint(front_m, back_m));
        #[expect(
            clippy::cast_possible_truncation,
            reason = "squares of a town fit 64 bits"
        )]
        let square = (
            (middle.east_m / 13.0).floor() as i64,
            (middle.north_m / 13.0).floor() as i64,
        );
        // A street round the corner may have come first.
        let is_elsewhere = |cell: &&Cell| is_inside(middle, &cell.corners);
        if !self.taken.insert(square) || self.other.iter().any(is_elsewhere) {
            return;
        }
        let corners = [
            plot.corner(-half_m, front_m),
            plot.corner(half_m, front_m),
            plot.corner(half_m, back_m),
            plot.corner(-half_m, back_m),
        ];
        let text = number.to_string();
        let what = tags(&[
            ("building", "yes"),
            ("addr:street", street),
            ("addr:housenumber", &text),
        ]);
        self.sheet.area(&corners, what);
        self.houses.push(House {
            at: plot.corner(0.0, front_m + 4.0),
            street: street.to_owned(),
            number,
        });
    }

    fn addresses(
        &mut self,
        spots: &[Spot],
        class: Class,
        name: &str,
        numbers: &mut [u32; 2],
        offset_m: f64,
    ) -> f64 {
        let length_m = length_m(spots);
        let mut along_m = offset_m.max(20.0);
        while along_m < length_m - 15.0 {
            let side = if self.chance.random::<bool>() {
                1.0
            } else {
                -1.0
            };
            let [left, right] = numbers;
            let number = if side > 0.0 { left } else { right };
            *number += self.chance.random_range(2..9_u32);
            if let Some(plot) = plot(spots, along_m, side) {
                let text = number_of(*number, side).to_string();
                let what = tags(&[("addr:street", name), ("addr:housenumber", &text)]);
                self.sheet
                    .point(plot.corner(0.0, class.half_width_m() + 5.0), what);
            }
            along_m += self.chance.random_range(0.6..1.4) * ADDRESS_EVERY_M;
        }
        along_m - length_m
    }
}

/// Even numbers stand on the right, odd ones on the left.
fn number_of(count: u32, side: f64) -> u32 {
    if side > 0.0 { 2 * count - 1 } else { 2 * count }
}

fn plot(spots: &[Spot], along_m: f64, side: f64) -> Option<Plot> {
    at_m(spots, along_m).map(|plot| Plot { side, ..plot })
}

fn at_m(spots: &[Spot], along_m: f64) -> Option<Plot> {
    let mut gone_m = 0.0;
    for (from, to) in pairs(spots) {
        let step_m = from.distance_m(to);
        if along_m <= gone_m + step_m && step_m > 0.0 {
            return Some(Plot {
                at: from.toward(to, (along_m - gone_m) / step_m),
                along: from.angle_to(to),
                side: 1.0,
            });
        }
        gone_m += step_m;
    }
    None
}
