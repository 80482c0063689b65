//! The roads, ready for queries.

pub(super) mod arcs;
mod bans;
mod components;
pub(super) mod flat;
mod shape;
mod turn_cost;
pub(super) mod turns;

use std::sync::Arc;

use self::arcs::Arcs;
use self::components::Components;
use self::flat::{FlatRoads, index_of};
use self::turns::Turns;
use super::data::{NameIndex, RoadClass, RoadData, SegmentFlags};
use super::error::RoadsError;
use super::hierarchy::{self, ArcCosts, Contraction, Hierarchy};
use super::pack;
use super::search_pool::SearchPool;
use super::snap_index::{Rectangle, SnapIndex};
use crate::city::PackBytes;
use crate::geo::LatLng;

/// One segment in one direction in which it may be driven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ArcId(pub u32);

/// What is known of an arc.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoadArc {
    /// The segment it belongs to: its position in [`RoadData::segments`].
    pub segment: u32,
    /// Whether it runs from the segment's start to its end.
    pub forward: bool,
    /// Junction where it starts.
    pub from: u32,
    /// Junction where it ends.
    pub to: u32,
    /// Length in millimetres.
    pub length_mm: u32,
    /// Time to drive it in milliseconds, lights and turns not counted. Never 0.
    pub duration_ms: u32,
    /// Kind of road.
    pub class: RoadClass,
    /// Name of the street.
    pub name: NameIndex,
    /// The rest.
    pub flags: SegmentFlags,
}

/// The roads of a city with everything that makes queries fast. Never empty. A clone is cheap and
/// shares everything.
#[derive(Debug, Clone)]
pub struct RoadNetwork {
    ground: Arc<Ground>,
    /// By arc, in milliseconds.
    durations_ms: Arc<[u32]>,
    components: Arc<Components>,
    hierarchy: Arc<Hierarchy>,
    bounds: (LatLng, LatLng),
    pub(super) snap_index: Arc<SnapIndex>,
    pub(super) searches: Arc<SearchPool>,
}

/// How large a network is in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetworkSize {
    /// Places where segments meet or end.
    pub junctions: usize,
    /// Stretches of road.
    pub segments: usize,
    /// Segments in each direction that may be driven.
    pub arcs: usize,
    /// Arcs, and copies of those that a ban runs through.
    pub nodes: usize,
    /// Turns from nodes into others.
    pub turns: usize,
    /// Edges of the hierarchy: turns and what contraction added.
    pub edges: usize,
}

/// The bytes of a pack's `roads.bin`.
pub fn encode(data: &RoadData, contraction: &Contraction) -> Result<Vec<u8>, RoadsError> {
    let ground = Ground::of(FlatRoads::of(data)?)?;
    let sections = (
        pack::write_roads(&ground.roads)?,
        pack::write_names(&ground.roads.names)?,
        hierarchy::write(&ground.turns, ground.costs(), contraction)?,
    );
    let (roads, names, hierarchy) = (&sections.0, &sections.1, &sections.2);
    let bytes = pack::join(&pack::Sections {
        roads,
        names,
        hierarchy,
    })?;
    // What cannot be read again must not be written.
    if Ground::read(&pack::split(&bytes)?)?.roads == ground.roads {
        Ok(bytes)
    } else {
        Err(RoadsError::Unfit("the roads do not come back as they were"))
    }
}

/// The roads themselves: what follows from the data alone.
#[derive(Debug)]
pub(super) struct Ground {
    pub(super) roads: FlatRoads,
    pub(super) arcs: Arcs,
    pub(super) turns: Turns,
    /// By arc.
    lengths_mm: Vec<u32>,
    /// By arc, at the speeds of the data.
    durations_ms: Vec<u32>,
}

impl Ground {
    pub(super) fn of(roads: FlatRoads) -> Result<Self, RoadsError> {
        let arcs = Arcs::of(&roads)?;
        let shapes = shape::measure(&roads);
        let turns = Turns::of(&roads, &arcs, &shapes)?;
        let length_mm = |arc: &arcs::FlatArc| {
            let shape = shapes.get(index_of(arc.segment()));
            shape.map_or(0, |shape| shape.length_mm)
        };
        Ok(Self {
            lengths_mm: arcs.all().iter().map(length_mm).collect(),
            durations_ms: arcs::durations_ms(&arcs, &roads, &shapes),
            roads,
            arcs,
            turns,
        })
    }

