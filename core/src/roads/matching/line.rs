//! Lengths, directions and nearest places along the shape of an arc.

use crate::geo::{EARTH_RADIUS_M, LatLng};

/// A place on a line.
#[derive(Debug, Clone, Copy)]
pub(super) struct OnLine {
    /// From the line's start, in millimetres.
    pub(super) along_mm: u64,
    pub(super) at: LatLng,
    /// From the position that was asked for, in metres.
    pub(super) distance_m: f64,
}

/// The straight pieces of a line with the length before each, in millimetres.
fn pieces(line: &[LatLng]) -> impl Iterator<Item = Piece> {
    line.windows(2).scan(0_u64, |before_mm, ends| {
        let [start, end] = *<&[LatLng; 2]>::try_from(ends).ok()?;
        let piece = Piece {
            start,
            end,
            before_mm: *before_mm,
            length_mm: start.distance_mm(end),
        };
        *before_mm = before_mm.saturating_add(piece.length_mm);
        Some(piece)
    })
}

#[derive(Debug, Clone, Copy)]
struct Piece {
    start: LatLng,
    end: LatLng,
    before_mm: u64,
    length_mm: u64,
}

impl Piece {
    fn end_mm(&self) -> u64 {
        self.before_mm.saturating_add(self.length_mm)
    }

    /// Which share of the piece lies before a place along the line, from 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "no road is 2^53 mm long")]
    fn share_before(&self, along_mm: u64) -> f64 {
        if self.length_mm == 0 {
            return 0.0;
        }
        let into = along_mm.saturating_sub(self.before_mm) as f64;
        (into / self.length_mm as f64).clamp(0.0, 1.0)
    }

    /// The place at a share of the piece.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "between two positions is a position, and a share of a length is a length"
    )]
    fn place(&self, share: f64, distance_m: f64) -> OnLine {
        let between = |from: i32, to: i32| {
            libm::round(f64::from(from) + share * (f64::from(to) - f64::from(from))) as i32
        };
        let at = LatLng::from_e7(
            between(self.start.lat_e7(), self.end.lat_e7()),
            between(self.start.lng_e7(), self.end.lng_e7()),
        )
        .unwrap_or(self.start);
        let into_mm = libm::round(share * self.length_mm as f64) as u64;
        OnLine {
            along_mm: self.before_mm.saturating_add(into_mm),
            at,
            distance_m,
        }
    }

    /// The nearest place whose share of the piece is in a range.
    fn nearest(&self, to: LatLng, least: f64, most: f64) -> OnLine {
        let (end_x, end_y) = plane(self.start, self.end);
        let (x, y) = plane(self.start, to);
        let square = end_x * end_x + end_y * end_y;
        let share = if square > 0.0 {
            (x * end_x + y * end_y) / square
        } else {
            0.0
        };
        let share = share.clamp(least, most.max(least));
        let distance_m = libm::hypot(x - share * end_x, y - share * end_y);
        self.place(share, distance_m)
    }
}

/// East and north of an origin in metres, on a plane that touches the earth there.
fn plane(origin: LatLng, at: LatLng) -> (f64, f64) {
    const M_PER_UNIT: f64 = EARTH_RADIUS_M * std::f64::consts::PI / 180.0 * 1e-7;
    let north = f64::from(at.lat_e7()) - f64::from(origin.lat_e7());
    let east = f64::from(at.lng_e7()) - f64::from(origin.lng_e7());
    let cos_lat = libm::cos(origin.lat().to_radians());
    (east * cos_lat * M_PER_UNIT, north * M_PER_UNIT)
}

/// Direction of a line at a place along it, degrees clockwise from north.
pub(super) fn bearing_deg(line: &[LatLng], along_mm: u64) -> f64 {
    let mut last = 0.0;
    for piece in pieces(line).filter(|piece| piece.length_mm > 0) {
        last = piece.start.bearing_deg(piece.end);
        if along_mm <= piece.end_mm() {
            break;
        }
    }
    last
}

/// The place on a part of a line, from and to millimetres along it, that is nearest to a position.
pub(super) fn nearest(line: &[LatLng], part_mm: (u64, u64), to: LatLng) -> Option<OnLine> {
    pieces(line)
        .filter(|piece| piece.before_mm <= part_mm.1 && piece.end_mm() >= part_mm.0)
        .map(|piece| {
            piece.nearest(
                to,
                piece.share_before(part_mm.0),
                piece.share_before(part_mm.1),
            )
        })
        .min_by(|a, b| a.distance_m.total_cmp(&b.distance_m))
}

/// The bends of a line strictly between two places along it.
pub(super) fn bends(line: &[LatLng], part_mm: (u64, u64)) -> impl Iterator<Item = LatLng> {
    pieces(line)
        .filter(move |piece| piece.end_mm() > part_mm.0 && piece.end_mm() < part_mm.1)
        .map(|piece| piece.end)
}
