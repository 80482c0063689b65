//! Streets, addresses and points of interest: found by what people type, and by where they are.
//!
//! [`encode`] packs places, [`PlaceIndex`] answers from the packed bytes as they lie in a file:
//! opening checks every byte and keeps only small tables in memory. Words of names are a tree that
//! is searched for what was typed, its beginning, and slips of one or two letters; house numbers
//! lie with their street. No query can fail: what is not there is not found.

mod bytes;
mod details;
mod dictionary;
mod encode;
mod error;
mod fold;
mod group;
mod index;
mod layout;
mod number;
mod position;
mod reverse;
mod search;
mod typo;
mod words;

pub use encode::encode;
pub use error::PlacesError;
pub use index::PlaceIndex;

use crate::geo::LatLng;

/// What a place is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum PlaceKind {
    /// A house with its number.
    Address,
    /// A street.
    Street,
    /// A shop, a station, a school: something with a name.
    Poi,
    /// A district, a village, a city.
    Area,
}

/// What a builder knows of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPlace {
    /// Kind.
    pub kind: PlaceKind,
    /// Name of the street, the point or the area; of the street for an address.
    pub name: String,
    /// Other names that people type (name:en, old_name, short_name, ref).
    pub also: Vec<String>,
    /// House number, for an address.
    pub number: Option<String>,
    /// What it is, as a short id (`station`, `restaurant`, `suburb`); may be empty.
    pub category: String,
    /// District and town, for people to tell places of one name apart; may be empty.
    pub context: String,
    /// How well known it is, 0 to 255.
    pub importance: u8,
    /// Where.
    pub at: LatLng,
    /// The lines of a street, or the closed outlines of a large point of interest such as an
    /// airport: a position on or in them is at the place. May be empty.
    pub shape: Vec<Vec<LatLng>>,
}

/// A place that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundPlace {
    /// Kind.
    pub kind: PlaceKind,
    /// What to show: "Rua do Almada 45", "Central Station".
    pub name: String,
    /// Short id of what it is; may be empty.
    pub category: String,
    /// District and town; may be empty.
    pub context: String,
    /// Where.
    pub at: LatLng,
    /// From the position that was given, in metres.
    pub distance_m: Option<f64>,
}

#[cfg(test)]
mod tests;