    fn read(sections: &pack::Sections<'_>) -> Result<Self, RoadsError> {
        let mut roads = pack::read_roads(sections.roads)?;
        roads.names = pack::read_names(sections.names)?;
        roads.check().map_err(RoadsError::Damaged)?;
        if roads.segments.is_empty() {
            return Err(RoadsError::Empty);
        }
        Self::of(roads)
    }

    /// What arcs cost at the speeds of the data.
    pub(super) fn costs(&self) -> ArcCosts<'_> {
        ArcCosts {
            durations_ms: &self.durations_ms,
            lengths_mm: &self.lengths_mm,
        }
    }
}

impl RoadNetwork {
    /// Makes packed roads ready.
    pub fn open(bytes: PackBytes) -> Result<Self, RoadsError> {
        let sections = pack::split(&bytes)?;
        let ground = Ground::read(&sections)?;
        let hierarchy = Hierarchy::read(sections.hierarchy, &ground.turns, ground.costs())?;
        let first = ground.roads.junctions.first().copied();
        let first = first.ok_or(RoadsError::Empty)?;
        Ok(Self {
            durations_ms: ground.durations_ms.as_slice().into(),
            components: Components::find(&ground.turns, ground.arcs.count()).into(),
            hierarchy: hierarchy.into(),
            bounds: bounds(&ground.roads, first),
            snap_index: SnapIndex::new(snap_boxes(&ground)).into(),
            searches: Arc::default(),
            ground: ground.into(),
        })
    }

    /// The same roads where driving along an arc takes as long as `duration_ms` says, in
    /// milliseconds; 0 counts as 1. Turns take what they took.
    ///
    /// Durations and lengths of what is found are exact, and every way may be driven. But a
    /// hierarchy leaves out edges that no cheapest way at the speeds of the pack needs, so at other
    /// speeds there may be a way that is a little cheaper than the one that is found. Where all
    /// durations grow alike, none is.
    pub fn reweighted(&self, duration_ms: impl Fn(ArcId) -> u32) -> Result<Self, RoadsError> {
        let durations_ms: Arc<[u32]> = (0..self.arc_count())
            .map(|arc| duration_ms(ArcId(arc)).clamp(1, arcs::DURATION_MS_MAX))
            .collect();
        let costs = ArcCosts {
            durations_ms: &durations_ms,
            lengths_mm: &self.ground.lengths_mm,
        };
        let hierarchy = self.hierarchy.reweighted(&self.ground.turns, costs);
        Ok(Self {
            durations_ms,
            hierarchy: hierarchy.into(),
            ..self.clone()
        })
    }

    /// How large it is.
    pub fn size(&self) -> NetworkSize {
        let Ground {
            roads, arcs, turns, ..
        } = &*self.ground;
        NetworkSize {
            junctions: roads.junctions.len(),
            segments: roads.segments.len(),
            arcs: arcs.all().len(),
            nodes: index_of(turns.node_count()),
            turns: turns.count(),
            edges: self.hierarchy.edge_count(),
        }
    }

    /// How many arcs there are; ids run from 0.
    pub fn arc_count(&self) -> u32 {
        self.ground.arcs.count()
    }

    /// An arc. `None` when the id belongs to a larger network.
    pub fn arc(&self, id: ArcId) -> Option<RoadArc> {
        let Ground { roads, arcs, .. } = &*self.ground;
        let arc = arcs.get(id.0)?;
        let segment = roads.segments.get(index_of(arc.segment()))?;
        let (from, to) = if arc.forward() {
            (segment.start, segment.end)
        } else {
            (segment.end, segment.start)
        };
        Some(RoadArc {
            segment: arc.segment(),
            forward: arc.forward(),
            from,
            to,
            length_mm: *self.ground.lengths_mm.get(index_of(id.0))?,
            duration_ms: *self.durations_ms.get(index_of(id.0))?,
            class: segment.attributes.class,
            name: segment.name,
            flags: segment.attributes.flags,
        })
    }

    /// The arc of the same segment in the other direction, if it may be driven.
    pub fn reverse(&self, id: ArcId) -> Option<ArcId> {
        self.ground.arcs.reverse(id.0).map(ArcId)
    }

