//! The nearest cars, in growing circles.
//!
//! A circle is guessed so that it holds a little more than is wanted; what it holds is sorted and
//! asked about; if that was not enough, a larger circle follows, of which only the outer part counts.
//! Which districts a circle touches is told ring by ring around the place, or, where rings would be
//! more than there are districts, by looking at all of them. What is left out is left out for a
//! proven reason: a ring, a district or a cell says how near its cars can be at the least.

use std::collections::HashSet;

use foldhash::fast::FixedState;
use h3o::CellIndex;
use wayfare_core::id::DriverId;

use super::cap::Cap;
use super::districts::{Cell, District, Districts};
use super::surroundings::{RINGS, Surroundings};
use super::viewpoint::{Bound, Viewpoint};
use super::{Near, Nearby};
use crate::car::Car;

/// The centers of two districts that are `k` rings apart are at least `k` times this apart.
const RING_M: f64 = 1_450.0;
/// The cars of a district are not farther than this from its center.
const REACH_M: f64 = 1_700.0;
/// After so many rings all districts are looked at instead.
const RINGS_MAX: u32 = 12;

/// What a district covers, roughly: only guesses build on it.
const DISTRICT_M2: f64 = 5e6;
/// Where nothing else is known the first circle is so large.
const FIRST_RADIUS_M: f64 = 2_000.0;

/// The nearest cars that are wanted: see [`LiveIndex::nearest`](super::LiveIndex::nearest).
pub(super) fn nearest(
    districts: &Districts,
    around: &Surroundings,
    nearby: Nearby,
    wants: impl FnMut(&Car) -> bool,
) -> Vec<Near> {
    let mut wants = wants;
    let mut answer = Answer::new(nearby.limit);
    let mut search = Search::new(districts, around, nearby);
    let mut radius_m = search.first_radius_m();
    let moves = districts.moves();
    while !answer.is_full() {
        let done_m = search.circle(radius_m);
        if moves.is_none() || districts.moves() != moves {
            answer.expect_twice();
        }
        answer.take(search.in_order(), &mut wants);
        if done_m >= nearby.radius_m {
            break;
        }
        radius_m = answer.next_radius_m(done_m).min(nearby.radius_m);
        // A car may drive from one circle into the next.
        answer.expect_twice();
    }
    answer.near
}

/// What was found and is wanted.
struct Answer {
    limit: usize,
    near: Vec<Near>,
    /// Who is in it, once somebody may be found twice.
    drivers: Option<HashSet<DriverId, FixedState>>,
}

impl Answer {
    fn new(limit: usize) -> Self {
        Self {
            limit,
            // A limit may say "all".
            near: Vec::with_capacity(limit.min(64)),
            drivers: None,
        }
    }

    fn is_full(&self) -> bool {
        self.near.len() >= self.limit
    }

    fn take<'a>(
        &mut self,
        found: impl Iterator<Item = &'a Near>,
        wants: &mut impl FnMut(&Car) -> bool,
    ) {
        for near in found {
            if self.is_full() {
                return;
            }
            if wants(&near.car) && self.is_new(near.car.driver) {
                self.near.push(*near);
            }
        }
    }

    /// From now on a car that is found again counts no more.
    fn expect_twice(&mut self) {
        let drivers = || self.near.iter().map(|near| near.car.driver).collect();
        self.drivers.get_or_insert_with(drivers);
    }

    fn is_new(&mut self, driver: DriverId) -> bool {
        let drivers = self.drivers.as_mut();
        drivers.is_none_or(|drivers| drivers.insert(driver))
    }

    /// How large the next circle is to be, if the last one was not enough.
    fn next_radius_m(&self, done_m: u32) -> u32 {
        let (limit, found) = (float(self.limit), float(self.near.len()));
        let factor = if found == 0.0 {
            2.5
        } else {
            // As many again per area, and some more.
            (1.5 * limit / found).sqrt().clamp(1.2, 2.5)
        };
        whole(f64::from(done_m) * factor).saturating_add(1)
    }
}

/// A district that was seen, and how near its cars are at the least.
struct Seen {
    district: CellIndex,
    least_m: f64,
}

struct Search<'a> {
    districts: &'a Districts,
    around: &'a Surroundings,
    viewpoint: Viewpoint,
    limit: usize,
    radius_m: u32,
    /// From the center of the home district to the place.
    off_center_m: f64,
    /// Which of the remembered districts were looked at, a bit each.
    met: u32,
    /// The ring that comes next; `None` when all districts were looked at.
    ring: Option<u32>,
    seen: Vec<Seen>,
    /// Cars up to this distance were found by earlier circles.
    done_m: Option<u32>,
    found: Vec<Near>,
    /// The found cars in the order of the answer.
    order: Vec<Place>,
}

