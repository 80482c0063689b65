//! What the tests of whole rides share: rides with stops, rides of realistic length, what the driver's
//! phone measures on the way, and receipts with what it takes to check them.

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use serde_json::{Value, json};
use wayfare_core::id::TripId;
use wayfare_core::pricing::{
    Driven, Facts, RideLength, Settlement, Tariff, TariffSpec, WaypointFacts, proven_ride, settle,
};
use wayfare_core::quote::verify_quote;
use wayfare_core::receipt::{Receipt, ReceiptError, read_receipt, verify_receipt};
use wayfare_core::signing::{Jws, KeyRing};
use wayfare_core::track::{StraightLine, TrackPoint, measure};
use wayfare_core::vehicle::VehicleClass;
use wayfare_core::wire::{
    AcceptedPoints, CancellationCost, JwkSet, LocationPoint, Point, Quote, TariffVersion, Trip,
    TripReceipt,
};

use crate::actors::{Actor, DROPOFF, PICKUP, north_of_pickup};
use crate::harness::TestServer;
use crate::people::{Answer, get, put};

/// A stop on the way, some 1.2 km from the pickup.
pub(super) const MARKET: Point = Point {
    lat: 41.16,
    lng: -8.615,
};
/// Another one, between the market and the dropoff.
pub(super) const STATION: Point = Point {
    lat: 41.165,
    lng: -8.625,
};
/// Where nobody of the cast wanted to go at first, beyond the dropoff.
pub(super) const HARBOUR: Point = Point {
    lat: 41.18,
    lng: -8.64,
};

/// The most points that one request may carry.
const BATCH: usize = 100;
/// Seconds between two points of a phone.
const POINT_EVERY_S: i64 = 3;

/// The usual ride over these stops.
pub(super) fn ride_over(waypoints: &[Point]) -> Value {
    json!({ "pickup": PICKUP, "waypoints": waypoints, "dropoff": DROPOFF })
}

impl Actor {
    /// A quote for a ride in a standard car.
    pub(super) async fn is_quoted(&self, server: &TestServer, ride: Value) -> Quote {
        self.gets_quote_of(server, VehicleClass::Standard, ride)
            .await
    }

    /// Asks for a trip of a ride in a standard car.
    pub(crate) async fn requests_ride(&self, server: &TestServer, ride: Value) -> Trip {
        let quote = self.is_quoted(server, ride).await;
        self.takes_quote(server, &quote).await.told(201)
    }

    pub(super) async fn takes_quote(&self, server: &TestServer, quote: &Quote) -> Answer {
        let body = json!({ "quote_id": quote.id });
        self.posts(server, "/v1/trips", body).await
    }

    pub(super) async fn reaches_stop(&self, server: &TestServer, trip: TripId) -> Trip {
        self.tries(server, "stops/reach", trip, Value::Null)
            .await
            .told(200)
    }

    pub(super) async fn leaves_stop(&self, server: &TestServer, trip: TripId) -> Trip {
        self.tries(server, "stops/leave", trip, Value::Null)
            .await
            .told(200)
    }

    pub(super) async fn tries_to_change_stops(
        &self,
        server: &TestServer,
        trip: TripId,
        waypoints: &[Point],
        dropoff: Point,
    ) -> Answer {
        put(server, &format!("/v1/trips/{trip}/stops"))
            .by(&self.session)
            .json(json!({ "waypoints": waypoints, "dropoff": dropoff }))
            .await
    }

    pub(super) async fn changes_stops(
        &self,
        server: &TestServer,
        trip: TripId,
        waypoints: &[Point],
        dropoff: Point,
    ) -> Trip {
        self.tries_to_change_stops(server, trip, waypoints, dropoff)
            .await
            .told(200)
    }

    /// What calling the trip off would cost this person now.
    pub(super) async fn asks_what_cancelling_costs(
        &self,
        server: &TestServer,
        trip: TripId,
    ) -> CancellationCost {
        self.gets(server, &format!("/v1/trips/{trip}/cancellation-fee"))
            .await
            .told(200)
    }

    pub(super) async fn tries_to_get_receipt(&self, server: &TestServer, trip: TripId) -> Answer {
        self.gets(server, &format!("/v1/trips/{trip}/receipt"))
            .await
    }

    /// Tries what only an admin may: `reassign`, `cancel`, `complete`.
    pub(super) async fn tries_as_admin(
        &self,
        server: &TestServer,
        step: &str,
        trip: TripId,
        body: Value,
    ) -> Answer {
        self.posts(server, &format!("/v1/admin/trips/{trip}/{step}"), body)
            .await
    }

    /// Sends a track as a phone with a bad network does: in batches that come out of order, backwards
    /// in themselves, some of them at once, and one of them twice.
    pub(super) async fn sends_track(&self, server: &TestServer, track: &[LocationPoint]) {
        let mut batches: Vec<Vec<Value>> = track
            .chunks(BATCH)
            .map(|batch| batch.iter().rev().map(|point| json!(point)).collect())
            .collect();
        batches.rotate_left(1);
        let again = batches[0].clone();
        let sent = batches.iter().map(|batch| self.sends_points(server, batch));
        let mut kept = 0;
        for answer in join_all(sent).await {
            kept += answer.told::<AcceptedPoints>(200).kept;
        }
        assert_eq!(usize::try_from(kept).unwrap(), track.len());
        let repeated: AcceptedPoints = self.sends_points(server, &again).await.told(200);
        assert_eq!(repeated.kept, 0, "a point that is sent twice counts once");
    }
}

