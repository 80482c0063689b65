//! Glyphs for the map's texts, as MapLibre reads them: signed distance fields of 24 pixels, in one
//! file per 256 letters. Only letters that the city's names use are in them, and the ASCII ones.
//!
//! What Noto Sans lacks (Arabic, Thai, Chinese …) has no file; MapLibre draws such letters with the
//! fonts of the device.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fontdue::{Font, FontSettings};
use sdf_glyph_renderer::{BitmapGlyph, clamp_to_u8};

use super::MapError;
use super::look_files::write_file;
use crate::protobuf::{put_bytes, put_number, put_varint, zigzag};

/// The faces, by the names that the styles use.
pub(super) const REGULAR: &str = "NotoSans-Regular";
/// For places and shields.
pub(super) const BOLD: &str = "NotoSans-Bold";

/// What MapLibre expects: pixels per em, pixels around a glyph, reach of the distances, and the
/// part of the values that stands for inside.
const SIZE: f32 = 24.0;
const BORDER: usize = 3;
const RADIUS: usize = 8;
const INSIDE: f64 = 0.25;

/// Writes `fonts/FACE/START-END.pbf`.
pub(super) fn write(dir: &Path, letters: &BTreeSet<char>) -> Result<(), MapError> {
    let faces = [(REGULAR, notosans::REGULAR_TTF), (BOLD, notosans::BOLD_TTF)];
    for (name, bytes) in faces {
        let font = Font::from_bytes(bytes, FontSettings::default()).map_err(MapError::Font)?;
        for (block, letters) in blocks(&font, letters) {
            let start = block * 256;
            let range = format!("{start}-{}", start + 255);
            let path = dir.join("fonts").join(name).join(format!("{range}.pbf"));
            write_file(&path, &block_bytes(&font, name, &range, &letters)?)?;
        }
    }
    Ok(())
}

/// The letters that a face has, by the file they belong to.
fn blocks(font: &Font, letters: &BTreeSet<char>) -> BTreeMap<u32, Vec<char>> {
    let ascii = ' '..='~';
    let mut blocks: BTreeMap<u32, Vec<char>> = BTreeMap::new();
    let all: BTreeSet<char> = letters.iter().copied().chain(ascii).collect();
    for letter in all {
        if !letter.is_control() && font.has_glyph(letter) {
            let block = u32::from(letter) / 256;
            blocks.entry(block).or_default().push(letter);
        }
    }
    blocks
}

fn block_bytes(
    font: &Font,
    name: &str,
    range: &str,
    letters: &[char],
) -> Result<Vec<u8>, MapError> {
    let mut stack = Vec::new();
    put_bytes(&mut stack, 1, name.as_bytes());
    put_bytes(&mut stack, 2, range.as_bytes());
    for letter in letters {
        put_bytes(&mut stack, 3, &glyph(font, *letter)?);
    }
    let mut file = Vec::new();
    put_bytes(&mut file, 1, &stack);
    Ok(file)
}

fn glyph(font: &Font, letter: char) -> Result<Vec<u8>, MapError> {
    let (metrics, coverage) = font.rasterize(letter, SIZE);
    let ascent = font
        .horizontal_line_metrics(SIZE)
        .map_or(SIZE, |line| line.ascent);
    let mut glyph = Vec::new();
    put_number(&mut glyph, 1, u64::from(u32::from(letter)));
    if metrics.width > 0 && metrics.height > 0 {
        let bitmap = BitmapGlyph::from_unbuffered(&coverage, metrics.width, metrics.height, BORDER)
            .map_err(MapError::Glyph)?;
        let field = clamp_to_u8(&bitmap.render_sdf(RADIUS), INSIDE).map_err(MapError::Glyph)?;
        put_bytes(&mut glyph, 2, &field);
    }
    let height = i32::try_from(metrics.height).unwrap_or(0);
    let top = metrics.ymin + height - whole(ascent.ceil());
    put_number(&mut glyph, 3, u64::try_from(metrics.width).unwrap_or(0));
    put_number(&mut glyph, 4, u64::try_from(metrics.height).unwrap_or(0));
    put_signed(&mut glyph, 5, metrics.xmin);
    put_signed(&mut glyph, 6, top);
    put_number(
        &mut glyph,
        7,
        u64::from(whole(metrics.advance_width.round()).unsigned_abs()),
    );
    Ok(glyph)
}

fn whole(value: f32) -> i32 {
    super::plane::rounded(f64::from(value))
}

fn put_signed(out: &mut Vec<u8>, field: u64, value: i32) {
    put_varint(out, field << 3);
    put_varint(out, zigzag(value.into()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_blocks_that_names_use_are_written() {
        let dir = tempfile::tempdir().unwrap();
        let letters = "Rua de São João Καλλιθέα".chars().collect();
        write(dir.path(), &letters).unwrap();
        for face in [REGULAR, BOLD] {
            let files = std::fs::read_dir(dir.path().join("fonts").join(face)).unwrap();
            let mut names: Vec<String> = files
                .map(|file| file.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            assert_eq!(names, ["0-255.pbf", "768-1023.pbf"]);
        }
    }

    #[test]
    fn a_letter_that_the_face_lacks_has_no_file() {
        let font = Font::from_bytes(notosans::REGULAR_TTF, FontSettings::default()).unwrap();
        let letters = BTreeSet::from(['大', 'é']);
        let blocks = blocks(&font, &letters);
        assert_eq!(blocks.keys().copied().collect::<Vec<_>>(), [0]);
        assert!(blocks[&0].contains(&'é') && blocks[&0].contains(&'A'));
    }

    #[test]
    fn a_field_is_inside_in_the_middle_of_a_full_stop() {
        let font = Font::from_bytes(notosans::BOLD_TTF, FontSettings::default()).unwrap();
        let (metrics, coverage) = font.rasterize('.', SIZE);
        let bitmap =
            BitmapGlyph::from_unbuffered(&coverage, metrics.width, metrics.height, BORDER).unwrap();
        let field = clamp_to_u8(&bitmap.render_sdf(RADIUS), INSIDE).unwrap();
        let wide = metrics.width + 2 * BORDER;
        let middle = (BORDER + metrics.height / 2) * wide + BORDER + metrics.width / 2;
        assert!(field[middle] > 191 && field[0] < 191);
    }
}
