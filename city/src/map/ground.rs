//! What of an extract is drawn, on the plane and before any zoom.

use std::collections::{BTreeMap, HashSet};

use crate::osm::{Extract, MemberKind, NodeIndex, Relation, Tags, Way};

use super::coast;
use super::land::{AreaKind, area_kind, is_square};
use super::look::{Layer, Look, TextId, Texts};
use super::plane::{Path, Point, Polygon, Window, doubled_area, project, ring_holds};
use super::points::{PointKind, house_number, place, poi};
use super::rings::{closed, nested};
use super::roads::{Zooms, line_kind};

/// An area of land or water, or a building.
#[derive(Debug)]
pub(super) struct Area {
    pub(super) look: Look,
    pub(super) zoom_min: u8,
    pub(super) shape: Polygon,
}

/// A road, a river, a border.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) look: Look,
    pub(super) zooms: Zooms,
    pub(super) path: Path,
}

/// A name, a point of interest, a house number.
#[derive(Debug)]
pub(super) struct Mark {
    pub(super) kind: PointKind,
    pub(super) at: Point,
}

/// Everything that is drawn.
#[derive(Debug)]
pub(super) struct Ground {
    pub(super) texts: Texts,
    pub(super) areas: Vec<Area>,
    pub(super) lines: Vec<Line>,
    pub(super) marks: Vec<Mark>,
    /// What the streets and buildings of the extract cover.
    pub(super) bounds: Window,
}

/// How far the sea goes on beyond what the extract covers: three tiles of the smallest zoom.
pub(super) const SEA_MARGIN: i32 = 3 << 22;

/// So many places on streets are looked at to tell whether a sea drowns the city.
const DRY_SAMPLES: usize = 500;

/// Names of areas appear when the area is about this part of a tile wide.
const NAMED_PART: i64 = 5;

/// Collects what is drawn; none when the extract has no point.
pub(super) fn ground(extract: &Extract) -> Option<Ground> {
    let positions: Vec<Point> = extract.positions().iter().map(|at| project(*at)).collect();
    let bounds = bounds(extract, &positions)?;
    let mut collector = Collector {
        extract,
        positions,
        taken: HashSet::new(),
        coast: Vec::new(),
        dry: Vec::new(),
        ground: Ground {
            texts: Texts::default(),
            areas: Vec::new(),
            lines: Vec::new(),
            marks: Vec::new(),
            bounds,
        },
    };
    collector.relations();
    collector.ways();
    collector.nodes();
    collector.sea();
    Some(collector.ground)
}

/// What streets and buildings cover, or all nodes where there is neither. A ferry to far away does
/// not count.
fn bounds(extract: &Extract, positions: &[Point]) -> Option<Window> {
    let settled =
        |way: &Way<'_>| way.tags.get("highway").is_some() || way.tags.get("building").is_some();
    let indexes = extract.ways().filter(settled).flat_map(|way| way.nodes);
    let points = indexes.filter_map(|node| positions.get(usize::try_from(*node).ok()?));
    Window::around(points).or_else(|| Window::around(positions))
}

struct Collector<'a> {
    extract: &'a Extract,
    positions: Vec<Point>,
    /// Ways that are drawn as part of a relation.
    taken: HashSet<i64>,
    coast: Vec<Path>,
    dry: Vec<Point>,
    ground: Ground,
}

