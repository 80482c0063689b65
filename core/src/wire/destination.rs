//! Where drivers want to get to: until then they are only asked for trips that lead there.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::place::Point;

/// Asks for trips that lead to a place only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(
    feature = "openapi",
    oai(deny_unknown_fields, skip_serializing_if_is_none)
)]
#[serde(deny_unknown_fields)]
pub struct NewDestination {
    /// Latitude in degrees.
    #[cfg_attr(
        feature = "openapi",
        oai(validator(minimum(value = "-90"), maximum(value = "90")))
    )]
    pub lat: f64,
    /// Longitude in degrees.
    #[cfg_attr(
        feature = "openapi",
        oai(validator(minimum(value = "-180"), maximum(value = "180")))
    )]
    pub lng: f64,
    /// Until when; at most three hours from now, which is also meant if it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
}

/// Where a driver wants to get to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct Destination {
    /// The place.
    pub at: Point,
    /// Afterwards all trips count again.
    pub until: DateTime<Utc>,
}

/// Whether the signed-in driver is only asked for trips to a place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
pub struct DriverDestination {
    /// Where to, if the driver wants to get anywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<Destination>,
    /// How often another place can be named before the city's day ends.
    pub uses_left: u32,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn destinations_have_this_form() {
        let wish: NewDestination =
            serde_json::from_value(json!({"lat": 43.7, "lng": 7.4})).unwrap();
        assert_eq!(wish.until, None);
        let wrong = json!({"lat": 43.7, "lng": 7.4, "at": "2026-03-01T12:00:00Z"});
        assert!(serde_json::from_value::<NewDestination>(wrong).is_err());
        for form in [
            json!({
                "destination": {"at": {"lat": 43.7, "lng": 7.4}, "until": "2026-03-01T12:00:00Z"},
                "uses_left": 1,
            }),
            json!({ "uses_left": 2 }),
        ] {
            let read: DriverDestination = serde_json::from_value(form.clone()).unwrap();
            assert_eq!(serde_json::to_value(&read).unwrap(), form);
        }
    }
}
