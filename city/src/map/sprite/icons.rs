//! The drawings: a round badge in the colour of its kind, with a simple shape on it.

use super::super::style::{Rgb, SpritePalette};
use super::pen::Pen;

/// An icon of a kind of place. Cells are 22 pixels wide and high.
pub(super) struct Icon {
    pub(super) name: &'static str,
    badge: fn(&SpritePalette) -> Rgb,
    /// Filled in the colour of drawings.
    fills: &'static [&'static str],
    /// Drawn as lines in the colour of drawings.
    lines: &'static [&'static str],
    /// Filled in the badge's colour, over the rest.
    cuts: &'static [&'static str],
}

const LINE: f32 = 1.5;

impl Icon {
    pub(super) fn draw(&self, pen: &mut Pen<'_>, palette: &SpritePalette) {
        let badge = (self.badge)(palette);
        pen.fill("O 11 11 10", palette.rim);
        pen.fill("O 11 11 9", badge);
        for shape in self.fills {
            pen.fill(shape, palette.glyph);
        }
        for shape in self.lines {
            pen.line(shape, LINE, palette.glyph);
        }
        for shape in self.cuts {
            pen.fill(shape, badge);
        }
    }
}

/// The arrow of a one-way street, to the right: along the line.
pub(super) fn arrow(pen: &mut Pen<'_>, palette: &SpritePalette) {
    pen.line("M 4 11 L 17 11", 1.8, palette.arrow);
    pen.fill("M 13 6.5 L 19 11 L 13 15.5 Z", palette.arrow);
}

/// The plate of a road's number.
pub(super) fn shield(pen: &mut Pen<'_>, palette: &SpritePalette) {
    let plate =
        "M 5 4 L 17 4 Q 20 4 20 7 L 20 15 Q 20 18 17 18 L 5 18 Q 2 18 2 15 L 2 7 Q 2 4 5 4 Z";
    pen.fill(plate, palette.shield);
    pen.line(plate, 1.2, palette.shield_edge);
}

const fn icon(
    name: &'static str,
    badge: fn(&SpritePalette) -> Rgb,
    fills: &'static [&'static str],
    lines: &'static [&'static str],
    cuts: &'static [&'static str],
) -> Icon {
    Icon {
        name,
        badge,
        fills,
        lines,
        cuts,
    }
}

fn travel(palette: &SpritePalette) -> Rgb {
    palette.travel
}
fn health(palette: &SpritePalette) -> Rgb {
    palette.health
}
fn cure(palette: &SpritePalette) -> Rgb {
    palette.cure
}
fn food(palette: &SpritePalette) -> Rgb {
    palette.food
}
fn shop(palette: &SpritePalette) -> Rgb {
    palette.shop
}
fn sight(palette: &SpritePalette) -> Rgb {
    palette.sight
}
fn civic(palette: &SpritePalette) -> Rgb {
    palette.civic
}
fn taxi(palette: &SpritePalette) -> Rgb {
    palette.taxi
}

