//! A drive along the roads: where the car is at any moment of it.

use wayfare_core::geo::LatLng;
use wayfare_core::roads::{ArcId, NoRoute, RoadNetwork};

use crate::city::{City, Plane};

/// Speed off the mapped roads: a yard, a car park.
const OFF_ROAD_KMH: f64 = 12.0;
/// Ends nearer than this to a road are on it.
const OFF_ROAD_M_MIN: f64 = 1.0;

/// Where a car is and how it moves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fix {
    /// Position.
    pub at: LatLng,
    /// Speed over ground.
    pub speed_mps: f64,
    /// Degrees clockwise from north.
    pub heading_deg: f64,
}

/// A straight piece of the drive at one speed.
#[derive(Debug, Clone, Copy)]
struct Piece {
    from: LatLng,
    to: LatLng,
    starts_s: f64,
    duration_s: f64,
    length_m: f64,
    heading_deg: f64,
}

impl Piece {
    fn speed_mps(&self) -> f64 {
        if self.duration_s > 0.0 {
            self.length_m / self.duration_s
        } else {
            0.0
        }
    }
}

/// A drive from one place to another.
#[derive(Debug, Clone)]
pub struct Drive {
    pieces: Vec<Piece>,
    start: LatLng,
    end: LatLng,
    duration_s: f64,
    length_m: f64,
}

impl Drive {
    /// The fastest drive over the roads, with the last metres off the road in a straight line. Each
    /// road is driven at its own speed, and where roads meet the car waits for as long as the turn
    /// takes.
    ///
    /// `pace` is the driver's own: 1.0 drives at the speed of the roads, 0.9 a tenth slower.
    pub fn plan(city: &City, from: LatLng, to: LatLng, pace: f64) -> Result<Self, NoRoute> {
        let route = city.route(from, to)?;
        let roads = &city.roads;
        let on_road = |at: LatLng, index: usize| route.stops.get(index).copied().unwrap_or(at);
        let (first, last) = (on_road(from, 0), on_road(to, 1));
        let mut drive = Self::standing(from);
        drive.off_road_to(first, pace);
        let mut before = None;
        for (index, id) in route.arcs.iter().enumerate() {
            let Some(arc) = roads.arc(*id) else {
                continue;
            };
            if let Some(before) = before {
                drive.wait(turn_s(roads, before, *id) / pace);
            }
            before = Some(*id);
            let mut shape = roads.shape(*id);
            if index + 1 == route.arcs.len() {
                shape = until(&shape, last);
            }
            if index == 0 {
                shape = behind(&shape, first);
            }
            // Metres in a millisecond are thousands of kilometres in an hour.
            let speed_kmh = f64::from(arc.length_mm) * 3.6 / f64::from(arc.duration_ms.max(1));
            for bend in shape {
                drive.go_to(bend, speed_kmh * pace);
            }
        }
        drive.off_road_to(to, pace);
        drive.end = to;
        Ok(drive)
    }

    /// No drive at all: the car stays where it is.
    pub fn standing(at: LatLng) -> Self {
        Self {
            pieces: Vec::new(),
            start: at,
            end: at,
            duration_s: 0.0,
            length_m: 0.0,
        }
    }

    /// How long it takes.
    pub fn duration_s(&self) -> f64 {
        self.duration_s
    }

    /// How long it is.
    pub fn length_m(&self) -> f64 {
        self.length_m
    }

    /// Whether the car is there after so many seconds.
    pub fn is_over(&self, elapsed_s: f64) -> bool {
        elapsed_s >= self.duration_s
    }

