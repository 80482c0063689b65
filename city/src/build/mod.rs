//! Builds a pack from an extract.
//!
//! Everything is written into a folder beside the pack's and moved into its place at the end, so that
//! a build that fails or is stopped leaves nothing, and whoever has an older pack open keeps it.

mod error;
mod parts;
mod progress;
mod scratch;
mod source;
mod stop;
mod zones;

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use wayfare_core::city::{
    Bounds, Counts, MANIFEST_FILE, MAP_FILE, Manifest, PLACES_FILE, PackBytes, PackFolder,
    ROADS_FILE, ZONES_FILE,
};
use wayfare_core::places;
use wayfare_core::roads::{self, ContractionInput, RoadNetwork};

pub use error::BuildError;
pub use progress::{Progress, Step};
pub use stop::Stop;
pub use zones::ZoneFile;

use crate::map;
use crate::osm::{self, Extract};
use progress::Reporter;
use scratch::{Scratch, Target};

/// What to build.
#[derive(Debug)]
pub struct BuildOrder {
    /// The extract, an `.osm.pbf` file.
    pub osm: PathBuf,
    /// Folder of the pack. If there is a pack, the new one takes its place.
    pub out: PathBuf,
    /// Name of the city; that of the extract's file if there is none.
    pub name: Option<String>,
    /// GeoJSON files with zones.
    pub zones: Vec<ZoneFile>,
    /// A JSON file with a [`SpeedProfile`](wayfare_core::roads::SpeedProfile); the default one if there is none.
    pub speed_profile: Option<PathBuf>,
    /// What the manifest gives as time of the build.
    pub created_at: DateTime<Utc>,
    /// Ends the build from another thread.
    pub stop: Stop,
}

/// What was built.
#[derive(Debug)]
pub struct Built {
    /// What the pack says of itself.
    pub manifest: Manifest,
    /// How long each step took. Some of them ran at once.
    pub steps: Vec<(Step, Duration)>,
    /// From beginning to end.
    pub took: Duration,
    /// Whether it took the place of an older pack.
    pub replaced: bool,
}

/// What the threads of a build hand over.
struct RoadsBuilt {
    arcs: u64,
    bounds: Bounds,
}

/// Builds a pack. On failure there is no new folder, and an older pack is as it was.
pub fn build(order: &BuildOrder, progress: &mut dyn Progress) -> Result<Built, BuildError> {
    // Whatever a build runs into after it was stopped comes from that.
    build_pack(order, progress).map_err(|error| order.stop.check().err().unwrap_or(error))
}

fn build_pack(order: &BuildOrder, progress: &mut dyn Progress) -> Result<Built, BuildError> {
    let began = Instant::now();
    let target = Target::check(&order.out)?;
    let speed_profile = source::read_speed_profile(order.speed_profile.as_deref())?;
    let zones = zones::read(&order.zones)?;
    let reporter = Reporter::new(progress);

    let (extract, source) = reporter.step(Step::Read, |share| {
        let extract = osm::read(&order.osm, share)?;
        Ok::<_, BuildError>((extract, source::describe(&order.osm)?))
    })?;
    order.stop.check()?;

    let scratch = Scratch::create(&target, &order.stop)?;
    scratch.write(ZONES_FILE, zones.to_geojson().as_bytes())?;
    let (roads, (places, tiles)) = thread::scope(|scope| {
        let roads = scope.spawn(|| build_roads(&extract, &scratch, &reporter, &order.stop));
        let rest = build_places(&extract, &scratch, &reporter).and_then(|places| {
            order.stop.check()?;
            Ok((places, build_map(&extract, &scratch, &reporter)?))
        });
        let roads = roads.join().unwrap_or(Err(BuildError::ThreadFailed))?;
        Ok::<_, BuildError>((roads, rest?))
    })?;
    order.stop.check()?;

    let (manifest, replaced) = reporter.step(Step::Check, |_| {
        let files = parts::describe(scratch.path())?;
        let manifest = Manifest {
            format: Manifest::FORMAT,
            version: Manifest::version_of(&files, &speed_profile),
            name: (order.name.clone()).unwrap_or_else(|| source::name_of(&order.osm)),
            created_at: order.created_at,
            source,
            bounds: roads.bounds,
            attribution: Manifest::ATTRIBUTION.to_owned(),
            licence: Manifest::LICENCE.to_owned(),
            licence_url: Manifest::LICENCE_URL.to_owned(),
            speed_profile,
            counts: Counts {
                road_arcs: roads.arcs,
                places,
                tiles,
                zones: zones.all().len() as u64,
            },
            files,
        };
        let json = serde_json::to_vec_pretty(&manifest).map_err(BuildError::Manifest)?;
        scratch.write(MANIFEST_FILE, &json)?;
        // What is handed over opens.
        PackFolder::open(scratch.path())?.load()?;
        let replaced = scratch.replace(&target)?;
        Ok::<_, BuildError>((manifest, replaced))
    })?;
    Ok(Built {
        manifest,
        steps: reporter.finished(),
        took: began.elapsed(),
        replaced,
    })
}

fn build_roads(
    extract: &Extract,
    scratch: &Scratch,
    reporter: &Reporter<'_>,
    stop: &Stop,
) -> Result<RoadsBuilt, BuildError> {
    let data = reporter.step(Step::Roads, |_| {
        Ok::<_, BuildError>(crate::roads::collect(extract).in_packing_order())
    })?;
    if data.segments.is_empty() {
        return Err(BuildError::NoRoads);
    }
    stop.check()?;
    let contraction = reporter.step(Step::Contract, |share| {
        let input = ContractionInput::of(&data)?;
        Ok::<_, BuildError>(crate::roads::contract(&input, share))
    })?;
    stop.check()?;
    let bytes = roads::encode(&data, &contraction)?;
    scratch.write(ROADS_FILE, &bytes)?;
    let network = RoadNetwork::open(PackBytes::new(bytes))?;
    let (south_west, north_east) = network.bounds();
    Ok(RoadsBuilt {
        arcs: network.arc_count().into(),
        bounds: Bounds {
            south_west: south_west.into(),
            north_east: north_east.into(),
        },
    })
}

/// Answers how many places there are.
fn build_places(
    extract: &Extract,
    scratch: &Scratch,
    reporter: &Reporter<'_>,
) -> Result<u64, BuildError> {
    reporter.step(Step::Places, |_| {
        let found = crate::places::collect(extract);
        let bytes = places::encode(&found)?;
        scratch.write(PLACES_FILE, &bytes)?;
        Ok(found.len() as u64)
    })
}

/// Answers how many tiles there are.
fn build_map(
    extract: &Extract,
    scratch: &Scratch,
    reporter: &Reporter<'_>,
) -> Result<u64, BuildError> {
    reporter.step(Step::Map, |share| {
        let map = map::write_tiles(extract, &scratch.path().join(MAP_FILE), share)?;
        map::write_look(scratch.path(), &map)?;
        Ok(map.tiles)
    })
}
