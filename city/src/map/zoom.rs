//! The tiles of one zoom: what is drawn at it, simplified, cut, and in tile units.

use std::collections::{BTreeMap, HashMap};

use super::chains::{Direction, joined};
use super::clip::{Grid, Tile};
use super::encode::{Shapes, Spot, TileShapes};
use super::ground::{Area, Ground};
use super::look::{Layer, Look, TextId, Texts};
use super::pen_order::order_lines;
use super::plane::{Path, Point, WORLD_BITS, doubled_area, length, rounded};
use super::roads::{NAME_LAST, at_zoom};
use super::simplify::simplified;

/// The first zoom with tiles.
pub const ZOOM_MIN: u8 = 8;
/// The last zoom with tiles; maps draw closer ones from these.
pub const ZOOM_MAX: u8 = 16;

/// Tiles beyond what the extract covers, for the sea to go on to the edge of a screen.
const MARGIN_TILES: i32 = 3;

/// What a line may be off by, in tile units.
fn tolerance(layer: Layer, zoom: u8) -> f64 {
    match (layer, zoom) {
        (Layer::Roads, 13..=15) => 1.5,
        _ => 1.0,
    }
}

/// A tile is drawn this wide, in pixels of a screen without high density.
const TILE_PIXELS: i32 = 512;

/// The tiles of a zoom that something is in.
pub(super) fn tiles(ground: &Ground, zoom: u8) -> BTreeMap<Tile, TileShapes> {
    let tile_size = 1_i32 << (WORLD_BITS - zoom);
    let mut builder = Builder {
        ground,
        scale: Scale {
            zoom,
            pixel: f64::from(tile_size / TILE_PIXELS),
        },
        lines: Grid {
            zoom,
            buffer: tile_size / 128,
            limits: ground.bounds.grown(tile_size.saturating_mul(MARGIN_TILES)),
        },
        tiles: BTreeMap::new(),
    };
    builder.draw_areas();
    builder.draw_lines();
    builder.draw_marks();
    for shapes in builder.tiles.values_mut() {
        for (look, shapes) in shapes.iter_mut() {
            order_lines(&mut shapes.lines, !look.is_one_way);
        }
    }
    builder.tiles
}

/// How large things are at a zoom, in units of the plane.
#[derive(Debug, Clone, Copy)]
struct Scale {
    zoom: u8,
    /// A pixel at exactly this zoom.
    pixel: f64,
}

impl Scale {
    /// A tile unit of a layer.
    fn unit(&self, layer: Layer) -> f64 {
        f64::from(1 << (WORLD_BITS - self.zoom)) / f64::from(layer.extent(self.zoom))
    }

    /// What a line of a layer may be off by.
    fn tolerance(&self, layer: Layer) -> f64 {
        tolerance(layer, self.zoom) * self.unit(layer)
    }

    fn spot(&self, p: Point, tile: Tile, layer: Layer) -> Spot {
        let unit = self.unit(layer);
        let shift = WORLD_BITS - self.zoom;
        let within = |at: i32, tile: i32| {
            let origin = i64::from(tile) << shift;
            // A tile and its buffer: far below what a float holds exactly.
            #[expect(clippy::cast_precision_loss, reason = "differences within a tile")]
            let off = (i64::from(at) - origin) as f64;
            rounded(off / unit)
        };
        (within(p.x, tile.x), within(p.y, tile.y))
    }

    fn spots(&self, path: &[Point], tile: Tile, layer: Layer) -> Vec<Spot> {
        let mut spots: Vec<Spot> = path.iter().map(|p| self.spot(*p, tile, layer)).collect();
        spots.dedup();
        drop_straight(&mut spots);
        spots
    }

    /// The smallest area that is drawn, in square pixels.
    fn area_min(&self, layer: Layer) -> f64 {
        match (layer, self.zoom) {
            (Layer::Buildings, 14) => 40.0,
            (Layer::Buildings, 15) => 8.0,
            (Layer::Buildings, _) => 2.0,
            (Layer::Water, _) => 3.0,
            (_, ..=13) => 12.0,
            _ => 6.0,
        }
    }

    /// How long a line must be, in units of the plane, for a name to fit along it. A tile is drawn
    /// up to twice its size, the last ones with names up to six times.
    fn room_for(&self, name: &str) -> f64 {
        let growth = if self.zoom == NAME_LAST { 4.0 } else { 1.5 };
        let letters = u32::try_from(name.chars().count()).unwrap_or(u32::MAX);
        f64::from(letters) * 6.0 * self.pixel / growth
    }
}

/// Leaves out points on the straight way between their neighbours.
fn drop_straight(spots: &mut Vec<Spot>) {
    let mut kept: Vec<Spot> = Vec::with_capacity(spots.len());
    for spot in spots.iter().copied() {
        while let [.., a, b] = kept.as_slice() {
            let (ux, uy) = (b.0 - a.0, b.1 - a.1);
            let (vx, vy) = (spot.0 - b.0, spot.1 - b.1);
            let is_straight = ux * vy == uy * vx && ux * vx + uy * vy > 0;
            if !is_straight {
                break;
            }
            kept.pop();
        }
        kept.push(spot);
    }
    *spots = kept;
}