    /// Where the car is after so many seconds; before the start and after the end it stands.
    pub fn fix_at(&self, elapsed_s: f64) -> Fix {
        if self.is_over(elapsed_s) {
            let heading_deg = self.pieces.last().map_or(0.0, |piece| piece.heading_deg);
            return Fix {
                at: self.end,
                speed_mps: 0.0,
                heading_deg,
            };
        }
        let index = self
            .pieces
            .partition_point(|piece| piece.starts_s <= elapsed_s);
        let Some(piece) = index
            .checked_sub(1)
            .and_then(|index| self.pieces.get(index))
        else {
            return Fix {
                at: self.start,
                speed_mps: 0.0,
                heading_deg: 0.0,
            };
        };
        let part = ((elapsed_s - piece.starts_s) / piece.duration_s).clamp(0.0, 1.0);
        Fix {
            at: between(piece.from, piece.to, part),
            speed_mps: piece.speed_mps(),
            heading_deg: piece.heading_deg,
        }
    }

    fn position(&self) -> LatLng {
        self.pieces.last().map_or(self.start, |piece| piece.to)
    }

    fn off_road_to(&mut self, to: LatLng, pace: f64) {
        if self.position().distance_m(to) > OFF_ROAD_M_MIN {
            self.go_to(to, OFF_ROAD_KMH * pace);
        }
    }

    fn go_to(&mut self, to: LatLng, speed_kmh: f64) {
        let from = self.position();
        let length_m = from.distance_m(to);
        if length_m <= 0.0 {
            return;
        }
        let duration_s = length_m * 3.6 / speed_kmh.max(1.0);
        self.push(Piece {
            from,
            to,
            starts_s: self.duration_s,
            duration_s,
            length_m,
            heading_deg: from.bearing_deg(to),
        });
    }

    /// The car stands at a crossing.
    fn wait(&mut self, duration_s: f64) {
        let Some(before) = self.pieces.last().filter(|_| duration_s > 0.0) else {
            return;
        };
        self.push(Piece {
            from: before.to,
            to: before.to,
            starts_s: self.duration_s,
            duration_s,
            length_m: 0.0,
            heading_deg: before.heading_deg,
        });
    }

    fn push(&mut self, piece: Piece) {
        self.duration_s += piece.duration_s;
        self.length_m += piece.length_m;
        self.pieces.push(piece);
    }
}

/// How long it takes to turn from one arc into another.
fn turn_s(roads: &RoadNetwork, from: ArcId, into: ArcId) -> f64 {
    let turns = roads.turns(from);
    let turn = turns.iter().find(|(arc, _)| *arc == into);
    turn.map_or(0.0, |(_, duration_ms)| f64::from(*duration_ms) / 1000.0)
}

/// The part of a line behind a place on it, which comes first.
fn behind(shape: &[LatLng], at: LatLng) -> Vec<LatLng> {
    let rest = shape.get(straight_of(shape, at) + 1..).unwrap_or_default();
    std::iter::once(at).chain(rest.iter().copied()).collect()
}

/// The part of a line before a place on it, which comes last.
fn until(shape: &[LatLng], at: LatLng) -> Vec<LatLng> {
    let rest = shape.get(..=straight_of(shape, at)).unwrap_or_default();
    rest.iter().copied().chain(std::iter::once(at)).collect()
}

/// On which straight part of a line a place is.
fn straight_of(shape: &[LatLng], at: LatLng) -> usize {
    let plane = Plane::around(at);
    let off_m = |(from, to): (&LatLng, &LatLng)| {
        let ((ax, ay), (bx, by)) = (plane.metres(*from), plane.metres(*to));
        let (dx, dy) = (bx - ax, by - ay);
        let length_m2 = dx * dx + dy * dy;
        let part = if length_m2 > 0.0 {
            (-(ax * dx + ay * dy) / length_m2).clamp(0.0, 1.0)
        } else {
            0.0
        };
        (ax + dx * part).hypot(ay + dy * part)
    };
    let parts = shape.iter().zip(shape.iter().skip(1)).map(off_m);
    let nearest = parts.enumerate().min_by(|a, b| a.1.total_cmp(&b.1));
    nearest.map_or(0, |(index, _)| index)
}

