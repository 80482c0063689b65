//! Areas: closed ways and relations of ways that close.

use geo::{Area, BoundingRect, Centroid, Contains, InteriorPoint, Polygon};
use geo::{Coord, LineString, Rect};

use super::chains::join;
use super::plane::Plane;
use crate::osm::{Extract, MemberKind, NodeIndex, Relation, Way};

/// The outer rings of an area.
#[derive(Debug)]
pub(super) struct Outline {
    rings: Vec<(Polygon<f64>, Rect<f64>)>,
}

impl Outline {
    pub(super) fn of_way(plane: &Plane, extract: &Extract, way: &Way<'_>) -> Option<Self> {
        if !way.is_closed() || way.is_cut {
            return None;
        }
        Self::of_rings(vec![plane.line(extract, way.nodes)])
    }

    /// `None` unless everything outside closes: a boundary that the extract cuts is none.
    pub(super) fn of_relation(
        plane: &Plane,
        extract: &Extract,
        relation: &Relation<'_>,
    ) -> Option<Self> {
        let mut lines: Vec<&[NodeIndex]> = Vec::new();
        for member in &relation.members {
            let MemberKind::Way(index) = member.kind else {
                continue;
            };
            if !matches!(member.role, "outer" | "") {
                continue;
            }
            let way = extract.way(usize::try_from(index).ok()?)?;
            if way.is_cut {
                return None;
            }
            lines.push(way.nodes);
        }
        let rings = join(&lines);
        if rings
            .iter()
            .any(|ring| ring.len() < 4 || ring.first() != ring.last())
        {
            return None;
        }
        Self::of_rings(rings.iter().map(|ring| plane.line(extract, ring)).collect())
    }

    fn of_rings(rings: Vec<LineString<f64>>) -> Option<Self> {
        let rings: Vec<_> = rings
            .into_iter()
            .map(|ring| Polygon::new(ring, Vec::new()))
            .filter_map(|polygon| {
                let bounds = polygon.bounding_rect()?;
                Some((polygon, bounds))
            })
            .collect();
        (!rings.is_empty()).then_some(Self { rings })
    }

    pub(super) fn holds(&self, spot: Coord<f64>) -> bool {
        self.rings
            .iter()
            .any(|(ring, bounds)| bounds.contains(&spot) && ring.contains(&spot))
    }

    /// In square metres.
    pub(super) fn size_m2(&self) -> f64 {
        self.rings
            .iter()
            .map(|(ring, _)| ring.unsigned_area())
            .sum()
    }

    /// The middle of the largest ring, or a spot in it when its middle is outside.
    pub(super) fn middle(&self) -> Option<Coord<f64>> {
        let (ring, _) = self
            .rings
            .iter()
            .max_by(|a, b| a.0.unsigned_area().total_cmp(&b.0.unsigned_area()))?;
        let middle = ring.centroid()?;
        if ring.contains(&middle) {
            return Some(middle.into());
        }
        Some(ring.interior_point().unwrap_or(middle).into())
    }

    pub(super) fn rings(&self) -> impl Iterator<Item = &LineString<f64>> {
        self.rings.iter().map(|(ring, _)| ring.exterior())
    }
}
