//! How many cars are within a radius, where there are more than are looked at.

use std::cell::OnceCell;

use wayfare_core::geo::{EARTH_RADIUS_M, LatLng};

use crate::index::{LiveIndex, Nearby};

/// The cars of a round as points of the unit sphere: comparing two is a few multiplications. Taken
/// from the index when the first count is wanted.
#[derive(Debug)]
pub(super) struct Crowd<'a> {
    index: &'a LiveIndex,
    points: OnceCell<Vec<[f64; 3]>>,
}

fn point(position: LatLng) -> [f64; 3] {
    let (lat, lng) = (position.lat().to_radians(), position.lng().to_radians());
    [lat.cos() * lng.cos(), lat.cos() * lng.sin(), lat.sin()]
}

impl<'a> Crowd<'a> {
    pub(super) const fn new(index: &'a LiveIndex) -> Self {
        Self {
            index,
            points: OnceCell::new(),
        }
    }

    /// How many cars are within the radius. On its very edge it may be wrong by some.
    pub(super) fn count(&self, nearby: &Nearby) -> usize {
        let points = self.points.get_or_init(|| {
            let cars = self.index.all();
            cars.iter().map(|car| point(car.starts_at())).collect()
        });
        let [x, y, z] = point(nearby.center);
        // Distances in whole metres are rounded down.
        let angle = (f64::from(nearby.radius_m) + 1.0) / EARTH_RADIUS_M;
        let chord = 2.0 * (angle.min(std::f64::consts::PI) / 2.0).sin();
        let most = chord * chord;
        let within = |[a, b, c]: &&[f64; 3]| {
            let (dx, dy, dz) = (a - x, b - y, c - z);
            dx * dx + dy * dy + dz * dz <= most
        };
        points.iter().filter(within).count()
    }
}
