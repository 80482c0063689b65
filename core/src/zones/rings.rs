//! Whether rings make polygons: simple rings, holes inside, polygons side by side.
//!
//! The rules are those of OGC Simple Features, decided in whole numbers: rings do not touch
//! themselves, two rings share points at most, holes are inside their polygon and not inside each
//! other, and polygons of one zone do not cover the same ground.

use std::collections::BTreeMap;

use super::error::ZoneProblem;
use super::pairs::{Effort, meeting_pairs};
use super::plane::{Bounds, Edge, Meeting, Place, Spot, dot, place_in, ring_edges};
use crate::geo::LatLng;

/// More places than this where rings touch are refused.
const TOUCHES_MAX: usize = 100_000;

#[derive(Debug)]
struct Ring<'a> {
    points: &'a [LatLng],
    /// The first of them.
    corner: LatLng,
    bounds: Bounds,
    polygon: usize,
    is_hole: bool,
}

/// An edge of all rings.
#[derive(Debug, Clone, Copy)]
struct RingEdge {
    ring: usize,
    /// Position in its ring.
    position: usize,
    edge: Edge,
    /// Where it starts.
    at: LatLng,
}

/// The edges of two rings that touch: pairs of an edge of the first and one of the second.
type Touches = BTreeMap<(usize, usize), Vec<(Edge, Edge)>>;

/// Checks the polygons of one zone: rings of each polygon, the outer one first, without the
/// repeated point, each of at least three points, no two in a row the same.
pub(super) fn check(polygons: &[Vec<Vec<LatLng>>]) -> Result<(), ZoneProblem> {
    let rings: Vec<Ring> = polygons
        .iter()
        .enumerate()
        .flat_map(|(polygon, rings)| {
            rings
                .iter()
                .enumerate()
                .filter_map(move |(position, points)| {
                    Some(Ring {
                        points,
                        corner: *points.first()?,
                        bounds: Bounds::of(points.iter().map(|at| Spot::from(*at))),
                        polygon,
                        is_hole: position > 0,
                    })
                })
        })
        .collect();
    let mut effort = Effort::default();
    let touches = check_edges(&rings, &mut effort)?;
    check_nesting(&rings, &touches, &mut effort)
}

fn check_edges(rings: &[Ring], effort: &mut Effort) -> Result<Touches, ZoneProblem> {
    let edges: Vec<RingEdge> = rings
        .iter()
        .enumerate()
        .flat_map(|(ring, Ring { points, .. })| {
            let starts = points.iter().zip(ring_edges(points)).enumerate();
            starts.map(move |(position, (at, edge))| RingEdge {
                ring,
                position,
                edge,
                at: *at,
            })
        })
        .collect();
    let bounds: Vec<Bounds> = edges.iter().map(|one| one.edge.bounds()).collect();
    let mut touches = Touches::new();
    let mut touch_count = 0_usize;
    meeting_pairs(&bounds, effort, |a, b, _| {
        let (Some(a), Some(b)) = (edges.get(a), edges.get(b)) else {
            return Ok(());
        };
        if a.ring == b.ring {
            let corner_count = rings.get(a.ring).map_or(0, |ring| ring.points.len());
            return check_within_ring(a, b, corner_count);
        }
        match a.edge.meeting(&b.edge) {
            Meeting::Apart => Ok(()),
            Meeting::Cross => Err(ZoneProblem::RingsCross(b.at)),
            Meeting::Overlap => Err(ZoneProblem::RingsOverlap(b.at)),
            Meeting::Touch => {
                touch_count = touch_count.saturating_add(1);
                if touch_count > TOUCHES_MAX {
                    return Err(ZoneProblem::TooIntricate);
                }
                let pair = touches.entry((a.ring, b.ring)).or_default();
                pair.push((a.edge, b.edge));
                Ok(())
            }
        }
    })?;
    Ok(touches)
}

fn check_within_ring(a: &RingEdge, b: &RingEdge, corners: usize) -> Result<(), ZoneProblem> {
    let apart = b.position.saturating_sub(a.position);
    let are_neighbours = apart == 1 || apart.saturating_add(1) == corners;
    match a.edge.meeting(&b.edge) {
        Meeting::Apart => Ok(()),
        Meeting::Touch if are_neighbours => Ok(()),
        Meeting::Overlap if are_neighbours => Err(ZoneProblem::Spike(b.at)),
        _ => Err(ZoneProblem::SelfIntersection(b.at)),
    }
}

/// What two rings, known not to cross within edges, are to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    Apart,
    FirstInside,
    SecondInside,
    Crossing,
}

fn check_nesting(
    rings: &[Ring],
    touches: &Touches,
    effort: &mut Effort,
) -> Result<(), ZoneProblem> {
    let bounds: Vec<Bounds> = rings.iter().map(|ring| ring.bounds).collect();
    let mut nesting = Nesting::default();
    meeting_pairs(&bounds, effort, |a, b, effort| {
        let (Some(first), Some(second)) = (rings.get(a), rings.get(b)) else {
            return Ok(());
        };
        let touching = touches.get(&(a, b)).map_or(&[][..], Vec::as_slice);
        match relation(first, second, touching, effort)? {
            Relation::Apart => Ok(()),
            Relation::Crossing => Err(ZoneProblem::RingsCross(second.corner)),
            Relation::FirstInside => nesting.note((a, first), (b, second)),
            Relation::SecondInside => nesting.note((b, second), (a, first)),
        }
    })?;
    nesting.check(rings)
}