/// All icons of places.
pub(super) const ICONS: [Icon; 22] = [
    icon(
        "airport",
        travel,
        &[
            "M 11 4 Q 12.3 4 12.3 6 L 12.3 9 L 17.5 12.5 L 17.5 14 L 12.3 12.4 L 12.3 15.3 L 14 16.6 L 14 17.7 L 11 17 L 8 17.7 L 8 16.6 L 9.7 15.3 L 9.7 12.4 L 4.5 14 L 4.5 12.5 L 9.7 9 L 9.7 6 Q 9.7 4 11 4 Z",
        ],
        &[],
        &[],
    ),
    icon(
        "station",
        travel,
        &[
            "M 7 7 Q 7 5 9 5 L 13 5 Q 15 5 15 7 L 15 13 Q 15 14.5 13.5 14.5 L 8.5 14.5 Q 7 14.5 7 13 Z",
        ],
        &["M 8.6 15 L 7.2 17", "M 13.4 15 L 14.8 17"],
        &["R 8.4 7 5.2 3", "O 9 12.4 0.8", "O 13 12.4 0.8"],
    ),
    icon(
        "tram",
        travel,
        &["M 7.5 8 Q 7.5 6.5 9 6.5 L 13 6.5 Q 14.5 6.5 14.5 8 L 14.5 14.5 L 7.5 14.5 Z"],
        &[
            "M 8.5 4.6 L 13.5 4.6",
            "M 11 4.6 L 11 7",
            "M 8.4 16.6 L 13.6 16.6",
        ],
        &["R 8.8 8.4 4.4 2.4", "O 9.3 12.6 0.7", "O 12.7 12.6 0.7"],
    ),
    icon(
        "bus",
        travel,
        &[
            "M 6.5 7 Q 6.5 5.5 8 5.5 L 14 5.5 Q 15.5 5.5 15.5 7 L 15.5 15 L 6.5 15 Z",
            "R 7.2 15 2 1.8",
            "R 12.8 15 2 1.8",
        ],
        &[],
        &["R 7.8 7 6.4 4", "O 8.6 13 0.8", "O 13.4 13 0.8"],
    ),
    icon(
        "ferry",
        travel,
        &[
            "M 5.5 11 L 16.5 11 L 14.8 15 L 7.2 15 Z",
            "R 8 7.4 6 2.8",
            "R 10.2 5 1.6 2",
        ],
        &["M 5.2 16.8 Q 7 15.6 8.6 16.8 Q 10.2 18 11.8 16.8 Q 13.6 15.6 16 16.8"],
        &[],
    ),
    icon(
        "taxi",
        taxi,
        &[
            "M 7.4 8 L 14.6 8 L 16 11.4 L 17 12 L 17 15 L 5 15 L 5 12 L 6 11.4 Z",
            "R 9 5.6 4 1.8",
            "R 6 15 2.2 1.6",
            "R 13.8 15 2.2 1.6",
        ],
        &[],
        &[
            "M 8.2 9 L 13.8 9 L 14.7 11.4 L 7.3 11.4 Z",
            "O 7.4 13.2 0.8",
            "O 14.6 13.2 0.8",
        ],
    ),
    icon(
        "parking",
        travel,
        &[],
        &["M 8.8 16 L 8.8 6.2 L 11.6 6.2 Q 14.4 6.2 14.4 9 Q 14.4 11.8 11.6 11.8 L 8.8 11.8"],
        &[],
    ),
    icon(
        "fuel",
        civic,
        &["M 6.5 6.5 Q 6.5 5.4 7.6 5.4 L 11.4 5.4 Q 12.5 5.4 12.5 6.5 L 12.5 16.2 L 6.5 16.2 Z"],
        &[
            "M 12.5 11 L 14 11 Q 14.6 11 14.6 11.8 L 14.6 13.6 Q 15.4 15 16.2 13.6 L 16.2 9 L 14.2 7",
        ],
        &["R 7.8 6.9 3.4 2.8"],
    ),
    icon(
        "charging",
        cure,
        &["M 12.4 4.4 L 6.8 12 L 10.4 12 L 9.4 17.6 L 15.2 9.8 L 11.6 9.8 Z"],
        &[],
        &[],
    ),
    icon(
        "hospital",
        health,
        &["R 9.6 5.6 2.8 10.8", "R 5.6 9.6 10.8 2.8"],
        &[],
        &[],
    ),
    icon(
        "pharmacy",
        cure,
        &["R 9.9 6.4 2.2 9.2", "R 6.4 9.9 9.2 2.2"],
        &[],
        &[],
    ),
    icon(
        "police",
        civic,
        &["M 11 4.6 L 16 6.2 L 16 10.6 Q 16 14.8 11 17.2 Q 6 14.8 6 10.6 L 6 6.2 Z"],
        &[],
        &[
            "M 11 7.4 L 12 9.7 L 14.4 9.8 L 12.5 11.3 L 13.2 13.6 L 11 12.3 L 8.8 13.6 L 9.5 11.3 L 7.6 9.8 L 10 9.7 Z",
        ],
    ),
    icon(
        "hotel",
        sight,
        &[
            "M 7 10.4 L 15 10.4 Q 16.8 10.4 16.8 12.2 L 16.8 13.6 L 5.2 13.6 L 5.2 10.4 Z",
            "O 7.8 8.8 1.3",
        ],
        &["M 5.2 6.8 L 5.2 16", "M 16.8 13.6 L 16.8 16"],
        &[],
    ),
    icon(
        "sight",
        sight,
        &[
            "M 6 7.4 L 8.4 7.4 L 9.4 5.8 L 12.6 5.8 L 13.6 7.4 L 16 7.4 Q 17 7.4 17 8.4 L 17 14.6 Q 17 15.6 16 15.6 L 6 15.6 Q 5 15.6 5 14.6 L 5 8.4 Q 5 7.4 6 7.4 Z O 11 11.3 2.9",
            "O 11 11.3 1.5",
        ],
        &[],
        &[],
    ),
    icon(
        "stadium",
        sight,
        &[],
        &[
            "M 11 6.4 Q 16.8 6.4 16.8 11 Q 16.8 15.6 11 15.6 Q 5.2 15.6 5.2 11 Q 5.2 6.4 11 6.4 Z",
            "M 9 11 L 13 11",
        ],
        &[],
    ),
    icon(
        "shop",
        shop,
        &["M 6.4 8.6 L 15.6 8.6 L 16.4 16.4 L 5.6 16.4 Z"],
        &["M 8.6 9.4 L 8.6 7.6 Q 8.6 5.2 11 5.2 Q 13.4 5.2 13.4 7.6 L 13.4 9.4"],
        &[],
    ),
    icon(
        "food",
        food,
        &["M 13 5 Q 15.2 6 15.2 9.4 L 15.2 11.4 L 13 11.4 Z"],
        &[
            "M 14.2 11 L 14.2 17",
            "M 8.2 10 L 8.2 17",
            "M 6.2 5.2 L 6.2 8.2 Q 6.2 10 8.2 10 Q 10.2 10 10.2 8.2 L 10.2 5.2",
            "M 8.2 5.2 L 8.2 9",
        ],
        &[],
    ),
    icon(
        "cafe",
        food,
        &["M 6 8 L 14 8 L 14 12.4 Q 14 15 11.4 15 L 8.6 15 Q 6 15 6 12.4 Z"],
        &[
            "M 14.2 9 Q 16.6 9 16.6 10.8 Q 16.6 12.6 14.2 12.6",
            "M 6 17 L 14 17",
            "M 9 5 L 9 6.2",
            "M 11.4 5 L 11.4 6.2",
        ],
        &[],
    ),
    icon(
        "bar",
        food,
        &["M 5.6 6 L 16.4 6 L 11 12 Z"],
        &["M 11 11.6 L 11 16.4", "M 8 16.6 L 14 16.6"],
        &[],
    ),
    icon(
        "school",
        civic,
        &[
            "M 11 6 L 18 9.4 L 11 12.8 L 4 9.4 Z",
            "M 7.2 12 L 11 13.9 L 14.8 12 L 14.8 14.2 Q 11 17 7.2 14.2 Z",
        ],
        &["M 17 10 L 17 13.4"],
        &[],
    ),
    icon(
        "office",
        civic,
        &[
            "M 11 4.8 L 17 8.4 L 5 8.4 Z",
            "R 6 9.4 1.9 4.8",
            "R 10 9.4 1.9 4.8",
            "R 14 9.4 1.9 4.8",
            "R 5 15 12 1.8",
        ],
        &[],
        &[],
    ),
    icon(
        "worship",
        civic,
        &[
            "M 11 6.6 L 14.4 10.2 L 14.4 16.6 L 7.6 16.6 L 7.6 10.2 Z",
            "O 11 5.2 1.2",
        ],
        &[],
        &["M 9.9 16.6 L 9.9 13.6 Q 11 11.8 12.1 13.6 L 12.1 16.6 Z"],
    ),
];
