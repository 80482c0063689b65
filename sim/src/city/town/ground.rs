//! The ground of the town: how its grid bends, where its river runs, how far it reaches.
//!
//! Streets are planned on a grid whose lines are counted from the middle; the ground says where a
//! crossing of two lines lies. No real grid is straight: long waves bend all of it, and in the old
//! town a short one makes the lanes crooked.

use std::f64::consts::{PI, TAU};

use rand::RngExt;

use crate::chance::Chance;

/// Grid lines are so far apart in the old town; elsewhere only some of them carry a street.
pub(super) const GAP_M: f64 = 150.0;
/// Lines from the middle to each edge.
pub(super) const LINES: i32 = 30;
/// Middle of the old town.
pub(super) const OLD_TOWN: Spot = Spot {
    east_m: 0.0,
    north_m: 400.0,
};
/// Half the side of the square of narrow lanes.
pub(super) const OLD_TOWN_HALF_M: f64 = 1350.0;
/// Streets end about here.
const SUBURB_M: f64 = 4150.0;
/// Middle of the river to its bank.
pub(super) const WATER_M: f64 = 88.0;
/// Middle of the river to the road along it.
pub(super) const QUAY_M: f64 = 112.0;
/// Middle of the river to the next crossing.
const DRY_M: f64 = 185.0;
/// The park has no streets, in grid lines: west, east, south, north.
pub(super) const PARK: [f64; 4] = [-21.0, -13.0, 7.0, 11.5];

/// A place in metres from the middle of the town.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spot {
    /// East of the middle.
    pub east_m: f64,
    /// North of the middle.
    pub north_m: f64,
}

impl Spot {
    /// The middle of the town.
    pub const MIDDLE: Self = Self {
        east_m: 0.0,
        north_m: 0.0,
    };

    /// A place by its metres.
    pub const fn new(east_m: f64, north_m: f64) -> Self {
        Self { east_m, north_m }
    }

    /// A place by direction (radians, counterclockwise from east) and distance from another.
    pub fn polar(self, angle: f64, distance_m: f64) -> Self {
        Self {
            east_m: self.east_m + distance_m * angle.cos(),
            north_m: self.north_m + distance_m * angle.sin(),
        }
    }

    /// Metres to another place.
    pub fn distance_m(self, other: Self) -> f64 {
        (self.east_m - other.east_m).hypot(self.north_m - other.north_m)
    }

    /// Direction to another place: radians, counterclockwise from east.
    pub fn angle_to(self, other: Self) -> f64 {
        (other.north_m - self.north_m).atan2(other.east_m - self.east_m)
    }

    /// A part of the way to another place.
    pub fn toward(self, other: Self, part: f64) -> Self {
        Self {
            east_m: self.east_m + (other.east_m - self.east_m) * part,
            north_m: self.north_m + (other.north_m - self.north_m) * part,
        }
    }

    /// Moved by metres.
    pub fn plus(self, offset: Self) -> Self {
        Self {
            east_m: self.east_m + offset.east_m,
            north_m: self.north_m + offset.north_m,
        }
    }

    pub(super) fn is_old_town(self) -> bool {
        (self.east_m - OLD_TOWN.east_m).abs() <= OLD_TOWN_HALF_M
            && (self.north_m - OLD_TOWN.north_m).abs() <= OLD_TOWN_HALF_M
    }
}

/// One of the waves that bend the grid.
#[derive(Debug, Clone, Copy)]
struct Wave {
    height_m: f64,
    scale_m: f64,
    phase: f64,
}

impl Wave {
    fn at(self, along_m: f64) -> f64 {
        self.height_m * (along_m / self.scale_m + self.phase).sin()
    }
}

/// Which bank of the river.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Bank {
    South,
    North,
}

/// The ground of one town.
#[derive(Debug, Clone)]
pub(super) struct Ground {
    east: [Wave; 2],
    north: [Wave; 2],
    crooked: [Wave; 2],
    river: Wave,
    islet: Wave,
    lobes: [Wave; 2],
}

impl Ground {
    pub(super) fn draw(chance: &mut Chance) -> Self {
        let mut wave = |height_m: f64, scale_m: f64| Wave {
            height_m: height_m * (0.8 + 0.4 * chance.random::<f64>()),
            scale_m: scale_m * (0.9 + 0.2 * chance.random::<f64>()),
            phase: chance.random::<f64>() * TAU,
        };
        Self {
            east: [wave(210.0, 1500.0), wave(50.0, 520.0)],
            north: [wave(190.0, 1350.0), wave(50.0, 470.0)],
            crooked: [wave(30.0, 170.0), wave(28.0, 150.0)],
            river: wave(260.0, 1400.0),
            islet: wave(14.0, 310.0),
            lobes: [wave(230.0, 1.0), wave(170.0, 1.0)],
        }
    }

    /// Where two grid lines cross, counted from the middle; between lines as well.
    pub(super) fn crossing(&self, column: f64, row: f64) -> Spot {
        let (east_m, north_m) = (column * GAP_M, row * GAP_M);
        let plain = Spot::new(east_m, north_m);
        let nearness = (1.0 - plain.distance_m(OLD_TOWN) / 1500.0).clamp(0.0, 1.0);
        let [east_a, east_b] = self.east;
        let [north_a, north_b] = self.north;
        let [crooked_a, crooked_b] = self.crooked;
        Spot {
            east_m: east_m
                + east_a.at(north_m)
                + east_b.at(north_m + 0.4 * east_m)
                + nearness * crooked_a.at(north_m + 0.3 * east_m),
            north_m: north_m
                + north_a.at(east_m)
                + north_b.at(east_m - 0.4 * north_m)
                + nearness * crooked_b.at(east_m - 0.3 * north_m),
        }
    }

