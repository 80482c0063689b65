//! What a point of interest is, and how well known such places are.

use crate::osm::Tags;

/// What a tagged thing is.
#[derive(Debug, Clone)]
pub(super) struct Kind {
    /// Short id.
    pub(super) category: String,
    /// 0 to 255.
    pub(super) importance: u8,
    /// Whether trains, trams, buses or ferries stop here.
    pub(super) is_stop: bool,
    /// Whether a better kind of the same name says what it is: a building, a piece of land.
    pub(super) is_general: bool,
}

/// Keys whose value says what a thing is, the most telling first, with the importance of values
/// that have none of their own.
const KEYS: [(&str, u8); 18] = [
    ("aeroway", 40),
    ("railway", 40),
    ("public_transport", 60),
    ("amenity", 75),
    ("healthcare", 85),
    ("tourism", 90),
    ("shop", 65),
    ("leisure", 75),
    ("historic", 75),
    ("office", 55),
    ("craft", 50),
    ("club", 50),
    ("man_made", 50),
    ("natural", 50),
    ("highway", 40),
    ("military", 50),
    ("landuse", 50),
    ("building", 48),
];

/// Of some keys only these values are places that people go to.
const ONLY: [(&str, &[&str]); 8] = [
    ("aeroway", &["aerodrome", "terminal", "heliport"]),
    ("railway", &["station", "halt", "tram_stop"]),
    ("public_transport", &["station"]),
    ("highway", &["bus_stop", "services", "rest_area"]),
    (
        "man_made",
        &[
            "bridge",
            "tower",
            "lighthouse",
            "pier",
            "works",
            "observatory",
            "obelisk",
        ],
    ),
    (
        "natural",
        &["beach", "peak", "cape", "cave_entrance", "spring", "water"],
    ),
    (
        "landuse",
        &[
            "industrial",
            "commercial",
            "retail",
            "cemetery",
            "recreation_ground",
            "harbour",
            "port",
            "education",
            "religious",
            "military",
        ],
    ),
    (
        "healthcare",
        &[
            "hospital",
            "clinic",
            "doctor",
            "centre",
            "laboratory",
            "pharmacy",
        ],
    ),
];

/// Values that are furniture even when they have a name.
const NOT: [&str; 22] = [
    "yes_no",
    "bench",
    "waste_basket",
    "parking_space",
    "parking_entrance",
    "recycling",
    "hunting_stand",
    "grave_yard_plot",
    "vending_machine",
    "drinking_water",
    "shelter",
    "clock",
    "telephone",
    "bicycle_repair_station",
    "information",
    "boundary_stone",
    "wayside_shrine",
    "tomb",
    "pitch",
    "swimming_area",
    "no",
    "vacant",
];

/// Values under another id than their own.
const CALLED: [(&str, &str, &str); 8] = [
    ("aeroway", "aerodrome", "airport"),
    ("building", "train_station", "station"),
    ("railway", "halt", "station"),
    ("healthcare", "doctor", "doctors"),
    ("healthcare", "centre", "clinic"),
    ("shop", "yes", "shop"),
    ("office", "yes", "office"),
    ("historic", "yes", "historic"),
];

/// Ids that are better or less known than the rest of their key.
const IMPORTANCE: [(&str, u8); 50] = [
    ("airport", 215),
    ("terminal", 160),
    ("heliport", 60),
    ("station", 165),
    ("tram_stop", 75),
    ("bus_station", 150),
    ("bus_stop", 22),
    ("ferry_terminal", 140),
    ("hospital", 180),
    ("clinic", 100),
    ("university", 170),
    ("college", 130),
    ("school", 95),
    ("kindergarten", 60),
    ("townhall", 135),
    ("courthouse", 115),
    ("embassy", 90),
    ("police", 105),
    ("fire_station", 85),
    ("library", 105),
    ("theatre", 120),
    ("cinema", 115),
    ("arts_centre", 105),
    ("marketplace", 105),
    ("place_of_worship", 85),
    ("casino", 120),
    ("conference_centre", 115),
    ("mall", 145),
    ("department_store", 110),
    ("supermarket", 95),
    ("museum", 130),
    ("attraction", 115),
    ("hotel", 110),
    ("hostel", 85),
    ("theme_park", 130),
    ("zoo", 140),
    ("viewpoint", 80),
    ("artwork", 30),
    ("stadium", 150),
    ("park", 105),
    ("golf_course", 95),
    ("marina", 105),
    ("sports_centre", 95),
    ("playground", 40),
    ("castle", 120),
    ("memorial", 40),
    ("beach", 105),
    ("parking", 55),
    ("atm", 30),
    ("post_box", 5),
];

/// What tags say, if it is something that people go to.
pub(super) fn kind_of(tags: Tags<'_>) -> Option<Kind> {
    let (key, value, default) = KEYS.iter().find_map(|(key, importance)| {
        let value = tags.get(key)?.split(';').next()?.trim();
        is_wanted(key, value).then_some((*key, value, *importance))
    })?;
    let called = CALLED.iter().find(|(k, v, _)| *k == key && *v == value);
    let is_building = matches!(key, "building" | "landuse");
    let category = match called {
        Some((_, _, id)) => id,
        None if key == "building" => "building",
        None => value,
    };
    let own = IMPORTANCE.iter().find(|(id, _)| *id == category);
    let importance = own.map_or(default, |(_, importance)| *importance);
    Some(Kind {
        importance: importance.saturating_add(bonus(tags)),
        is_stop: matches!(
            category,
            "station" | "tram_stop" | "bus_stop" | "bus_station" | "ferry_terminal"
        ),
        is_general: is_building && category != "station",
        category: category.to_owned(),
    })
}

fn is_wanted(key: &str, value: &str) -> bool {
    let only = ONLY.iter().find(|(k, _)| *k == key);
    only.is_none_or(|(_, values)| values.contains(&value)) && !NOT.contains(&value)
}

/// What else says that a place is well known.
fn bonus(tags: Tags<'_>) -> u8 {
    let has = |key| tags.get(key).is_some();
    let mut bonus = 0;
    if has("wikidata") || has("wikipedia") {
        bonus += 30;
    }
    if has("iata") {
        bonus += 20;
    }
    bonus
}
