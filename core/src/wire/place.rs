//! Positions on the wire, in degrees, and places that were found.

use serde::{Deserialize, Serialize};

use crate::geo::{LatLng, LatLngError};

/// A position in degrees, WGS 84.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(deny_unknown_fields))]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// Latitude, -90 to 90.
    #[cfg_attr(
        feature = "openapi",
        oai(validator(minimum(value = "-90"), maximum(value = "90")))
    )]
    pub lat: f64,
    /// Longitude, -180 to 180.
    #[cfg_attr(
        feature = "openapi",
        oai(validator(minimum(value = "-180"), maximum(value = "180")))
    )]
    pub lng: f64,
}

impl From<LatLng> for Point {
    fn from(position: LatLng) -> Self {
        Self {
            lat: position.lat(),
            lng: position.lng(),
        }
    }
}

impl TryFrom<Point> for LatLng {
    type Error = LatLngError;

    fn try_from(point: Point) -> Result<Self, LatLngError> {
        Self::from_degrees(point.lat, point.lng)
    }
}

/// What a place is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum PlaceSort {
    /// A house with its number.
    Address,
    /// A street.
    Street,
    /// A shop, a station, a school: something with a name.
    Poi,
    /// A district, a village, a city.
    Area,
}

/// A place that was found by its name or by a position.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
pub struct PlaceView {
    /// What it is.
    pub kind: PlaceSort,
    /// What to show: "Rua do Almada 45", "Central Station".
    pub name: String,
    /// Short id of what it is, such as `station`; may be empty.
    pub category: String,
    /// District and town, to tell places of one name apart; may be empty.
    pub context: String,
    /// Where.
    pub at: Point,
    /// From the position that was asked about, in metres; absent when there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance_m: Option<i64>,
}

/// The places that were found, the best first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct PlaceList {
    /// The places.
    pub places: Vec<PlaceView>,
}

#[cfg(feature = "routing")]
mod found {
    use super::{PlaceList, PlaceSort, PlaceView};
    use crate::places::{FoundPlace, PlaceKind};

    impl From<PlaceKind> for PlaceSort {
        fn from(kind: PlaceKind) -> Self {
            match kind {
                PlaceKind::Address => Self::Address,
                PlaceKind::Street => Self::Street,
                PlaceKind::Poi => Self::Poi,
                PlaceKind::Area => Self::Area,
            }
        }
    }

    impl From<FoundPlace> for PlaceView {
        fn from(found: FoundPlace) -> Self {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "no two places on earth are farther apart than 32 bits of metres"
            )]
            let whole = |metres: f64| libm::round(metres) as i64;
            Self {
                kind: found.kind.into(),
                name: found.name,
                category: found.category,
                context: found.context,
                at: found.at.into(),
                distance_m: found.distance_m.map(whole),
            }
        }
    }

    impl From<&[FoundPlace]> for PlaceList {
        fn from(found: &[FoundPlace]) -> Self {
            Self {
                places: found.iter().cloned().map(PlaceView::from).collect(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_place_has_this_form() {
        let place = PlaceView {
            kind: PlaceSort::Address,
            name: "Rua do Almada 45".to_owned(),
            category: String::new(),
            context: "Vitória, Porto".to_owned(),
            at: Point {
                lat: 41.147,
                lng: -8.612,
            },
            distance_m: Some(204),
        };
        let list = PlaceList {
            places: vec![place],
        };
        let expected = json!({
            "places": [{
                "kind": "address",
                "name": "Rua do Almada 45",
                "category": "",
                "context": "Vitória, Porto",
                "at": { "lat": 41.147, "lng": -8.612 },
                "distance_m": 204,
            }],
        });
        assert_eq!(serde_json::to_value(&list).unwrap(), expected);
        assert_eq!(serde_json::from_value::<PlaceList>(expected).unwrap(), list);
    }

    #[test]
    fn a_distance_that_nobody_asked_for_is_absent() {
        let text = r#"{"kind":"poi","name":"Majestic","category":"cafe","context":"","at":{"lat":1.0,"lng":2.0}}"#;
        let place: PlaceView = serde_json::from_str(text).unwrap();
        assert_eq!(place.distance_m, None);
        assert_eq!(serde_json::to_string(&place).unwrap(), text);
    }

    #[cfg(feature = "routing")]
    #[test]
    fn what_was_found_is_shown_in_whole_metres() {
        use crate::places::{FoundPlace, PlaceKind};
        let found = FoundPlace {
            kind: PlaceKind::Street,
            name: "Rua do Almada".to_owned(),
            category: "street".to_owned(),
            context: String::new(),
            at: LatLng::from_degrees(41.0, -8.0).unwrap(),
            distance_m: Some(12.6),
        };
        let list = PlaceList::from([found].as_slice());
        assert_eq!(list.places[0].kind, PlaceSort::Street);
        assert_eq!(list.places[0].distance_m, Some(13));
    }
}
