//! Segments as arcs: one for each direction in which a segment may be driven.

use super::flat::{Attributes, FlatRoads, FlatSegment, index_of};
use super::shape::SegmentShape;
use crate::roads::data::RoadClass;
use crate::roads::error::RoadsError;

/// Longer drives along one segment are cut to this: a day and a half.
pub(super) const DURATION_MS_MAX: u32 = 1 << 27;

/// An arc: its segment and direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::roads) struct FlatArc(u32);

impl FlatArc {
    const fn new(segment: u32, forward: bool) -> Self {
        Self(segment << 1 | !forward as u32)
    }

    pub(in crate::roads) const fn segment(self) -> u32 {
        self.0 >> 1
    }

    pub(in crate::roads) const fn forward(self) -> bool {
        self.0 & 1 == 0
    }
}

/// The arcs of the roads and where they lead.
#[derive(Debug)]
pub(in crate::roads) struct Arcs {
    arcs: Vec<FlatArc>,
    /// The first arc of each segment.
    first: Vec<u32>,
    /// Junction where each arc ends.
    to: Vec<u32>,
    /// Arcs that leave each junction, in order, from `first_exit` of it to that of the next.
    exits: Vec<u32>,
    first_exit: Vec<u32>,
}

impl Arcs {
    pub(in crate::roads) fn of(roads: &FlatRoads) -> Result<Self, RoadsError> {
        let mut arcs = Vec::with_capacity(roads.segments.len().saturating_mul(2));
        let mut to = Vec::with_capacity(arcs.capacity());
        let mut from = Vec::with_capacity(arcs.capacity());
        let mut first = Vec::with_capacity(roads.segments.len());
        for (index, segment) in (0_u32..).zip(&roads.segments) {
            first.push(super::flat::count_u32(arcs.len())?);
            if segment.attributes.forward_dkmh > 0 {
                arcs.push(FlatArc::new(index, true));
                from.push(segment.start);
                to.push(segment.end);
            }
            if segment.attributes.backward_dkmh > 0 {
                arcs.push(FlatArc::new(index, false));
                from.push(segment.end);
                to.push(segment.start);
            }
        }
        super::flat::count_u32(arcs.len())?;
        let (first_exit, exits) = group(&from, roads.junctions.len());
        Ok(Self {
            arcs,
            first,
            to,
            exits,
            first_exit,
        })
    }

    pub(in crate::roads) fn count(&self) -> u32 {
        u32::try_from(self.arcs.len()).unwrap_or(u32::MAX)
    }

    pub(in crate::roads) fn all(&self) -> &[FlatArc] {
        &self.arcs
    }

    pub(in crate::roads) fn get(&self, arc: u32) -> Option<FlatArc> {
        self.arcs.get(index_of(arc)).copied()
    }

    /// The junction where an arc ends.
    pub(in crate::roads) fn to(&self, arc: u32) -> u32 {
        self.to.get(index_of(arc)).copied().unwrap_or(u32::MAX)
    }

    /// The arc of a segment in a direction, if it may be driven.
    pub(in crate::roads) fn find(&self, segment: u32, forward: bool) -> Option<u32> {
        let first = *self.first.get(index_of(segment))?;
        let wanted = FlatArc::new(segment, forward);
        [Some(first), first.checked_add(1)]
            .into_iter()
            .flatten()
            .find(|arc| self.get(*arc) == Some(wanted))
    }

    /// The arc of the same segment in the other direction.
    pub(in crate::roads) fn reverse(&self, arc: u32) -> Option<u32> {
        let FlatArc(packed) = self.get(arc)?;
        let other = if packed & 1 == 0 {
            arc.checked_add(1)?
        } else {
            arc.checked_sub(1)?
        };
        (self.get(other)? == FlatArc(packed ^ 1)).then_some(other)
    }

    /// The arcs that leave a junction.
    pub(in crate::roads) fn exits(&self, junction: u32) -> &[u32] {
        slice_of(&self.first_exit, &self.exits, junction)
    }
}

/// The part of `items` that belongs to `row`.
#[inline]
pub(in crate::roads) fn slice_of<'a, T>(first: &[u32], items: &'a [T], row: u32) -> &'a [T] {
    match first.get(index_of(row)..) {
        Some([start, end, ..]) => items.get(index_of(*start)..index_of(*end)).unwrap_or(&[]),
        _ => &[],
    }
}

/// Positions of `rows` grouped by their value: where each group starts, and the positions. Rows
/// that are too large are left out.
fn group(rows: &[u32], count: usize) -> (Vec<u32>, Vec<u32>) {
    let mut first = vec![0_u32; count.saturating_add(1)];
    for row in rows {
        if let Some(next) = first.get_mut(index_of(*row).saturating_add(1)) {
            *next = next.saturating_add(1);
        }
    }
    let mut sum = 0_u32;
    for start in &mut first {
        sum = sum.saturating_add(*start);
        *start = sum;
    }
    let mut next = first.clone();
    let mut items = vec![0_u32; index_of(sum)];
    for (position, row) in (0_u32..).zip(rows) {
        if let Some(place) = next.get_mut(index_of(*row)) {
            if let Some(item) = items.get_mut(index_of(*place)) {
                *item = position;
            }
            *place = place.saturating_add(1);
        }
    }
    (first, items)
}

/// Time to drive each arc at its own speed, in milliseconds.
pub(super) fn durations_ms(arcs: &Arcs, roads: &FlatRoads, shapes: &[SegmentShape]) -> Vec<u32> {
    let duration_ms = |arc: &FlatArc| {
        let segment = index_of(arc.segment());
        let attributes = roads.segments.get(segment).map(|s| s.attributes);
        let dkmh = attributes.map_or(1, |a| a.speed_dkmh(arc.forward()));
        let length_mm = shapes.get(segment).map_or(0, |shape| shape.length_mm);
        // A millimetre takes 36 / dkmh milliseconds.
        let dkmh = u64::from(dkmh).max(1);
        let scaled = u64::from(length_mm).saturating_mul(36);
        let rounded = scaled.saturating_add(dkmh >> 1).checked_div(dkmh);
        let duration_ms = rounded.unwrap_or(1).clamp(1, u64::from(DURATION_MS_MAX));
        u32::try_from(duration_ms).unwrap_or(u32::MAX)
    };
    arcs.all().iter().map(duration_ms).collect()
}

impl Attributes {
    fn speed_dkmh(&self, forward: bool) -> u16 {
        if forward {
            self.forward_dkmh
        } else {
            self.backward_dkmh
        }
    }

    pub(super) fn is_ferry(&self) -> bool {
        self.class == RoadClass::Ferry
    }
}

impl FlatSegment {
    pub(super) fn is_two_way(&self) -> bool {
        self.attributes.forward_dkmh > 0 && self.attributes.backward_dkmh > 0
    }
}