    /// Positions along an arc in driving order, both ends included: at least two. Empty when the id
    /// belongs to a larger network.
    pub fn shape(&self, id: ArcId) -> Vec<LatLng> {
        let Ground { roads, arcs, .. } = &*self.ground;
        let Some(arc) = arcs.get(id.0) else {
            return Vec::new();
        };
        let junction = |junction: u32| roads.junctions.get(index_of(junction)).copied();
        let segment = roads.segments.get(index_of(arc.segment()));
        let Some((start, end)) =
            segment.and_then(|segment| junction(segment.start).zip(junction(segment.end)))
        else {
            return Vec::new();
        };
        let bends = roads.bends_of(arc.segment()).iter().copied();
        let along = std::iter::once(start).chain(bends).chain([end]);
        if arc.forward() {
            along.collect()
        } else {
            along.rev().collect()
        }
    }

    /// The arcs that one may turn into at the end of an arc, with the time for the turn in
    /// milliseconds (bends, lights, turning round). Bans through several segments are not in here.
    pub fn turns(&self, from: ArcId) -> Vec<(ArcId, u32)> {
        if from.0 >= self.arc_count() {
            return Vec::new();
        }
        let turns = &self.ground.turns;
        let turn = |turn: &turns::Turn| (ArcId(turns.arc_of(turn.node)), u32::from(turn.cost_ms));
        turns.from(from.0).iter().map(turn).collect()
    }

    /// A name; empty for no name.
    pub fn name(&self, name: NameIndex) -> &str {
        self.ground.roads.names.get(name)
    }

    /// Whether a way leads from this arc to most others and back.
    pub fn is_well_connected(&self, id: ArcId) -> bool {
        self.components.is_well_connected(id.0)
    }

    /// The number of the component of an arc: a way leads from each arc of a component to each
    /// other. `None` when the id belongs to a larger network.
    pub fn component(&self, id: ArcId) -> Option<u32> {
        self.components.of(id.0)
    }

    /// South-west and north-east corner of the rectangle that holds every road.
    pub fn bounds(&self) -> (LatLng, LatLng) {
        self.bounds
    }

    /// Whether traffic keeps left.
    pub fn drives_on_left(&self) -> bool {
        self.ground.roads.drives_on_left
    }

    /// Positions along the segment of an arc from the segment's start to its end, whatever the
    /// direction of the arc.
    pub(super) fn line(&self, id: ArcId) -> Option<impl Iterator<Item = LatLng>> {
        let arc = self.ground.arcs.get(id.0)?;
        self.ground.roads.line_of(arc.segment())
    }

    /// The nodes of the hierarchy and the turns between them.
    pub(super) fn node_turns(&self) -> &Turns {
        &self.ground.turns
    }

    pub(super) fn hierarchy(&self) -> &Hierarchy {
        &self.hierarchy
    }

    /// What arcs cost.
    pub(super) fn costs_of_arcs(&self) -> ArcCosts<'_> {
        ArcCosts {
            durations_ms: &self.durations_ms,
            lengths_mm: &self.ground.lengths_mm,
        }
    }
}

/// One arc of each segment, with the box around it.
fn snap_boxes(ground: &Ground) -> impl Iterator<Item = (ArcId, Rectangle)> {
    let Ground { roads, arcs, .. } = ground;
    (0..arcs.count()).filter_map(|id| {
        let arc = arcs.get(id)?;
        // The arc that follows its segment, if there is one.
        let names_segment = arc.forward() || arcs.reverse(id).is_none();
        let line = names_segment.then(|| roads.line_of(arc.segment()));
        Some((ArcId(id), Rectangle::around(line??)))
    })
}

/// The corners of the rectangle around all roads.
fn bounds(roads: &FlatRoads, first: LatLng) -> (LatLng, LatLng) {
    let all = || roads.junctions.iter().chain(&roads.bends);
    let lats = || all().map(|at| at.lat_e7());
    let lngs = || all().map(|at| at.lng_e7());
    let corner = |lat: Option<i32>, lng: Option<i32>| {
        let corner = lat.zip(lng).map(|(lat, lng)| LatLng::from_e7(lat, lng));
        corner.and_then(Result::ok).unwrap_or(first)
    };
    (
        corner(lats().min(), lngs().min()),
        corner(lats().max(), lngs().max()),
    )
}
