//! `wayfare city compare-osrm`: the pack's routes and tables beside those of an OSRM server.

mod http;
mod osrm;
mod report;
mod speed;
mod statistics;

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use wayfare_core::city::CityPack;
use wayfare_core::roads::{RoadNetwork, Search};

use super::draw::{Draw, Pair};
use super::measure::{Workload, measure, request};
use super::{Answer, CityFailure};
use osrm::{Osrm, OsrmError};
use report::Comparison;
use speed::OsrmSpeed;
use statistics::{Agreement, Asked, Way};

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
    /// How many pairs of each kind
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pairs: u32,
}

pub(super) async fn run(order: &CompareOrder) -> Result<Answer, CityFailure> {
    let mut osrm = Osrm::at(&order.osrm_url).ok_or_else(|| {
        CityFailure::wrong(
            "invalid_osrm_url",
            "the address of OSRM has to be of the form http://HOST:PORT",
        )
        .field("osrm_url", "not of the form http://HOST:PORT")
    })?;
    let pack = CityPack::open(&order.city)?;
    // Nothing else runs in this program, and what is measured must not wait for other threads.
    let comparison = tokio::task::block_in_place(|| compare(order, &pack, &mut osrm))
        .map_err(|error| CityFailure::failed("osrm_failed", error.to_string()))?;
    Ok(Answer {
        json: json!({ "comparison": comparison, "missed": comparison.missed() }),
        words: comparison.markdown(),
    })
}

fn compare(
    order: &CompareOrder,
    pack: &CityPack,
    osrm: &mut Osrm,
) -> Result<Comparison, OsrmError> {
    let roads = &pack.roads;
    let count = usize::try_from(order.pairs).unwrap_or(usize::MAX);
    let mut draw = Draw::seeded(order.seed);
    let anywhere = draw.pairs(count, |draw| draw.anywhere(roads));
    let near_roads = draw.pairs(count, |draw| draw.near_road(roads));
    let mut agreements = Vec::new();
    for (name, pairs) in [("anywhere", anywhere), ("near roads", near_roads)] {
        agreements.push((name, Agreement::of(&ask(roads, osrm, &pairs)?)));
    }
    let workload = Workload::drawn(roads, order.seed);
    Ok(Comparison {
        name: pack.manifest.name.clone(),
        seed: order.seed,
        agreements,
        ours: measure(roads, &workload),
        theirs: OsrmSpeed::measure(osrm, &workload)?,
    })
}

/// Asks both for every pair.
fn ask(roads: &RoadNetwork, osrm: &mut Osrm, pairs: &[Pair]) -> Result<Vec<Asked>, OsrmError> {
    let mut search = Search::default();
    pairs
        .iter()
        .map(|pair| {
            Ok(Asked {
                pair: *pair,
                ours: our_way(roads, &mut search, pair),
                theirs: osrm.route(pair)?,
            })
        })
        .collect()
}

#[expect(clippy::cast_precision_loss, reason = "no way is 2^53 mm long")]
fn our_way(roads: &RoadNetwork, search: &mut Search, pair: &Pair) -> Option<Way> {
    let route = roads.route(search, &request(pair, false)).ok()?;
    Some(Way {
        distance_m: route.length_mm as f64 / 1000.0,
        duration_s: route.duration_ms as f64 / 1000.0,
    })
}
