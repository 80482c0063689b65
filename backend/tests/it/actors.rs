//! The cast: alice and carol ride, bob and dan drive, and an admin looks at everything.
//!
//! They act over HTTP as their apps do. Riders have telephone numbers of their own range
//! (+351 92…), drivers (+351 93…) and admins (+351 94…) of theirs. Everybody starts out at or near
//! one corner of Porto; places are named by their distance from it.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use wayfare_backend::{fleet, identity};
use wayfare_core::id::{TripId, UserId, VehicleId};
use wayfare_core::trip::TripStatus;
use wayfare_core::vehicle::VehicleClass;
use wayfare_core::wire::{
    AcceptedPoints, Driver, Integrity, Offer, OfferList, Point, Quote, QuoteList, Session, Trip,
    Vehicle,
};

use crate::harness::{TestServer, wait_for};
use crate::people::{Answer, get, post, put, sign_in};

const M_PER_DEGREE: f64 = 111_195.0;

/// Where riders wait.
pub(crate) const PICKUP: Point = Point {
    lat: 41.15,
    lng: -8.61,
};
/// Where riders want to go: some three kilometres away.
pub(crate) const DROPOFF: Point = Point {
    lat: 41.17,
    lng: -8.63,
};

/// So many metres north of the pickup.
pub(crate) fn north_of_pickup(distance_m: f64) -> Point {
    Point {
        lat: PICKUP.lat + distance_m / M_PER_DEGREE,
        lng: PICKUP.lng,
    }
}

/// Somebody who is signed in.
#[derive(Debug)]
pub(crate) struct Actor {
    pub(crate) session: Session,
    /// Drivers have one.
    pub(crate) vehicle: Option<VehicleId>,
}

pub(crate) async fn alice(server: &TestServer) -> Actor {
    Actor::rider(server, 1, "Alice").await
}

pub(crate) async fn carol(server: &TestServer) -> Actor {
    Actor::rider(server, 2, "Carol").await
}

/// Approved, with a car, and offline.
pub(crate) async fn bob(server: &TestServer) -> Actor {
    Actor::driver(server, 1, "Bob", VehicleClass::Standard).await
}

/// Approved, with a car, and offline.
pub(crate) async fn dan(server: &TestServer) -> Actor {
    Actor::driver(server, 2, "Dan", VehicleClass::Standard).await
}

pub(crate) async fn admin(server: &TestServer) -> Actor {
    let phone = "+351940000001";
    identity::service::create_admin(&server.pool, &phone.parse().unwrap(), "Ada")
        .await
        .unwrap();
    Actor {
        session: sign_in(server, phone).await,
        vehicle: None,
    }
}

impl Actor {
    pub(crate) async fn rider(server: &TestServer, number: u32, name: &str) -> Self {
        let session = sign_in(server, &format!("+35192{number:07}")).await;
        let this = Self {
            session,
            vehicle: None,
        };
        let change = json!({ "name": name });
        let _: Value = crate::people::patch(server, "/v1/me")
            .by(&this.session)
            .json(change)
            .await
            .told(200);
        this
    }

    pub(crate) async fn driver(
        server: &TestServer,
        number: u32,
        name: &str,
        class: VehicleClass,
    ) -> Self {
        let driver = Self::pending_driver(server, number, name, class).await;
        let phone = &driver.session.user.phone;
        fleet::service::approve_driver_by_phone(&server.pool, phone)
            .await
            .unwrap();
        driver
    }

    /// Registered, with a car, and not approved.
    pub(crate) async fn pending_driver(
        server: &TestServer,
        number: u32,
        name: &str,
        class: VehicleClass,
    ) -> Self {
        let session = sign_in(server, &format!("+35193{number:07}")).await;
        let mut this = Self {
            session,
            vehicle: None,
        };
        let profile = json!({ "name": name });
        let _: Driver = this.posts(server, "/v1/drivers", profile).await.told(201);
        let car = json!({
            "plate": format!("T-{number}"), "make": "Dacia", "model": "Jogger", "colour": "blue",
            "vehicle_class": class,
        });
        let vehicle: Vehicle = this.posts(server, "/v1/vehicles", car).await.told(201);
        this.vehicle = Some(vehicle.id);
        this
    }

    pub(crate) fn id(&self) -> UserId {
        self.session.user.id
    }

    pub(crate) async fn gets(&self, server: &TestServer, path: &str) -> Answer {
        get(server, path).by(&self.session).send().await
    }

    pub(crate) async fn posts(&self, server: &TestServer, path: &str, body: Value) -> Answer {
        post(server, path).by(&self.session).json(body).await
    }

    /// The same under an idempotency key.
    pub(crate) async fn posts_as(
        &self,
        server: &TestServer,
        key: &str,
        path: &str,
        body: Value,
    ) -> Answer {
        post(server, path)
            .by(&self.session)
            .keyed(key)
            .json(body)
            .await
    }

