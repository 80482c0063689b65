//! Where a way crosses a line.
//!
//! A way crosses a line when it comes from one side and leaves on the other, however it gets there:
//! between corners, over a corner, or after having followed the line for a while. A way that comes
//! and leaves on the same side has only touched it. At its ends a line counts as going on straight,
//! so whoever passes exactly over its end crosses it.

use std::cmp::Ordering;

use super::plane::{Bounds, Edge, Meeting, Spot, cross, dot, line_edges};
use crate::geo::LatLng;

/// Where on a way something is: the edge, and how far along it from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub(super) struct Along {
    edge: usize,
    share: f64,
}

impl Along {
    pub(super) fn order(&self, other: &Self) -> Ordering {
        let shares = self.share.total_cmp(&other.share);
        self.edge.cmp(&other.edge).then(shares)
    }
}

/// A way without steps on the spot.
pub(super) fn edges_of_way(way: &[LatLng]) -> Vec<Edge> {
    line_edges(way)
        .filter(|edge| edge.from != edge.to)
        .collect()
}

/// Where a way crosses a line, in the order of driving.
pub(super) fn crossings(way: &[Edge], line: &[LatLng]) -> Vec<Along> {
    let edges: Vec<Edge> = line_edges(line).collect();
    let bounds = Bounds::of(edges.iter().flat_map(|edge| [edge.from, edge.to]));
    let mut found = Vec::new();
    let mut contact: Option<Contact> = None;
    for (index, drive) in way.iter().enumerate() {
        contact = contact.filter(|before| before.last == drive.from);
        if !drive.bounds().meets(&bounds) {
            continue;
        }
        let near: Vec<Edge> = edges
            .iter()
            .copied()
            .filter(|edge| edge.bounds().meets(&drive.bounds()))
            .collect();
        for edge in near
            .iter()
            .filter(|edge| edge.meeting(drive) == Meeting::Cross)
        {
            found.push(Along {
                edge: index,
                share: share_of_cross(drive, edge),
            });
        }
        for spot in contacts_on(drive, &near) {
            let follows = contact.filter(|before| {
                near.iter()
                    .any(|edge| edge.has(before.last) && edge.has(spot))
            });
            // Where the way came from, if that is not the line itself.
            let came_from = match follows {
                Some(before) => before.side,
                None if spot == drive.from => None, // The way starts here.
                None => side_of(&edges, spot, drive.from.minus(spot)),
            };
            let leaves_for = if spot == drive.to {
                None // The next edge tells.
            } else {
                side_of(&edges, spot, drive.direction())
            };
            let crossed = came_from
                .zip(leaves_for)
                .is_some_and(|(from, to)| from != to);
            if crossed {
                found.push(Along {
                    edge: index,
                    share: share_of_spot(drive, spot),
                });
            }
            contact = Some(Contact {
                last: spot,
                side: if crossed { leaves_for } else { came_from },
            });
        }
    }
    found.sort_by(Along::order);
    found.dedup();
    found
}

/// A place where the way is on the line.
#[derive(Debug, Clone, Copy)]
struct Contact {
    last: Spot,
    /// The side that the way came from.
    side: Option<Ordering>,
}

/// Places, both corners of the way and of the line, where an edge of the way is on the line without
/// crossing it in between, in the order of driving.
fn contacts_on(drive: &Edge, near: &[Edge]) -> Vec<Spot> {
    let ends = [drive.from, drive.to].into_iter();
    let on_line = ends.filter(|end| near.iter().any(|edge| edge.has(*end)));
    let corners = near.iter().flat_map(|edge| [edge.from, edge.to]);
    let mut spots: Vec<Spot> = on_line
        .chain(corners.filter(|corner| drive.has(*corner)))
        .collect();
    let distance = |spot: &Spot| dot(drive.direction(), spot.minus(drive.from));
    spots.sort_unstable_by_key(distance);
    spots.dedup();
    spots
}

/// On which side of a line a direction points that starts on it: `Greater` to the left, `Less` to
/// the right; `None` along it.
fn side_of(line: &[Edge], spot: Spot, direction: Spot) -> Option<Ordering> {
    let position = line.iter().position(|edge| edge.has(spot))?;
    let edge = line.get(position)?;
    let next = if spot == edge.to {
        let after = line.get(position.saturating_add(1));
        // A line that ends where it starts has no ends.
        after.or_else(|| line.first().filter(|first| first.from == spot))
    } else {
        Some(edge)
    };
    let last = line.last().filter(|last| last.to == spot);
    let (back, onward) = match next {
        _ if spot == edge.from => (last.unwrap_or(edge), edge),
        Some(next) => (edge, next),
        None => (edge, edge),
    };
    side_of_corner(back.direction(), onward.direction(), direction)
}

/// On which side of a corner a direction points. The line arrives in the direction `arrives` and
/// goes on in the direction `goes_on`.
fn side_of_corner(arrives: Spot, goes_on: Spot, direction: Spot) -> Option<Ordering> {
    let is_along = |ray: Spot| cross(ray, direction) == 0 && dot(ray, direction) > 0;
    let back = Spot { x: 0, y: 0 }.minus(arrives);
    if is_along(goes_on) || is_along(back) {
        return None;
    }
    let left_of_onward = cross(goes_on, direction) > 0;
    let left_of_arrival = cross(arrives, direction) > 0;
    let is_left = match cross(arrives, goes_on).cmp(&0) {
        // Bends to the left: left is only what is left of both.
        Ordering::Greater => left_of_onward && left_of_arrival,
        // Bends to the right, or goes back: left is what is left of one of them.
        Ordering::Less => left_of_onward || left_of_arrival,
        // Goes straight on; or back on itself, and then it has no other side.
        Ordering::Equal => left_of_onward && dot(arrives, goes_on) > 0,
    };
    Some(if is_left {
        Ordering::Greater
    } else {
        Ordering::Less
    })
}

/// How far along `drive` it is crossed. Only orders crossings of different lines, so that rounding
/// does no harm.
fn share_of_cross(drive: &Edge, edge: &Edge) -> f64 {
    let whole = cross(edge.direction(), drive.direction());
    let part = cross(edge.direction(), edge.from.minus(drive.from));
    ratio(part, whole)
}

fn share_of_spot(drive: &Edge, spot: Spot) -> f64 {
    let length = dot(drive.direction(), drive.direction());
    ratio(dot(drive.direction(), spot.minus(drive.from)), length)
}

#[expect(clippy::cast_precision_loss, reason = "it only orders what is apart")]
fn ratio(part: i128, whole: i128) -> f64 {
    part as f64 / whole as f64
}
