//! How the generated city is drawn: a bent grid, a river, a ring road, an airport.

use std::collections::HashMap;

use rand::RngExt;
use wayfare_core::routing::{BuildError, NewEdge, NodeId, RoadClass, RoadGraphBuilder};

use super::AIRPORT_M;
use crate::chance::Chance;
use crate::city::{Plane, Water};

/// Grid lines are so far apart in the centre; elsewhere only some of them carry a street.
const LANE_GAP_M: f64 = 150.0;
/// Lines from the middle to each edge.
const LINES: i32 = 30;
const STREET_EVERY: i32 = 2;
const AVENUE_EVERY: i32 = 6;
/// Half the side of the square of narrow lanes, and how far north of the middle it lies.
const CENTRE_HALF_M: f64 = 1350.0;
const CENTRE_NORTH_M: f64 = 400.0;
/// Streets end here; beyond are avenues alone.
const SUBURB_RADIUS_M: f64 = 4300.0;
/// Middle of the river to the last house.
const BANK_M: f64 = 130.0;
/// Avenues that cross the river, counted in grid lines from the middle.
const BRIDGES: [i32; 3] = [-12, 0, 12];
const RING_NODES: u32 = 92;
/// An avenue this near to the ring road has a ramp to it.
const RAMP_M: f64 = 150.0;
/// The park has no streets: west, east, south, north.
const PARK_M: [f64; 4] = [-3100.0, -1900.0, 950.0, 1750.0];

/// A line of water from west to east.
#[derive(Debug, Clone, Copy)]
pub(super) struct River {
    pub(super) phase: f64,
}

impl River {
    fn north_m(self, east_m: f64) -> f64 {
        -1150.0 + 0.05 * east_m + 260.0 * (east_m / 1400.0 + self.phase).sin()
    }

    fn is_north(self, place: Place) -> bool {
        place.north_m > self.north_m(place.east_m)
    }

    fn is_wet(self, place: Place) -> bool {
        (place.north_m - self.north_m(place.east_m)).abs() < BANK_M
    }

    pub(super) fn water(self, plane: Plane) -> Water {
        let line = (-55..=62)
            .map(|step| f64::from(step) * 100.0)
            .map(|east_m| plane.at(east_m, self.north_m(east_m)))
            .collect();
        Water { line }
    }
}

/// Metres from the middle of the city.
#[derive(Debug, Clone, Copy)]
struct Place {
    east_m: f64,
    north_m: f64,
}

impl Place {
    fn distance_m(self, other: Place) -> f64 {
        (self.east_m - other.east_m).hypot(self.north_m - other.north_m)
    }

    fn is_central(self) -> bool {
        self.east_m.abs() <= CENTRE_HALF_M && (self.north_m - CENTRE_NORTH_M).abs() <= CENTRE_HALF_M
    }

    fn is_in_park(self) -> bool {
        let [west, east, south, north] = PARK_M;
        (west..east).contains(&self.east_m) && (south..north).contains(&self.north_m)
    }
}

/// What runs along a grid line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    Avenue,
    Street,
    Lane,
}

impl Line {
    fn of(index: i32) -> Self {
        if index % AVENUE_EVERY == 0 {
            Self::Avenue
        } else if index % STREET_EVERY == 0 {
            Self::Street
        } else {
            Self::Lane
        }
    }

    fn reaches(self, place: Place) -> bool {
        match self {
            Self::Avenue => true,
            Self::Street => {
                place.east_m.hypot(place.north_m) < SUBURB_RADIUS_M && !place.is_in_park()
            }
            Self::Lane => place.is_central(),
        }
    }

