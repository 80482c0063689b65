//! What is at a position.

use super::details::House;
use super::index::{PlaceIndex, Record};
use super::layout::Head;
use super::position::{Plane, Spot};
use super::{FoundPlace, PlaceKind};
use crate::geo::LatLng;

/// Larger radii are taken as this.
const RADIUS_MAX_M: f64 = 5_000.0;
/// A house this near is what a position is called after.
const HOUSE_NEAR_M: f64 = 60.0;

// How many metres nearer something must be to come before a house that is near.
const FAR_HOUSE_M: f64 = 90.0;
const STREET_M: f64 = 60.0;
const POI_M: f64 = 75.0;

/// Houses of one street that are results.
const HOUSES_OF_STREET: usize = 3;

/// Something within the radius.
struct Nearby {
    id: u32,
    head: Head,
    house: Option<House>,
    spot: Spot,
    distance_m: f64,
    rank_m: f64,
}

impl PlaceIndex {
    /// What is at a position: the nearest addresses, points of interest and streets within a
    /// radius in metres, the best name for the position first: a house that is near, then the
    /// street, then what else has a name. Streets are as near as their lines, large points of
    /// interest as near as their outlines.
    pub fn reverse(&self, at: LatLng, radius_m: f64, limit: usize) -> Vec<FoundPlace> {
        let radius_m = radius_m.min(RADIUS_MAX_M);
        let plane = Plane::at(Spot::of(at));
        let mut nearby = Vec::new();
        for (head, id) in self.heads().zip(0_u32..) {
            if plane.distance_m(head.spot) - head.reach_m() <= radius_m {
                self.collect_nearby(&plane, radius_m, (id, head), &mut nearby);
            }
        }
        nearby.sort_by(|a, b| {
            a.rank_m
                .total_cmp(&b.rank_m)
                .then(b.head.importance.cmp(&a.head.importance))
                .then(a.id.cmp(&b.id))
        });
        nearby
            .iter()
            .take(limit.min(Self::LIMIT_MAX))
            .filter_map(|nearby| self.show_nearby(nearby))
            .collect()
    }

    fn collect_nearby(
        &self,
        plane: &Plane,
        radius_m: f64,
        (id, head): (u32, Head),
        nearby: &mut Vec<Nearby>,
    ) {
        let (Some(kind), Some(record)) = (self.kind(&head), self.record(id)) else {
            return;
        };
        for (distance_m, house) in near_houses(plane, radius_m, &record) {
            let far = if distance_m <= HOUSE_NEAR_M {
                0.0
            } else {
                FAR_HOUSE_M
            };
            nearby.push(Nearby {
                id,
                head,
                house: Some(house),
                spot: house.spot,
                distance_m,
                rank_m: distance_m + far,
            });
        }
        let behind_m = match kind {
            PlaceKind::Street => STREET_M,
            PlaceKind::Poi => POI_M,
            PlaceKind::Address | PlaceKind::Area => return,
        };
        let (distance_m, spot) = nearest_of_shape(plane, kind, &head, &record);
        if distance_m <= radius_m {
            nearby.push(Nearby {
                id,
                head,
                house: None,
                spot,
                distance_m,
                rank_m: distance_m + behind_m,
            });
        }
    }

    fn show_nearby(&self, nearby: &Nearby) -> Option<FoundPlace> {
        let distance_m = Some(nearby.distance_m);
        let name = self.record(nearby.id)?.name;
        let mut found = self.found(&nearby.head, name, distance_m)?;
        match nearby.house {
            Some(house) => self.found_house(found, &house, distance_m),
            None => {
                found.at = nearby.spot.position()?;
                Some(found)
            }
        }
    }
}

/// The nearest houses of a street, nearest first.
fn near_houses(plane: &Plane, radius_m: f64, record: &Record<'_>) -> Vec<(f64, House)> {
    let mut near: Vec<(f64, House)> = record
        .details
        .houses()
        .map(|house| (plane.distance_m(house.spot), house))
        .filter(|(distance_m, _)| *distance_m <= radius_m)
        .collect();
    near.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    near.truncate(HOUSES_OF_STREET);
    near
}

/// How far a place is and where it is nearest: a street's point on its lines, and a point of
/// interest's own spot, at no distance when the position is inside.
fn nearest_of_shape(
    plane: &Plane,
    kind: PlaceKind,
    head: &Head,
    record: &Record<'_>,
) -> (f64, Spot) {
    let mut nearest = (f64::INFINITY, head.spot);
    let mut crossings = 0_u32;
    let _ = record.details.read_lines(|line| {
        for (from, to) in line.iter().zip(line.iter().skip(1)) {
            let distance_m = plane.distance_to_line_m(*from, *to);
            if distance_m < nearest.0 {
                nearest = (distance_m, plane.nearest_on_line(*from, *to));
            }
            crossings = crossings.saturating_add(u32::from(is_crossed(plane, *from, *to)));
        }
    });
    if nearest.0.is_infinite() {
        return (plane.distance_m(head.spot), head.spot);
    }
    if kind == PlaceKind::Street {
        return nearest;
    }
    let is_inside = crossings % 2 == 1;
    (if is_inside { 0.0 } else { nearest.0 }, head.spot)
}

/// Whether a line crosses the ray that runs east from the centre of a plane.
fn is_crossed(plane: &Plane, from: Spot, to: Spot) -> bool {
    let ((ax, ay), (bx, by)) = (plane.metres(from), plane.metres(to));
    if (ay > 0.0) == (by > 0.0) {
        return false;
    }
    ax + (bx - ax) * (ay / (ay - by)) > 0.0
}
