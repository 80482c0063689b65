//! Names, shields, icons and house numbers. The first of two that collide is the later one here:
//! places over shields over streets over points of interest.

use serde_json::{Value, json};

use super::super::points::POI_KINDS;
use super::super::roads::{NAME_LAST, class};
use super::super::sprite::{ARROW, SHIELD};
use super::{CITY, NAMES, Palette, bold, regular};

/// All symbols, from the least important up.
pub(super) fn layers(palette: &Palette) -> Vec<Value> {
    let mut layers = vec![numbers(palette), arrows(), pois(palette)];
    // Street names are in the tiles up to a zoom; closer maps go on drawing those tiles.
    let turn = NAME_LAST + 1;
    let sources = [(CITY, "maxzoom"), (NAMES, "minzoom")];
    for (source, limit) in sources {
        layers.push(limited(waters(palette, source), limit, turn));
    }
    for (source, limit) in sources {
        layers.push(limited(streets(palette, source), limit, turn));
    }
    for (source, limit) in sources {
        layers.push(limited(shields(palette, source), limit, turn));
    }
    layers.extend(places(palette));
    layers
}

fn limited(mut layer: Value, limit: &str, zoom: u8) -> Value {
    if let Some(fields) = layer.as_object_mut() {
        fields.insert(limit.to_owned(), json!(zoom));
    }
    layer
}

fn numbers(palette: &Palette) -> Value {
    json!({
        "id": "house-number", "type": "symbol", "source": CITY, "source-layer": "numbers",
        "minzoom": 16.5,
        "layout": {
            "text-field": ["get", "n"], "text-font": regular(),
            "text-size": ["interpolate", ["linear"], ["zoom"], 16.5, 9.5, 18, 12],
            "text-padding": 3,
        },
        "paint": text_paint(palette.ink_muted, palette.halo, 1.0),
    })
}

fn arrows() -> Value {
    json!({
        "id": "one-way", "type": "symbol", "source": CITY, "source-layer": "roads", "minzoom": 16,
        "filter": ["==", ["get", "o"], 1],
        "layout": {
            "symbol-placement": "line", "symbol-spacing": 140,
            "icon-image": ARROW, "icon-rotation-alignment": "map",
            "icon-size": ["interpolate", ["linear"], ["zoom"], 16, 0.6, 18, 1.0],
            "icon-padding": 8,
        },
        "paint": { "icon-opacity": 0.75 },
    })
}

fn pois(palette: &Palette) -> Value {
    let mut icons = vec![json!("match"), json!(["get", "c"])];
    for kind in POI_KINDS {
        icons.extend([json!(kind.class), json!(kind.icon)]);
    }
    icons.push(json!("office"));
    json!({
        "id": "poi", "type": "symbol", "source": CITY, "source-layer": "pois", "minzoom": 10,
        // Beyond the large ones there is room for the rest on close maps only.
        "filter": ["any", ["<=", ["get", "c"], 17], [">=", ["zoom"], 16.5]],
        "layout": {
            "symbol-sort-key": ["get", "c"],
            "icon-image": icons,
            "icon-size": ["interpolate", ["linear"], ["zoom"], 13, 0.8, 17, 1.0],
            "icon-padding": 4,
            "text-field": ["coalesce", ["get", "n"], ""],
            "text-font": regular(),
            "text-size": ["interpolate", ["linear"], ["zoom"], 13, 10.5, 18, 12.5],
            "text-anchor": "top", "text-offset": [0, 0.95], "text-max-width": 8,
            "text-optional": true, "text-padding": 4,
        },
        "paint": text_paint(palette.ink_muted, palette.halo, 1.2),
    })
}

fn text_paint(colour: &str, halo: &str, width: f64) -> Value {
    json!({ "text-color": colour, "text-halo-color": halo, "text-halo-width": width })
}

fn waters(palette: &Palette, source: &str) -> Value {
    json!({
        "id": format!("water-name-{source}"), "type": "symbol",
        "source": source, "source-layer": "water",
        "filter": ["all", ["has", "n"], ["!=", ["coalesce", ["get", "b"], 0], 2]],
        "layout": {
            "symbol-placement": "line", "symbol-spacing": 500,
            "text-field": ["get", "n"], "text-font": regular(),
            "text-size": ["interpolate", ["linear"], ["zoom"], 12, 11, 17, 15],
            "text-letter-spacing": 0.08, "text-padding": 20,
        },
        "paint": text_paint(palette.ink_water, palette.water, 1.2),
    })
}

