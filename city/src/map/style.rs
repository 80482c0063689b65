//! The styles: one structure, two palettes. Day is light and calm, night is dim and warm without
//! pure white; the colours are those of the apps' theme where it has one.

mod labels;
mod palette;
mod roads;

use serde_json::{Value, json};

pub(super) use palette::{Palette, Rgb, SpritePalette};

use super::MapInfo;
use super::archive::ATTRIBUTION;
use super::fonts::BOLD;
use super::fonts::REGULAR;
use super::land::class as land;
use super::roads::NAME_LAST;

/// The tiles.
const CITY: &str = "city";
/// The same tiles without the last zoom, for the names of streets on close maps.
const NAMES: &str = "names";

/// A MapLibre style in the colours of a palette.
pub(super) fn style(palette: &Palette, info: &MapInfo) -> Value {
    let (south_west, north_east) = (info.south_west, info.north_east);
    let bounds = [
        south_west.lng(),
        south_west.lat(),
        north_east.lng(),
        north_east.lat(),
    ];
    let source = |maxzoom: u8| {
        json!({
            "type": "vector",
            "url": "pmtiles://{base}/map.pmtiles",
            "maxzoom": maxzoom,
            "attribution": ATTRIBUTION,
        })
    };
    let mut layers = grounds(palette);
    layers.extend(roads::layers(palette));
    layers.extend(labels::layers(palette));
    json!({
        "version": 8,
        "name": format!("Wayfare {}", palette.name),
        "metadata": { "wayfare:bounds": bounds },
        "center": [(bounds[0] + bounds[2]) / 2.0, (bounds[1] + bounds[3]) / 2.0],
        "zoom": 13,
        "sources": { CITY: source(super::ZOOM_MAX), NAMES: source(NAME_LAST) },
        "glyphs": "{base}/fonts/{fontstack}/{range}.pbf",
        "sprite": format!("{{base}}/sprite-{}", palette.name),
        "layers": layers,
    })
}

/// Land, water, buildings and borders.
fn grounds(palette: &Palette) -> Vec<Value> {
    let land_colour = json!([
        "match",
        ["get", "c"],
        land::HOMES,
        palette.homes,
        land::WORKS,
        palette.works,
        land::FARM,
        palette.farm,
        land::WOOD,
        palette.wood,
        land::PARK,
        palette.park,
        land::PITCH,
        palette.pitch,
        land::CEMETERY,
        palette.cemetery,
        land::CAMPUS,
        palette.campus,
        land::HOSPITAL,
        palette.hospital,
        land::SAND,
        palette.sand,
        land::AIRPORT,
        palette.airport,
        land::RUNWAY,
        palette.runway,
        land::PARKING,
        palette.parking,
        land::SQUARE,
        palette.square,
        palette.land,
    ]);
    let wide = |least: u8, most: u8| {
        json!([
            "all",
            [">=", ["get", "c"], least],
            ["<=", ["get", "c"], most]
        ])
    };
    let fill = |id: &str, filter: Value, colour: Value| {
        json!({
            "id": id, "type": "fill", "source": CITY, "source-layer": "land",
            "filter": filter,
            "paint": { "fill-color": colour, "fill-antialias": true },
        })
    };
    vec![
        json!({ "id": "background", "type": "background", "paint": { "background-color": palette.land } }),
        fill("land", wide(land::HOMES, land::WORKS), land_colour.clone()),
        fill("green", wide(land::FARM, land::WOOD), land_colour.clone()),
        fill(
            "special",
            json!([
                "any",
                [
                    "in",
                    ["get", "c"],
                    [
                        "literal",
                        [
                            land::CAMPUS,
                            land::SAND,
                            land::AIRPORT,
                            land::HOSPITAL,
                            land::CEMETERY
                        ]
                    ]
                ]
            ]),
            land_colour.clone(),
        ),
        fill("park", wide(land::PARK, land::PITCH), land_colour.clone()),
        json!({
            "id": "water", "type": "fill", "source": CITY, "source-layer": "water",
            "filter": ["==", ["geometry-type"], "Polygon"],
            "paint": { "fill-color": palette.water },
        }),
        json!({
            "id": "river", "type": "line", "source": CITY, "source-layer": "water",
            "filter": ["all", ["==", ["geometry-type"], "LineString"], ["!=", ["coalesce", ["get", "b"], 0], 2]],
            "layout": { "line-cap": "round", "line-join": "round" },
            "paint": {
                "line-color": palette.water,
                "line-width": ["interpolate", ["exponential", 1.4], ["zoom"],
                    9, ["match", ["get", "c"], 2, 0.8, 0.3],
                    14, ["match", ["get", "c"], 2, 2.5, 1.0],
                    18, ["match", ["get", "c"], 2, 8.0, 3.0]],
            },
        }),
        fill(
            "paved",
            json!([
                "in",
                ["get", "c"],
                [
                    "literal",
                    [land::RUNWAY, land::PARKING, land::SQUARE, land::PIER]
                ]
            ]),
            land_colour,
        ),
        json!({
            "id": "building", "type": "fill", "source": CITY, "source-layer": "buildings", "minzoom": 14,
            "paint": {
                "fill-color": palette.building,
                "fill-outline-color": palette.building_edge,
                "fill-opacity": ["interpolate", ["linear"], ["zoom"], 14, 0.5, 15.5, 1.0],
            },
        }),
        json!({
            "id": "border", "type": "line", "source": CITY, "source-layer": "borders",
            "paint": {
                "line-color": palette.border,
                "line-dasharray": [4, 2],
                "line-width": ["case", ["<=", ["get", "c"], 4], 1.4, 0.8],
                "line-opacity": ["interpolate", ["linear"], ["zoom"], 12, 0.7, 15, ["case", ["<=", ["get", "c"], 4], 0.6, 0.0]],
            },
        }),
    ]
}

fn regular() -> Value {
    json!([REGULAR])
}

fn bold() -> Value {
    json!([BOLD])
}
