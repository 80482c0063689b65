//! Tolls and zones: what the city's ground says, as far as a tariff has a price for it.

use wayfare_core::geo::LatLng;
use wayfare_core::pricing::Tariff;
use wayfare_core::ride::known_zones;
use wayfare_core::wire::ErrorCode;

use crate::places::City;
use crate::platform::failure::Failure;

/// The zones with a fee in which a ride begins or ends, each once. `None` without a pack.
pub(super) fn zones(city: &City, tariff: &Tariff, ends: [LatLng; 2]) -> Option<Vec<String>> {
    Some(known_zones(tariff, zones_at(city, ends)?))
}

/// All zones in which a ride begins or ends. `None` without a pack.
pub(super) fn zones_at(city: &City, ends: [LatLng; 2]) -> Option<Vec<String>> {
    let pack = city.pack()?;
    let zones = ends.into_iter().flat_map(|end| pack.zones.containing(end));
    Some(zones.map(|zone| zone.id.clone()).collect())
}

/// Refuses a pickup outside the city's boundary.
pub(super) fn check_pickup(city: &City, pickup: LatLng) -> Result<(), Failure> {
    let Some(pack) = city.pack().filter(|pack| !pack.zones.serves(pickup)) else {
        return Ok(());
    };
    let detail = format!("the pickup is outside {}", pack.manifest.name);
    Err(Failure::refused(ErrorCode::OutsideServiceArea, detail))
}
