//! A drive along the road graph: where the car is at any moment of it.

use wayfare_core::geo::LatLng;
use wayfare_core::routing::{NoRoute, RoadGraph};

/// Speed off the mapped roads: a yard, a car park.
const OFF_ROAD_KMH: f64 = 12.0;
/// Ends nearer than this to a node are at the node.
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
    /// The fastest drive over the roads, with the last metres off the road in a straight line.
    ///
    /// `pace` is the driver's own: 1.0 drives at the speed of the roads, 0.9 a tenth slower.
    pub fn plan(graph: &RoadGraph, from: LatLng, to: LatLng, pace: f64) -> Result<Self, NoRoute> {
        let (first, last) = (graph.nearest_node(from).node, graph.nearest_node(to).node);
        let route = graph.route(first, last)?;
        let mut drive = Self::standing(from);
        drive.off_road_to(graph.position(first).unwrap_or(from), pace);
        for edge in route.edges.iter().filter_map(|id| graph.edge(*id)) {
            let speed_kmh = f64::from(edge.speed_kmh) * pace;
            let end = graph.position(edge.to).unwrap_or(to);
            for bend in graph.shape(edge).iter().chain(std::iter::once(&end)) {
                drive.go_to(*bend, speed_kmh);
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
            let heading_deg = self.pieces.last().map_or(0.0, |p| p.from.bearing_deg(p.to));
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
            heading_deg: piece.from.bearing_deg(piece.to),
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
        self.pieces.push(Piece {
            from,
            to,
            starts_s: self.duration_s,
            duration_s,
            length_m,
        });
        self.duration_s += duration_s;
        self.length_m += length_m;
    }
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
    use crate::city::generated::generated;

    #[test]
    fn no_moment_of_a_drive_is_faster_than_its_roads() {
        let city = generated(11).unwrap();
        let mut chance = chance(11, Stream::Demand);
        for _ in 0..30 {
            let (from, to) = city.draw_trip(&mut chance);
            let drive = Drive::plan(&city.graph, from, to, 1.0).unwrap();
            let mut last = drive.fix_at(0.0);
            assert_eq!(last.at, from);
            for second in (1..).take_while(|second| f64::from(second - 1) < drive.duration_s()) {
                let fix = drive.fix_at(f64::from(second));
                let moved_m = last.at.distance_m(fix.at);
                // 92 km/h on the airport link is the fastest road of the city.
                assert!(moved_m <= 92.0 / 3.6 + 0.1, "{moved_m} m in a second");
                assert!(fix.speed_mps <= 92.0 / 3.6 + 0.1, "{fix:?}");
                last = fix;
            }
            assert_eq!(last.at, to);
            assert!(last.speed_mps == 0.0 && drive.is_over(drive.duration_s()));
        }
    }

    #[test]
    fn a_drive_takes_as_long_as_its_route() {
        let city = generated(11).unwrap();
        let mut chance = chance(12, Stream::Demand);
        let (from, to) = city.draw_trip(&mut chance);
        let nodes = [from, to].map(|end| city.graph.nearest_node(end).node);
        let route = city.graph.route(nodes[0], nodes[1]).unwrap();
        let drive = Drive::plan(&city.graph, from, to, 1.0).unwrap();
        assert!(
            (drive.duration_s() - route.duration_s as f64).abs() < 2.0,
            "{route:?}"
        );
        assert!(
            (drive.length_m() - route.distance_m as f64).abs() < 2.0,
            "{route:?}"
        );
        let slow = Drive::plan(&city.graph, from, to, 0.5).unwrap();
        assert!((slow.duration_s() - 2.0 * drive.duration_s()).abs() < 0.001);
    }

    #[test]
    fn the_last_metres_off_the_road_are_driven_too() {
        let city = generated(11).unwrap();
        let node = city.position(city.graph.nearest_node(city.zones[0].centre).node);
        let yard = LatLng::from_degrees(node.lat() + 0.0001, node.lng()).unwrap();
        let drive = Drive::plan(&city.graph, yard, node, 1.0).unwrap();
        assert!(
            (drive.length_m() - 11.1).abs() < 0.2,
            "{}",
            drive.length_m()
        );
        assert_eq!(drive.fix_at(1e9).at, node);
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