    /// Speeds are what cars reach with lights and crossings, not the limit.
    fn traffic(self, central: bool) -> Traffic {
        let (class, speed_kmh, one_way) = match (self, central) {
            (Self::Avenue, true) => (RoadClass::Primary, 34, false),
            (Self::Avenue, false) => (RoadClass::Primary, 46, false),
            (Self::Street, true) => (RoadClass::Tertiary, 26, true),
            (Self::Street, false) => (RoadClass::Residential, 32, false),
            (Self::Lane, _) => (RoadClass::Residential, 18, true),
        };
        Traffic {
            class,
            speed_kmh,
            one_way,
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Traffic {
    class: RoadClass,
    speed_kmh: u16,
    one_way: bool,
}

const RING: Traffic = Traffic {
    class: RoadClass::Trunk,
    speed_kmh: 78,
    one_way: false,
};
const RAMP: Traffic = Traffic {
    class: RoadClass::Secondary,
    speed_kmh: 38,
    one_way: false,
};
const AIRPORT_LINK: Traffic = Traffic {
    class: RoadClass::Motorway,
    speed_kmh: 92,
    one_way: false,
};
const AIRPORT_LOOP: Traffic = Traffic {
    class: RoadClass::Service,
    speed_kmh: 22,
    one_way: true,
};

/// A node that is being drawn.
#[derive(Debug, Clone, Copy)]
struct Corner {
    node: NodeId,
    place: Place,
}

/// The plan under the pen.
pub(super) struct Plan {
    plane: Plane,
    river: River,
    chance: Chance,
    pub(super) builder: RoadGraphBuilder,
    corners: HashMap<(i32, i32), Corner>,
}

impl Plan {
    pub(super) fn new(plane: Plane, river: River, chance: Chance) -> Self {
        let builder = RoadGraphBuilder::new();
        Self {
            plane,
            river,
            chance,
            builder,
            corners: HashMap::new(),
        }
    }

    pub(super) fn draw(&mut self) -> Result<(), BuildError> {
        self.draw_corners()?;
        for line in -LINES..=LINES {
            self.draw_line(line, |line, along| (line, along))?;
            self.draw_line(line, |line, along| (along, line))?;
        }
        let ring = self.draw_ring()?;
        self.draw_airport(&ring)
    }

    fn draw_corners(&mut self) -> Result<(), BuildError> {
        for column in -LINES..=LINES {
            for row in -LINES..=LINES {
                let place = self.bent(column, row);
                let exists = Line::of(column).reaches(place) && Line::of(row).reaches(place);
                if exists && !self.river.is_wet(place) {
                    let corner = self.corner(place)?;
                    self.corners.insert((column, row), corner);
                }
            }
        }
        Ok(())
    }

    /// No real grid is straight: the lines bend slowly and every crossing is a little off.
    fn bent(&mut self, column: i32, row: i32) -> Place {
        let (east_m, north_m) = (f64::from(column) * LANE_GAP_M, f64::from(row) * LANE_GAP_M);
        let mut off = |range_m: f64| (self.chance.random::<f64>() - 0.5) * 2.0 * range_m;
        Place {
            east_m: east_m + 70.0 * (north_m / 1500.0).sin() + off(14.0),
            north_m: north_m + 60.0 * (east_m / 1300.0).cos() + off(14.0),
        }
    }

    fn corner(&mut self, place: Place) -> Result<Corner, BuildError> {
        let node = self
            .builder
            .add_node(self.plane.at(place.east_m, place.north_m))?;
        Ok(Corner { node, place })
    }

    /// Joins the corners along one grid line.
    fn draw_line(
        &mut self,
        line: i32,
        key: impl Fn(i32, i32) -> (i32, i32),
    ) -> Result<(), BuildError> {
        let is_bridge = BRIDGES.contains(&line) && key(line, 0) == (line, 0);
        let mut last: Option<(i32, Corner)> = None;
        for along in -LINES..=LINES {
            let Some(corner) = self.corners.get(&key(line, along)).copied() else {
                continue;
            };
            if let Some((last_along, last)) = last {
                let crosses = self.river.is_north(last.place) != self.river.is_north(corner.place);
                let gap_max = if Line::of(line) == Line::Avenue {
                    20
                } else {
                    STREET_EVERY
                };
                let joins = if crosses {
                    is_bridge
                } else {
                    along - last_along <= gap_max
                };
                let closed = Line::of(line) != Line::Avenue && self.chance.random::<f64>() < 0.05;
                if joins && !closed {
                    self.draw_block(line, last, corner)?;
                }
            }
            last = Some((along, corner));
        }
        Ok(())
    }

    fn draw_block(&mut self, line: i32, from: Corner, to: Corner) -> Result<(), BuildError> {
        let traffic = Line::of(line).traffic(from.place.is_central() && to.place.is_central());
        // One-ways alternate from line to line, so that there is a way round every block.
        let backwards = traffic.one_way && line.div_euclid(2) % 2 == 0;
        let (from, to) = if backwards { (to, from) } else { (from, to) };
        self.join(from, to, traffic)
    }

    fn join(&mut self, from: Corner, to: Corner, traffic: Traffic) -> Result<(), BuildError> {
        let edge = NewEdge {
            from: from.node,
            to: to.node,
            speed_kmh: traffic.speed_kmh,
            class: traffic.class,
            length_mm: None,
            shape: Vec::new(),
        };
        if traffic.one_way {
            self.builder.add_edge(&edge)
        } else {
            self.builder.add_road(&edge)
        }
    }

    fn draw_ring(&mut self) -> Result<Vec<Corner>, BuildError> {
        let mut ring = Vec::new();
        for step in 0..RING_NODES {
            let angle = std::f64::consts::TAU * f64::from(step) / f64::from(RING_NODES);
            let radius_m = 3500.0 + 130.0 * (3.0 * angle).sin();
            let place = Place {
                east_m: radius_m * angle.cos(),
                north_m: radius_m * angle.sin(),
            };
            ring.push(self.corner(place)?);
        }
        for (from, to) in ring.iter().zip(ring.iter().cycle().skip(1)) {
            self.join(*from, *to, RING)?;
        }
        self.draw_ramps(&ring)?;
        Ok(ring)
    }

    fn draw_ramps(&mut self, ring: &[Corner]) -> Result<(), BuildError> {
        for on_ring in ring {
            let near = self
                .corners
                .iter()
                .filter(|((column, row), _)| {
                    Line::of(*column) == Line::Avenue || Line::of(*row) == Line::Avenue
                })
                .map(|(key, corner)| (corner.place.distance_m(on_ring.place), *key, *corner))
                .filter(|(distance_m, ..)| *distance_m < RAMP_M)
                .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            if let Some((_, _, corner)) = near {
                self.join(corner, *on_ring, RAMP)?;
            }
        }
        Ok(())
    }

    /// A link road from the ring to a one-way loop before the terminal.
    fn draw_airport(&mut self, ring: &[Corner]) -> Result<(), BuildError> {
        let (east_m, north_m) = AIRPORT_M;
        let terminal = Place { east_m, north_m };
        let exit = ring
            .iter()
            .min_by(|a, b| {
                a.place
                    .distance_m(terminal)
                    .total_cmp(&b.place.distance_m(terminal))
            })
            .copied()
            .ok_or(BuildError::Empty)?;
        let mut last = exit;
        for step in 1..=6 {
            let part = f64::from(step) / 7.0;
            let bend_m = 180.0 * (std::f64::consts::PI * part).sin();
            let next = self.corner(Place {
                east_m: exit.place.east_m + (east_m - exit.place.east_m) * part,
                north_m: exit.place.north_m + (north_m - exit.place.north_m) * part + bend_m,
            })?;
            self.join(last, next, AIRPORT_LINK)?;
            last = next;
        }
        let mut at = last;
        for step in 0..6 {
            let angle = std::f64::consts::PI * (1.0 - f64::from(step) / 3.0);
            let next = self.corner(Place {
                east_m: east_m + 150.0 * angle.cos(),
                north_m: north_m + 90.0 * angle.sin(),
            })?;
            self.join(at, next, AIRPORT_LOOP)?;
            at = next;
        }
        self.join(at, last, AIRPORT_LOOP)
    }
}
