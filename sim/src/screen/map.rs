//! The map of the city on the screen: main roads and cars.

use std::collections::HashSet;

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::symbols::Marker;
use ratatui::text::Span;
use ratatui::widgets::Widget;
use ratatui::widgets::canvas::{Canvas, Points};
use wayfare_core::geo::LatLng;
use wayfare_core::roads::RoadClass;

use super::palette;
use crate::city::{Plane, stretches};
use crate::fleet::CarState;
use crate::world::World;

/// The share of likely places that may lie off the picture on each side: lonely outskirts.
const CUT_OFF: f64 = 0.015;
/// Around the likely places, as a share of the picture.
const MARGIN: f64 = 0.12;
/// Roads are drawn as points this far apart; two points in one square of this size are one.
const DOT_M: f64 = 60.0;
/// Braille dots of a cell: two across, four down.
const DOTS: (f64, f64) = (2.0, 4.0);

/// A rectangle in metres.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Extent {
    east_m: (f64, f64),
    north_m: (f64, f64),
}

/// What of the map never changes.
#[derive(Debug)]
pub(super) struct Map {
    plane: Plane,
    extent: Extent,
    roads: Vec<(f64, f64)>,
}

impl Map {
    pub(super) fn of(world: &World) -> Self {
        let (south_west, _) = world.city.roads.bounds();
        let plane = Plane::around(south_west);
        let extent = extent(
            world
                .hotspots()
                .iter()
                .map(|at| plane.metres(*at))
                .collect(),
        );
        Self {
            plane,
            extent,
            roads: roads(world, plane),
        }
    }

    /// Draws the map with cars into a rectangle of the screen.
    pub(super) fn draw(
        &self,
        cars: &[(CarState, LatLng)],
        area: Rect,
        to: &mut ratatui::buffer::Buffer,
    ) {
        let extent = self.extent.fitted(area);
        Canvas::default()
            .marker(Marker::Braille)
            .x_bounds([extent.east_m.0, extent.east_m.1])
            .y_bounds([extent.north_m.0, extent.north_m.1])
            .paint(|canvas| {
                canvas.draw(&Points::new(&self.roads, palette::ROAD));
                canvas.layer();
                for (state, at) in cars.iter().filter(|(state, _)| *state != CarState::Offline) {
                    let (east_m, north_m) = self.plane.metres(*at);
                    let dot = Span::styled("•", Style::new().fg(palette::car(*state)));
                    canvas.print(east_m, north_m, dot);
                }
            })
            .render(area, to);
    }
}

impl Extent {
    /// The same picture in a rectangle of another shape: wider or higher, never distorted.
    fn fitted(self, area: Rect) -> Self {
        let (width, height) = (
            f64::from(area.width.max(1)) * DOTS.0,
            f64::from(area.height.max(1)) * DOTS.1,
        );
        let (east_m, north_m) = (
            self.east_m.1 - self.east_m.0,
            self.north_m.1 - self.north_m.0,
        );
        let metres_per_dot = (east_m / width).max(north_m / height);
        let around = |(low, high): (f64, f64), dots: f64| {
            let (middle, half) = ((low + high) / 2.0, dots * metres_per_dot / 2.0);
            (middle - half, middle + half)
        };
        Self {
            east_m: around(self.east_m, width),
            north_m: around(self.north_m, height),
        }
    }
}

fn extent(places: Vec<(f64, f64)>) -> Extent {
    let along = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        let last = values.len().saturating_sub(1) as f64;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a position in a short list"
        )]
        let at = |share: f64| {
            values
                .get((share * last).round() as usize)
                .copied()
                .unwrap_or(0.0)
        };
        let (low, high) = (at(CUT_OFF), at(1.0 - CUT_OFF));
        let margin = ((high - low) * MARGIN).max(200.0);
        (low - margin, high + margin)
    };
    let (east, north) = places.into_iter().unzip();
    Extent {
        east_m: along(east),
        north_m: along(north),
    }
}

/// Points along the main roads. A map of main roads alone would be empty where there are none, so
/// smaller roads come in until the picture has lines.
fn roads(world: &World, plane: Plane) -> Vec<(f64, f64)> {
    const ENOUGH: usize = 600;
    for class in [RoadClass::Primary, RoadClass::Tertiary, RoadClass::Service] {
        let dots = dots(world, plane, class);
        if dots.len() >= ENOUGH || class == RoadClass::Service {
            return dots;
        }
    }
    Vec::new()
}

fn dots(world: &World, plane: Plane, smallest: RoadClass) -> Vec<(f64, f64)> {
    let roads = &world.city.roads;
    let mut taken: HashSet<(i64, i64)> = HashSet::new();
    let mut dots = Vec::new();
    let lines = stretches(roads)
        .filter(|(_, arc)| arc.class <= smallest)
        .flat_map(|(id, _)| {
            let shape = roads.shape(id);
            let next: Vec<LatLng> = shape.iter().skip(1).copied().collect();
            shape.into_iter().zip(next)
        });
    for (from, to) in lines {
        let steps = (from.distance_m(to) / DOT_M).ceil().max(1.0);
        let (from, to) = (plane.metres(from), plane.metres(to));
        let mut step = 0.0;
        while step <= steps {
            let part = step / steps;
            let dot = (
                from.0 + (to.0 - from.0) * part,
                from.1 + (to.1 - from.1) * part,
            );
            #[expect(
                clippy::cast_possible_truncation,
                reason = "squares of a city fit 64 bits"
            )]
            let square = (
                (dot.0 / DOT_M).floor() as i64,
                (dot.1 / DOT_M).floor() as i64,
            );
            if taken.insert(square) {
                dots.push(dot);
            }
            step += 1.0;
        }
    }
    dots
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_is_never_distorted_and_shows_at_least_the_extent() {
        let extent = Extent {
            east_m: (0.0, 9000.0),
            north_m: (1000.0, 7000.0),
        };
        for (width, height) in [(80, 20), (20, 60), (1, 1), (0, 0)] {
            let fitted = extent.fitted(Rect::new(0, 0, width, height));
            let per_dot = |(low, high): (f64, f64), cells: u16, dots: f64| {
                (high - low) / (f64::from(cells.max(1)) * dots)
            };
            let (across, down) = (
                per_dot(fitted.east_m, width, 2.0),
                per_dot(fitted.north_m, height, 4.0),
            );
            assert!((across - down).abs() < 1e-6, "{width}×{height}: {fitted:?}");
            assert!(fitted.east_m.0 <= 0.0 && fitted.east_m.1 >= 9000.0);
            assert!(fitted.north_m.0 <= 1000.0 && fitted.north_m.1 >= 7000.0);
        }
    }

    #[test]
    fn a_lonely_place_does_not_make_the_city_small() {
        let mut places: Vec<(f64, f64)> = (0..200)
            .map(|n| (f64::from(n) * 10.0, f64::from(n) * 5.0))
            .collect();
        places.push((90_000.0, -50_000.0));
        let extent = extent(places);
        assert!(
            extent.east_m.1 < 3000.0 && extent.north_m.0 > -1000.0,
            "{extent:?}"
        );
    }
}