/// Which rings are inside which, as far as the rules care.
#[derive(Debug, Default)]
struct Nesting {
    /// Holes that are inside the outer ring of their polygon.
    holes_in_place: Vec<usize>,
    /// Outer rings (the position of the ring) inside the outer ring of another polygon.
    in_polygon: Vec<(usize, usize)>,
    /// Outer rings (the position of the ring) inside a hole of another polygon.
    in_hole_of: Vec<(usize, usize)>,
}

impl Nesting {
    fn note(
        &mut self,
        (inner_index, inner): (usize, &Ring),
        (_, outer): (usize, &Ring),
    ) -> Result<(), ZoneProblem> {
        let same_polygon = inner.polygon == outer.polygon;
        match (inner.is_hole, outer.is_hole) {
            (true, false) if same_polygon => self.holes_in_place.push(inner_index),
            (true, true) if same_polygon => return Err(ZoneProblem::HoleInHole(inner.corner)),
            (false, false) => self.in_polygon.push((inner_index, outer.polygon)),
            (false, true) if !same_polygon => self.in_hole_of.push((inner_index, outer.polygon)),
            _ => {}
        }
        Ok(())
    }

    fn check(mut self, rings: &[Ring]) -> Result<(), ZoneProblem> {
        self.holes_in_place.sort_unstable();
        self.in_hole_of.sort_unstable();
        let astray = rings.iter().enumerate().find(|(index, ring)| {
            ring.is_hole && self.holes_in_place.binary_search(index).is_err()
        });
        if let Some((_, hole)) = astray {
            return Err(ZoneProblem::HoleOutside(hole.corner));
        }
        let on_top = self
            .in_polygon
            .iter()
            .find(|pair| self.in_hole_of.binary_search(pair).is_err());
        match on_top.and_then(|(ring, _)| rings.get(*ring)) {
            Some(ring) => Err(ZoneProblem::PolygonsOverlap(ring.corner)),
            None => Ok(()),
        }
    }
}

fn relation(
    first: &Ring,
    second: &Ring,
    touching: &[(Edge, Edge)],
    effort: &mut Effort,
) -> Result<Relation, ZoneProblem> {
    let turned: Vec<(Edge, Edge)> = touching.iter().map(|(a, b)| (*b, *a)).collect();
    let one = side_of(first, second, touching, effort)?;
    let other = side_of(second, first, &turned, effort)?;
    Ok(match (one, other) {
        (None, _) | (_, None) => Relation::Crossing,
        (Some(Place::Inside), _) => Relation::FirstInside,
        (_, Some(Place::Inside)) => Relation::SecondInside,
        _ => Relation::Apart,
    })
}

/// On which side of `other` the whole of `ring` is; `None` if there are parts on both sides.
///
/// Rings can change sides only where they touch. So of a ring that touches, each piece between
/// touches next to one is looked at, and of any other ring, one edge.
fn side_of(
    ring: &Ring,
    other: &Ring,
    touching: &[(Edge, Edge)],
    effort: &mut Effort,
) -> Result<Option<Place>, ZoneProblem> {
    let middles = if touching.is_empty() {
        if !ring.bounds.is_within(&other.bounds) {
            return Ok(Some(Place::Outside));
        }
        let first = ring_edges(ring.points).next();
        first
            .map(|edge| edge.from.plus(edge.to))
            .into_iter()
            .collect()
    } else {
        doubled_middles_between(touching)
    };
    let mut side = None;
    for middle in middles {
        effort.spend(other.points.len())?;
        let edges = ring_edges(other.points).map(Edge::doubled);
        let place = place_in(edges, middle);
        if *side.get_or_insert(place) != place {
            return Ok(None);
        }
    }
    Ok(side)
}

/// The doubled middles of the pieces into which the first edges of touching pairs are cut by the
/// places where they touch.
fn doubled_middles_between(touching: &[(Edge, Edge)]) -> Vec<Spot> {
    let mut cuts: BTreeMap<(Spot, Spot), Vec<Spot>> = BTreeMap::new();
    for (edge, other) in touching {
        let spots = cuts.entry((edge.from, edge.to)).or_default();
        let ends = [other.from, other.to].into_iter();
        spots.extend(ends.filter(|end| edge.has(*end)));
    }
    let mut middles = Vec::new();
    for ((from, to), mut spots) in cuts {
        spots.extend([from, to]);
        let direction = to.minus(from);
        spots.sort_unstable_by_key(|spot| dot(direction, spot.minus(from)));
        spots.dedup();
        let pieces = spots.iter().zip(spots.iter().skip(1));
        middles.extend(pieces.map(|(start, end)| start.plus(*end)));
    }
    middles
}
