//! Rides as they happen, and claims that are right or not.

mod claims;
mod properties;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use super::*;
use crate::geo::LatLng;
use crate::id::{DriverId, RiderId, TripId, VehicleId};
use crate::pricing::{Facts, RideLength, Tariff, WaypointFacts};
use crate::track::{Roads, TrackPoint, measure};
use crate::trip::{Assignment, Event, Party, Pin, Trip, TripRequest};
use crate::vehicle::VehicleClass;

const DEMO_TARIFF: &str = include_str!("../../../docs/examples/tariff.json");
/// About 111 m to the north, in units of 1e-7 degrees.
const STEP_E7: i32 = 10_000;
const PICKUP_E7: i32 = 437_000_000;
const LNG_E7: i32 = 74_000_000;
const STRAIGHT: StraightPlan = StraightPlan {
    detour_bps: 13_000,
    speed_kmh: 36,
};
/// What a ride of ten kilometres is quoted as.
const QUOTED: RideLength = RideLength {
    distance_m: 10_000,
    duration_s: 1_200,
};

/// A road that is a fifth longer than the straight line, a toll line in the north and one that the
/// tariff does not know, and an airport even further.
#[derive(Debug, Clone, Copy)]
struct Coast;

impl Roads for Coast {
    fn length_mm(&self, from: LatLng, to: LatLng) -> Option<u64> {
        Some(from.distance_mm(to) / 5 * 6)
    }
}

impl Ground for Coast {
    fn read(&self, track: &[TrackPoint]) -> DrivenWay {
        let north = |point: &TrackPoint| point.position.lat_e7() > place(40).lat_e7();
        let tolls = track.iter().any(north).then(|| {
            let lines = ["unknown", "a8_la_turbie"];
            lines.map(str::to_owned).to_vec()
        });
        DrivenWay {
            reading: measure(track, self),
            tolls: Some(tolls.unwrap_or_default()),
        }
    }

    fn zones_at(&self, at: LatLng) -> Option<Vec<String>> {
        let far = at.lat_e7() > place(60).lat_e7();
        Some(if far {
            vec!["airport".to_owned(), "coast".to_owned()]
        } else {
            vec!["coast".to_owned()]
        })
    }

    fn length_along(&self, places: &[LatLng], _begins: DateTime<Tz>) -> Option<RideLength> {
        (places.len() < 4).then(|| {
            StraightPlan {
                detour_bps: 12_000,
                ..STRAIGHT
            }
            .length(places)
        })
    }
}

fn place(steps: i32) -> LatLng {
    LatLng::from_e7(PICKUP_E7 + steps * STEP_E7, LNG_E7).unwrap()
}

fn at(seconds: i64) -> DateTime<Utc> {
    let noon: DateTime<Utc> = "2026-11-20T11:00:00Z".parse().unwrap();
    noon + TimeDelta::seconds(seconds)
}

fn tariff() -> Tariff {
    Tariff::new(serde_json::from_str(DEMO_TARIFF).unwrap()).unwrap()
}

fn quoted() -> Facts {
    Facts {
        tolls: vec!["a8_la_turbie".to_owned()],
        ..Facts::ride(
            QUOTED.distance_m,
            QUOTED.duration_s,
            at(-300).fixed_offset(),
        )
    }
}

/// A stop that the car came to.
#[derive(Debug, Clone, Copy)]
struct Made {
    reached_s: i64,
    left_s: Option<i64>,
}

/// A ride from step 0 north over `waypoints` to `dropoff`, in steps, that began at second 0.
#[derive(Debug, Clone)]
struct Story {
    waypoints: Vec<i32>,
    dropoff: i32,
    /// The rider changed the dropoff before the ride.
    moved_to: Option<i32>,
    waited_s: i64,
    made: Vec<Made>,
    completed_s: i64,
}

impl Story {
    /// Eight kilometres without a stop, in a quarter of an hour.
    fn plain() -> Self {
        Self {
            waypoints: vec![],
            dropoff: 72,
            moved_to: None,
            waited_s: 100,
            made: vec![],
            completed_s: 900,
        }
    }

    fn trip(&self) -> Trip {
        let mut trip = Trip::requested(TripRequest {
            trip: TripId::from_uuid(Uuid::from_u128(1)),
            rider: RiderId::from_uuid(Uuid::from_u128(2)),
            vehicle_class: VehicleClass::Standard,
            pickup: place(0),
            waypoints: self.waypoints.iter().copied().map(place).collect(),
            dropoff: place(self.dropoff),
            pickup_at: None,
            for_someone_else: false,
            pin: Some(Pin::from_number(1234)),
            requested_at: at(-2_000),
        });
        for event in self.events() {
            trip.apply(&event);
        }
        trip
    }

    fn events(&self) -> Vec<Event> {
        let assignment = Assignment {
            driver: DriverId::from_uuid(Uuid::from_u128(3)),
            vehicle: VehicleId::from_uuid(Uuid::from_u128(4)),
            assigned_at: at(-1_900),
        };
        let mut events = vec![Event::Assigned { assignment }];
        events.extend(self.moved_to.map(|dropoff| Event::StopsChanged {
            waypoints: self.waypoints.iter().copied().map(place).collect(),
            dropoff: place(dropoff),
            by: Party::Rider,
            at: at(-1_800),
        }));
        events.push(Event::Arrived {
            at: at(-self.waited_s),
        });
        events.push(Event::Started { at: at(0) });
        for (stop, made) in (0..).zip(&self.made) {
            events.push(Event::StopReached {
                stop,
                at: at(made.reached_s),
            });
            events.extend(made.left_s.map(|left_s| Event::StopLeft {
                stop,
                at: at(left_s),
            }));
        }
        events.push(Event::Completed {
            at: at(self.completed_s),
        });
        events
    }
}

/// A point on the way north.
fn seen(second: i64, steps: i32) -> TrackPoint {
    TrackPoint {
        at_ms: at(second).timestamp_millis(),
        accuracy_mm: 5_000,
        position: place(steps),
        speed_mm_s: None,
    }
}

/// From second 0 to the last one, a step every 12 seconds.
fn northward(steps: i32) -> Vec<TrackPoint> {
    (0..=steps)
        .map(|step| seen(i64::from(step) * 12, step))
        .collect()
}

/// What a ride of these is.
struct Ride {
    trip: Trip,
    quoted: Facts,
    tariff: Tariff,
    track: Vec<TrackPoint>,
}

impl Ride {
    fn of(story: &Story, track: Vec<TrackPoint>) -> Self {
        Self {
            trip: story.trip(),
            quoted: quoted(),
            tariff: tariff(),
            track,
        }
    }

    fn over(&self) -> RideOver<'_> {
        RideOver {
            trip: &self.trip,
            quoted: &self.quoted,
            tariff: &self.tariff,
            plan: QUOTED,
            straight: STRAIGHT,
            track: &self.track,
        }
    }

    /// As the server knows it while the points are not there.
    fn without_track(&self) -> RideOver<'_> {
        RideOver {
            track: &[],
            ..self.over()
        }
    }
}
