//! Tolls and zones, as far as a tariff has a price for them.

use crate::pricing::Tariff;

/// The tolls among these that the tariff knows, in their order. One that it does not know costs
/// nothing.
pub fn known_tolls(tariff: &Tariff, crossed: &[String]) -> Vec<String> {
    let prices = &tariff.spec().tolls;
    let known = crossed.iter().filter(|id| prices.contains_key(*id));
    known.cloned().collect()
}

/// The zones among these that have a fee, each once.
pub fn known_zones(tariff: &Tariff, zones: impl IntoIterator<Item = String>) -> Vec<String> {
    let fees = &tariff.spec().zones;
    let mut known: Vec<String> = Vec::new();
    for zone in zones {
        if fees.contains_key(&zone) && !known.contains(&zone) {
            known.push(zone);
        }
    }
    known
}
