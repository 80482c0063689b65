//! What a builder knows of the roads of a city, before they are packed.

use crate::geo::LatLng;

/// Position of a junction in [`RoadData::junctions`].
pub type JunctionIndex = u32;
/// Position of a name in [`RoadData::names`]; 0 is the empty name.
pub type NameIndex = u32;

/// What kind of road a segment is, from the largest to the smallest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RoadClass {
    /// Limited access, separated carriageways.
    Motorway,
    /// A main road of the country.
    Trunk,
    /// A main road of the city.
    Primary,
    /// A main road of a district.
    Secondary,
    /// A through street.
    Tertiary,
    /// A small road that is no residential street.
    Unclassified,
    /// A street that people live in.
    Residential,
    /// A street where walkers come first.
    LivingStreet,
    /// An access road, an alley, a car park.
    Service,
    /// A boat that takes cars.
    Ferry,
}

/// Properties of a segment that are yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SegmentFlags {
    /// A slip road or ramp.
    pub link: bool,
    /// Part of a roundabout.
    pub roundabout: bool,
    /// Costs a toll.
    pub toll: bool,
    /// In a tunnel: no GPS.
    pub tunnel: bool,
    /// Only for those who have business there: no through traffic (access=destination, private,
    /// delivery, customers).
    pub destination_only: bool,
    /// A traffic light stands at, or just before, the end for who drives from start to end.
    pub signals_at_end: bool,
    /// A traffic light stands at, or just before, the start for who drives from end to start.
    pub signals_at_start: bool,
}

/// A stretch of road between two junctions, driven in one direction or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Where it starts.
    pub start: JunctionIndex,
    /// Where it ends; may be the start (a loop), if there are bends.
    pub end: JunctionIndex,
    /// The bends between the ends, from start to end.
    pub bends: Vec<LatLng>,
    /// Kind of road.
    pub class: RoadClass,
    /// Speed from start to end in tenths of a km/h; 0 = not allowed.
    pub forward_dkmh: u16,
    /// Speed from end to start in tenths of a km/h; 0 = not allowed.
    pub backward_dkmh: u16,
    /// Name of the street, or its number ("A 28") when it has no name; 0 = none.
    pub name: NameIndex,
    /// The rest.
    pub flags: SegmentFlags,
}

/// A turn that is not allowed: from the end of one segment through zero or more whole segments
/// into another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TurnBan {
    /// The segments in driving order, at least two, each joined to the next at a junction.
    pub segments: Vec<u32>,
    /// The junction between the first and the second; tells the direction when it is ambiguous.
    pub first_via: JunctionIndex,
}

/// The roads of a city. Every segment can be driven in at least one direction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoadData {
    /// Places where segments meet or end.
    pub junctions: Vec<LatLng>,
    /// Roads between them.
    pub segments: Vec<Segment>,
    /// Names of streets; the first is empty.
    pub names: Vec<String>,
    /// What the signs forbid. "Only" signs are stated as bans of everything else.
    pub turn_bans: Vec<TurnBan>,
    /// True where traffic keeps left.
    pub drives_on_left: bool,
}
