use serde_json::{Value, json};

use super::*;

mod random;
mod reading;
mod shapes;
mod tolls;

fn at(lat: f64, lng: f64) -> LatLng {
    LatLng::from_degrees(lat, lng).unwrap()
}

/// A file of features.
fn file(features: &[Value]) -> String {
    json!({"type": "FeatureCollection", "features": features}).to_string()
}

fn feature(id: &str, kind: &str, geometry: &Value) -> Value {
    json!({"type": "Feature", "properties": {"id": id, "kind": kind}, "geometry": geometry})
}

fn square(west: f64, south: f64, size: f64) -> Value {
    let (east, north) = (west + size, south + size);
    json!([
        [west, south],
        [east, south],
        [east, north],
        [west, north],
        [west, south]
    ])
}

fn polygon(rings: &[Value]) -> Value {
    json!({"type": "Polygon", "coordinates": rings})
}

fn toll(id: &str, points: &[(f64, f64)]) -> Value {
    feature(
        id,
        "toll_line",
        &json!({"type": "LineString", "coordinates": points}),
    )
}

fn ids(zones: &[&Zone]) -> Vec<String> {
    zones.iter().map(|zone| zone.id.clone()).collect()
}

/// Way points as (longitude, latitude) in whole degrees.
fn way(points: &[(i32, i32)]) -> Vec<LatLng> {
    let degree = 10_000_000;
    let at = |(lng, lat): &(i32, i32)| LatLng::from_e7(lat * degree, lng * degree).unwrap();
    points.iter().map(at).collect()
}
