//! Draws shapes that are written as short texts into a cell of the sheet.

use tiny_skia::{
    Color, FillRule, LineCap, LineJoin, Paint, PathBuilder, Pixmap, Rect, Stroke, Transform,
};

use super::super::style::Rgb;

/// Draws into one cell.
pub(super) struct Pen<'a> {
    picture: &'a mut Pixmap,
    place: Transform,
}

impl<'a> Pen<'a> {
    /// A pen for the cell whose corner is at a point of the sheet, in pixels at single size.
    pub(super) fn new(picture: &'a mut Pixmap, corner: (u32, u32), ratio: u32) -> Self {
        let scale = as_float(ratio);
        let place = Transform::from_translate(as_float(corner.0), as_float(corner.1))
            .post_scale(scale, scale);
        Self { picture, place }
    }

    /// Fills a shape.
    pub(super) fn fill(&mut self, shape: &str, colour: Rgb) {
        if let Some(path) = path(shape) {
            let paint = paint(colour);
            let place = self.place;
            self.picture
                .fill_path(&path, &paint, FillRule::EvenOdd, place, None);
        }
    }

    /// Draws along a shape.
    pub(super) fn line(&mut self, shape: &str, width: f32, colour: Rgb) {
        if let Some(path) = path(shape) {
            let stroke = Stroke {
                width,
                line_cap: LineCap::Round,
                line_join: LineJoin::Round,
                ..Stroke::default()
            };
            let place = self.place;
            self.picture
                .stroke_path(&path, &paint(colour), &stroke, place, None);
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "pixels of a small picture")]
fn as_float(pixels: u32) -> f32 {
    pixels as f32
}

fn paint([r, g, b]: Rgb) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color(Color::from_rgba8(r, g, b, 255));
    paint
}

/// Reads `M x y` (go), `L x y` (line), `Q x y x y` (curve), `Z` (close), `O x y r` (circle) and
/// `R x y w h` (rectangle). A shape that cannot be read is nothing.
fn path(shape: &str) -> Option<tiny_skia::Path> {
    let mut words = shape.split_whitespace();
    let mut builder = PathBuilder::new();
    while let Some(command) = words.next() {
        let mut number = || words.next()?.parse::<f32>().ok();
        match command {
            "M" => builder.move_to(number()?, number()?),
            "L" => builder.line_to(number()?, number()?),
            "Q" => builder.quad_to(number()?, number()?, number()?, number()?),
            "O" => builder.push_circle(number()?, number()?, number()?),
            "R" => builder.push_rect(Rect::from_xywh(number()?, number()?, number()?, number()?)?),
            "Z" => builder.close(),
            _ => return None,
        }
    }
    builder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_is_read_and_nonsense_is_nothing() {
        assert!(path("M 1 1 L 5 1 L 5 5 Z O 9 9 2 R 1 1 2 2").is_some());
        assert!(path("M 1").is_none() && path("X 1 1").is_none() && path("").is_none());
    }
}