/// Makes everything that happened to a trip so far older, as if the test had waited for so long.
///
/// No test can wait a quarter of an hour, and the server's clock is the system's. So the times in the
/// trip's row are moved back: those of its state, its visits, its request, its agreed pickup and its
/// last event. Points that are sent afterwards then fall into the ride. The events keep their times,
/// as nothing may change an event; the server does not read them again.
pub(crate) async fn age(server: &TestServer, trip: TripId, seconds: i64) {
    let by = TimeDelta::seconds(seconds);
    let (mut state, mut visits): (Value, Value) =
        sqlx::query_as("SELECT state, visits FROM trips.trips WHERE id = $1")
            .bind(trip.uuid())
            .fetch_one(&server.pool)
            .await
            .unwrap();
    move_times(&mut state, by);
    move_times(&mut visits, by);
    sqlx::query(
        "UPDATE trips.trips
         SET state = $2, visits = $3, last_event_at = last_event_at - $4,
             requested_at = requested_at - $4, pickup_at = pickup_at - $4
         WHERE id = $1",
    )
    .bind(trip.uuid())
    .bind(state)
    .bind(visits)
    .bind(by)
    .execute(&server.pool)
    .await
    .unwrap();
}

fn move_times(json: &mut Value, by: TimeDelta) {
    match json {
        Value::String(text) => {
            if let Ok(time) = text.parse::<DateTime<Utc>>() {
                *json = json!(time - by);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| move_times(item, by)),
        Value::Object(fields) => fields.values_mut().for_each(|field| move_times(field, by)),
        _ => {}
    }
}

/// What a phone measures in a car that drives north at this speed. Its clock is finer than what the
/// server keeps, and its numbers are not round.
pub(super) fn drive(from: DateTime<Utc>, to: DateTime<Utc>, speed_mps: f64) -> Vec<LocationPoint> {
    let measured = |n: u32| {
        let at_s = f64::from(n) * 3.0;
        let place = north_of_pickup(at_s * speed_mps);
        LocationPoint {
            t: from
                + TimeDelta::nanoseconds(123_456_789)
                + TimeDelta::seconds(i64::from(n) * POINT_EVERY_S),
            lat: place.lat,
            lng: place.lng,
            accuracy_m: 3.9 + f64::from(n % 7) / 3.0,
            speed_mps: (!n.is_multiple_of(5)).then_some(speed_mps),
            heading_deg: Some(0.1),
        }
    };
    (0..)
        .map(measured)
        .take_while(|point| point.t <= to)
        .collect()
}

/// A receipt, and what a phone needs to check it without the server.
#[derive(Debug)]
pub(crate) struct Proof {
    pub(super) ring: KeyRing,
    pub(super) tariff: Tariff,
    pub(super) signed: Jws,
}

impl Proof {
    /// Fetches everything as a phone does.
    pub(crate) async fn of(server: &TestServer, person: &Actor, trip: TripId) -> Self {
        let receipt: TripReceipt = person.tries_to_get_receipt(server, trip).await.told(200);
        let keys: JwkSet = get(server, "/v1/signing-keys").send().await.told(200);
        let ring = KeyRing::try_from(&keys).unwrap();
        let named = read_receipt(&ring, &receipt.signed).unwrap().tariff;
        let path = format!("/v1/tariffs/{}/versions/{}", named.id, named.version);
        let version: TariffVersion = person.gets(server, &path).await.told(200);
        let spec: TariffSpec = serde_json::from_value(version.spec).unwrap();
        Self {
            ring,
            tariff: Tariff::new(spec).unwrap(),
            signed: receipt.signed,
        }
    }

    pub(crate) fn verify(&self, track: Option<&[TrackPoint]>) -> Result<Receipt, ReceiptError> {
        verify_receipt(&self.ring, &self.signed, &self.tariff, track)
    }

    /// The facts that a quote promised.
    pub(super) fn promised(&self, quote: &Quote) -> Facts {
        let promise = verify_quote(&self.ring, &quote.signed).unwrap();
        promise.check_fare(&self.tariff).unwrap();
        promise.facts
    }

    /// What a completed trip must cost, computed from what the test knows itself.
    pub(super) fn settles(&self, quote: &Quote, trip: &Trip, ride: Ride<'_>) -> Settlement {
        let (arrived_at, started_at) = (trip.arrived_at.unwrap(), trip.started_at.unwrap());
        let waits_since = trip.pickup_at.map_or(arrived_at, |at| at.max(arrived_at));
        let quoted = self.promised(quote);
        let reading = measure(ride.track, &StraightLine);
        let waits = ride.stop_waits.iter();
        let driven = Driven {
            ride: proven_ride(&reading, started_at, trip.completed_at.unwrap()),
            replanned: ride.replanned,
            started_at: started_at.fixed_offset(),
            wait_s: (started_at - waits_since).num_seconds().max(0),
            waypoints: waits
                .map(|wait_s| WaypointFacts { wait_s: *wait_s })
                .collect(),
            tolls: Vec::new(),
            zones: Vec::new(),
            loading_s: 0,
            unloading_s: 0,
            tip_minor: 0,
        };
        settle(&self.tariff, &quoted, &driven).unwrap()
    }
}

/// What a test knows of a ride beyond what the trip shows.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Ride<'a> {
    /// The points between start and end.
    pub(super) track: &'a [TrackPoint],
    /// How long the car stood at each stop on the way, in seconds.
    pub(super) stop_waits: &'a [i64],
    /// The plan along other stops than those of the quote.
    pub(super) replanned: Option<RideLength>,
}

/// The points of a ride, as the fingerprint of a track is taken.
pub(super) fn track_of(points: &[LocationPoint], trip: &Trip) -> Vec<TrackPoint> {
    let ride = trip.started_at.unwrap()..=trip.completed_at.unwrap();
    let of_ride = points.iter().filter(|point| ride.contains(&point.t));
    of_ride
        .map(|point| TrackPoint::try_from(point).unwrap())
        .collect()
}
