//! Tolls and zones: what the city's ground says, as far as a tariff has a price for it.

use wayfare_core::geo::LatLng;
use wayfare_core::pricing::Tariff;
use wayfare_core::wire::ErrorCode;

use crate::places::City;
use crate::platform::failure::Failure;

/// The tolls among these that the tariff knows. One that it does not know costs nothing.
pub(super) fn known_tolls(tariff: &Tariff, crossed: &[String]) -> Vec<String> {
    let prices = &tariff.spec().tolls;
    let known = crossed.iter().filter(|id| prices.contains_key(*id));
    known.cloned().collect()
}

/// The zones with a fee in which a ride begins or ends, each once. `None` without a pack.
pub(super) fn zones(city: &City, tariff: &Tariff, ends: [LatLng; 2]) -> Option<Vec<String>> {
    let pack = city.pack()?;
    let fees = &tariff.spec().zones;
    let mut found: Vec<String> = Vec::new();
    for zone in ends.into_iter().flat_map(|end| pack.zones.containing(end)) {
        if fees.contains_key(&zone.id) && !found.contains(&zone.id) {
            found.push(zone.id.clone());
        }
    }
    Some(found)
}

/// Refuses a pickup outside the city's boundary.
pub(super) fn check_pickup(city: &City, pickup: LatLng) -> Result<(), Failure> {
    let Some(pack) = city.pack().filter(|pack| !pack.zones.serves(pickup)) else {
        return Ok(());
    };
    let detail = format!("the pickup is outside {}", pack.manifest.name);
    Err(Failure::refused(ErrorCode::OutsideServiceArea, detail))
}