    /// How far the streets reach in a direction from the middle, in radians: towns grow along some
    /// roads more than along others.
    pub(super) fn suburb_m(&self, angle: f64) -> f64 {
        let [two, five] = self.lobes;
        let lobe_m = |wave: Wave, count: f64| wave.height_m * (count * angle + wave.phase).sin();
        SUBURB_M + lobe_m(two, 2.0) + lobe_m(five, 5.0)
    }

    /// Whether streets reach a place.
    pub(super) fn is_suburb(&self, spot: Spot) -> bool {
        spot.distance_m(Spot::MIDDLE) < self.suburb_m(Spot::MIDDLE.angle_to(spot))
    }

    /// How far north the middle of the river runs.
    pub(super) fn river_m(&self, east_m: f64) -> f64 {
        -1180.0 + 0.05 * east_m + self.river.at(east_m)
    }

    /// Half the width of the river.
    pub(super) fn river_half_m(&self, east_m: f64) -> f64 {
        WATER_M - 16.0 + self.islet.at(east_m)
    }

    /// Metres from the middle of the river: north positive, south negative.
    pub(super) fn off_river_m(&self, spot: Spot) -> f64 {
        let step_m = 5.0;
        let slope = (self.river_m(spot.east_m + step_m) - self.river_m(spot.east_m - step_m))
            / (2.0 * step_m);
        (spot.north_m - self.river_m(spot.east_m)) / slope.hypot(1.0)
    }

    pub(super) fn bank(&self, spot: Spot) -> Bank {
        if self.off_river_m(spot) < 0.0 {
            Bank::South
        } else {
            Bank::North
        }
    }

    /// Whether a crossing would be in the river or too near to the road along it.
    pub(super) fn is_wet(&self, spot: Spot) -> bool {
        self.off_river_m(spot).abs() < DRY_M
    }

    /// The row at which a column meets the road along the river.
    pub(super) fn quay_row(&self, column: f64, bank: Bank) -> f64 {
        let wanted_m = match bank {
            Bank::South => -QUAY_M,
            Bank::North => QUAY_M,
        };
        let (mut low, mut high) = (-f64::from(LINES), f64::from(LINES));
        for _ in 0..40 {
            let middle = f64::midpoint(low, high);
            if self.off_river_m(self.crossing(column, middle)) < wanted_m {
                low = middle;
            } else {
                high = middle;
            }
        }
        f64::midpoint(low, high)
    }

    /// The outline of a rectangle of the grid (west, east, south, north in lines), bent as the grid
    /// is, counterclockwise.
    pub(super) fn outline(&self, [west, east, south, north]: [f64; 4]) -> Vec<Spot> {
        const STEPS: u32 = 6;
        let parts = || (0..STEPS).map(|step| f64::from(step) / f64::from(STEPS));
        let between = |from: f64, to: f64, part: f64| from + (to - from) * part;
        let mut corners = Vec::new();
        corners.extend(parts().map(|part| self.crossing(between(west, east, part), south)));
        corners.extend(parts().map(|part| self.crossing(east, between(south, north, part))));
        corners.extend(parts().map(|part| self.crossing(between(east, west, part), north)));
        corners.extend(parts().map(|part| self.crossing(west, between(north, south, part))));
        corners
    }
}

/// A round shape with bumps: a lake, a wood.
pub(super) fn blob(chance: &mut Chance, middle: Spot, radius_m: f64, stretch: f64) -> Vec<Spot> {
    const CORNERS: u32 = 28;
    let (phase, tilt) = (chance.random::<f64>() * TAU, chance.random::<f64>() * PI);
    (0..CORNERS)
        .map(|corner| {
            let angle = TAU * f64::from(corner) / f64::from(CORNERS);
            let bump =
                1.0 + 0.16 * (2.0 * angle + phase).sin() + 0.09 * (5.0 * angle - phase).cos();
            let (along_m, across_m) = (
                radius_m * bump * stretch * angle.cos(),
                radius_m * bump * angle.sin(),
            );
            middle.plus(Spot::new(
                along_m * tilt.cos() - across_m * tilt.sin(),
                along_m * tilt.sin() + across_m * tilt.cos(),
            ))
        })
        .collect()
}

/// Where two straight lines cross, as parts of the first and of the second.
pub(super) fn crossing_of(first: (Spot, Spot), second: (Spot, Spot)) -> Option<(f64, f64)> {
    let along = |(from, to): (Spot, Spot)| (to.east_m - from.east_m, to.north_m - from.north_m);
    let ((ax, ay), (bx, by)) = (along(first), along(second));
    let cross = ax * by - ay * bx;
    if cross.abs() < 1e-9 {
        return None;
    }
    let (dx, dy) = (
        second.0.east_m - first.0.east_m,
        second.0.north_m - first.0.north_m,
    );
    let (of_first, of_second) = ((dx * by - dy * bx) / cross, (dx * ay - dy * ax) / cross);
    let inside = (0.0..=1.0).contains(&of_first) && (0.0..=1.0).contains(&of_second);
    inside.then_some((of_first, of_second))
}
