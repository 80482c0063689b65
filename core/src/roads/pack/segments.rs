//! Junctions and segments: what is like the one before costs next to nothing.

use super::coder::{Coder, Odds};
use super::numbers::{Numbers, SignedNumbers};
use super::points::{Expected, PointCoder};
use crate::geo::LatLng;
use crate::roads::data::{RoadClass, SegmentFlags};
use crate::roads::error::RoadsError;
use crate::roads::network::flat::{Attributes, FlatRoads, FlatSegment, index_of};

/// More bends than this on one segment are refused.
const BENDS_MAX: u32 = 1 << 24;

const CLASSES: [RoadClass; 10] = [
    RoadClass::Motorway,
    RoadClass::Trunk,
    RoadClass::Primary,
    RoadClass::Secondary,
    RoadClass::Tertiary,
    RoadClass::Unclassified,
    RoadClass::Residential,
    RoadClass::LivingStreet,
    RoadClass::Service,
    RoadClass::Ferry,
];

/// Codes segments one after the other.
#[derive(Debug)]
pub(super) struct SegmentCoder {
    ends: JunctionCoder,
    points: PointCoder,
    ends_apart: PointCoder,
    bend_count: Numbers,
    attributes: AttributesCoder,
    names: NameCoder,
    signals: [[Odds; 2]; 2],
    last: Option<FlatSegment>,
}

impl SegmentCoder {
    pub(super) fn new(junction_count: u32) -> Self {
        Self {
            ends: JunctionCoder::new(junction_count),
            points: PointCoder::new(),
            ends_apart: PointCoder::new(),
            bend_count: Numbers::new(),
            attributes: AttributesCoder::new(),
            names: NameCoder::new(),
            signals: [[Odds::EVEN; 2]; 2],
            last: None,
        }
    }

    /// Codes the next segment with its bends and the junctions that were not seen before. `from` is
    /// where a writer has them; a reader has a dummy.
    pub(super) fn code<C: Coder>(
        &mut self,
        coder: &mut C,
        segment: FlatSegment,
        from: &FlatRoads,
        index: u32,
        into: &mut FlatRoads,
    ) -> Result<(), RoadsError> {
        let start_is_last_end = self.last.map(|last| last.end);
        let start = self.ends.code(coder, segment.start, start_is_last_end)?;
        let near = self.ends.cursor;
        let start_at = self.place(coder, start, near, from)?;
        let end = self.ends.code(coder, segment.end, None)?;
        let end_at = self.place(coder, end, start_at, from)?;
        self.ends.cursor = end_at;

        let attributes = self.attributes.code(coder, segment.attributes)?;
        let like_before = self.last.is_some_and(|last| last.end == start);
        let name = self.names.code(coder, segment.name, like_before);
        let attributes = self.code_signals(coder, attributes, segment.attributes.flags);
        let coded = FlatSegment {
            start,
            end,
            first_bend: u32::try_from(into.bends.len()).unwrap_or(u32::MAX),
            name,
            attributes,
        };
        self.last = Some(coded);
        into.segments.push(coded);
        self.code_bends(coder, (start_at, end_at), from.bends_of(index), into)
    }

    /// Where a junction is, coded when it was not seen before.
    fn place<C: Coder>(
        &mut self,
        coder: &mut C,
        junction: u32,
        near: LatLng,
        from: &FlatRoads,
    ) -> Result<LatLng, RoadsError> {
        let known = self.ends.places.get_mut(index_of(junction));
        let known = known.ok_or(RoadsError::Damaged("a segment ends at no junction"))?;
        if let Some(at) = *known {
            return Ok(at);
        }
        let at = from.junctions.get(index_of(junction)).copied();
        let at = at.unwrap_or(near);
        let at = self.ends_apart.code(coder, Expected::near(near), at)?;
        *known = Some(at);
        Ok(at)
    }

