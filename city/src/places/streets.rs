//! Streets: ways of one name that belong together.

use std::collections::BTreeMap;

use geo::{Coord, LineString, Simplify};
use wayfare_core::places::{NewPlace, PlaceKind};

use super::chains::join;
use super::names::{ROAD_REFERENCES, name_of, other_names, text};
use super::outline::Outline;
use super::plane::{Plane, distance_m, distance_to_line_m};
use super::regions::Regions;
use crate::osm::{Extract, Tags, Way};

/// Ways of one name this near are one street.
const SAME_WITHIN_M: f64 = 400.0;
/// Lines lose corners that stand out less.
const CORNER_M: f64 = 10.0;
/// A carriageway this near to another says nothing new.
const BESIDE_M: f64 = 25.0;
/// Shorter pieces are left out when there is a longer one.
const PIECE_MIN_M: f64 = 40.0;

/// Values of `highway` that are ways to go along, with how well known such streets are.
const CLASSES: [(&str, u8); 24] = [
    ("motorway", 95),
    ("motorway_link", 40),
    ("trunk", 95),
    ("trunk_link", 40),
    ("primary", 100),
    ("primary_link", 60),
    ("secondary", 90),
    ("secondary_link", 60),
    ("tertiary", 78),
    ("tertiary_link", 50),
    ("unclassified", 60),
    ("residential", 60),
    ("living_street", 60),
    ("pedestrian", 66),
    ("service", 35),
    ("road", 50),
    ("track", 28),
    ("path", 24),
    ("footway", 30),
    ("cycleway", 26),
    ("bridleway", 20),
    ("steps", 30),
    ("busway", 30),
    ("square", 78),
];

/// A way of a street.
struct Piece<'a> {
    way: Way<'a>,
    name: String,
    importance: u8,
    class: &'static str,
    is_area: bool,
    line: LineString<f64>,
}

/// The named streets of an extract.
pub(super) fn collect(extract: &Extract, plane: &Plane, regions: &Regions) -> Vec<NewPlace> {
    let mut by_name: BTreeMap<String, Vec<Piece<'_>>> = BTreeMap::new();
    for way in extract.ways() {
        if let Some(piece) = piece(extract, plane, way) {
            by_name.entry(piece.name.clone()).or_default().push(piece);
        }
    }
    let mut streets = Vec::new();
    for pieces in by_name.into_values() {
        for street in clusters(pieces) {
            streets.extend(place(extract, plane, regions, &street));
        }
    }
    streets
}

fn piece<'a>(extract: &Extract, plane: &Plane, way: Way<'a>) -> Option<Piece<'a>> {
    let class = match way.tags.get("highway") {
        Some(class) => class,
        None if way.tags.is("place", "square") => "square",
        None => return None,
    };
    let (class, importance) = CLASSES.iter().find(|(id, _)| *id == class)?;
    let is_main = matches!(*class, "motorway" | "trunk" | "primary");
    let reference = || text(way.tags.get("ref").filter(|_| is_main)?);
    let line = plane.line(extract, way.nodes);
    let is_area = way.is_closed() && (way.tags.is("area", "yes") || *class == "square");
    (line.0.len() >= 2).then_some(Piece {
        name: name_of(way.tags).or_else(reference)?,
        way,
        importance: *importance,
        class,
        is_area,
        line,
    })
}