/// A place on the straight line between two places of one city.
fn between(from: LatLng, to: LatLng, part: f64) -> LatLng {
    let lat = from.lat() + (to.lat() - from.lat()) * part;
    let lng = from.lng() + (to.lng() - from.lng()) * part;
    LatLng::from_degrees(lat, lng).unwrap_or(to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::{Stream, chance};
    use crate::city::testing;

    #[test]
    fn no_moment_of_a_drive_is_faster_than_its_roads() {
        let city = testing::city();
        let mut chance = chance(11, Stream::Demand);
        for _ in 0..30 {
            let (from, to) = city.draw_trip(&mut chance);
            let drive = Drive::plan(&city, from, to, 1.0).unwrap();
            let mut last = drive.fix_at(0.0);
            assert_eq!(last.at, from);
            for second in (1..).take_while(|second| f64::from(second - 1) < drive.duration_s()) {
                let fix = drive.fix_at(f64::from(second));
                let moved_m = last.at.distance_m(fix.at);
                assert!(moved_m <= 50.0 / 3.6 + 0.1, "{moved_m} m in a second");
                assert!(fix.speed_mps <= 50.0 / 3.6 + 0.1, "{fix:?}");
                last = fix;
            }
            assert_eq!(last.at, to);
            assert!(last.speed_mps == 0.0 && drive.is_over(drive.duration_s()));
        }
    }

    #[test]
    fn speeds_are_those_of_the_roads() {
        let city = testing::city();
        let mut chance = chance(11, Stream::Demand);
        let mut met = std::collections::BTreeSet::new();
        for _ in 0..20 {
            let (from, to) = city.draw_trip(&mut chance);
            let drive = Drive::plan(&city, from, to, 1.0).unwrap();
            #[expect(clippy::cast_possible_truncation, reason = "a speed of a car")]
            let kmh = |piece: &Piece| (piece.speed_mps() * 3.6).round() as i32;
            met.extend(drive.pieces.iter().filter(|p| p.length_m > 30.0).map(kmh));
        }
        assert!(
            [30, 40, 50].iter().all(|speed| met.contains(speed)),
            "{met:?}"
        );
    }

    #[test]
    fn a_drive_takes_as_long_as_its_route() {
        let city = testing::city();
        let mut chance = chance(12, Stream::Demand);
        for _ in 0..20 {
            let (from, to) = city.draw_trip(&mut chance);
            let route = city.route(from, to).unwrap();
            let drive = Drive::plan(&city, from, to, 1.0).unwrap();
            let route_s = route.duration_ms as f64 / 1000.0;
            assert!(
                (drive.duration_s() - route_s).abs() < 2.0,
                "{} instead of {route_s}",
                drive.duration_s()
            );
            let route_m = route.length_mm as f64 / 1000.0;
            assert!(
                (drive.length_m() - route_m).abs() < 3.0,
                "{} instead of {route_m}",
                drive.length_m()
            );
            let slow = Drive::plan(&city, from, to, 0.5).unwrap();
            assert!((slow.duration_s() - 2.0 * drive.duration_s()).abs() < 0.001);
        }
    }

    #[test]
    fn the_last_metres_off_the_road_are_driven_too() {
        let city = testing::city();
        let street = city
            .roads
            .nearest(testing::corner(), true)
            .unwrap()
            .point
            .at;
        let yard = LatLng::from_degrees(street.lat() - 0.0001, street.lng() - 0.0001).unwrap();
        let drive = Drive::plan(&city, yard, street, 1.0).unwrap();
        let straight_m = yard.distance_m(street);
        assert!(
            (drive.length_m() - straight_m).abs() < 0.5,
            "{} instead of {straight_m}",
            drive.length_m()
        );
        assert_eq!(drive.fix_at(1e9).at, street);
        assert_eq!(drive.fix_at(-1.0).at, yard);
    }

    #[test]
    fn a_standing_car_stays() {
        let at = LatLng::from_degrees(41.0, -8.0).unwrap();
        let drive = Drive::standing(at);
        assert!(drive.is_over(0.0));
        assert_eq!(
            drive.fix_at(100.0),
            Fix {
                at,
                speed_mps: 0.0,
                heading_deg: 0.0
            }
        );
    }
}