    fn code_signals<C: Coder>(
        &mut self,
        coder: &mut C,
        mut attributes: Attributes,
        flags: SegmentFlags,
    ) -> Attributes {
        let last = self.last.map(|last| last.attributes.flags);
        let before = usize::from(last.is_some_and(|last| last.signals_at_end));
        let [at_start, at_end] = &mut self.signals;
        if let (Some(start), Some(end)) = (at_start.get_mut(before), at_end.get_mut(before)) {
            attributes.flags.signals_at_start = coder.bit(start, flags.signals_at_start);
            attributes.flags.signals_at_end = coder.bit(end, flags.signals_at_end);
        }
        attributes
    }

    fn code_bends<C: Coder>(
        &mut self,
        coder: &mut C,
        (start_at, end_at): (LatLng, LatLng),
        bends: &[LatLng],
        into: &mut FlatRoads,
    ) -> Result<(), RoadsError> {
        let count = u32::try_from(bends.len()).unwrap_or(BENDS_MAX);
        let count = self.bend_count.code(coder, count);
        if count >= BENDS_MAX {
            return Err(RoadsError::Damaged("a segment has too many bends"));
        }
        let mut at = start_at;
        for done in 0..count {
            let steps = count.saturating_sub(done).saturating_add(1);
            let expected = Expected::on_the_way(at, end_at, steps);
            let bend = bends.get(index_of(done)).copied().unwrap_or(at);
            at = self.points.code(coder, expected, bend)?;
            into.bends.push(at);
        }
        Ok(())
    }

    /// Codes the junctions that no segment ends at, and hands out all of them.
    pub(super) fn finish<C: Coder>(
        mut self,
        coder: &mut C,
        from: &FlatRoads,
    ) -> Result<Vec<LatLng>, RoadsError> {
        let mut near = self.ends.cursor;
        let count = u32::try_from(self.ends.places.len()).unwrap_or(u32::MAX);
        (0..count)
            .map(|junction| {
                near = self.place(coder, junction, near, from)?;
                Ok(near)
            })
            .collect()
    }
}

/// Codes which junction a segment ends at.
#[derive(Debug)]
struct JunctionCoder {
    places: Vec<Option<LatLng>>,
    /// Where the last segment ended.
    cursor: LatLng,
    /// The junction that was not seen yet if they are numbered in order of appearance.
    next_new: u32,
    is_last_end: Odds,
    is_new: [Odds; 2],
    behind: [SignedNumbers; 2],
}

impl JunctionCoder {
    fn new(junction_count: u32) -> Self {
        Self {
            places: vec![None; index_of(junction_count)],
            cursor: LatLng::ZERO,
            next_new: 0,
            is_last_end: Odds::EVEN,
            is_new: [Odds::EVEN; 2],
            behind: [SignedNumbers::new(), SignedNumbers::new()],
        }
    }

    fn code<C: Coder>(
        &mut self,
        coder: &mut C,
        junction: u32,
        last_end: Option<u32>,
    ) -> Result<u32, RoadsError> {
        if let Some(last_end) = last_end
            && coder.bit(&mut self.is_last_end, junction == last_end)
        {
            return Ok(last_end);
        }
        let side = usize::from(last_end.is_some());
        let (Some(is_new), Some(behind)) = (self.is_new.get_mut(side), self.behind.get_mut(side))
        else {
            return Err(RoadsError::Damaged("a junction has no odds"));
        };
        let junction = if coder.bit(is_new, junction == self.next_new) {
            self.next_new
        } else {
            // Both are below 2^30.
            let distance = self.next_new.wrapping_sub(junction).cast_signed();
            let distance = behind.code(coder, distance, 1);
            self.next_new.wrapping_sub(distance.cast_unsigned())
        };
        if index_of(junction) >= self.places.len() {
            return Err(RoadsError::Damaged("a segment ends at no junction"));
        }
        self.next_new = self.next_new.max(junction.saturating_add(1));
        Ok(junction)
    }
}

