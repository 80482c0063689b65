//! Which lines are drawn, from which zoom on, and what of them is told at which zoom.

use crate::osm::Tags;

use super::look::{Height, Layer, Look, TextId, Texts};

/// Classes of roads and other ways; the styles know them by these numbers. Smaller is larger, but for
/// ordinary streets: what most of a map is, is not written.
pub(super) mod class {
    pub(in super::super) const MOTORWAY: u8 = 1;
    pub(in super::super) const TRUNK: u8 = 2;
    pub(in super::super) const PRIMARY: u8 = 3;
    pub(in super::super) const SECONDARY: u8 = 4;
    pub(in super::super) const TERTIARY: u8 = 5;
    pub(in super::super) const MINOR: u8 = 0;
    pub(in super::super) const SERVICE: u8 = 7;
    pub(in super::super) const WALK: u8 = 8;
    pub(in super::super) const PATH: u8 = 9;
    pub(in super::super) const TRACK: u8 = 10;
    pub(in super::super) const MOTORWAY_LINK: u8 = 11;
    pub(in super::super) const LINK: u8 = 12;
    pub(in super::super) const ALLEY: u8 = 13;
    pub(in super::super) const RAIL: u8 = 20;
    pub(in super::super) const TRAM: u8 = 21;
    pub(in super::super) const SIDING: u8 = 22;
    pub(in super::super) const FERRY: u8 = 23;
    pub(in super::super) const RUNWAY: u8 = 24;
    pub(in super::super) const TAXIWAY: u8 = 25;
}

/// Classes of water that is a line.
pub(super) mod water {
    pub(in super::super) const RIVER: u8 = 2;
    pub(in super::super) const STREAM: u8 = 3;
}

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LineKind {
    pub(super) look: Look,
    pub(super) zooms: Zooms,
    /// Its points run against the way that is driven.
    pub(super) is_reversed: bool,
}

/// From which zoom on something of a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Zooms {
    pub(super) line: u8,
    pub(super) name: u8,
    pub(super) reference: u8,
    pub(super) height: u8,
    pub(super) one_way: u8,
    /// The last zoom that its name is told at.
    pub(super) name_last: u8,
    /// The last zoom that the line is drawn at.
    pub(super) last: u8,
}

/// Names of lines are told up to this zoom. Closer maps take them from these tiles, whose lines are
/// longer: telling each name in each of the many small tiles would be a fifth of the archive.
pub(super) const NAME_LAST: u8 = 15;

/// Never: past the last zoom.
const NEVER: u8 = 99;

impl Zooms {
    const fn line(line: u8) -> Self {
        Self {
            line,
            name: NEVER,
            reference: NEVER,
            height: NEVER,
            one_way: NEVER,
            name_last: NAME_LAST,
            last: NEVER,
        }
    }

    /// A border: those of districts are in the way close by.
    pub(super) const fn border(level: u8) -> Self {
        let (line, last) = match level {
            0..=4 => (8, 16),
            5 | 6 => (9, 14),
            _ => (11, 14),
        };
        Self {
            last,
            ..Self::line(line)
        }
    }

    const fn road(line: u8, name: u8, reference: u8) -> Self {
        Self {
            line,
            name,
            reference,
            height: if line > 14 { line } else { 14 },
            one_way: 16,
            name_last: NAME_LAST,
            last: NEVER,
        }
    }
}

/// What a line is, if it is drawn.
pub(super) fn line_kind(tags: &Tags<'_>, texts: &mut Texts) -> Option<LineKind> {
    if let Some(highway) = tags.get("highway") {
        return road(highway, tags, texts);
    }
    let (layer, class, zooms) = other_line(tags)?;
    let mut look = Look::of(layer, class);
    look.height = height(tags);
    if zooms.name != NEVER {
        look.name = texts.id(tags.get("name"));
    }
    Some(LineKind {
        look,
        zooms,
        is_reversed: false,
    })
}

fn road(highway: &str, tags: &Tags<'_>, texts: &mut Texts) -> Option<LineKind> {
    let (class, zooms) = road_class(highway, tags)?;
    let mut look = Look::of(Layer::Roads, class);
    look.height = height(tags);
    let is_large = class != class::MINOR && class <= class::TERTIARY;
    if look.height == Height::Bridge && !is_large && class != class::MOTORWAY_LINK {
        // Small bridges only cut the street into pieces.
        look.height = Height::Ground;
    }
    look.name = texts.id(tags.get("name"));
    if zooms.reference != NEVER {
        look.reference = texts.id(tags.get("ref").map(first_reference));
    }
    let one_way = tags.get("oneway").unwrap_or("");
    let is_reversed = matches!(one_way, "-1" | "reverse");
    let implied = tags.is("junction", "roundabout") && one_way != "no";
    let shown = class <= class::SERVICE || class == class::LINK || class == class::ALLEY;
    // On a motorway the direction is never a question.
    look.is_one_way = shown
        && class != class::MOTORWAY
        && (is_reversed || implied || matches!(one_way, "yes" | "1" | "true"));
    Some(LineKind {
        look,
        zooms,
        is_reversed,
    })
}

/// Of `A 1;IP 1` the first: there is room for one shield.
fn first_reference(text: &str) -> &str {
    text.split(';').next().unwrap_or(text).trim()
}