fn streets(palette: &Palette, source: &str) -> Value {
    let class_of = json!(["coalesce", ["get", "c"], class::MINOR]);
    let large = json!([
        class::MOTORWAY,
        class::TRUNK,
        class::PRIMARY,
        class::SECONDARY
    ]);
    let is_large = json!(["in", class_of, ["literal", large]]);
    let size = |large: f64, small: f64| json!(["case", is_large, large, small]);
    json!({
        "id": format!("street-name-{source}"), "type": "symbol",
        "source": source, "source-layer": "roads", "minzoom": 13,
        "filter": ["has", "n"],
        "layout": {
            "symbol-placement": "line", "symbol-spacing": 320,
            "symbol-sort-key": ["match", class_of, class::MINOR, 6, class_of],
            "text-field": ["get", "n"], "text-font": regular(),
            "text-size": ["interpolate", ["linear"], ["zoom"],
                13, size(11.0, 10.0), 16, size(13.5, 12.0), 18, size(17.0, 15.0)],
            "text-padding": 6, "text-max-angle": 32,
        },
        "paint": text_paint(palette.ink_street, palette.halo, 1.6),
    })
}

fn shields(palette: &Palette, source: &str) -> Value {
    json!({
        "id": format!("shield-{source}"), "type": "symbol",
        "source": source, "source-layer": "roads", "minzoom": 9,
        "filter": ["all", ["has", "r"], ["<=", ["length", ["get", "r"]], 7]],
        "layout": {
            "symbol-placement": "line", "symbol-spacing": 420,
            "symbol-sort-key": ["get", "c"],
            "icon-image": SHIELD, "icon-text-fit": "both",
            "icon-rotation-alignment": "viewport", "text-rotation-alignment": "viewport",
            "text-field": ["get", "r"], "text-font": bold(), "text-size": 10.5,
            "text-padding": 24, "icon-padding": 24,
        },
        "paint": { "text-color": palette.ink_street },
    })
}

fn places(palette: &Palette) -> [Value; 3] {
    let layer = |id: &str, filter: Value, layout: Value, paint: Value| {
        let mut all = json!({
            "text-field": ["get", "n"], "symbol-sort-key": ["get", "c"],
            "text-max-width": 8, "text-padding": 8,
        });
        if let (Some(all), Some(more)) = (all.as_object_mut(), layout.as_object()) {
            all.extend(more.clone());
        }
        json!({
            "id": id, "type": "symbol", "source": CITY, "source-layer": "places",
            "filter": filter, "layout": all, "paint": paint,
        })
    };
    let area = layer(
        "area-name",
        json!([">=", ["get", "c"], 8]),
        json!({
            "text-font": regular(),
            "text-size": ["interpolate", ["linear"], ["zoom"], 12, 10.5, 17, 13],
        }),
        json!({
            "text-color": ["match", ["get", "c"], 8, palette.ink_water, palette.ink_green],
            "text-halo-color": ["match", ["get", "c"], 8, palette.water, palette.park],
            "text-halo-width": 1.2,
        }),
    );
    let quarter = layer(
        "quarter",
        json!(["all", [">=", ["get", "c"], 4], ["<", ["get", "c"], 8]]),
        json!({
            "text-font": regular(), "text-letter-spacing": 0.06,
            "text-size": ["interpolate", ["linear"], ["zoom"],
                12, ["match", ["get", "c"], 4, 12.0, 11.0],
                16, ["match", ["get", "c"], 4, 16.0, 14.0]],
        }),
        text_paint(palette.ink_muted, palette.halo, 1.6),
    );
    let town = layer(
        "town",
        json!(["<", ["get", "c"], 4]),
        json!({
            "text-font": bold(),
            "text-size": ["interpolate", ["linear"], ["zoom"],
                8, ["match", ["get", "c"], 1, 14.0, 2, 11.0, 10.0],
                12, ["match", ["get", "c"], 1, 21.0, 2, 15.0, 12.0],
                16, ["match", ["get", "c"], 1, 28.0, 2, 20.0, 16.0]],
        }),
        text_paint(palette.ink, palette.halo, 1.8),
    );
    [area, quarter, town]
}