impl<'a> Search<'a> {
    fn new(districts: &'a Districts, around: &'a Surroundings, nearby: Nearby) -> Self {
        let viewpoint = Viewpoint::of(nearby.center);
        let room = nearby.limit.min(64) * 2;
        Self {
            districts,
            around,
            viewpoint,
            limit: nearby.limit,
            radius_m: nearby.radius_m,
            off_center_m: viewpoint.distance_m(around.home.center),
            met: 0,
            ring: Some(around.near.as_ref().map_or(0, |_| RINGS + 1)),
            seen: Vec::with_capacity(16),
            done_m: None,
            found: Vec::with_capacity(room),
            order: Vec::with_capacity(room),
        }
    }

    /// A circle that holds a little more cars than are wanted, if they are everywhere as dense as in
    /// the district of the place.
    fn first_radius_m(&self) -> u32 {
        let cars = self
            .districts
            .look(self.around.home.cell, District::len)
            .unwrap_or(0);
        let radius_m = if cars == 0 {
            FIRST_RADIUS_M
        } else {
            // If cars are there by chance, that is enough in nine of ten cases.
            let limit = float(self.limit);
            let wanted = limit + 1.5 * limit.sqrt();
            (wanted / float(cars) * DISTRICT_M2 / std::f64::consts::PI).sqrt()
        };
        whole(radius_m).saturating_add(1).min(self.radius_m)
    }

    /// Finds all cars up to `radius_m` that earlier circles did not find, nearest first. The answer
    /// is how far it looked: if there are very many cars, less far.
    fn circle(&mut self, radius_m: u32) -> u32 {
        self.found.clear();
        let many = self.limit.saturating_mul(4).saturating_add(64);
        let mut circle = Circle::new(self.viewpoint, self.done_m, radius_m, many);
        for seen in &self.seen {
            if seen.least_m <= circle.end_m() {
                let found = &mut self.found;
                self.districts
                    .look(seen.district, |district| circle.collect(district, found));
            }
        }
        self.look_at_remembered(&mut circle);
        while let Some(ring) = self.ring
            && self.ring_least_m(ring) <= circle.end_m()
        {
            self.look_at_ring(ring, &mut circle);
        }
        self.done_m = Some(circle.radius_m);
        self.put_in_order(circle.radius_m);
        circle.radius_m
    }

    /// Puts the numbers of the found cars in order, as the cars themselves are large.
    fn put_in_order(&mut self, radius_m: u32) {
        let found = &self.found;
        let within = found
            .iter()
            .enumerate()
            .filter(|(_, near)| near.straight_m <= radius_m);
        self.order.clear();
        self.order.extend(within.map(|(number, near)| Place {
            straight_m: near.straight_m,
            number,
        }));
        let driver = |place: &Place| found.get(place.number).map(|near| near.car.driver);
        self.order.sort_unstable_by(|one, other| {
            let by_distance = one.straight_m.cmp(&other.straight_m);
            by_distance.then_with(|| driver(one).cmp(&driver(other)))
        });
    }

    fn in_order(&self) -> impl Iterator<Item = &Near> {
        let found = |place: &Place| self.found.get(place.number);
        self.order.iter().filter_map(found)
    }

    /// How near the cars of a ring of districts are at the least.
    fn ring_least_m(&self, ring: u32) -> f64 {
        f64::from(ring) * RING_M - self.off_center_m - REACH_M
    }

    fn look_at_remembered(&mut self, circle: &mut Circle) {
        if self.ring.is_none() {
            return;
        }
        let (districts, around) = (self.districts, self.around);
        for (number, near) in around.near.iter().flatten().enumerate() {
            let bit = 1 << number;
            let reach_m = circle.end_m() + REACH_M;
            // Most are told apart by their latitude, which is told sooner than the distance.
            if self.met & bit == 0
                && self.viewpoint.north_m(near.center) <= reach_m
                && self.viewpoint.distance_m(near.center) <= reach_m
            {
                self.met |= bit;
                districts.look(near.cell, |district| self.meet(near.cell, district, circle));
            }
        }
    }

    fn look_at_ring(&mut self, ring: u32, circle: &mut Circle) {
        let districts = self.districts;
        let home = self.around.home.cell;
        let too_many = usize::try_from(ring).is_ok_and(|ring| ring * 6 > districts.count());
        let cells: Option<Vec<CellIndex>> = if ring > RINGS_MAX || too_many {
            None
        } else {
            home.grid_ring_fast(ring).collect()
        };
        if let Some(cells) = cells {
            for cell in cells {
                districts.look(cell, |district| self.meet(cell, district, circle));
            }
            self.ring = Some(ring + 1);
            return;
        }
        let known: HashSet<CellIndex, FixedState> =
            self.seen.iter().map(|seen| seen.district).collect();
        districts.look_at_all(|cell, district| {
            if !known.contains(&cell) {
                self.meet(cell, district, circle);
            }
        });
        self.ring = None;
    }

    /// Looks at a district for the first time.
    fn meet(&mut self, cell: CellIndex, district: &District, circle: &mut Circle) {
        let least_m = circle.least_m(district.cap());
        self.seen.push(Seen {
            district: cell,
            least_m,
        });
        if least_m <= circle.end_m() {
            circle.collect(district, &mut self.found);
        }
    }
}