/// Pieces of one name, apart where they are far from each other.
fn clusters(pieces: Vec<Piece<'_>>) -> Vec<Vec<Piece<'_>>> {
    let mut group: Vec<usize> = (0..pieces.len()).collect();
    for a in 0..pieces.len() {
        for b in 0..a {
            let (group_a, group_b) = (group[a], group[b]);
            if group_a != group_b && are_near(&pieces[a].line, &pieces[b].line) {
                for entry in group.iter_mut().filter(|entry| **entry == group_b) {
                    *entry = group_a;
                }
            }
        }
    }
    let mut clusters: BTreeMap<usize, Vec<Piece<'_>>> = BTreeMap::new();
    for (piece, group) in pieces.into_iter().zip(group) {
        clusters.entry(group).or_default().push(piece);
    }
    clusters.into_values().collect()
}

/// Whether an end or the middle of one is near one of the other.
fn are_near(a: &LineString<f64>, b: &LineString<f64>) -> bool {
    let marks = |line: &LineString<f64>| {
        let spots = &line.0;
        [spots.first(), spots.get(spots.len() / 2), spots.last()].map(|s| s.copied())
    };
    let marks_b = marks(b);
    marks(a).into_iter().flatten().any(|spot_a| {
        let mut spots_b = marks_b.iter().flatten();
        spots_b.any(|spot_b| distance_m(spot_a, *spot_b) <= SAME_WITHIN_M)
    })
}

fn place(
    extract: &Extract,
    plane: &Plane,
    regions: &Regions,
    pieces: &[Piece<'_>],
) -> Option<NewPlace> {
    let first = pieces.first()?;
    let nodes: Vec<_> = pieces.iter().map(|piece| piece.way.nodes).collect();
    let mut lines: Vec<LineString<f64>> = join(&nodes)
        .iter()
        .map(|chain| plane.line(extract, chain))
        .collect();
    lines.sort_by(|a, b| length_m(b).total_cmp(&length_m(a)));
    let square = pieces.iter().filter(|piece| piece.is_area);
    let square = square
        .filter_map(|piece| Outline::of_way(plane, extract, &piece.way))
        .max_by(|a, b| a.size_m2().total_cmp(&b.size_m2()));
    let middle = match &square {
        Some(square) => square.middle(),
        None => lines.first().and_then(middle),
    }?;
    let at = plane.position(middle)?;
    let lines = kept_lines(lines);
    let total_m: f64 = lines.iter().map(length_m).sum();
    let best = pieces.iter().max_by_key(|piece| piece.importance)?;
    Some(NewPlace {
        kind: PlaceKind::Street,
        name: first.name.clone(),
        also: also(pieces),
        number: None,
        category: category(best.class, square.is_some()).to_owned(),
        context: regions.context_of(at, &first.name),
        importance: importance(best.importance, total_m, best.way.tags),
        at,
        shape: lines
            .iter()
            .map(|line| {
                line.0
                    .iter()
                    .filter_map(|spot| plane.position(*spot))
                    .collect()
            })
            .collect(),
    })
}

fn category(class: &str, is_square: bool) -> &'static str {
    match class {
        _ if is_square => "square",
        "motorway" | "motorway_link" | "trunk" | "trunk_link" => "motorway",
        "track" | "path" | "footway" | "cycleway" | "bridleway" | "steps" => "path",
        _ => "street",
    }
}

/// Long streets are better known, and those that have an article in an encyclopedia.
fn importance(of_class: u8, length_m: f64, tags: Tags<'_>) -> u8 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 50"
    )]
    let of_length = (50.0 * length_m / (length_m + 1_500.0)) as u8;
    let is_noted = tags.get("wikidata").is_some() || tags.get("wikipedia").is_some();
    of_class
        .saturating_add(of_length)
        .saturating_add(if is_noted { 20 } else { 0 })
}

fn also(pieces: &[Piece<'_>]) -> Vec<String> {
    let mut also = Vec::new();
    for piece in pieces {
        for name in other_names(piece.way.tags, &piece.name, &ROAD_REFERENCES) {
            if !also.contains(&name) && also.len() < 12 {
                also.push(name);
            }
        }
    }
    also
}

fn length_m(line: &LineString<f64>) -> f64 {
    line.lines().map(|l| distance_m(l.start, l.end)).sum()
}

/// The spot halfway along a line.
fn middle(line: &LineString<f64>) -> Option<Coord<f64>> {
    let mut left_m = length_m(line) / 2.0;
    for part in line.lines() {
        let part_m = distance_m(part.start, part.end);
        if left_m <= part_m && part_m > 0.0 {
            return Some(part.start + (part.end - part.start) * (left_m / part_m));
        }
        left_m -= part_m;
    }
    line.0.first().copied()
}

/// Longest first: lines without the corners that do not matter and without those that run beside
/// a longer one.
fn kept_lines(lines: Vec<LineString<f64>>) -> Vec<LineString<f64>> {
    let mut kept: Vec<LineString<f64>> = Vec::new();
    for line in lines {
        let line = line.simplify(CORNER_M);
        let is_short = !kept.is_empty() && length_m(&line) < PIECE_MIN_M;
        let is_beside = line.0.iter().all(|spot| is_near_any(*spot, &kept));
        if !is_short && !is_beside {
            kept.push(line);
        }
    }
    kept
}

fn is_near_any(spot: Coord<f64>, lines: &[LineString<f64>]) -> bool {
    lines
        .iter()
        .flat_map(LineString::lines)
        .any(|part| distance_to_line_m(spot, part.start, part.end) <= BESIDE_M)
}
