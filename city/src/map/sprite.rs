//! The icons, drawn here as small vector shapes: `sprite-LOOK.json` and `.png`, once more at twice
//! the size for dense screens.

mod icons;
mod pen;

use std::path::Path;

use serde_json::{Map, Value, json};
use tiny_skia::Pixmap;

use super::MapError;
use super::look_files::write_file;
use super::style::Palette;
use icons::ICONS;
use pen::Pen;

/// The one-way arrow; it points along the line.
pub(super) const ARROW: &str = "arrow";
/// The plate of a road's number; it stretches around the text.
pub(super) const SHIELD: &str = "shield";

/// Width and height of a cell of the sheet, in pixels at single size.
const CELL: u32 = 22;
/// Cells in a row.
const COLUMNS: u32 = 6;

/// Writes the sprites of a look.
pub(super) fn write(dir: &Path, palette: &Palette) -> Result<(), MapError> {
    for (suffix, ratio) in [("", 1_u32), ("@2x", 2)] {
        let (index, picture) = sheet(palette, ratio)?;
        let name = format!("sprite-{}{suffix}", palette.name);
        let png = picture
            .encode_png()
            .map_err(|source| MapError::Picture(source.into()))?;
        write_file(&dir.join(format!("{name}.png")), &png)?;
        write_file(
            &dir.join(format!("{name}.json")),
            index.to_string().as_bytes(),
        )?;
    }
    Ok(())
}

fn sheet(palette: &Palette, ratio: u32) -> Result<(Value, Pixmap), MapError> {
    let count = u32::try_from(ICONS.len()).unwrap_or(0) + 2;
    let (wide, high) = (COLUMNS * CELL, count.div_ceil(COLUMNS) * CELL);
    let mut picture = Pixmap::new(wide * ratio, high * ratio).ok_or(MapError::NoPicture)?;
    let mut index = Map::new();
    let mut cells = (0..count).map(|cell| (cell % COLUMNS * CELL, cell / COLUMNS * CELL));
    let mut next = || cells.next().unwrap_or_default();
    for icon in &ICONS {
        let (x, y) = next();
        let mut pen = Pen::new(&mut picture, (x, y), ratio);
        icon.draw(&mut pen, &palette.sprite);
        index.insert(icon.name.to_owned(), entry((x, y), ratio, &json!({})));
    }
    let (x, y) = next();
    icons::arrow(&mut Pen::new(&mut picture, (x, y), ratio), &palette.sprite);
    index.insert(ARROW.to_owned(), entry((x, y), ratio, &json!({})));
    let (x, y) = next();
    icons::shield(&mut Pen::new(&mut picture, (x, y), ratio), &palette.sprite);
    let stretch = json!({
        "stretchX": [[7 * ratio, 15 * ratio]],
        "stretchY": [[8 * ratio, 14 * ratio]],
        "content": [4 * ratio, 5 * ratio, 18 * ratio, 17 * ratio],
    });
    index.insert(SHIELD.to_owned(), entry((x, y), ratio, &stretch));
    Ok((Value::Object(index), picture))
}

fn entry((x, y): (u32, u32), ratio: u32, more: &Value) -> Value {
    let mut entry = json!({
        "x": x * ratio, "y": y * ratio,
        "width": CELL * ratio, "height": CELL * ratio,
        "pixelRatio": ratio,
    });
    if let (Some(entry), Some(more)) = (entry.as_object_mut(), more.as_object()) {
        entry.extend(more.clone());
    }
    entry
}

#[cfg(test)]
mod tests {
    use super::super::points::POI_KINDS;
    use super::*;

    #[test]
    fn every_kind_of_place_has_an_icon_with_something_on_it() {
        let (index, picture) = sheet(&Palette::DAY, 2).unwrap();
        for name in POI_KINDS
            .iter()
            .map(|kind| kind.icon)
            .chain([ARROW, SHIELD])
        {
            let at = |key: &str| u32::try_from(index[name][key].as_u64().unwrap()).unwrap();
            let (x, y, size) = (at("x"), at("y"), at("width"));
            let inked = (x..x + size)
                .flat_map(|x| (y..y + size).map(move |y| (x, y)))
                .filter(|(x, y)| picture.pixel(*x, *y).unwrap().alpha() > 0)
                .count();
            assert!(inked > 60, "{name} is empty");
        }
    }
}