impl Collector<'_> {
    fn path(&self, nodes: &[NodeIndex]) -> Path {
        let point = |node: &NodeIndex| self.positions.get(usize::try_from(*node).ok()?).copied();
        let mut path: Path = nodes.iter().filter_map(point).collect();
        path.dedup();
        path
    }

    fn relations(&mut self) {
        let mut borders: BTreeMap<u32, u8> = BTreeMap::new();
        for relation in self.extract.relations() {
            if relation.tags.is("boundary", "administrative") {
                note_borders(&relation, &mut borders);
            } else if relation.tags.is("type", "multipolygon") {
                self.multipolygon(&relation);
            }
        }
        for (way, level) in borders {
            let Some(way) = self.extract.way(usize::try_from(way).unwrap_or(usize::MAX)) else {
                continue;
            };
            if way.tags.is("natural", "coastline") || way.tags.is("maritime", "yes") {
                continue;
            }
            let path = self.path(way.nodes);
            self.ground.lines.push(Line {
                look: Look::of(Layer::Borders, level),
                zooms: Zooms::border(level),
                path,
            });
        }
    }

    fn multipolygon(&mut self, relation: &Relation<'_>) {
        let ways: Vec<(Way<'_>, bool)> = relation
            .members
            .iter()
            .filter_map(|member| match member.kind {
                MemberKind::Way(index) => {
                    let way = self.extract.way(usize::try_from(index).ok()?)?;
                    Some((way, member.role == "inner"))
                }
                MemberKind::Node(_) => None,
            })
            .collect();
        // What the area is may be said by its outer ways, as it was done until 2016.
        let outer = ways.iter().filter(|(_, is_inner)| !is_inner);
        let own = kind_of(&relation.tags).map(|kind| (kind, relation.tags));
        let said = own.or_else(|| {
            let mut outer = outer.clone().filter(|_| says_nothing(&relation.tags));
            outer.find_map(|(way, _)| Some((kind_of(&way.tags)?, way.tags)))
        });
        let Some((kind, tags)) = said else { return };
        for (way, _) in outer {
            if kind_of(&way.tags).is_some_and(|other| other.look == kind.look) {
                self.taken.insert(way.id);
            }
        }
        let pieces = ways.iter().map(|(way, _)| self.path(way.nodes)).collect();
        let shapes = nested(closed(pieces));
        // The largest part comes first: its middle takes the name.
        if let Some(outer) = shapes.first().and_then(|shape| shape.first()) {
            self.area_marks(&tags, outer);
            self.area_name(kind, &tags, outer);
        }
        for shape in shapes {
            self.area(kind, shape);
        }
    }

    fn ways(&mut self) {
        for way in self.extract.ways() {
            let path = self.path(way.nodes);
            if path.len() < 2 {
                continue;
            }
            if way.tags.is("natural", "coastline") {
                self.coast.push(path.clone());
            }
            let is_ring = way.is_closed() && path.len() >= 4;
            if is_ring && let Some(kind) = kind_of(&way.tags) {
                if !self.taken.contains(&way.id) {
                    self.area_marks(&way.tags, &path);
                    self.area_name(kind, &way.tags, &path);
                    self.area(kind, vec![path]);
                }
                continue;
            }
            if is_ring {
                self.area_marks(&way.tags, &path);
            }
            self.line(&way.tags, path);
        }
    }

    fn line(&mut self, tags: &Tags<'_>, mut path: Path) {
        let Some(kind) = line_kind(tags, &mut self.ground.texts) else {
            return;
        };
        if kind.look.layer == Layer::Roads {
            self.dry.extend(path.get(path.len() / 2));
        }
        if kind.is_reversed {
            path.reverse();
        }
        self.ground.lines.push(Line {
            look: kind.look,
            zooms: kind.zooms,
            path,
        });
    }

    fn area(&mut self, kind: AreaKind, shape: Polygon) {
        self.ground.areas.push(Area {
            look: kind.look,
            zoom_min: kind.zoom_min,
            shape,
        });
    }

    /// Points of interest and house numbers that are mapped as areas.
    fn area_marks(&mut self, tags: &Tags<'_>, outer: &[Point]) {
        let Some(at) = middle(outer) else { return };
        let texts = &mut self.ground.texts;
        let kinds = [poi(tags, texts), house_number(tags, texts)];
        let marks = kinds.into_iter().flatten().map(|kind| Mark { kind, at });
        self.ground.marks.extend(marks);
    }

    /// Names of parks and lakes, once they are large enough for a name.
    fn area_name(&mut self, kind: AreaKind, tags: &Tags<'_>, outer: &[Point]) {
        let class = match kind.look.layer {
            Layer::Water => 8,
            Layer::Land if matches!(tags.get("leisure"), Some("park" | "golf_course")) => 9,
            _ => return,
        };
        let name = self.ground.texts.id(tags.get("name"));
        let (Some(window), Some(at)) = (Window::around(outer), middle(outer)) else {
            return;
        };
        if !ring_holds(outer, at) {
            // A bent river: its middle is somewhere else.
            return;
        }
        let wide = i64::from((window.max.x - window.min.x).max(window.max.y - window.min.y));
        let zoom = (10..=16).find(|zoom| wide * NAMED_PART > 1 << (30 - zoom));
        let (Some(zoom), true) = (zoom, name != TextId::NONE) else {
            return;
        };
        let mut look = Look::of(Layer::Places, class);
        look.name = name;
        let kind = PointKind {
            look,
            zoom_min: zoom.max(kind.zoom_min),
            zoom_max: 16,
        };
        self.ground.marks.push(Mark { kind, at });
    }

    fn nodes(&mut self) {
        for node in self.extract.tagged_nodes() {
            let texts = &mut self.ground.texts;
            let kinds = [
                place(&node.tags, texts),
                poi(&node.tags, texts),
                house_number(&node.tags, texts),
            ];
            let at = project(node.at);
            let marks = kinds.into_iter().flatten().map(|kind| Mark { kind, at });
            self.ground.marks.extend(marks);
        }
    }

    fn sea(&mut self) {
        let step = (self.dry.len() / DRY_SAMPLES).max(1);
        let dry: Vec<Point> = self.dry.iter().step_by(step).copied().collect();
        let bounds = self.ground.bounds;
        let frame = bounds.grown(SEA_MARGIN);
        let coast = std::mem::take(&mut self.coast);
        for shape in coast::sea(coast, bounds, frame, &dry) {
            self.ground.areas.push(Area {
                look: Look::of(Layer::Water, 1),
                zoom_min: 8,
                shape,
            });
        }
    }
}