/// Codes attributes by their position among all that were seen.
#[derive(Debug)]
struct AttributesCoder {
    seen: Vec<Attributes>,
    is_same: Odds,
    position: Numbers,
    fields: Numbers,
    last: usize,
}

impl AttributesCoder {
    fn new() -> Self {
        Self {
            seen: Vec::new(),
            is_same: Odds::EVEN,
            position: Numbers::new(),
            fields: Numbers::new(),
            last: 0,
        }
    }

    /// Codes everything but traffic lights, which are false in what it returns.
    fn code<C: Coder>(
        &mut self,
        coder: &mut C,
        mut attributes: Attributes,
    ) -> Result<Attributes, RoadsError> {
        attributes.flags.signals_at_start = false;
        attributes.flags.signals_at_end = false;
        let is_same = self.seen.get(self.last) == Some(&attributes);
        if !coder.bit(&mut self.is_same, is_same) {
            let position = self.seen.iter().position(|seen| *seen == attributes);
            let position = position.unwrap_or(self.seen.len());
            let position = u32::try_from(position).unwrap_or(u32::MAX);
            self.last = index_of(self.position.code(coder, position));
            if self.last == self.seen.len() {
                let coded = self.code_fields(coder, attributes)?;
                self.seen.push(coded);
            }
        }
        let coded = self.seen.get(self.last).copied();
        coded.ok_or(RoadsError::Damaged("a segment has no attributes"))
    }

    fn code_fields<C: Coder>(
        &mut self,
        coder: &mut C,
        attributes: Attributes,
    ) -> Result<Attributes, RoadsError> {
        let class = CLASSES.iter().position(|c| *c == attributes.class);
        let class = u32::try_from(class.unwrap_or(0)).unwrap_or(0);
        let class = self.fields.code(coder, class);
        let mut speed = |dkmh: u16| {
            let dkmh = self.fields.code(coder, u32::from(dkmh));
            u16::try_from(dkmh).map_err(|_| RoadsError::Damaged("a speed is too high"))
        };
        let forward_dkmh = speed(attributes.forward_dkmh)?;
        let backward_dkmh = speed(attributes.backward_dkmh)?;
        let flags = attributes.flags;
        let mut flag = |flag: bool| coder.raw(1, u32::from(flag)) == 1;
        let class = CLASSES.get(index_of(class)).copied();
        Ok(Attributes {
            class: class.ok_or(RoadsError::Damaged("a road is of no known class"))?,
            forward_dkmh,
            backward_dkmh,
            flags: SegmentFlags {
                link: flag(flags.link),
                roundabout: flag(flags.roundabout),
                toll: flag(flags.toll),
                tunnel: flag(flags.tunnel),
                destination_only: flag(flags.destination_only),
                signals_at_end: false,
                signals_at_start: false,
            },
        })
    }
}

/// Codes which name a segment has.
#[derive(Debug)]
struct NameCoder {
    is_same: [Odds; 2],
    is_none: Odds,
    behind: SignedNumbers,
    next_new: u32,
    last: u32,
}

impl NameCoder {
    fn new() -> Self {
        Self {
            is_same: [Odds::EVEN; 2],
            is_none: Odds::EVEN,
            behind: SignedNumbers::new(),
            next_new: 1,
            last: 0,
        }
    }

    fn code<C: Coder>(&mut self, coder: &mut C, name: u32, like_before: bool) -> u32 {
        let is_same = self.is_same.get_mut(usize::from(like_before));
        if is_same.is_some_and(|odds| coder.bit(odds, name == self.last)) {
            return self.last;
        }
        self.last = if coder.bit(&mut self.is_none, name == 0) {
            0
        } else {
            let behind = self.next_new.wrapping_sub(name).cast_signed();
            let behind = self.behind.code(coder, behind, 1);
            self.next_new.wrapping_sub(behind.cast_unsigned())
        };
        self.next_new = self.next_new.max(self.last.saturating_add(1));
        self.last
    }
}
