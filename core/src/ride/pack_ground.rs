//! The ground of a city pack.

use std::sync::Arc;

use chrono::DateTime;
use chrono_tz::Tz;

use super::ground::{DrivenWay, Ground};
use crate::city::CityPack;
use crate::geo::LatLng;
use crate::pricing::RideLength;
use crate::roads::{Route, RouteRequest, TrackFix};
use crate::track::{TrackPoint, measure};

const MM_PER_M: f64 = 1000.0;
const THOUSAND: u64 = 1000;
const HALF_A_THOUSAND: u64 = 500;
/// A place is brought to the nearest road, but not over a mountain or a lake.
const ROAD_WITHIN_M: f64 = 2000.0;

/// The ground of a city pack: gaps are bridged by road, and tolls, zones and ways are the pack's.
#[derive(Debug, Clone)]
pub struct PackGround {
    pack: Arc<CityPack>,
}

impl PackGround {
    /// The ground of this pack.
    pub const fn new(pack: Arc<CityPack>) -> Self {
        Self { pack }
    }

    /// The toll lines that a track crosses by road: a car that stands at a line, whose position drifts
    /// to and fro across it, has not crossed it each time.
    fn tolls(&self, track: &[TrackPoint]) -> Vec<String> {
        let pack = &self.pack;
        if !pack.has_tolls() {
            return Vec::new();
        }
        let fixes: Vec<TrackFix> = track
            .iter()
            .map(|point| TrackFix {
                at: point.position,
                at_ms: point.at_ms,
                accuracy_m: Some(f64::from(point.accuracy_mm) / MM_PER_M),
            })
            .collect();
        let matched = pack
            .roads
            .with_search(|search| pack.roads.match_track(search, &fixes));
        let drives = matched.drives.iter();
        drives
            .flat_map(|drive| pack.zones.tolls_along(&drive.geometry))
            .collect()
    }
}

impl Ground for PackGround {
    fn read(&self, track: &[TrackPoint]) -> DrivenWay {
        DrivenWay {
            reading: measure(track, &self.pack.roads),
            tolls: Some(self.tolls(track)),
        }
    }

    fn zones_at(&self, at: LatLng) -> Option<Vec<String>> {
        let zones = self.pack.zones.containing(at);
        Some(zones.into_iter().map(|zone| zone.id.clone()).collect())
    }

    fn length_along(&self, places: &[LatLng], begins: DateTime<Tz>) -> Option<RideLength> {
        if !(2..=RouteRequest::STOPS_MAX).contains(&places.len()) {
            return None;
        }
        let request = RouteRequest {
            stops: places.to_vec(),
            slowness_bps: self.pack.manifest.speed_profile.slowness_bps(&begins),
            geometry: false,
            steps: false,
        };
        let roads = &self.pack.roads;
        let route = roads.with_search(|search| roads.route(search, &request));
        let route = route.ok().filter(|route| is_near(places, route))?;
        Some(RideLength {
            distance_m: whole(route.length_mm),
            duration_s: whole(route.duration_ms),
        })
    }
}

/// Whether the route begins, stops and ends anywhere near where it should.
fn is_near(places: &[LatLng], route: &Route) -> bool {
    let stops = places.iter().zip(&route.stops);
    stops
        .into_iter()
        .all(|(wanted, found)| wanted.distance_m(*found) <= ROAD_WITHIN_M)
}

/// Thousandths, rounded half up.
fn whole(thousandths: u64) -> i64 {
    let rounded = thousandths
        .saturating_add(HALF_A_THOUSAND)
        .div_euclid(THOUSAND);
    i64::try_from(rounded).unwrap_or(i64::MAX)
}
