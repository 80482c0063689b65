//! All tiles in one PMTiles file.

use std::collections::HashMap;
use std::fs::File;
use std::io::Write;
use std::path::Path;

use flate2::{Compression, GzBuilder};
use pmtiles::{PmTilesStreamWriter, PmTilesWriter, TileCoord, TileId, TileType};
use serde_json::json;

use super::MapError;
use super::encode::encoded;
use super::ground::{Ground, SEA_MARGIN};
use super::look::Layer;
use super::plane::unproject;
use super::zoom::{ZOOM_MAX, ZOOM_MIN, tiles};

/// What the licence of the data asks to be shown on every map made of it.
pub const ATTRIBUTION: &str = "<a href=\"https://www.openstreetmap.org/copyright\">\
                               © OpenStreetMap contributors</a>";

/// Number of tiles and their bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Written {
    pub(super) tiles: u64,
}

/// Writes the tiles of all zooms. Equal grounds give equal bytes.
pub(super) fn write(
    ground: &Ground,
    out: &Path,
    progress: &mut dyn FnMut(f64),
) -> Result<Written, MapError> {
    let file = File::create(out).map_err(|source| MapError::Write {
        path: out.to_owned(),
        source,
    })?;
    let mut archive = header(ground).create(file)?;
    let mut written = Written::default();
    let mut packed: HashMap<Vec<u8>, Vec<u8>> = HashMap::new();
    let mut done = 0.0;
    for zoom in ZOOM_MIN..=ZOOM_MAX {
        written.tiles += write_zoom(ground, zoom, &mut archive, &mut packed)?;
        // Each zoom takes about as long as all before it.
        done += 0.5_f64.powi(i32::from(ZOOM_MAX - zoom)) / 2.0;
        progress(done.min(1.0));
    }
    archive.finalize()?;
    progress(1.0);
    Ok(written)
}

fn header(ground: &Ground) -> PmTilesWriter {
    // Maps ask for no tile outside of these bounds, and the sea goes on beyond the streets.
    let drawn = ground.bounds.grown(SEA_MARGIN);
    let (west, north) = unproject(drawn.min);
    let (east, south) = unproject(drawn.max);
    let layers: Vec<_> = Layer::ALL
        .into_iter()
        .map(|layer| {
            let fields: serde_json::Map<_, _> = layer
                .fields()
                .iter()
                .map(|(key, kind)| ((*key).to_owned(), json!(kind)))
                .collect();
            json!({ "id": layer.name(), "fields": fields })
        })
        .collect();
    let metadata = json!({
        "name": "Wayfare city map",
        "attribution": ATTRIBUTION,
        "vector_layers": layers,
    });
    PmTilesWriter::new(TileType::Mvt)
        .precompressed(pmtiles::Compression::Gzip)
        .min_zoom(ZOOM_MIN)
        .max_zoom(ZOOM_MAX)
        .bounds(west, south, east, north)
        .center((west + east) / 2.0, (south + north) / 2.0)
        .center_zoom(12)
        .metadata(metadata.to_string())
}

fn write_zoom(
    ground: &Ground,
    zoom: u8,
    archive: &mut PmTilesStreamWriter<File>,
    packed: &mut HashMap<Vec<u8>, Vec<u8>>,
) -> Result<u64, MapError> {
    let mut entries = Vec::new();
    for (tile, shapes) in tiles(ground, zoom) {
        let bytes = encoded(&shapes, zoom, &ground.texts);
        let (Ok(x), Ok(y)) = (u32::try_from(tile.x), u32::try_from(tile.y)) else {
            continue;
        };
        let coord = TileCoord::new(zoom, x, y)?;
        entries.push((TileId::from(coord), coord, bytes));
    }
    entries.sort_unstable_by_key(|(id, ..)| *id);
    let mut count = 0;
    for (_, coord, bytes) in entries {
        if bytes.is_empty() {
            continue;
        }
        count += 1;
        // Only tiles with little in them repeat: open sea, plain forest.
        if bytes.len() > REPEATED_BYTES_MAX {
            archive.add_tile(coord, &gzipped(&bytes)?)?;
            continue;
        }
        let small = match packed.get(&bytes) {
            Some(small) => small.clone(),
            None => {
                let small = gzipped(&bytes)?;
                packed.insert(bytes, small.clone());
                small
            }
        };
        archive.add_tile(coord, &small)?;
    }
    Ok(count)
}

const REPEATED_BYTES_MAX: usize = 200;

fn gzipped(bytes: &[u8]) -> Result<Vec<u8>, MapError> {
    let mut packer = GzBuilder::new().write(Vec::new(), Compression::best());
    let packed = packer.write_all(bytes).and_then(|()| packer.finish());
    packed.map_err(MapError::Pack)
}
