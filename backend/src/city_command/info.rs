//! `wayfare city info`: what is in a pack, and whether it is whole.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use serde_json::json;
use wayfare_core::city::{Bounds, PackFolder};

use super::{Answer, CityFailure, words};

/// Which pack.
#[derive(Debug, Args)]
pub(super) struct InfoOrder {
    /// Folder of the pack
    #[arg(long, value_name = "DIR")]
    city: PathBuf,
    /// Read all files and compare them with their hashes
    #[arg(long)]
    verify: bool,
}

pub(super) fn run(order: &InfoOrder) -> Result<Answer, CityFailure> {
    let began = Instant::now();
    let folder = PackFolder::open(&order.city)?;
    let pack = folder.load()?;
    let opened_ms = began.elapsed().as_secs_f64() * 1000.0;
    if order.verify {
        folder.verify()?;
    }
    let manifest = &pack.manifest;
    let json = json!({
        "manifest": manifest,
        "bytes": manifest.bytes(),
        "opened_ms": (opened_ms * 10.0).round() / 10.0,
        "verified": order.verify,
    });
    let Bounds {
        south_west,
        north_east,
    } = manifest.bounds;
    let mut lines = vec![
        format!("{}, version {}", manifest.name, manifest.version),
        format!(
            "  built {} from {} ({})",
            manifest.created_at.format("%Y-%m-%d %H:%M UTC"),
            manifest.source.file,
            words::bytes(manifest.source.bytes)
        ),
        format!(
            "  from {:.4},{:.4} to {:.4},{:.4}",
            south_west.lat, south_west.lng, north_east.lat, north_east.lng
        ),
        format!("  {}, {}", manifest.attribution, manifest.licence),
    ];
    lines.extend(words::counts(manifest));
    lines.push(format!("{} in all:", words::bytes(manifest.bytes())));
    lines.extend(words::parts(manifest));
    lines.push(format!("It opens in {opened_ms:.0} ms."));
    if order.verify {
        lines.push("All files are whole.".to_owned());
    }
    Ok(Answer {
        json,
        words: lines.join("\n"),
    })
}
