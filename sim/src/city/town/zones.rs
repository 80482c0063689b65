//! Zones of the town for the operator: where drivers wait in a queue.

use serde_json::{Value, json};
use wayfare_core::geo::{LatLng, LatLngError};

use super::ground::Spot;
use super::land::rectangle;
use super::landmarks::STATION;
use super::ring::AIRPORT;
use super::write::plane;

/// The zones as GeoJSON, as `wayfare city build --zones` reads it.
pub fn zones() -> Result<Value, LatLngError> {
    let features = [
        zone("airport", "airport_queue", "Aeroporto", AIRPORT, 420.0)?,
        zone(
            "station",
            "station_queue",
            "Estação Central",
            STATION,
            240.0,
        )?,
    ];
    Ok(json!({"type": "FeatureCollection", "features": features}))
}

fn zone(id: &str, kind: &str, name: &str, at: Spot, size_m: f64) -> Result<Value, LatLngError> {
    let plane = plane()?;
    let mut ring: Vec<[f64; 2]> = rectangle(at, size_m, size_m)
        .map(|corner| plane.at(corner.east_m, corner.north_m))
        .map(|corner: LatLng| [corner.lng(), corner.lat()])
        .to_vec();
    ring.extend(ring.first().copied());
    Ok(json!({
        "type": "Feature",
        "properties": {"id": id, "kind": kind, "name": name},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }))
}
