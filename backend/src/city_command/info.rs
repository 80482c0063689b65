//! `wayfare city info`: what is in a pack.

use std::path::PathBuf;

use clap::Args;

use super::{Answer, CityFailure};

/// Which pack.
#[derive(Debug, Args)]
pub(super) struct InfoOrder {
    /// Folder of the pack
    #[arg(long, value_name = "DIR")]
    city: PathBuf,
}

pub(super) fn run(order: &InfoOrder) -> Result<Answer, CityFailure> {
    let detail = format!("telling of {} is not built yet", order.city.display());
    Err(CityFailure::failed("not_built", detail))
}