    /// A quote for the usual ride in a standard car.
    pub(crate) async fn gets_quote(&self, server: &TestServer) -> Quote {
        self.gets_quote_for(server, VehicleClass::Standard).await
    }

    pub(crate) async fn gets_quote_for(&self, server: &TestServer, class: VehicleClass) -> Quote {
        let body = json!({ "pickup": PICKUP, "dropoff": DROPOFF });
        self.gets_quote_of(server, class, body).await
    }

    /// A quote for any ride.
    pub(crate) async fn gets_quote_of(
        &self,
        server: &TestServer,
        class: VehicleClass,
        ride: Value,
    ) -> Quote {
        let list: QuoteList = self.posts(server, "/v1/quotes", ride).await.told(201);
        list.quotes
            .into_iter()
            .find(|quote| quote.vehicle_class == class)
            .unwrap()
    }

    pub(crate) async fn requests_trip(&self, server: &TestServer) -> Trip {
        let quote = self.gets_quote(server).await;
        self.posts(server, "/v1/trips", json!({ "quote_id": quote.id }))
            .await
            .told(201)
    }

    pub(crate) async fn sees(&self, server: &TestServer, trip: TripId) -> Trip {
        self.gets(server, &format!("/v1/trips/{trip}"))
            .await
            .told(200)
    }

    /// Tries to move a trip on: `arrive`, `start`, `complete`, `cancel`, `cash-payment`, `ratings`.
    pub(crate) async fn tries(
        &self,
        server: &TestServer,
        step: &str,
        trip: TripId,
        body: Value,
    ) -> Answer {
        self.posts(server, &format!("/v1/trips/{trip}/{step}"), body)
            .await
    }

    pub(crate) async fn cancels(&self, server: &TestServer, trip: TripId, reason: &str) -> Trip {
        self.tries(server, "cancel", trip, json!({ "reason": reason }))
            .await
            .told(200)
    }

    pub(crate) async fn rates(&self, server: &TestServer, trip: TripId, stars: u8) -> Trip {
        self.tries(server, "ratings", trip, json!({ "stars": stars }))
            .await
            .told(201)
    }

    /// Wants offers and is at a place.
    pub(crate) async fn is_free_at(&self, server: &TestServer, place: Point) {
        self.goes_online(server).await;
        self.is_at(server, place).await;
    }

    pub(crate) async fn goes_online(&self, server: &TestServer) {
        let body = json!({ "status": "online", "vehicle_id": self.vehicle });
        let _: Driver = self.sets_availability(server, body).await.told(200);
    }

    pub(crate) async fn goes_offline(&self, server: &TestServer) {
        let _: Driver = self
            .sets_availability(server, json!({ "status": "offline" }))
            .await
            .told(200);
    }

    pub(crate) async fn sets_availability(&self, server: &TestServer, body: Value) -> Answer {
        put(server, "/v1/drivers/me/availability")
            .by(&self.session)
            .json(body)
            .await
    }

    pub(crate) async fn is_at(&self, server: &TestServer, place: Point) {
        let _: AcceptedPoints = self
            .sends_points(server, &[point(place, Utc::now())])
            .await
            .told(200);
    }

    pub(crate) async fn sends_points(&self, server: &TestServer, points: &[Value]) -> Answer {
        self.posts(
            server,
            "/v1/drivers/me/locations",
            json!({ "points": points }),
        )
        .await
    }

    pub(crate) async fn offers(&self, server: &TestServer) -> Vec<Offer> {
        let list: OfferList = self.gets(server, "/v1/offers").await.told(200);
        list.offers
    }

    /// Waits for an offer.
    pub(crate) async fn is_offered_trip(&self, server: &TestServer) -> Offer {
        let phone = &self.session.user.phone;
        wait_for(&format!("an offer for {}", phone.as_str()), || async {
            self.offers(server).await.pop()
        })
        .await
    }

    pub(crate) async fn accepts(&self, server: &TestServer, offer: &Offer) -> Trip {
        self.tries_to_accept(server, offer).await.told(200)
    }

    pub(crate) async fn tries_to_accept(&self, server: &TestServer, offer: &Offer) -> Answer {
        self.posts(
            server,
            &format!("/v1/offers/{}/accept", offer.id),
            Value::Null,
        )
        .await
    }

    pub(crate) async fn declines(&self, server: &TestServer, offer: &Offer) {
        let path = format!("/v1/offers/{}/decline", offer.id);
        self.posts(server, &path, json!({ "reason": "too_far" }))
            .await
            .done();
    }

    pub(crate) async fn arrives(&self, server: &TestServer, trip: TripId) -> Trip {
        self.tries(server, "arrive", trip, Value::Null)
            .await
            .told(200)
    }

