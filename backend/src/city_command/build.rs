//! `wayfare city build`: makes a pack from an extract.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use clap::Args;
use nix::sys::resource::{UsageWho, getrusage};
use serde_json::json;
use tokio::sync::oneshot;
use wayfare_backend::platform::{clock, shutdown};
use wayfare_city::build::{self, BuildError, Built, Stop, ZoneFile};
use wayfare_core::zones::ZoneKind;

use super::failure::with_causes;
use super::progress::Told;
use super::{Answer, CityFailure, words};

/// What to build.
#[derive(Debug, Args)]
pub(super) struct BuildOrder {
    /// The extract of the city: an .osm.pbf file
    #[arg(long, value_name = "FILE")]
    osm: PathBuf,
    /// Folder of the pack; a pack that is there is replaced when the new one is ready
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Name of the city [default: that of the extract's file]
    #[arg(long)]
    name: Option<String>,
    /// City boundary, queues, toll lines and geofences as GeoJSON; may be given several times. With a
    /// kind before it, as in `city_boundary=porto.geojson`, its features need not say what they are
    #[arg(long, value_name = "[KIND=]FILE", value_parser = zone_file)]
    zones: Vec<ZoneFile>,
    /// How much slower than free traffic the hours of the week are, as JSON
    #[arg(long, value_name = "FILE")]
    speed_profile: Option<PathBuf>,
}

/// Builds the pack and tells on stderr how far it is.
pub(super) async fn run(order: BuildOrder) -> Result<Answer, CityFailure> {
    let signals = shutdown::on_signals()
        .map_err(|error| CityFailure::failed("internal", error.to_string()))?;
    let stop = Stop::default();
    let out = order.out.clone();
    let order = build::BuildOrder {
        osm: order.osm,
        out: order.out,
        name: order.name,
        zones: order.zones,
        speed_profile: order.speed_profile,
        created_at: clock::now(),
        stop: stop.clone(),
    };
    let (done, built) = oneshot::channel();
    // Not one of the runtime's threads: those are waited for, and a build that is stopped may still
    // be in the middle of a step.
    thread::spawn(move || {
        let mut told = Told::on_stderr();
        let built = build::build(&order, &mut told);
        told.end();
        // Nobody waits any more if it was stopped.
        let _ = done.send(built);
    });
    let built = tokio::select! {
        built = built => built.unwrap_or(Err(BuildError::ThreadFailed)),
        () = signals.cancelled() => {
            stop.stop();
            Told::on_stderr().end();
            Err(BuildError::Stopped)
        }
    };
    let built = built.map_err(|error| refused(&error))?;
    Ok(answer(&built, &out))
}

/// What is before the first `=` is a kind only if there is one of this name: files may have any.
#[expect(
    clippy::unnecessary_wraps,
    reason = "this is the form of clap's parsers"
)]
fn zone_file(text: &str) -> Result<ZoneFile, String> {
    let kind_of = |name: &str| serde_json::from_value::<ZoneKind>(name.into()).ok();
    let split = text
        .split_once('=')
        .and_then(|(name, path)| Some((kind_of(name)?, path)));
    let (kind, path) = split.map_or((None, text), |(kind, path)| (Some(kind), path));
    let path = path.into();
    Ok(ZoneFile { path, kind })
}

fn refused(error: &BuildError) -> CityFailure {
    let detail = with_causes(error);
    match error {
        BuildError::Extract(_) | BuildError::NoRoads => {
            CityFailure::wrong("invalid_extract", detail)
        }
        BuildError::Zones { .. } => CityFailure::wrong("invalid_zones", detail),
        BuildError::SpeedProfile { .. } => CityFailure::wrong("invalid_speed_profile", detail),
        BuildError::Occupied { .. } => CityFailure::wrong("occupied", detail),
        BuildError::NoRoom(_) => CityFailure::failed("no_room", detail),
        BuildError::Stopped => CityFailure::failed("stopped", detail),
        error if error.is_wrong_input() => CityFailure::wrong("invalid_input", detail),
        _ => CityFailure::failed("build_failed", detail),
    }
}

fn answer(built: &Built, out: &Path) -> Answer {
    let Built {
        manifest,
        steps,
        took,
        replaced,
    } = built;
    let bytes = manifest.bytes();
    let ratio = bytes as f64 / manifest.source.bytes.max(1) as f64;
    let memory = peak_memory_bytes();
    let steps_json = steps
        .iter()
        .map(|(step, took)| json!({"step": step.to_string(), "seconds": seconds(*took)}));
    let json = json!({
        "out": out,
        "version": manifest.version,
        "name": manifest.name,
        "replaced": replaced,
        "seconds": seconds(*took),
        "steps": steps_json.collect::<Vec<_>>(),
        "peak_memory_bytes": memory,
        "bytes": bytes,
        "source_bytes": manifest.source.bytes,
        "ratio": (ratio * 1000.0).round() / 1000.0,
        "counts": manifest.counts,
        "files": manifest.files,
    });
    let mut lines = vec![
        format!(
            "{} is in {} (version {}{}).",
            manifest.name,
            out.display(),
            manifest.version,
            if *replaced {
                ", in place of an older pack"
            } else {
                ""
            },
        ),
        format!(
            "It took {:.1} s and at most {} of memory.",
            took.as_secs_f64(),
            words::bytes(memory)
        ),
        format!(
            "The pack has {}, {ratio:.2} times the extract's {}:",
            words::bytes(bytes),
            words::bytes(manifest.source.bytes)
        ),
    ];
    lines.extend(words::parts(manifest));
    lines.extend(words::counts(manifest));
    Answer {
        json,
        words: lines.join("\n"),
    }
}

fn seconds(took: Duration) -> f64 {
    (took.as_secs_f64() * 1000.0).round() / 1000.0
}

/// The most memory that this process ever had.
fn peak_memory_bytes() -> u64 {
    // Linux counts in KiB, macOS in bytes.
    let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
    let peak = getrusage(UsageWho::RUSAGE_SELF).map_or(0, |usage| usage.max_rss());
    u64::try_from(peak).unwrap_or(0).saturating_mul(unit)
}
