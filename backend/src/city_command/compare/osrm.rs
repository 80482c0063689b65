//! An OSRM server: its answers, and how long they take.

use std::fmt::Write as _;
use std::io;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use wayfare_core::geo::LatLng;

use super::http::Connection;
use super::statistics::Way;
use crate::city_command::draw::Pair;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum OsrmError {
    #[error("the OSRM server does not answer: {0}")]
    Silent(#[from] io::Error),
    #[error("the OSRM server answers with what is not OSRM's JSON: {0}")]
    Form(#[from] serde_json::Error),
    #[error("the OSRM server refuses: {code} (status {status})")]
    Refused { code: String, status: u16 },
}

/// How much of a route is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// Length and duration.
    Sums,
    /// Geometry and steps as well.
    Steps,
}

/// An OSRM server.
#[derive(Debug)]
pub(super) struct Osrm(Connection);

#[derive(Debug, Deserialize)]
struct Coded<T> {
    code: String,
    #[serde(flatten)]
    content: Option<T>,
}

#[derive(Debug, Deserialize)]
struct Routes {
    routes: Vec<Route>,
}

#[derive(Debug, Deserialize)]
struct Route {
    distance: f64,
    duration: f64,
}

#[derive(Debug, Deserialize)]
struct Nothing {}

impl Osrm {
    /// A server by its address; `None` if that is not of the form `http://HOST:PORT`.
    pub(super) fn at(url: &str) -> Option<Self> {
        Connection::to(url).map(Self)
    }

    /// The way between two places; `None` if OSRM finds none.
    pub(super) fn route(&mut self, pair: &Pair) -> Result<Option<Way>, OsrmError> {
        let path = route_path(pair, Detail::Sums);
        let Some(found) = self.get::<Routes>(&path)? else {
            return Ok(None);
        };
        Ok(found.routes.first().map(|route| Way {
            distance_m: route.distance,
            duration_s: route.duration,
        }))
    }

    /// Asks and looks no closer at the answer than whether it is one: for measuring.
    pub(super) fn fetch(&mut self, path: &str) -> Result<(), OsrmError> {
        let reply = self.0.get(path)?;
        if reply.status == 200 {
            return Ok(());
        }
        // That there is no way is an answer with status 400.
        let coded: Coded<Nothing> = serde_json::from_slice(&reply.body)?;
        match coded.code.as_str() {
            "NoRoute" | "NoSegment" => Ok(()),
            _ => Err(OsrmError::Refused {
                code: coded.code,
                status: reply.status,
            }),
        }
    }

    /// Whether a table of this size is allowed.
    pub(super) fn allows_table(&mut self, places: &[LatLng]) -> Result<(), OsrmError> {
        self.get::<Nothing>(&table_path(places)).map(drop)
    }

    /// The content of an answer; `None` if there is no way.
    fn get<T: DeserializeOwned>(&mut self, path: &str) -> Result<Option<T>, OsrmError> {
        let reply = self.0.get(path)?;
        let coded: Coded<T> = serde_json::from_slice(&reply.body)?;
        match (coded.code.as_str(), coded.content) {
            ("Ok", Some(content)) => Ok(Some(content)),
            ("NoRoute" | "NoSegment", _) => Ok(None),
            _ => Err(OsrmError::Refused {
                code: coded.code,
                status: reply.status,
            }),
        }
    }
}

/// The path of a request for a route.
pub(super) fn route_path(pair: &Pair, detail: Detail) -> String {
    let detail = match detail {
        Detail::Sums => "overview=false&steps=false&generate_hints=false",
        Detail::Steps => "overview=full&steps=true&geometries=polyline6&generate_hints=false",
    };
    let places = coordinates(&[pair.from, pair.to]);
    format!("/route/v1/driving/{places}?{detail}")
}

/// The path of a request for a table of durations between all places.
pub(super) fn table_path(places: &[LatLng]) -> String {
    format!(
        "/table/v1/driving/{}?generate_hints=false",
        coordinates(places)
    )
}

/// The path of the cheapest request there is: the nearest road.
pub(super) fn nearest_path(at: LatLng) -> String {
    format!(
        "/nearest/v1/driving/{}?generate_hints=false",
        coordinates(&[at])
    )
}

fn coordinates(places: &[LatLng]) -> String {
    let mut text = String::new();
    for (index, at) in places.iter().enumerate() {
        let separator = if index == 0 { "" } else { ";" };
        // Writing into a string cannot fail.
        let _ = write!(text, "{separator}{:.6},{:.6}", at.lng(), at.lat());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_have_the_longitude_first() {
        let from = LatLng::from_degrees(41.149_61, -8.610_99).unwrap();
        let to = LatLng::from_degrees(-0.5, 0.0).unwrap();
        assert_eq!(
            route_path(&Pair { from, to }, Detail::Sums),
            "/route/v1/driving/-8.610990,41.149610;0.000000,-0.500000?overview=false&steps=false&generate_hints=false"
        );
    }
}
