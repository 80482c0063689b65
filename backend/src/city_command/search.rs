//! `wayfare city search` and `reverse`: places by what people type, and by where they are.

use std::path::PathBuf;

use clap::Args;
use wayfare_core::city::CityPack;
use wayfare_core::geo::LatLng;
use wayfare_core::wire::{PlaceList, PlaceView};

use super::{Answer, CityFailure, position, words};

/// What is at a position is no further away, as in the server.
const REVERSE_RADIUS_M: f64 = 250.0;

/// What to search.
#[derive(Debug, Args)]
pub(super) struct SearchOrder {
    /// Folder of the pack
    #[arg(long, value_name = "DIR")]
    city: PathBuf,
    /// What a person types: a street, an address, a place
    #[arg(value_name = "TEXT")]
    text: String,
    /// Near places come before far ones
    #[arg(long, value_name = "LAT,LNG", allow_hyphen_values = true, value_parser = position::parse)]
    near: Option<LatLng>,
    /// How many places at most
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u8).range(1..=50))]
    limit: u8,
}

/// Where to look.
#[derive(Debug, Args)]
pub(super) struct ReverseOrder {
    /// Folder of the pack
    #[arg(long, value_name = "DIR")]
    city: PathBuf,
    /// The position
    #[arg(long, value_name = "LAT,LNG", allow_hyphen_values = true, value_parser = position::parse)]
    at: LatLng,
    /// How many places at most
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u8).range(1..=50))]
    limit: u8,
}

pub(super) fn search(order: &SearchOrder) -> Result<Answer, CityFailure> {
    if order.text.trim().is_empty() {
        return Err(CityFailure::wrong("invalid_text", "the text is empty"));
    }
    let pack = CityPack::open(&order.city)?;
    let found = pack
        .places
        .search(&order.text, order.near, order.limit.into());
    answer(&PlaceList::from(found.as_slice()))
}

pub(super) fn reverse(order: &ReverseOrder) -> Result<Answer, CityFailure> {
    let pack = CityPack::open(&order.city)?;
    let found = pack
        .places
        .reverse(order.at, REVERSE_RADIUS_M, order.limit.into());
    answer(&PlaceList::from(found.as_slice()))
}

fn answer(list: &PlaceList) -> Result<Answer, CityFailure> {
    let lines: Vec<String> = list.places.iter().map(line).collect();
    let words = match lines.is_empty() {
        true => "Nothing was found.".to_owned(),
        false => lines.join("\n"),
    };
    Answer::of(list, words)
}

fn line(place: &PlaceView) -> String {
    let mut parts = vec![place.name.clone()];
    for part in [&place.context, &place.category] {
        if !part.is_empty() {
            parts.push(part.clone());
        }
    }
    if let Some(distance_m) = place.distance_m {
        parts.push(words::metres(distance_m));
    }
    format!(
        "{:.6},{:.6}  {}",
        place.at.lat,
        place.at.lng,
        parts.join(", ")
    )
}
