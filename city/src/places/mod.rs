//! Streets, addresses and points of interest of an extract.
//!
//! Ways of one name that belong together become one street with its lines; house numbers name
//! their street; what is drawn as a node and as an area comes once. Every place gets the district
//! and town that tell it apart from others of its name.

mod addresses;
mod chains;
mod kinds;
mod names;
mod outline;
mod plane;
mod points;
mod regions;
mod streets;

use wayfare_core::places::NewPlace;

use self::plane::Plane;
use self::regions::Regions;
use crate::osm::Extract;

/// Everything in an extract that people may search for.
pub fn collect(extract: &Extract) -> Vec<NewPlace> {
    let plane = Plane::of(extract);
    let regions = Regions::of(extract, plane);
    let mut places = streets::collect(extract, &plane, &regions);
    let addresses = addresses::collect(extract, &plane, &regions, &places);
    places.extend(points::collect(extract, &plane, &regions));
    places.extend(regions.places());
    places.extend(addresses);
    places
}

#[cfg(test)]
mod tests;
