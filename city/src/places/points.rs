//! Points of interest: everything with a name that people go to.

use std::cmp::Reverse;
use std::collections::HashMap;

use geo::{Coord, Simplify};
use wayfare_core::places::{NewPlace, PlaceKind};

use super::kinds::{Kind, kind_of};
use super::names::{RUN_BY, name_of, other_names, text};
use super::outline::Outline;
use super::plane::{Plane, distance_m};
use super::regions::Regions;
use crate::osm::{Extract, Tags};

/// Two of one name and kind this near are one.
const SAME_WITHIN_M: f64 = 150.0;
/// Stops and stations are drawn once a platform and once a side of the street.
const SAME_STOP_WITHIN_M: f64 = 300.0;
/// Smaller areas are known by a spot alone.
const OUTLINE_MIN_M2: f64 = 15_000.0;
const CORNER_M: f64 = 15.0;

struct Point {
    name: String,
    also: Vec<String>,
    kind: Kind,
    spot: Coord<f64>,
    outline: Option<Outline>,
}

/// The points of interest of an extract.
pub(super) fn collect(extract: &Extract, plane: &Plane, regions: &Regions) -> Vec<NewPlace> {
    let mut points = Vec::new();
    for relation in extract.relations() {
        if let Some(kind) = kind_of(relation.tags) {
            let outline = Outline::of_relation(plane, extract, &relation);
            points.extend(outline.and_then(|outline| area(relation.tags, kind, outline)));
        }
    }
    for way in extract.ways() {
        if let Some(kind) = kind_of(way.tags) {
            let outline = Outline::of_way(plane, extract, &way);
            points.extend(outline.and_then(|outline| area(way.tags, kind, outline)));
        }
    }
    for node in extract.tagged_nodes() {
        if let Some(kind) = kind_of(node.tags) {
            points.extend(point(node.tags, kind, plane.spot(node.at)));
        }
    }
    without_repeats(points)
        .into_iter()
        .filter_map(|point| place(plane, regions, point))
        .collect()
}

fn point(tags: Tags<'_>, kind: Kind, spot: Coord<f64>) -> Option<Point> {
    let name = name_of(tags).or_else(|| text(tags.get("brand")?))?;
    Some(Point {
        also: other_names(tags, &name, &RUN_BY),
        name,
        kind,
        spot,
        outline: None,
    })
}

fn area(tags: Tags<'_>, kind: Kind, outline: Outline) -> Option<Point> {
    let spot = outline.middle()?;
    let mut point = point(tags, kind, spot)?;
    point.outline = Some(outline);
    Some(point)
}

/// Leaves out what is there already: the better known one stays and takes what the other knows.
fn without_repeats(mut points: Vec<Point>) -> Vec<Point> {
    points.sort_by_key(|point| {
        let kind = &point.kind;
        (
            kind.is_general,
            Reverse(kind.importance),
            point.outline.is_none(),
        )
    });
    let mut by_name: HashMap<String, Vec<Point>> = HashMap::new();
    for point in points {
        let same_name = by_name.entry(point.name.to_lowercase()).or_default();
        match same_name.iter_mut().find(|known| is_same(known, &point)) {
            Some(known) => {
                if known.outline.is_none() {
                    known.outline = point.outline;
                }
                let new = point
                    .also
                    .into_iter()
                    .filter(|name| !known.also.contains(name));
                known.also = known.also.iter().cloned().chain(new).take(12).collect();
            }
            None => same_name.push(point),
        }
    }
    let mut points: Vec<Point> = by_name.into_values().flatten().collect();
    points.sort_by(|a, b| {
        let spot = |point: &Point| (point.spot.x, point.spot.y);
        let (a_spot, b_spot) = (spot(a), spot(b));
        (a.name.cmp(&b.name))
            .then(a_spot.0.total_cmp(&b_spot.0))
            .then(a_spot.1.total_cmp(&b_spot.1))
    });
    points
}

fn is_same(known: &Point, point: &Point) -> bool {
    let is_one_kind = known.kind.category == point.kind.category
        || known.kind.is_general
        || point.kind.is_general
        || known.kind.is_stop && point.kind.is_stop;
    let within_m = if known.kind.is_stop && point.kind.is_stop {
        SAME_STOP_WITHIN_M
    } else {
        SAME_WITHIN_M
    };
    is_one_kind
        && (distance_m(known.spot, point.spot) <= within_m
            || known.outline.as_ref().is_some_and(|o| o.holds(point.spot)))
}

fn place(plane: &Plane, regions: &Regions, point: Point) -> Option<NewPlace> {
    let at = plane.position(point.spot)?;
    let outline = point.outline.filter(|o| o.size_m2() >= OUTLINE_MIN_M2);
    let shape = outline.iter().flat_map(Outline::rings).map(|ring| {
        let ring = ring.simplify(CORNER_M);
        ring.0
            .iter()
            .filter_map(|spot| plane.position(*spot))
            .collect()
    });
    Some(NewPlace {
        kind: PlaceKind::Poi,
        context: regions.context_of(at, &point.name),
        name: point.name,
        also: point.also,
        number: None,
        category: point.kind.category,
        importance: point.kind.importance,
        at,
        shape: shape.collect(),
    })
}
