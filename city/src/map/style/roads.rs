//! Roads and other ways: tunnels below, then casings, then the roads themselves, bridges on top.

use serde_json::{Value, json};

use super::super::roads::class;
use super::{CITY, Palette};

/// How wide the roads of a group are, in pixels at zooms 8, 12, 14, 16 and 18.
#[derive(Debug, Clone, Copy)]
struct Group {
    id: &'static str,
    classes: &'static [u8],
    widths: [f64; 5],
    /// From this zoom on it has a casing.
    casing_zoom: u8,
}

/// The least important first: later ones are drawn over them.
const GROUPS: [Group; 8] = [
    Group {
        id: "service",
        classes: &[class::SERVICE, class::ALLEY, class::TRACK],
        widths: [0.0, 0.0, 0.8, 3.5, 10.0],
        casing_zoom: 16,
    },
    Group {
        id: "walk",
        classes: &[class::WALK],
        widths: [0.0, 0.0, 1.2, 5.0, 14.0],
        casing_zoom: 15,
    },
    Group {
        id: "minor",
        classes: &[class::MINOR],
        widths: [0.0, 0.5, 2.0, 7.5, 22.0],
        casing_zoom: 14,
    },
    Group {
        id: "link",
        classes: &[class::LINK, class::MOTORWAY_LINK],
        widths: [0.4, 1.0, 2.6, 7.0, 20.0],
        casing_zoom: 13,
    },
    Group {
        id: "tertiary",
        classes: &[class::TERTIARY],
        widths: [0.4, 1.4, 3.4, 9.5, 26.0],
        casing_zoom: 13,
    },
    Group {
        id: "secondary",
        classes: &[class::SECONDARY],
        widths: [0.5, 2.0, 4.4, 11.5, 30.0],
        casing_zoom: 12,
    },
    Group {
        id: "primary",
        classes: &[class::PRIMARY, class::TRUNK],
        widths: [0.9, 2.6, 5.4, 13.0, 34.0],
        casing_zoom: 11,
    },
    Group {
        id: "motorway",
        classes: &[class::MOTORWAY],
        widths: [1.4, 3.4, 6.0, 14.0, 34.0],
        casing_zoom: 9,
    },
];

/// All layers of ways, from the bottom up.
pub(super) fn layers(palette: &Palette) -> Vec<Value> {
    let mut layers = vec![runways(palette), tunnels(palette), paths(palette)];
    layers.push(rails(palette, false));
    for group in GROUPS {
        layers.push(casing(palette, &group, false));
    }
    for group in GROUPS {
        layers.push(road(palette, &group, false));
    }
    for group in GROUPS.iter().skip(3) {
        layers.push(casing(palette, group, true));
    }
    layers.push(rails(palette, true));
    for group in GROUPS.iter().skip(3) {
        layers.push(road(palette, group, true));
    }
    layers.push(ferries(palette));
    layers
}

/// What a road is; ordinary streets have no class.
fn class_of() -> Value {
    json!(["coalesce", ["get", "c"], class::MINOR])
}

fn height() -> Value {
    json!(["coalesce", ["get", "b"], 0])
}

fn is_one_of(classes: &[u8]) -> Value {
    json!(["in", class_of(), ["literal", classes]])
}

fn filter(classes: &[u8], is_bridge: bool) -> Value {
    json!([
        "all",
        is_one_of(classes),
        ["==", height(), u8::from(is_bridge)]
    ])
}

fn width(widths: [f64; 5], more: f64) -> Value {
    let [a, b, c, d, e] = widths;
    let wide = |w: f64| if w > 0.0 { w + more } else { 0.0 };
    json!([
        "interpolate",
        ["exponential", 1.4],
        ["zoom"],
        8,
        wide(a),
        12,
        wide(b),
        14,
        wide(c),
        16,
        wide(d),
        18,
        wide(e)
    ])
}

fn name(group: &Group, part: &str, is_bridge: bool) -> String {
    let place = if is_bridge { "bridge" } else { "road" };
    format!("{place}-{}-{part}", group.id)
}

fn casing(palette: &Palette, group: &Group, is_bridge: bool) -> Value {
    let cap = if is_bridge { "butt" } else { "round" };
    let more = if is_bridge { 2.4 } else { 1.6 };
    json!({
        "id": name(group, "casing", is_bridge), "type": "line",
        "source": CITY, "source-layer": "roads",
        "minzoom": group.casing_zoom,
        "filter": filter(group.classes, is_bridge),
        "layout": { "line-cap": cap, "line-join": "round" },
        "paint": {
            "line-color": ["match", class_of(),
                [class::MOTORWAY, class::TRUNK, class::MOTORWAY_LINK], palette.major_casing,
                palette.casing],
            "line-width": width(group.widths, more),
        },
    })
}

