//! How long routes and tables take, on one thread, in this process.

use std::time::{Duration, Instant};

use serde::Serialize;
use wayfare_core::geo::LatLng;
use wayfare_core::roads::{RoadNetwork, RouteRequest, Search};

use super::draw::{Draw, Pair};

/// Places in each direction of the table that is measured.
pub(super) const TABLE_SIZE: usize = 100;
/// Pairs of the routes that are measured.
pub(super) const ROUTES: usize = 1000;

const ROUTE_REPEATS: usize = 7;
const TABLE_REPEATS: usize = 21;

/// Multiplier of durations in free traffic.
const FREE_TRAFFIC_BPS: u32 = 10_000;

/// Times of repeats of the same work.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Spread {
    /// The fastest repeat in microseconds.
    pub(super) best_us: f64,
    /// The median of the repeats in microseconds.
    pub(super) median_us: f64,
}

impl Spread {
    /// Does something several times, after once for nothing, and tells how long one of `units`
    /// equal parts of it takes. The first failure ends it.
    pub(super) fn of<E>(
        repeats: usize,
        units: usize,
        mut work: impl FnMut() -> Result<(), E>,
    ) -> Result<Self, E> {
        work()?;
        let mut times = Vec::with_capacity(repeats);
        for _ in 0..repeats.max(1) {
            let started = Instant::now();
            work()?;
            times.push(started.elapsed());
        }
        Ok(Self::of_times(times, units))
    }

    fn of_times(mut times: Vec<Duration>, units: usize) -> Self {
        times.sort_unstable();
        #[expect(clippy::cast_precision_loss, reason = "some thousands")]
        let units = units.max(1) as f64;
        let us = |time: Option<&Duration>| {
            time.map_or(0.0, |time| time.as_secs_f64() * 1_000_000.0 / units)
        };
        Self {
            best_us: us(times.first()),
            median_us: us(times.get(times.len() / 2)),
        }
    }

    /// How many a second, by the median.
    pub(super) fn per_second(&self) -> f64 {
        1_000_000.0 / self.median_us.max(1e-9)
    }
}

/// How fast a pack is.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct PackSpeed {
    /// A route with length and duration only.
    pub(super) route: Spread,
    /// A route with geometry and steps.
    pub(super) route_with_steps: Spread,
    /// A table of [`TABLE_SIZE`] × [`TABLE_SIZE`], durations and lengths.
    pub(super) table: Spread,
}

/// The queries to measure with, for a pack and for who is compared with it.
#[derive(Debug)]
pub(super) struct Workload {
    pub(super) pairs: Vec<Pair>,
    pub(super) places: Vec<LatLng>,
}

impl Workload {
    /// Positions near roads, drawn by a seed.
    pub(super) fn drawn(roads: &RoadNetwork, seed: u64) -> Self {
        let mut draw = Draw::seeded(seed);
        Self {
            pairs: draw.pairs(ROUTES, |draw| draw.near_road(roads)),
            places: (0..TABLE_SIZE).map(|_| draw.near_road(roads)).collect(),
        }
    }
}

/// Measures a pack.
pub(super) fn measure(roads: &RoadNetwork, workload: &Workload) -> PackSpeed {
    let mut search = Search::default();
    PackSpeed {
        route: routes(roads, &mut search, &workload.pairs, false),
        route_with_steps: routes(roads, &mut search, &workload.pairs, true),
        table: done(Spread::of(TABLE_REPEATS, 1, || {
            let places = &workload.places;
            let table = roads.table(&mut search, places, places, FREE_TRAFFIC_BPS);
            std::hint::black_box(table);
            Ok(())
        })),
    }
}

fn routes(roads: &RoadNetwork, search: &mut Search, pairs: &[Pair], whole: bool) -> Spread {
    let requests: Vec<RouteRequest> = pairs.iter().map(|pair| request(pair, whole)).collect();
    done(Spread::of(ROUTE_REPEATS, requests.len(), || {
        for request in &requests {
            // That there is no way between two places takes time to find out as well.
            let _ = std::hint::black_box(roads.route(search, request));
        }
        Ok(())
    }))
}

/// A route in free traffic, with geometry and steps or with neither.
pub(super) fn request(pair: &Pair, whole: bool) -> RouteRequest {
    RouteRequest {
        geometry: whole,
        steps: whole,
        ..RouteRequest::through(vec![pair.from, pair.to])
    }
}

fn done(spread: Result<Spread, std::convert::Infallible>) -> Spread {
    match spread {
        Ok(spread) => spread,
        Err(never) => match never {},
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_of_one_unit_and_its_median_is_not_its_best() {
        let times = [30, 10, 20].map(Duration::from_millis).to_vec();
        let spread = Spread::of_times(times, 10);
        assert!((spread.best_us - 1000.0).abs() < 1e-6, "{spread:?}");
        assert!((spread.median_us - 2000.0).abs() < 1e-6, "{spread:?}");
        assert!((spread.per_second() - 500.0).abs() < 1e-6, "{spread:?}");
    }

    #[test]
    fn the_first_failure_ends_measuring() {
        let mut done = 0;
        let spread = Spread::of(5, 1, || {
            done += 1;
            if done < 3 { Ok(()) } else { Err("broken") }
        });
        assert_eq!((spread.err(), done), (Some("broken"), 3));
    }
}
