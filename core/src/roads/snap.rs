//! The road nearest to a position.

use super::hierarchy::{Cost, Seed};
use super::network::{ArcId, RoadArc, RoadNetwork};
use super::snap_index::Plane;
use crate::geo::LatLng;

/// A place on an arc.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RoadPoint {
    /// The arc. On a street with two directions this is the one from the segment's start to its
    /// end.
    pub arc: ArcId,
    /// Where on it.
    pub at: LatLng,
    /// From the arc's start along the road, in millimetres.
    pub along_mm: u32,
    /// From the position that was asked for, in metres.
    pub distance_m: f64,
}

/// A position brought onto the roads: everything a search may start or end with.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapped {
    /// The place on the road.
    pub point: RoadPoint,
    /// The arcs of the segment at that place, one or two.
    pub seeds: Vec<Seed>,
    /// The piece of the arc's shape that the place is on, from 0 between its first two positions.
    pub(super) piece: usize,
}

impl Snapped {
    /// Whether both are the same place on the same road.
    pub(super) fn is_at(&self, other: &Self) -> bool {
        self.point.arc == other.point.arc && self.point.along_mm == other.point.along_mm
    }
}

/// A stop of a route brought onto the roads.
#[derive(Debug, Clone)]
pub(super) struct RoadStop {
    /// On the nearest road.
    pub(super) nearest: Snapped,
    /// On the nearest road that leads anywhere, if the nearest one is cut off from most others.
    mainland: Option<Snapped>,
}

impl RoadStop {
    /// The place to use when the nearest roads of two stops are not connected.
    pub(super) fn mainland(&self) -> &Snapped {
        self.mainland.as_ref().unwrap_or(&self.nearest)
    }

    /// Whether the nearest road is cut off from most others.
    pub(super) fn is_on_island(&self) -> bool {
        self.mainland.is_some()
    }
}

impl RoadNetwork {
    /// The nearest place on a road, however far; of a well-connected road if that is asked for.
    /// Of equally near roads always the same.
    pub fn nearest(&self, at: LatLng, well_connected: bool) -> Option<Snapped> {
        let mut roads = self.snap_index.by_distance(at, |plane, arc| {
            let fits = !well_connected || self.leads_anywhere(arc);
            fits.then(|| self.squared_to(plane, arc)).flatten()
        });
        let (arc, _) = roads.next()?;
        self.snapped(at, &roads.plane, arc)
    }

    /// Places on roads within a radius in metres, the nearest of each segment, nearest first, at
    /// most `limit`.
    pub fn nearby(&self, at: LatLng, radius_m: f64, limit: usize) -> Vec<Snapped> {
        let mut roads = self
            .snap_index
            .by_distance(at, |plane, arc| self.squared_to(plane, arc));
        let plane = roads.plane;
        // The plane is not exact; the metres on the sphere decide.
        let reach = (radius_m * 1.01 + 1.0) / Plane::M_PER_UNIT;
        roads
            .by_ref()
            .take_while(|(_, squared)| *squared <= reach * reach)
            .filter_map(|(arc, _)| self.snapped(at, &plane, arc))
            .filter(|snapped| snapped.point.distance_m <= radius_m)
            .take(limit)
            .collect()
    }

    /// The stop's nearest road, and a better connected one if that is on an island.
    pub(super) fn road_stop(&self, at: LatLng) -> Option<RoadStop> {
        let nearest = self.nearest(at, false)?;
        let mainland = if self.leads_anywhere(nearest.point.arc) {
            None
        } else {
            self.nearest(at, true)
        };
        Some(RoadStop { nearest, mainland })
    }

    /// Whether a segment, named by one of its arcs, is well connected in any direction.
    fn leads_anywhere(&self, arc: ArcId) -> bool {
        self.is_well_connected(arc)
            || self
                .reverse(arc)
                .is_some_and(|back| self.is_well_connected(back))
    }

