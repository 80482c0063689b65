//! `wayfare city compare-osrm`: the pack's routes and tables beside those of an OSRM server.

use std::path::PathBuf;

use clap::Args;

use super::{Answer, CityFailure};

/// What to compare.
#[derive(Debug, Args)]
pub(super) struct CompareOrder {
    /// Folder of the pack
    #[arg(long, value_name = "DIR")]
    city: PathBuf,
    /// Address of an OSRM server with the same extract
    #[arg(long, value_name = "URL", env = "WAYFARE_OSRM_URL")]
    osrm_url: String,
    /// Chooses the pairs; the same number, the same pairs
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// How many pairs
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pairs: u32,
}

#[expect(clippy::unused_async, reason = "it will ask a server")]
pub(super) async fn run(order: &CompareOrder) -> Result<Answer, CityFailure> {
    let detail = format!("comparing is not built yet: {order:?}");
    Err(CityFailure::failed("not_built", detail))
}
