//! `wayfare city bench`: how many routes and tables a pack answers per second, single-threaded.

use std::path::PathBuf;

use clap::Args;

use super::{Answer, CityFailure};

/// What to measure.
#[derive(Debug, Args)]
pub(super) struct BenchOrder {
    /// Folder of the pack
    #[arg(long, value_name = "DIR")]
    city: PathBuf,
    /// Chooses the pairs; the same number, the same pairs
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

pub(super) fn run(order: &BenchOrder) -> Result<Answer, CityFailure> {
    let BenchOrder { city, seed } = order;
    let detail = format!("measuring {} with {seed} is not built yet", city.display());
    Err(CityFailure::failed("not_built", detail))
}