/// A found car's place in the order.
struct Place {
    straight_m: u32,
    number: usize,
}

/// Which cars are collected: those farther than `done_m` and not farther than `radius_m`.
struct Circle {
    viewpoint: Viewpoint,
    done_m: Option<u32>,
    radius_m: u32,
    /// The same as `radius_m`, and a little more.
    end: Bound,
    /// If twice as many cars are found, the circle shrinks.
    many: usize,
}

impl Circle {
    fn new(viewpoint: Viewpoint, done_m: Option<u32>, radius_m: u32, many: usize) -> Self {
        Self {
            viewpoint,
            done_m,
            radius_m,
            end: viewpoint.bound(f64::from(radius_m) + 1.0),
            many,
        }
    }

    /// Distances in whole metres are rounded down.
    fn end_m(&self) -> f64 {
        f64::from(self.radius_m) + 1.0
    }

    fn least_m(&self, cap: &Cap) -> f64 {
        self.viewpoint.distance_m(cap.center()) - cap.radius_m()
    }

    /// Finds the cars of a district. Each step goes over all there is before the next step begins:
    /// memory answers many questions at once much sooner than one after the other.
    fn collect(&mut self, district: &District, found: &mut Vec<Near>) {
        let touched: Vec<&Cell> = district
            .cells()
            .filter(|(cap, _)| self.touches(cap))
            .map(|(_, cell)| cell)
            .collect();
        let mut hits: Vec<(u32, &Car)> = Vec::with_capacity(64);
        for cell in touched {
            self.measure(cell, &mut hits);
            if hits.len() > self.many {
                self.copy(&mut hits, found);
            }
        }
        self.copy(&mut hits, found);
    }

    fn touches(&self, cap: &Cap) -> bool {
        let reach_m = self.end_m() + cap.radius_m();
        if self.viewpoint.north_m(cap.center()) > reach_m {
            return false;
        }
        let center_m = self.viewpoint.distance_m(cap.center());
        let inside_done = |done_m| center_m + cap.radius_m() < f64::from(done_m);
        center_m <= reach_m && !self.done_m.is_some_and(inside_done)
    }

    fn measure<'a>(&self, cell: &'a Cell, hits: &mut Vec<(u32, &'a Car)>) {
        let (places, cars) = cell.cars();
        for (place, car) in places.iter().zip(cars) {
            if let Some(straight_m) = self.viewpoint.whole_m_within(*place, &self.end)
                && straight_m <= self.radius_m
                && self.done_m.is_none_or(|done_m| straight_m > done_m)
            {
                hits.push((straight_m, car));
            }
        }
    }

    fn copy(&mut self, hits: &mut Vec<(u32, &Car)>, found: &mut Vec<Near>) {
        found.extend(hits.drain(..).map(|(straight_m, car)| Near {
            car: *car,
            straight_m,
        }));
        self.shrink(found);
    }

    /// Where cars are much denser than was guessed, a smaller circle is enough.
    fn shrink(&mut self, found: &mut Vec<Near>) {
        if found.len() / 2 < self.many {
            return;
        }
        let (_, last, _) = found.select_nth_unstable_by_key(self.many, |near| near.straight_m);
        self.radius_m = last.straight_m;
        self.end = self.viewpoint.bound(self.end_m());
        found.retain(|near| near.straight_m <= self.radius_m);
        // Many at the same distance: not again until they are twice as many.
        self.many = self.many.max(found.len());
    }
}

#[expect(clippy::cast_precision_loss, reason = "for guesses")]
const fn float(count: usize) -> f64 {
    count as f64
}

/// Rounded down, and as much as fits.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "too much becomes the most"
)]
const fn whole(metres: f64) -> u32 {
    metres as u32
}

#[cfg(test)]
mod tests {
    use h3o::{CellIndex, Resolution};
    use proptest::prelude::*;
    use wayfare_core::geo::LatLng;

    use super::*;
    use crate::index::cap::{cell_of, position};
    use crate::index::districts::DISTRICT;
    use crate::index::testing::anywhere;

    fn center(cell: CellIndex) -> LatLng {
        position(h3o::LatLng::from(cell)).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn rings_and_districts_are_as_large_as_the_search_assumes(at in anywhere()) {
            let home = cell_of(at, DISTRICT).unwrap();
            for cell in home.children(Resolution::Nine).step_by(6) {
                let cap = Cap::around(cell).unwrap();
                let reach_m = center(home).distance_m(cap.center()) + cap.radius_m();
                prop_assert!(reach_m < REACH_M, "{reach_m}");
            }
            for ring in [2, 3, 7, RINGS_MAX] {
                // Around a pentagon there are no rings, and the search does not use them.
                let cells: Option<Vec<CellIndex>> = home.grid_ring_fast(ring).collect();
                for cell in cells.into_iter().flatten() {
                    let apart_m = center(home).distance_m(center(cell));
                    prop_assert!(apart_m > f64::from(ring) * RING_M, "{ring}: {apart_m}");
                }
            }
        }
    }
}
