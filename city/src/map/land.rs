//! Which areas are drawn, and from which zoom on.

use crate::osm::Tags;

use super::look::{Layer, Look};

/// Classes of land; the styles know them by these numbers.
pub(super) mod class {
    pub(in super::super) const HOMES: u8 = 1;
    pub(in super::super) const WORKS: u8 = 2;
    pub(in super::super) const FARM: u8 = 3;
    pub(in super::super) const WOOD: u8 = 4;
    pub(in super::super) const PARK: u8 = 5;
    pub(in super::super) const PITCH: u8 = 6;
    pub(in super::super) const CEMETERY: u8 = 7;
    pub(in super::super) const CAMPUS: u8 = 8;
    pub(in super::super) const SAND: u8 = 9;
    pub(in super::super) const AIRPORT: u8 = 10;
    pub(in super::super) const RUNWAY: u8 = 11;
    pub(in super::super) const PARKING: u8 = 12;
    pub(in super::super) const SQUARE: u8 = 13;
    pub(in super::super) const PIER: u8 = 14;
    pub(in super::super) const HOSPITAL: u8 = 15;
}

/// How an area is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AreaKind {
    pub(super) look: Look,
    pub(super) zoom_min: u8,
}

/// What an area is, if it is drawn.
pub(super) fn area_kind(tags: &Tags<'_>) -> Option<AreaKind> {
    let mut found: Option<AreaKind> = None;
    for (key, value) in tags.iter() {
        let kind = match key {
            "building" if value != "no" => {
                return Some(AreaKind {
                    look: Look::of(Layer::Buildings, 0),
                    zoom_min: 14,
                });
            }
            "natural" | "waterway" | "landuse" if is_water(key, value) => {
                return Some(AreaKind {
                    look: Look::of(Layer::Water, 1),
                    zoom_min: 8,
                });
            }
            _ => land(key, value),
        };
        let Some((class, zoom_min)) = kind else {
            continue;
        };
        // The more special one wins: a park in a residential area.
        if found.is_none_or(|other| other.look.class < class) {
            found = Some(AreaKind {
                look: Look::of(Layer::Land, class),
                zoom_min,
            });
        }
    }
    found.filter(|_| !tags.is("area", "no"))
}

/// Whether an area of highway is a square: streets are often closed lines that are no areas.
pub(super) fn is_square(tags: &Tags<'_>) -> bool {
    let highway = tags.get("highway").or_else(|| tags.get("area:highway"));
    matches!(highway, Some("pedestrian" | "footway" | "service"))
        && (tags.is("area", "yes") || tags.get("area:highway").is_some())
}

fn is_water(key: &str, value: &str) -> bool {
    matches!(
        (key, value),
        ("natural", "water" | "bay")
            | ("waterway", "riverbank" | "dock" | "boatyard")
            | ("landuse", "reservoir" | "basin")
    ) && (key, value) != ("natural", "bay")
}

fn land(key: &str, value: &str) -> Option<(u8, u8)> {
    let found = match key {
        "landuse" => match value {
            "residential" => (class::HOMES, 10),
            "industrial" | "commercial" | "retail" | "railway" | "port" | "garages"
            | "construction" | "quarry" | "landfill" => (class::WORKS, 11),
            "farmland"
            | "farm"
            | "meadow"
            | "orchard"
            | "vineyard"
            | "allotments"
            | "plant_nursery"
            | "greenhouse_horticulture"
            | "farmyard" => (class::FARM, 11),
            "forest" => (class::WOOD, 9),
            "grass" | "village_green" | "recreation_ground" | "flowerbed" => (class::PARK, 13),
            "cemetery" => (class::CEMETERY, 13),
            _ => return None,
        },
        "natural" => match value {
            "wood" => (class::WOOD, 9),
            "scrub" | "heath" => (class::WOOD, 12),
            "grassland" => (class::FARM, 12),
            "beach" | "sand" | "dune" => (class::SAND, 12),
            "bare_rock" | "scree" | "shingle" => (class::SAND, 12),
            _ => return None,
        },
        "leisure" => match value {
            "park" | "golf_course" | "garden" | "common" | "dog_park" => (class::PARK, 11),
            "pitch" | "playground" | "track" | "stadium" | "sports_centre" => (class::PITCH, 14),
            "marina" => return None,
            _ => return None,
        },
        "amenity" => match value {
            "school" | "university" | "college" | "kindergarten" => (class::CAMPUS, 13),
            "hospital" | "clinic" => (class::HOSPITAL, 13),
            "grave_yard" => (class::CEMETERY, 14),
            "parking" => (class::PARKING, 15),
            _ => return None,
        },
        "tourism" if matches!(value, "zoo" | "theme_park") => (class::PARK, 13),
        "aeroway" => match value {
            "aerodrome" => (class::AIRPORT, 10),
            "runway" | "taxiway" | "apron" | "helipad" => (class::RUNWAY, 12),
            _ => return None,
        },
        "man_made" if matches!(value, "pier" | "breakwater" | "groyne" | "bridge") => {
            (class::PIER, 14)
        }
        _ => return None,
    };
    Some(found)
}