struct Builder<'a> {
    ground: &'a Ground,
    scale: Scale,
    lines: Grid,
    tiles: BTreeMap<Tile, TileShapes>,
}

impl Builder<'_> {
    fn draw_areas(&mut self) {
        let grid = self.lines;
        for area in &self.ground.areas {
            if area.zoom_min > self.scale.zoom {
                continue;
            }
            let Some(shape) = self.area_shape(area) else {
                continue;
            };
            let scale = self.scale;
            let tiles = &mut self.tiles;
            grid.spread_area(shape, &mut |tile, part| {
                let rings = rings(&part, tile, scale, area.look.layer);
                if !rings.is_empty() {
                    let shapes = shapes(tiles, tile, area.look);
                    shapes.areas.push(rings);
                }
            });
        }
    }

    /// The rings that are large enough, simplified; none when the area is too small.
    fn area_shape(&self, area: &Area) -> Option<Vec<Path>> {
        let least = self.scale.area_min(area.look.layer) * self.scale.pixel * self.scale.pixel;
        let mut shape = Vec::with_capacity(area.shape.len());
        for ring in &area.shape {
            #[expect(clippy::cast_precision_loss, reason = "compared roughly")]
            let size = doubled_area(ring).abs() as f64 / 2.0;
            let simple = if size < least {
                Path::new()
            } else {
                simplified(ring, self.scale.tolerance(area.look.layer))
            };
            if simple.len() >= 4 {
                shape.push(simple);
            } else if shape.is_empty() {
                return None;
            }
        }
        Some(shape)
    }

    fn draw_lines(&mut self) {
        let mut groups: BTreeMap<Look, Vec<Path>> = BTreeMap::new();
        for line in &self.ground.lines {
            if let Some(look) = at_zoom(line.look, line.zooms, self.scale.zoom) {
                groups.entry(look).or_default().push(line.path.clone());
            }
        }
        for (look, paths) in groups {
            let direction = match look.is_one_way {
                true => Direction::Kept,
                false => Direction::Free,
            };
            for chain in joined(paths, direction) {
                let chain = simplified(&chain, self.scale.tolerance(look.layer));
                self.draw_line(look, chain);
            }
        }
    }

    fn draw_line(&mut self, look: Look, chain: Path) {
        let room = self.scale.room_for(self.ground.texts.get(look.name));
        let scale = self.scale;
        let tiles = &mut self.tiles;
        self.lines.spread_lines(chain, &mut |tile, parts| {
            for part in parts {
                let mut seen = look;
                if length(&part) < room {
                    seen.name = TextId::NONE;
                }
                let spots = scale.spots(&part, tile, look.layer);
                if spots.len() > 1 {
                    shapes(tiles, tile, seen).lines.push(spots);
                }
            }
        });
    }

    fn draw_marks(&mut self) {
        let mut seen: HashMap<(Tile, Look), Vec<Spot>> = HashMap::new();
        for mark in &self.ground.marks {
            let zooms = mark.kind.zoom_min..=mark.kind.zoom_max;
            if !zooms.contains(&self.scale.zoom) || !self.lines.limits.holds(mark.at) {
                continue;
            }
            let tile = self.lines.tile_of(mark.at);
            let spot = self.scale.spot(mark.at, tile, mark.kind.look.layer);
            let known = seen.entry((tile, mark.kind.look)).or_default();
            if !known.contains(&spot) {
                known.push(spot);
                let shapes = shapes(&mut self.tiles, tile, mark.kind.look);
                shapes.spots.push(spot);
            }
        }
    }
}

fn shapes(tiles: &mut BTreeMap<Tile, TileShapes>, tile: Tile, look: Look) -> &mut Shapes {
    tiles.entry(tile).or_default().entry(look).or_default()
}

/// The rings of an area in a tile: the outer one clockwise as drawn, the holes against it.
fn rings(part: &[Path], tile: Tile, scale: Scale, layer: Layer) -> Vec<Vec<Spot>> {
    let mut rings = Vec::with_capacity(part.len());
    for (index, path) in part.iter().enumerate() {
        let mut ring = scale.spots(path, tile, layer);
        if ring.first() == ring.last() {
            ring.pop();
        }
        let area = doubled_spots_area(&ring);
        if ring.len() < 3 || area == 0 {
            if index == 0 {
                return Vec::new();
            }
            continue;
        }
        let is_outer = index == 0;
        if (area > 0) != is_outer {
            ring.reverse();
        }
        rings.push(ring);
    }
    rings
}

/// Twice the signed area of a ring in tile units: positive when it runs clockwise as drawn.
pub(super) fn doubled_spots_area(ring: &[Spot]) -> i64 {
    let next = ring.iter().cycle().skip(1);
    let wide = |spot: &Spot| (i64::from(spot.0), i64::from(spot.1));
    ring.iter()
        .zip(next)
        .map(|(a, b)| (wide(a), wide(b)))
        .map(|((ax, ay), (bx, by))| ax * by - bx * ay)
        .sum()
}

/// All letters that the map writes.
pub(super) fn letters(texts: &Texts) -> std::collections::BTreeSet<char> {
    texts.iter().flat_map(str::chars).collect()
}