/// Whether a relation leaves it to its outer ways to say what it is.
fn says_nothing(tags: &Tags<'_>) -> bool {
    tags.iter()
        .all(|(key, _)| matches!(key, "type" | "source" | "created_by" | "note" | "fixme"))
}

/// What an area is. Streets that are closed lines are none.
fn kind_of(tags: &Tags<'_>) -> Option<AreaKind> {
    if is_square(tags) {
        return Some(AreaKind {
            look: Look::of(Layer::Land, super::land::class::SQUARE),
            zoom_min: 15,
        });
    }
    if tags.get("highway").is_some() || tags.get("railway").is_some_and(|v| v != "station") {
        return None;
    }
    area_kind(tags)
}

/// Notes for each way of a border the highest level that it belongs to.
fn note_borders(relation: &Relation<'_>, borders: &mut BTreeMap<u32, u8>) {
    let level = relation
        .tags
        .get("admin_level")
        .and_then(|v| v.parse::<u8>().ok());
    let Some(level) = level.filter(|level| (2..=8).contains(level)) else {
        return;
    };
    for member in &relation.members {
        if let MemberKind::Way(way) = member.kind {
            let noted = borders.entry(way).or_insert(level);
            *noted = level.min(*noted);
        }
    }
}

/// The centre of gravity of a ring, or its first point when it has no area.
fn middle(ring: &[Point]) -> Option<Point> {
    let origin = *ring.first()?;
    let doubled = i128::from(doubled_area(ring));
    if doubled == 0 {
        return Some(origin);
    }
    let (mut x, mut y) = (0_i128, 0_i128);
    for pair in ring.windows(2) {
        let [a, b] = pair else { continue };
        let (ax, ay) = (i128::from(a.x - origin.x), i128::from(a.y - origin.y));
        let (bx, by) = (i128::from(b.x - origin.x), i128::from(b.y - origin.y));
        let cross = ax * by - bx * ay;
        x += (ax + bx) * cross;
        y += (ay + by) * cross;
    }
    let at = |sum: i128, from: i32| i32::try_from(sum / (3 * doubled) + i128::from(from)).ok();
    Some(Point {
        x: at(x, origin.x)?,
        y: at(y, origin.y)?,
    })
}
