//! Streets, addresses and points of interest: found by what people type, and by where they are.

use crate::city::PackBytes;
use crate::geo::LatLng;

/// What a place is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
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
}

/// Why bytes are no places.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlacesError {
    /// The bytes do not start as a file of places does.
    #[error("these bytes are no packed places")]
    NotPlaces,
    /// Another version wrote them.
    #[error("these places have version {found}, this program reads version {expected}")]
    Version {
        /// What the bytes say.
        found: u16,
        /// What this program reads.
        expected: u16,
    },
    /// They end early or contradict themselves.
    #[error("the places are damaged: {0}")]
    Damaged(&'static str),
    /// More than fit.
    #[error("too many places, or too long texts")]
    TooLarge,
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

/// The places of a city.
#[derive(Debug, Clone)]
pub struct PlaceIndex {}

/// The bytes of a pack's `places.bin`. No place at all is fine.
pub fn encode(_places: &[NewPlace]) -> Result<Vec<u8>, PlacesError> {
    Err(PlacesError::TooLarge) // Stub
}

impl PlaceIndex {
    /// More results than this are never given.
    pub const LIMIT_MAX: usize = 50;
    /// Longer queries are cut.
    pub const QUERY_CHARS_MAX: usize = 200;

    /// Makes packed places ready.
    pub fn open(_bytes: PackBytes) -> Result<Self, PlacesError> {
        Err(PlacesError::NotPlaces) // Stub
    }

    /// How many places there are.
    pub fn len(&self) -> usize {
        0 // Stub
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What a person may mean by a text: whole words or the beginning of the last one, with a typo
    /// or two, accents or not, number before or after the street. Best first; near places before
    /// far ones when a position is given.
    pub fn search(&self, _text: &str, _near: Option<LatLng>, _limit: usize) -> Vec<FoundPlace> {
        Vec::new() // Stub
    }

    /// What is at a position: the nearest addresses, points of interest and streets within a
    /// radius in metres, the best name for the position first.
    pub fn reverse(&self, _at: LatLng, _radius_m: f64, _limit: usize) -> Vec<FoundPlace> {
        Vec::new() // Stub
    }
}
