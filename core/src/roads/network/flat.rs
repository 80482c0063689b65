//! The roads as they lie in a pack: what a builder said, checked, in few large arrays.

use std::ops::Range;

use crate::geo::LatLng;
use crate::roads::data::{RoadClass, RoadData, SegmentFlags, TurnBan};
use crate::roads::error::RoadsError;

/// A segment. Its bends are in [`FlatRoads::bends`] from `first_bend` to the next segment's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::roads) struct FlatSegment {
    pub(in crate::roads) start: u32,
    pub(in crate::roads) end: u32,
    pub(in crate::roads) first_bend: u32,
    pub(in crate::roads) name: u32,
    pub(in crate::roads) attributes: Attributes,
}

/// What does not depend on where a segment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::roads) struct Attributes {
    pub(in crate::roads) class: RoadClass,
    pub(in crate::roads) forward_dkmh: u16,
    pub(in crate::roads) backward_dkmh: u16,
    pub(in crate::roads) flags: SegmentFlags,
}

/// Names one after the other.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::roads) struct Names {
    text: String,
    ends: Vec<u32>,
}

/// [`RoadData`] in few arrays. Every index in it is in range.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::roads) struct FlatRoads {
    pub(in crate::roads) junctions: Vec<LatLng>,
    pub(in crate::roads) segments: Vec<FlatSegment>,
    pub(in crate::roads) bends: Vec<LatLng>,
    pub(in crate::roads) names: Names,
    pub(in crate::roads) bans: Vec<TurnBan>,
    pub(in crate::roads) drives_on_left: bool,
}

impl Names {
    pub(in crate::roads) fn push(&mut self, name: &str) -> Result<(), RoadsError> {
        self.text.push_str(name);
        let end = u32::try_from(self.text.len())
            .map_err(|_| RoadsError::Unfit("the names of the streets are too long"))?;
        self.ends.push(end);
        Ok(())
    }

    pub(in crate::roads) fn len(&self) -> usize {
        self.ends.len()
    }

    /// A name; empty for an index that is too large.
    pub(in crate::roads) fn get(&self, index: u32) -> &str {
        let index = index_of(index);
        let end = self.ends.get(index).copied().unwrap_or(0);
        let start = index
            .checked_sub(1)
            .and_then(|before| self.ends.get(before).copied())
            .unwrap_or(0);
        self.text.get(index_of(start)..index_of(end)).unwrap_or("")
    }

    pub(in crate::roads) fn iter(&self) -> impl Iterator<Item = &str> {
        (0_u32..).take(self.len()).map(|index| self.get(index))
    }
}

/// A `u32` as an index: 32 bits always fit.
#[inline]
pub(in crate::roads) const fn index_of(index: u32) -> usize {
    index as usize
}

/// A count that is known to fit 32 bits because an id of 32 bits was checked to count it.
pub(in crate::roads) fn count_u32(count: usize) -> Result<u32, RoadsError> {
    u32::try_from(count)
        .ok()
        .filter(|count| *count < 1 << 30)
        .ok_or(RoadsError::Unfit("there are too many roads"))
}

impl FlatRoads {
    /// Checks what a builder says.
    pub(in crate::roads) fn of(data: &RoadData) -> Result<Self, RoadsError> {
        if data.segments.is_empty() {
            return Err(RoadsError::Empty);
        }
        count_u32(data.junctions.len())?;
        count_u32(data.segments.len())?;
        let mut roads = Self {
            junctions: data.junctions.clone(),
            segments: Vec::with_capacity(data.segments.len()),
            bans: data.turn_bans.clone(),
            drives_on_left: data.drives_on_left,
            ..Self::default()
        };
        if data.names.first().is_some_and(|first| !first.is_empty()) {
            return Err(RoadsError::Unfit("the first name is not the empty one"));
        }
        for name in &data.names {
            roads.names.push(name)?;
        }
        for segment in &data.segments {
            roads.segments.push(FlatSegment {
                start: segment.start,
                end: segment.end,
                first_bend: count_u32(roads.bends.len())?,
                name: segment.name,
                attributes: Attributes {
                    class: segment.class,
                    forward_dkmh: segment.forward_dkmh,
                    backward_dkmh: segment.backward_dkmh,
                    flags: segment.flags,
                },
            });
            roads.bends.extend_from_slice(&segment.bends);
        }
        count_u32(roads.bends.len())?;
        roads.check().map_err(RoadsError::Unfit)?;
        Ok(roads)
    }

    /// What contradicts itself, if anything does.
    pub(in crate::roads) fn check(&self) -> Result<(), &'static str> {
        for segment in &self.segments {
            let ends = [segment.start, segment.end];
            if !ends.iter().all(|end| index_of(*end) < self.junctions.len()) {
                return Err("a segment ends at no junction");
            }
            if segment.name != 0 && index_of(segment.name) >= self.names.len() {
                return Err("a segment has a name that does not exist");
            }
            let attributes = &segment.attributes;
            if attributes.forward_dkmh == 0 && attributes.backward_dkmh == 0 {
                return Err("a segment may be driven in no direction");
            }
        }
        self.bans.iter().try_for_each(|ban| self.check_ban(ban))
    }

    fn check_ban(&self, ban: &TurnBan) -> Result<(), &'static str> {
        const APART: &str = "a turn ban is of segments that do not join";
        let (Some(first), true) = (ban.segments.first(), ban.segments.len() >= 2) else {
            return Err("a turn ban is of fewer than two segments");
        };
        let segment = |index: u32| self.segments.get(index_of(index)).ok_or(APART);
        let first = segment(*first)?;
        if first.start != ban.first_via && first.end != ban.first_via {
            return Err(APART);
        }
        let mut via = ban.first_via;
        for index in ban.segments.iter().skip(1) {
            let next = segment(*index)?;
            via = match (next.start == via, next.end == via) {
                (true, _) => next.end,
                (false, true) => next.start,
                (false, false) => return Err(APART),
            };
        }
        Ok(())
    }

    /// Where the bends of a segment are.
    pub(in crate::roads) fn bend_range(&self, segment: u32) -> Range<usize> {
        let index = index_of(segment);
        let start = self.segments.get(index).map(|s| index_of(s.first_bend));
        let next = index.saturating_add(1);
        let end = self.segments.get(next).map(|s| index_of(s.first_bend));
        let end = end.unwrap_or(self.bends.len());
        start.unwrap_or(end)..end
    }

    /// Positions along a segment from its start to its end, both included.
    pub(in crate::roads) fn line_of(&self, segment: u32) -> Option<impl Iterator<Item = LatLng>> {
        let ends = self.segments.get(index_of(segment))?;
        let junction = |junction: u32| self.junctions.get(index_of(junction)).copied();
        let (start, end) = (junction(ends.start)?, junction(ends.end)?);
        let bends = self.bends_of(segment).iter().copied();
        Some(std::iter::once(start).chain(bends).chain([end]))
    }

    /// The bends of a segment from its start to its end.
    pub(in crate::roads) fn bends_of(&self, segment: u32) -> &[LatLng] {
        self.bends.get(self.bend_range(segment)).unwrap_or(&[])
    }
}