    pub(crate) async fn starts(&self, server: &TestServer, trip: &Trip) -> Trip {
        self.tries(
            server,
            "start",
            trip.id,
            json!({ "pin": trip.pin.unwrap() }),
        )
        .await
        .told(200)
    }

    pub(crate) async fn completes(&self, server: &TestServer, trip: TripId) -> Trip {
        self.tries(server, "complete", trip, Value::Null)
            .await
            .told(200)
    }

    /// Takes what the trip costs.
    pub(crate) async fn takes_cash(&self, server: &TestServer, trip: TripId) -> Trip {
        let payment = self.sees(server, trip).await.payment.unwrap();
        let body = json!({ "amount": payment.amount });
        self.tries(server, "cash-payment", trip, body)
            .await
            .told(201)
    }

    pub(crate) async fn checks_integrity(&self, server: &TestServer) -> Integrity {
        self.gets(server, "/v1/admin/integrity").await.told(200)
    }
}

/// A position as a device reports it.
pub(crate) fn point(place: Point, at: DateTime<Utc>) -> Value {
    json!({ "t": at, "lat": place.lat, "lng": place.lng, "accuracy_m": 5.0 })
}

/// `count` positions, a second apart, the last one now.
pub(crate) fn track(count: i32) -> Vec<Value> {
    let now = Utc::now();
    let at = |n| {
        point(
            north_of_pickup(f64::from(n)),
            now - TimeDelta::seconds(i64::from(count - n)),
        )
    };
    (1..=count).map(at).collect()
}

/// Brings a trip of the rider with this driver as far as wanted. Answers it as the rider sees it.
pub(crate) async fn ride_until(
    server: &TestServer,
    rider: &Actor,
    driver: &Actor,
    wanted: TripStatus,
) -> Trip {
    let trip = rider.requests_trip(server).await;
    drive_until(server, rider, driver, &trip, wanted).await
}

/// Brings a trip that looks for a driver as far as wanted, with this driver. Answers it as the rider
/// sees it.
pub(crate) async fn drive_until(
    server: &TestServer,
    rider: &Actor,
    driver: &Actor,
    trip: &Trip,
    wanted: TripStatus,
) -> Trip {
    if wanted != TripStatus::Requested {
        driver.is_free_at(server, north_of_pickup(300.0)).await;
        let offer = driver.is_offered_trip(server).await;
        assert_eq!(offer.trip_id, trip.id);
        driver.accepts(server, &offer).await;
        for status in [
            TripStatus::Assigned,
            TripStatus::Arrived,
            TripStatus::InProgress,
        ] {
            if wanted == status {
                break;
            }
            match status {
                TripStatus::Assigned => driver.arrives(server, trip.id).await,
                TripStatus::Arrived => driver.starts(server, trip).await,
                _ => driver.completes(server, trip.id).await,
            };
        }
    }
    let trip = rider.sees(server, trip.id).await;
    assert_eq!(trip.status, wanted);
    trip
}

/// All rows that a trip, its money or its messages live in.
pub(crate) async fn everything(server: &TestServer) -> Value {
    sqlx::query_scalar(
        "SELECT jsonb_build_object(
             'trips', (SELECT jsonb_agg(x ORDER BY x.id) FROM trips.trips x),
             'events', (SELECT jsonb_agg(x ORDER BY x.trip_id, x.version) FROM trips.events x),
             'ratings', (SELECT jsonb_agg(x ORDER BY x.trip_id, x.side) FROM trips.ratings x),
             'points', (SELECT jsonb_agg(x ORDER BY x.recorded_at) FROM trips.track_points x),
             'offers', (SELECT jsonb_agg(x ORDER BY x.id) FROM dispatch.offers x),
             'receipts', (SELECT jsonb_agg(x ORDER BY x.trip_id) FROM pricing.receipts x),
             'quotes', (SELECT jsonb_agg(x ORDER BY x.id) FROM pricing.quotes x),
             'drivers', (SELECT jsonb_agg(x ORDER BY x.id) FROM fleet.drivers x),
             'accounts', (SELECT jsonb_agg(x ORDER BY x.id) FROM payments.accounts x),
             'transactions', (SELECT jsonb_agg(x ORDER BY x.id) FROM payments.transactions x),
             'entries', (SELECT jsonb_agg(x ORDER BY x.id) FROM payments.entries x),
             'payments', (SELECT jsonb_agg(x ORDER BY x.id) FROM payments.trip_payments x),
             'messages', (SELECT jsonb_agg(x ORDER BY x.user_id, x.cursor)
                 FROM realtime.messages x),
             'keys', (SELECT jsonb_agg(x ORDER BY x.user_id, x.key)
                 FROM platform.idempotency_keys x)
         )",
    )
    .fetch_one(&server.pool)
    .await
    .unwrap()
}