fn road_class(highway: &str, tags: &Tags<'_>) -> Option<(u8, Zooms)> {
    let found = match highway {
        "motorway" => (class::MOTORWAY, Zooms::road(8, 13, 9)),
        "trunk" => (class::TRUNK, Zooms::road(8, 13, 10)),
        "primary" => (class::PRIMARY, Zooms::road(9, 13, 11)),
        "secondary" => (class::SECONDARY, Zooms::road(11, 13, 13)),
        "tertiary" => (class::TERTIARY, Zooms::road(12, 14, NEVER)),
        "motorway_link" => (class::MOTORWAY_LINK, Zooms::road(12, 15, NEVER)),
        "trunk_link" => (class::LINK, Zooms::road(12, 15, NEVER)),
        "primary_link" | "secondary_link" | "tertiary_link" => {
            (class::LINK, Zooms::road(13, 15, NEVER))
        }
        "residential" | "unclassified" | "road" => (class::MINOR, Zooms::road(13, 15, NEVER)),
        "living_street" => (class::MINOR, Zooms::road(14, 15, NEVER)),
        "pedestrian" => (class::WALK, Zooms::road(14, 15, NEVER)),
        "service" if is_alley(tags) => (class::ALLEY, Zooms::road(16, 15, NEVER)),
        "service" | "busway" | "bus_guideway" => (class::SERVICE, Zooms::road(15, 15, NEVER)),
        "track" if is_good_track(tags) => (class::TRACK, Zooms::road(16, 15, NEVER)),
        "footway" | "cycleway" | "steps" => (class::PATH, Zooms::road(16, 15, NEVER)),
        _ => return None,
    };
    let is_sidewalk =
        found.0 == class::PATH && matches!(tags.get("footway"), Some("sidewalk" | "crossing"));
    (!is_sidewalk).then_some(found)
}

/// Whether a track is one that a car is driven on.
fn is_good_track(tags: &Tags<'_>) -> bool {
    tags.get("name").is_some()
        || matches!(tags.get("tracktype"), Some("grade1" | "grade2"))
        || matches!(tags.get("surface"), Some("asphalt" | "paved" | "concrete"))
}

fn is_alley(tags: &Tags<'_>) -> bool {
    matches!(
        tags.get("service"),
        Some("parking_aisle" | "driveway" | "drive-through" | "emergency_access")
    )
}

fn other_line(tags: &Tags<'_>) -> Option<(Layer, u8, Zooms)> {
    if let Some(railway) = tags.get("railway") {
        let is_siding = matches!(
            tags.get("service"),
            Some("yard" | "siding" | "spur" | "crossover")
        );
        let (class, zoom) = match railway {
            "rail" | "narrow_gauge" if is_siding => (class::SIDING, 15),
            "rail" | "narrow_gauge" => (class::RAIL, 10),
            "light_rail" | "funicular" | "monorail" => (class::TRAM, 13),
            "tram" => (class::TRAM, 14),
            "subway" => (class::TRAM, 14),
            _ => return None,
        };
        let zooms = Zooms {
            height: 14,
            ..Zooms::line(zoom)
        };
        return Some((Layer::Roads, class, zooms));
    }
    if tags.is("route", "ferry") {
        let zooms = Zooms {
            name: 13,
            ..Zooms::line(9)
        };
        return Some((Layer::Roads, class::FERRY, zooms));
    }
    match tags.get("aeroway") {
        Some("runway") => return Some((Layer::Roads, class::RUNWAY, Zooms::line(11))),
        Some("taxiway") => return Some((Layer::Roads, class::TAXIWAY, Zooms::line(13))),
        _ => {}
    }
    match tags.get("waterway") {
        Some("river") => {
            let zooms = Zooms {
                name: 12,
                height: 13,
                ..Zooms::line(9)
            };
            Some((Layer::Water, water::RIVER, zooms))
        }
        Some("canal" | "stream") if !tags.is("intermittent", "yes") => {
            let zooms = Zooms {
                name: 15,
                height: 13,
                ..Zooms::line(13)
            };
            Some((Layer::Water, water::STREAM, zooms))
        }
        _ => None,
    }
}

fn height(tags: &Tags<'_>) -> Height {
    let set = |key| tags.get(key).is_some_and(|value| value != "no");
    if set("tunnel") || tags.is("covered", "yes") {
        Height::Tunnel
    } else if set("bridge") {
        Height::Bridge
    } else {
        Height::Ground
    }
}

/// What of a line's look is told at a zoom; none when it is not drawn.
pub(super) fn at_zoom(look: Look, zooms: Zooms, zoom: u8) -> Option<Look> {
    if zoom < zooms.line || zoom > zooms.last {
        return None;
    }
    let mut seen = look;
    if zoom < zooms.name || zoom > zooms.name_last {
        seen.name = TextId::NONE;
    }
    if zoom < zooms.reference || zoom > zooms.name_last {
        seen.reference = TextId::NONE;
    }
    if zoom < zooms.height {
        seen.height = Height::Ground;
    }
    if zoom < zooms.one_way {
        seen.is_one_way = false;
    }
    Some(seen)
}
