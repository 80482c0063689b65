//! Everything beside the tiles that a map needs to be drawn: styles, glyphs, sprites.

use std::path::Path;

use super::style::{Palette, style};
use super::{MapError, MapInfo, fonts, sprite};

/// Writes `style-day.json`, `style-night.json`, `fonts/` and the sprites of both looks into a
/// folder.
///
/// The styles name their parts below `{base}`, which whoever serves or keeps them replaces by the
/// address of the folder, without a slash at the end: `https://example.org/v1/city`.
pub fn write_look(dir: &Path, info: &MapInfo) -> Result<(), MapError> {
    for palette in [Palette::DAY, Palette::NIGHT] {
        let text = style(&palette, info).to_string();
        let path = dir.join(format!("style-{}.json", palette.name));
        write_file(&path, text.as_bytes())?;
        sprite::write(dir, &palette)?;
    }
    fonts::write(dir, &info.letters)
}

/// Writes a file and the folders above it.
pub(super) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), MapError> {
    let failure = |source| MapError::Write {
        path: path.to_owned(),
        source,
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failure)?;
    }
    std::fs::write(path, bytes).map_err(failure)
}