fn road_colour(palette: &Palette) -> Value {
    json!([
        "match",
        class_of(),
        [class::MOTORWAY, class::MOTORWAY_LINK],
        palette.motorway,
        class::TRUNK,
        palette.trunk,
        class::PRIMARY,
        palette.primary,
        class::SECONDARY,
        palette.secondary,
        class::WALK,
        palette.walk,
        palette.road,
    ])
}

fn road(palette: &Palette, group: &Group, is_bridge: bool) -> Value {
    json!({
        "id": name(group, "fill", is_bridge), "type": "line",
        "source": CITY, "source-layer": "roads",
        "filter": filter(group.classes, is_bridge),
        "layout": { "line-cap": "round", "line-join": "round" },
        "paint": { "line-color": road_colour(palette), "line-width": width(group.widths, 0.0) },
    })
}

/// Tunnels are pale with a dashed casing.
fn tunnels(palette: &Palette) -> Value {
    let largest = [
        class::MOTORWAY,
        class::TRUNK,
        class::PRIMARY,
        class::SECONDARY,
    ];
    json!({
        "id": "tunnel", "type": "line", "source": CITY, "source-layer": "roads", "minzoom": 13,
        "filter": ["all", ["==", height(), 2], ["<", class_of(), class::PATH]],
        "layout": { "line-join": "round" },
        "paint": {
            "line-color": palette.casing,
            "line-opacity": 0.8,
            "line-dasharray": [2, 1],
            "line-gap-width": ["interpolate", ["exponential", 1.4], ["zoom"],
                13, ["case", is_one_of(&largest), 3.0, 1.2],
                16, ["case", is_one_of(&largest), 11.0, 6.0],
                18, ["case", is_one_of(&largest), 28.0, 18.0]],
            "line-width": ["interpolate", ["linear"], ["zoom"], 13, 0.7, 18, 2.0],
        },
    })
}

fn paths(palette: &Palette) -> Value {
    json!({
        "id": "path", "type": "line", "source": CITY, "source-layer": "roads", "minzoom": 15,
        "filter": ["all", is_one_of(&[class::PATH]), ["!=", height(), 2]],
        "layout": { "line-join": "round" },
        "paint": {
            "line-color": palette.path,
            "line-dasharray": [2, 1.5],
            "line-width": ["interpolate", ["linear"], ["zoom"], 16, 0.8, 18, 1.8],
        },
    })
}

fn rails(palette: &Palette, is_bridge: bool) -> Value {
    let kinds = [class::RAIL, class::TRAM, class::SIDING];
    json!({
        "id": if is_bridge { "bridge-rail" } else { "rail" },
        "type": "line", "source": CITY, "source-layer": "roads",
        "filter": filter(&kinds, is_bridge),
        "layout": { "line-join": "round" },
        "paint": {
            "line-color": palette.rail,
            "line-width": ["interpolate", ["exponential", 1.3], ["zoom"],
                10, ["match", ["get", "c"], class::RAIL, 0.7, 0.4],
                16, ["match", ["get", "c"], class::RAIL, 1.8, 1.1],
                18, ["match", ["get", "c"], class::RAIL, 3.0, 2.0]],
        },
    })
}

fn ferries(palette: &Palette) -> Value {
    json!({
        "id": "ferry", "type": "line", "source": CITY, "source-layer": "roads",
        "filter": is_one_of(&[class::FERRY]),
        "paint": { "line-color": palette.ferry, "line-dasharray": [4, 3], "line-width": 1.2 },
    })
}

fn runways(palette: &Palette) -> Value {
    json!({
        "id": "runway", "type": "line", "source": CITY, "source-layer": "roads", "minzoom": 11,
        "filter": is_one_of(&[class::RUNWAY, class::TAXIWAY]),
        "paint": {
            "line-color": palette.runway,
            "line-width": ["interpolate", ["exponential", 1.8], ["zoom"],
                11, ["match", ["get", "c"], class::RUNWAY, 2.0, 0.5],
                14, ["match", ["get", "c"], class::RUNWAY, 9.0, 2.0],
                18, ["match", ["get", "c"], class::RUNWAY, 90.0, 24.0]],
        },
    })
}
