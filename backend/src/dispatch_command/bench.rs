//! `wayfare dispatch bench`: which of the two is measured, and with how many.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use clap::Args;

use super::index::IndexBench;
use super::round::RoundBench;
use super::{index, round};
use crate::city_command::{Answer, CityFailure};

const REQUESTS: RangeInclusive<usize> = 1..=20_000;
const DRIVERS: RangeInclusive<usize> = 1..=20_000;
const RUNS: RangeInclusive<usize> = 1..=1_000;
const INDEX_DRIVERS: RangeInclusive<usize> = 1..=1_000_000;
/// Drivers when no number is given.
const DRIVERS_DEFAULT: usize = 2_000;
const INDEX_DRIVERS_DEFAULT: usize = 100_000;

/// What to measure.
#[derive(Debug, Args)]
pub(super) struct BenchOrder {
    /// Folder of the pack whose roads the round is on
    #[arg(
        long,
        value_name = "DIR",
        required_unless_present = "index",
        conflicts_with = "index"
    )]
    city: Option<PathBuf>,
    /// Open requests of the round, from 1 to 20,000
    #[arg(
        long,
        value_name = "R",
        default_value_t = 350,
        conflicts_with = "index"
    )]
    requests: usize,
    /// Free cars, from 1 to 20,000 [default: 2000]; of an index up to 1,000,000 [default: 100000]
    #[arg(long, value_name = "D")]
    drivers: Option<usize>,
    /// Chooses where everybody is; the same number, the same places
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Rounds to plan, from 1 to 1,000; the one with the median total is told
    #[arg(long, value_name = "N", default_value_t = 1, conflicts_with = "index")]
    runs: usize,
    /// Measure the live index of cars instead of a round
    #[arg(long)]
    index: bool,
    /// Measure this Redis on the same cars, under a key of its own that is deleted again
    #[arg(long, value_name = "URL", requires = "index")]
    redis: Option<String>,
}

pub(super) fn run(order: &BenchOrder) -> Result<Answer, CityFailure> {
    match &order.city {
        Some(city) => round::run(&RoundBench {
            city,
            requests: within("requests", order.requests, REQUESTS)?,
            drivers: within("drivers", order.drivers.unwrap_or(DRIVERS_DEFAULT), DRIVERS)?,
            seed: order.seed,
            runs: within("runs", order.runs, RUNS)?,
        }),
        None => index::run(&IndexBench {
            drivers: within(
                "drivers",
                order.drivers.unwrap_or(INDEX_DRIVERS_DEFAULT),
                INDEX_DRIVERS,
            )?,
            seed: order.seed,
            redis: order.redis.as_deref(),
        }),
    }
}

fn within(
    option: &'static str,
    number: usize,
    range: RangeInclusive<usize>,
) -> Result<usize, CityFailure> {
    if range.contains(&number) {
        return Ok(number);
    }
    let (least, most) = range.into_inner();
    let problem = format!("must be from {least} to {most}, not {number}");
    let failure = CityFailure::wrong("invalid_number", format!("--{option} {problem}"));
    Err(failure.field(option, problem))
}
