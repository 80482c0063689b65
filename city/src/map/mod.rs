//! The map: vector tiles in one PMTiles archive, styles for day and night, glyphs and sprites.

mod archive;
mod chains;
mod clip;
mod coast;
mod encode;
mod fonts;
mod ground;
mod land;
mod look;
mod look_files;
mod pen_order;
mod plane;
mod points;
mod rings;
mod roads;
mod simplify;
mod sprite;
mod style;
mod zoom;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

pub use archive::ATTRIBUTION;
pub use look_files::write_look;
use wayfare_core::geo::LatLng;
pub use zoom::{ZOOM_MAX, ZOOM_MIN};

use crate::osm::Extract;

/// What was written and what its look needs.
#[derive(Debug, Clone)]
pub struct MapInfo {
    /// Number of tiles.
    pub tiles: u64,
    /// Size of the archive in bytes.
    pub bytes: u64,
    /// The south-west corner of what streets and buildings cover.
    pub south_west: LatLng,
    /// The north-east corner.
    pub north_east: LatLng,
    /// Every letter that names on the map are written with.
    pub letters: BTreeSet<char>,
}

/// Why there is no map.
#[derive(Debug, thiserror::Error)]
pub enum MapError {
    /// The extract has no node.
    #[error("there is nothing to draw in the extract")]
    Nothing,
    /// A file cannot be written.
    #[error("cannot write {path}: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A tile cannot be compressed.
    #[error("cannot compress a tile: {0}")]
    Pack(#[source] io::Error),
    /// The built-in font cannot be read.
    #[error("cannot read the font: {0}")]
    Font(&'static str),
    /// A letter cannot be drawn.
    #[error("cannot draw a letter: {0}")]
    Glyph(#[source] sdf_glyph_renderer::SdfGlyphError),
    /// The sheet of icons cannot be made.
    #[error("cannot make the picture of the icons")]
    NoPicture,
    /// The sheet of icons cannot be compressed.
    #[error("cannot compress the icons: {0}")]
    Picture(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The archive refuses a tile.
    #[error("cannot write the tiles: {0}")]
    Archive(#[from] pmtiles::PmtError),
}

/// Writes the tiles of an extract into a PMTiles archive. Equal extracts give equal bytes.
/// `progress` hears the part that is done, from 0 to 1.
pub fn write_tiles(
    extract: &Extract,
    out: &Path,
    progress: &mut dyn FnMut(f64),
) -> Result<MapInfo, MapError> {
    let ground = ground::ground(extract).ok_or(MapError::Nothing)?;
    let written = archive::write(&ground, out, progress)?;
    let corner = |x: i32, y: i32| {
        let (lng, lat) = plane::unproject(plane::Point { x, y });
        LatLng::from_degrees(lat, lng).map_err(|_| MapError::Nothing)
    };
    let (min, max) = (ground.bounds.min, ground.bounds.max);
    let bytes = std::fs::metadata(out).map_err(|source| MapError::Write {
        path: out.to_owned(),
        source,
    })?;
    Ok(MapInfo {
        tiles: written.tiles,
        bytes: bytes.len(),
        south_west: corner(min.x, max.y)?,
        north_east: corner(max.x, min.y)?,
        letters: zoom::letters(&ground.texts),
    })
}