    /// Square of the distance to the nearest place of an arc, on the plane.
    fn squared_to(&self, plane: &Plane, arc: ArcId) -> Option<f64> {
        let mut line = self.line(arc)?;
        let mut before = line.next()?;
        let pieces = line.map(|position| {
            let first = std::mem::replace(&mut before, position);
            plane.nearest_between(first, position).0
        });
        pieces.min_by(f64::total_cmp)
    }

    /// A place on an arc as what searches start with.
    fn snapped(&self, position: LatLng, plane: &Plane, id: ArcId) -> Option<Snapped> {
        let arc = self.arc(id)?;
        let shape = self.shape(id);
        let foot = foot_on(&shape, plane)?;
        let (first, second) = (
            *shape.get(foot.piece)?,
            *shape.get(foot.piece.checked_add(1)?)?,
        );
        let at = part_of_the_way(first, second, foot.part);
        let along_mm = along_mm(&shape, foot.piece, at, arc.length_mm);
        let mut seeds = vec![seed(id, &arc, along_mm)];
        let back = self
            .reverse(id)
            .and_then(|back| Some((back, self.arc(back)?)));
        if let Some((back, its)) = back {
            seeds.push(seed(back, &its, its.length_mm.saturating_sub(along_mm)));
        }
        let point = RoadPoint {
            arc: id,
            at,
            along_mm,
            distance_m: position.distance_m(at),
        };
        Some(Snapped {
            point,
            seeds,
            piece: foot.piece,
        })
    }
}

/// The nearest point of a line of pieces.
struct Foot {
    /// Square of the distance on the plane.
    squared: f64,
    /// The piece it lies on, from 0.
    piece: usize,
    /// How far along the piece, from 0 to 1.
    part: f64,
}

fn foot_on(line: &[LatLng], plane: &Plane) -> Option<Foot> {
    let pieces = line.iter().zip(line.iter().skip(1)).zip(0..);
    let feet = pieces.map(|((first, second), piece)| {
        let (squared, part) = plane.nearest_between(*first, *second);
        Foot {
            squared,
            piece,
            part,
        }
    });
    feet.min_by(|a, b| a.squared.total_cmp(&b.squared))
}

/// The position on a short straight line, from its start at 0 to its end at 1.
pub(super) fn part_of_the_way(start: LatLng, end: LatLng, part: f64) -> LatLng {
    let between = |start: i32, end: i32| {
        let way = f64::from(end) - f64::from(start);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "between two coordinates, which have 32 bits"
        )]
        let rounded = libm::round(f64::from(start) + part.clamp(0.0, 1.0) * way) as i32;
        rounded
    };
    LatLng::from_e7(
        between(start.lat_e7(), end.lat_e7()),
        between(start.lng_e7(), end.lng_e7()),
    )
    .unwrap_or(start)
}

/// How far along an arc a position on one of its pieces is: the arc's length, shared out by the
/// lengths of its pieces.
fn along_mm(shape: &[LatLng], piece: usize, at: LatLng, length_mm: u32) -> u32 {
    let Some(start) = shape.first() else {
        return 0;
    };
    let plane = Plane::at(*start);
    let (mut before, mut whole) = (0.0, 0.0);
    for (index, (from, to)) in shape.iter().zip(shape.iter().skip(1)).enumerate() {
        if index == piece {
            before = whole + plane.length(*from, at);
        }
        whole += plane.length(*from, *to);
    }
    let share = if whole > 0.0 { before / whole } else { 0.0 };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a part of a length of 32 bits"
    )]
    let along_mm = libm::round(f64::from(length_mm) * share.clamp(0.0, 1.0)) as u32;
    along_mm.min(length_mm)
}

/// Where a search starts or ends on an arc.
fn seed(id: ArcId, arc: &RoadArc, along_mm: u32) -> Seed {
    let duration_ms = u64::from(arc.duration_ms)
        .saturating_mul(u64::from(along_mm))
        .checked_div(u64::from(arc.length_mm))
        .map_or(0, |duration| i64::try_from(duration).unwrap_or(i64::MAX));
    Seed {
        arc: id,
        offset: Cost {
            weight: duration_ms,
            duration_ms,
            length_mm: i64::from(along_mm),
        },
    }
}

#[cfg(test)]
mod tests;
