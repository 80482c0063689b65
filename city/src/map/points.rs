//! Which points are drawn: places with names, points of interest, house numbers.

use crate::osm::Tags;

use super::look::{Layer, Look, Texts};

/// A point on the map and the zooms it is drawn at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PointKind {
    pub(super) look: Look,
    pub(super) zoom_min: u8,
    pub(super) zoom_max: u8,
}

/// Classes of places; smaller is larger.
const PLACES: [(&str, u8, u8, u8); 9] = [
    ("city", 1, 8, 15),
    ("town", 2, 9, 16),
    ("village", 3, 11, 16),
    ("borough", 4, 12, 15),
    ("suburb", 4, 12, 16),
    ("quarter", 5, 13, 16),
    ("neighbourhood", 6, 14, 16),
    ("hamlet", 6, 13, 16),
    ("island", 3, 12, 16),
];

/// A place with a name, if it is one.
pub(super) fn place(tags: &Tags<'_>, texts: &mut Texts) -> Option<PointKind> {
    let kind = tags.get("place")?;
    let (_, class, zoom_min, zoom_max) = *PLACES.iter().find(|(name, ..)| *name == kind)?;
    let mut look = Look::of(Layer::Places, class);
    look.name = texts.id(tags.get("name"));
    look.name.is_some().then_some(PointKind {
        look,
        zoom_min,
        zoom_max,
    })
}

/// A kind of point of interest: its icon's number and name, the zoom it appears at, and whether it
/// needs a name to be worth a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PoiKind {
    pub(super) class: u8,
    pub(super) icon: &'static str,
    pub(super) zoom_min: u8,
    needs_name: bool,
}

const fn named(class: u8, icon: &'static str, zoom_min: u8) -> PoiKind {
    PoiKind {
        class,
        icon,
        zoom_min,
        needs_name: true,
    }
}

const fn any(class: u8, icon: &'static str, zoom_min: u8) -> PoiKind {
    PoiKind {
        class,
        icon,
        zoom_min,
        needs_name: false,
    }
}

const AIRPORT: PoiKind = named(1, "airport", 10);
const STATION: PoiKind = named(2, "station", 13);
const FERRY: PoiKind = named(3, "ferry", 14);
const HOSPITAL: PoiKind = named(4, "hospital", 13);
const BUS: PoiKind = named(5, "bus", 14);
const TAXI: PoiKind = any(6, "taxi", 15);
const UNIVERSITY: PoiKind = named(7, "school", 14);
const MALL: PoiKind = named(8, "shop", 14);
const STADIUM: PoiKind = named(9, "stadium", 14);
const FUEL: PoiKind = any(10, "fuel", 15);
const CHARGING: PoiKind = any(11, "charging", 15);
const SIGHT: PoiKind = named(12, "sight", 16);
const HOTEL: PoiKind = named(13, "hotel", 16);
const POLICE: PoiKind = any(14, "police", 15);
const TRAM: PoiKind = named(15, "tram", 15);
const PARKING: PoiKind = any(16, "parking", 16);
const PHARMACY: PoiKind = any(17, "pharmacy", 16);
const SCHOOL: PoiKind = named(18, "school", 16);
const STORE: PoiKind = named(19, "shop", 16);
const FOOD: PoiKind = named(20, "food", 16);
const CAFE: PoiKind = named(21, "cafe", 16);
const BAR: PoiKind = named(22, "bar", 16);
const OFFICE: PoiKind = named(23, "office", 16);
const WORSHIP: PoiKind = named(24, "worship", 16);

/// All kinds, the most important first: their numbers are their ranks.
pub(super) const POI_KINDS: [PoiKind; 24] = [
    AIRPORT, STATION, FERRY, HOSPITAL, BUS, TAXI, UNIVERSITY, MALL, STADIUM, FUEL, CHARGING, SIGHT,
    HOTEL, POLICE, TRAM, PARKING, PHARMACY, SCHOOL, STORE, FOOD, CAFE, BAR, OFFICE, WORSHIP,
];

