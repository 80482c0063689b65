//! How long one round of dispatch takes on the roads of a pack, in one thread.

use std::path::Path;
use std::time::{Duration, Instant};

use serde::Serialize;
use wayfare_core::city::CityPack;
use wayfare_dispatch::{PlanTimes, RoadTravel, Round, Rules, plan};

use super::scene::{Scene, SceneSize};
use crate::city_command::{Answer, CityFailure};

/// Multiplier of durations in free traffic.
const FREE_TRAFFIC_BPS: u32 = 10_000;

/// What to measure.
#[derive(Debug)]
pub(super) struct RoundBench<'a> {
    pub(super) city: &'a Path,
    pub(super) requests: usize,
    pub(super) drivers: usize,
    pub(super) seed: u64,
    pub(super) runs: usize,
}

/// What a round took.
#[derive(Debug, Clone, Copy)]
struct Timed {
    total: Duration,
    parts: PlanTimes,
    matched: usize,
}

#[derive(Debug, Serialize)]
struct RoundFigures {
    requests: usize,
    drivers: usize,
    candidates_ms: f64,
    table_ms: f64,
    solve_ms: f64,
    /// The whole of it.
    total_ms: f64,
    /// Requests that somebody is asked for.
    matched: usize,
}

pub(super) fn run(bench: &RoundBench<'_>) -> Result<Answer, CityFailure> {
    let roads = CityPack::open(bench.city)?.roads;
    let size = SceneSize {
        requests: bench.requests,
        drivers: bench.drivers,
    };
    let scene = Scene::drawn(&roads, size, bench.seed);
    let travel = RoadTravel {
        roads,
        slowness_bps: FREE_TRAFFIC_BPS,
    };
    let mut times: Vec<Timed> = (0..bench.runs).map(|_| timed(&scene, &travel)).collect();
    times.sort_by_key(|timed| timed.total);
    let Some(median) = times.get(times.len() / 2) else {
        return Err(CityFailure::failed("internal", "no round was planned"));
    };
    let figures = RoundFigures {
        requests: bench.requests,
        drivers: bench.drivers,
        candidates_ms: ms(median.parts.candidates),
        table_ms: ms(median.parts.table),
        solve_ms: ms(median.parts.solve),
        total_ms: ms(median.total),
        matched: median.matched,
    };
    Answer::of(&figures, in_words(&figures))
}

fn timed(scene: &Scene, travel: &RoadTravel) -> Timed {
    let rules = Rules::default();
    let started = Instant::now();
    let planned = plan(&Round {
        at: scene.now,
        rules: &rules,
        requests: &scene.requests,
        index: &scene.index,
        travel,
    });
    Timed {
        total: started.elapsed(),
        parts: planned.times,
        matched: planned.proposals.len(),
    }
}

fn ms(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1_000_000.0).round() / 1000.0
}

fn in_words(figures: &RoundFigures) -> String {
    let RoundFigures {
        requests,
        drivers,
        candidates_ms,
        table_ms,
        solve_ms,
        total_ms,
        matched,
    } = figures;
    format!(
        "{requests} requests, {drivers} free cars, one thread\n\
         {:<24} {candidates_ms:>9.1} ms\n\
         {:<24} {table_ms:>9.1} ms\n\
         {:<24} {solve_ms:>9.1} ms\n\
         {:<24} {total_ms:>9.1} ms\n\
         {matched} of {requests} requests found a driver",
        "candidates", "ways by road", "assignment", "the whole round"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_keep_three_decimals() {
        assert!((ms(Duration::from_nanos(1_234_567)) - 1.235).abs() < 1e-9);
    }
}