/// A point of interest, if it is one.
pub(super) fn poi(tags: &Tags<'_>, texts: &mut Texts) -> Option<PointKind> {
    let kind = tags
        .iter()
        .filter_map(|(key, value)| poi_kind(key, value, tags))
        .min_by_key(|kind| kind.class)?;
    let name = tags.get("name").or_else(|| tags.get("brand"));
    if kind.needs_name && name.is_none() {
        return None;
    }
    let mut look = Look::of(Layer::Pois, kind.class);
    look.name = texts.id(name);
    // What somebody wrote an article about is known to more people.
    let is_known = tags.get("wikidata").is_some() || tags.get("wikipedia").is_some();
    let sooner = u8::from(is_known && kind.zoom_min == 16);
    Some(PointKind {
        look,
        zoom_min: kind.zoom_min - sooner,
        zoom_max: 16,
    })
}

fn poi_kind(key: &str, value: &str, tags: &Tags<'_>) -> Option<PoiKind> {
    let found = match key {
        "aeroway" if value == "aerodrome" => AIRPORT,
        "aeroway" if value == "terminal" => PoiKind {
            zoom_min: 14,
            ..AIRPORT
        },
        "railway" => match value {
            "station" if tags.is("station", "subway") => PoiKind {
                zoom_min: 14,
                ..TRAM
            },
            "station" => STATION,
            "halt" => PoiKind {
                zoom_min: 14,
                ..STATION
            },
            "tram_stop" => TRAM,
            _ => return None,
        },
        "amenity" => return amenity(value, tags),
        "shop" => match value {
            "mall" | "department_store" => MALL,
            "supermarket" => PoiKind {
                zoom_min: 15,
                ..STORE
            },
            "vacant" | "no" => return None,
            _ => STORE,
        },
        "tourism" => match value {
            "hotel" | "motel" | "hostel" | "guest_house" => HOTEL,
            "museum" | "attraction" | "zoo" | "theme_park" | "gallery" | "viewpoint" => SIGHT,
            _ => return None,
        },
        "historic" if matches!(value, "castle" | "monument" | "fort") => SIGHT,
        "leisure" if value == "stadium" => STADIUM,
        _ => return None,
    };
    Some(found)
}

fn amenity(value: &str, tags: &Tags<'_>) -> Option<PoiKind> {
    Some(match value {
        "hospital" => HOSPITAL,
        "clinic" => PoiKind {
            zoom_min: 16,
            ..HOSPITAL
        },
        "bus_station" => BUS,
        "taxi" => TAXI,
        "ferry_terminal" => FERRY,
        "university" | "college" => UNIVERSITY,
        "fuel" => FUEL,
        "charging_station" => CHARGING,
        "police" => POLICE,
        "parking" if !matches!(tags.get("access"), Some("private" | "no" | "customers")) => PARKING,
        "pharmacy" => PHARMACY,
        "school" => SCHOOL,
        "restaurant" | "fast_food" | "food_court" => FOOD,
        "cafe" | "ice_cream" => CAFE,
        "bar" | "pub" | "nightclub" => BAR,
        "theatre" | "cinema" | "arts_centre" | "casino" | "conference_centre" => SIGHT,
        "townhall" | "courthouse" | "embassy" | "post_office" | "bank" | "library" => OFFICE,
        "marketplace" => STORE,
        "place_of_worship" => WORSHIP,
        _ => return None,
    })
}

/// A house number, if it has one of a sensible length.
pub(super) fn house_number(tags: &Tags<'_>, texts: &mut Texts) -> Option<PointKind> {
    let number = tags.get("addr:housenumber")?;
    if number.chars().count() > 9 {
        return None;
    }
    let mut look = Look::of(Layer::Numbers, 0);
    look.name = texts.id(Some(number));
    look.name.is_some().then_some(PointKind {
        look,
        zoom_min: 16,
        zoom_max: 16,
    })
}
