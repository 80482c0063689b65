//! Drivers and riders who do everything at once, on the real server: whatever they do, every trip
//! has one truth. The same races are run a million times over in a model, see `wayfare-sim races`.

use futures_util::future::join_all;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use tokio::time::{Duration, Instant, sleep};
use wayfare_core::id::TripId;
use wayfare_core::vehicle::VehicleClass;
use wayfare_core::wire::{Offer, Trip};

use crate::actors::{Actor, admin, north_of_pickup};
use crate::harness::{TestServer, wait_for};
use crate::people::count;

const DRIVERS: u32 = 5;
const RIDERS: u32 = 7;
const LASTS: Duration = Duration::from_secs(6);

/// Somebody who decides by chance.
struct Moody<'a> {
    server: &'a TestServer,
    actor: Actor,
    chance: SmallRng,
    until: Instant,
}

impl Moody<'_> {
    async fn waits(&mut self) {
        sleep(Duration::from_millis(self.chance.random_range(0..80))).await;
    }

    /// Does it in so many of a hundred cases.
    fn feels_like(&mut self, percent: u32) -> bool {
        self.chance.random_range(0..100) < percent
    }

    async fn drives(mut self) {
        while Instant::now() < self.until {
            self.actor.is_at(self.server, north_of_pickup(150.0)).await;
            for offer in self.actor.offers(self.server).await {
                self.answers(&offer).await;
            }
            if self.feels_like(5) {
                // Refused while a trip is under way.
                let offline = json!({ "status": "offline" });
                self.actor.sets_availability(self.server, offline).await;
                self.waits().await;
                self.actor.goes_online(self.server).await;
            }
            self.waits().await;
        }
        // Refused if a trip is under way.
        let offline = json!({ "status": "offline" });
        self.actor.sets_availability(self.server, offline).await;
    }

    async fn answers(&mut self, offer: &Offer) {
        match self.chance.random_range(0..10) {
            0 => {}
            1 => {
                let path = format!("/v1/offers/{}/decline", offer.id);
                let body = json!({ "reason": "too_far" });
                let answer = self.actor.posts(self.server, &path, body).await;
                assert!([204, 409].contains(&answer.status), "{}", answer.body);
            }
            _ => {
                let answer = self.actor.tries_to_accept(self.server, offer).await;
                assert!([200, 409].contains(&answer.status), "{}", answer.body);
                if answer.status == 200 {
                    self.goes_on(offer.trip_id).await;
                }
            }
        }
    }

    /// Drives the trip, or gives it back. The rider may call it off at any moment before the start.
    async fn goes_on(&mut self, trip: TripId) {
        self.waits().await;
        if self.feels_like(25) {
            let body = json!({ "reason": "vehicle_problem" });
            self.tries("cancel", trip, body).await;
            return;
        }
        let pin: String = sqlx::query_scalar("SELECT pin FROM trips.trips WHERE id = $1")
            .bind(trip.uuid())
            .fetch_one(&self.server.pool)
            .await
            .unwrap();
        for (step, body) in [
            ("arrive", Value::Null),
            ("start", json!({ "pin": pin })),
            ("complete", Value::Null),
        ] {
            if !self.tries(step, trip, body).await {
                return;
            }
            self.waits().await;
        }
    }

    /// Whether it was done; if not, because the trip has gone another way.
    async fn tries(&self, step: &str, trip: TripId, body: Value) -> bool {
        let answer = self.actor.tries(self.server, step, trip, body).await;
        assert!(
            [200, 404, 409].contains(&answer.status),
            "{step}: {} {}",
            answer.status,
            answer.body
        );
        answer.status == 200
    }

    async fn rides(mut self) {
        while Instant::now() < self.until {
            let trip = self.actor.requests_trip(self.server).await;
            while Instant::now() < self.until {
                self.waits().await;
                if self.feels_like(6) {
                    let body = json!({ "reason": "changed_mind" });
                    self.tries("cancel", trip.id, body).await;
                }
                if self.sees(trip.id).await.status.is_final() {
                    break;
                }
            }
        }
    }

    async fn sees(&self, trip: TripId) -> Trip {
        self.actor.sees(self.server, trip).await
    }
}

/// What must be 0, always.
const PROMISES: &[(&str, &str)] = &[
    (
        "trips with a driver and not exactly one accepted offer of that driver",
        "SELECT count(*) FROM trips.trips t
         WHERE t.status IN ('assigned', 'arrived', 'in_progress', 'completed')
             AND (SELECT count(*) FROM dispatch.offers o
                  WHERE o.trip_id = t.id AND o.status = 'accepted') <> 1",
    ),
    (
        "accepted offers of another driver than the trip's",
        "SELECT count(*) FROM dispatch.offers o JOIN trips.trips t ON t.id = o.trip_id
         WHERE o.status = 'accepted' AND t.status <> 'cancelled'
             AND o.driver_id IS DISTINCT FROM t.driver_id",
    ),
    (
        "open offers of trips that do not look for a driver",
        "SELECT count(*) FROM dispatch.offers o JOIN trips.trips t ON t.id = o.trip_id
         WHERE o.status = 'open' AND t.status <> 'requested'",
    ),
    (
        "drivers with more than one trip and one ahead",
        "SELECT count(*) FROM (
             SELECT driver_id FROM trips.trips
             WHERE status IN ('assigned', 'arrived', 'in_progress')
             GROUP BY driver_id HAVING count(*) FILTER (WHERE NOT forward) > 1
                 OR count(*) FILTER (WHERE forward) > 1
         ) busy",
    ),
    (
        "trips ahead of nothing",
        "SELECT count(*) FROM trips.trips t WHERE t.forward AND NOT EXISTS (
             SELECT FROM trips.trips first WHERE first.driver_id = t.driver_id
                 AND first.status IN ('assigned', 'arrived', 'in_progress') AND NOT first.forward
         )",
    ),
    (
        "trips given back too often",
        "SELECT count(*) FROM trips.trips WHERE releases > 6",
    ),
];

async fn promises_hold(server: &TestServer, seed: u64) {
    for (promise, statement) in PROMISES {
        assert_eq!(count(server, statement).await, 0, "seed {seed}: {promise}");
    }
}

#[tokio::test]
async fn whatever_everybody_does_at_once_every_trip_has_one_truth() {
    for seed in 0..2 {
        storm(seed).await;
    }
}

async fn storm(seed: u64) {
    let server = TestServer::start_with(|config| {
        config.dispatch.tick_ms = 50;
        config.dispatch.offer_timeout_s = 1;
        config.dispatch.waves_max = 100;
        config.database.max_connections = 8;
    })
    .await;
    let server = &server;
    let until = Instant::now() + LASTS;
    let moody = |actor, number: u32| Moody {
        server,
        actor,
        chance: SmallRng::seed_from_u64(seed * 1000 + u64::from(number)),
        until,
    };
    let drivers = join_all((1..=DRIVERS).map(|number| async move {
        let driver = Actor::driver(server, number, "Driver", VehicleClass::Standard).await;
        driver.goes_online(server).await;
        moody(driver, number).drives().await;
    }));
    let riders = join_all((1..=RIDERS).map(|number| async move {
        let rider = Actor::rider(server, number, "Rider").await;
        moody(rider, 100 + number).rides().await;
    }));
    let looking = async {
        while Instant::now() < until {
            promises_hold(server, seed).await;
            sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::join!(drivers, riders, looking);
    promises_hold(server, seed).await;
    let completed = "SELECT count(*) FROM trips.trips WHERE status = 'completed'";
    assert!(
        count(server, completed).await > 0,
        "seed {seed}: nobody rode"
    );
    let promises = admin(server).await.checks_integrity(server).await;
    assert_eq!(promises.double_assignments, 0, "seed {seed}");
    assert_eq!(promises.unbooked_trips, 0, "seed {seed}");
    assert_eq!(promises.ledger.imbalance_minor, 0, "seed {seed}");
    nothing_is_lost(server, seed).await;
}

/// Every trip that still looks for a driver finds one of those who come now.
async fn nothing_is_lost(server: &TestServer, seed: u64) {
    let looking = "SELECT count(*) FROM trips.trips WHERE status = 'requested'";
    let trips = u32::try_from(count(server, looking).await).unwrap();
    let late = (0..trips).map(|number| async move {
        let driver = Actor::driver(server, 50 + number, "Late", VehicleClass::Standard).await;
        driver.is_free_at(server, north_of_pickup(100.0)).await;
        wait_for(
            &format!("seed {seed}: a trip for a late driver"),
            || async {
                for offer in driver.offers(server).await {
                    if driver.tries_to_accept(server, &offer).await.status == 200 {
                        return Some(());
                    }
                }
                (count(server, looking).await == 0).then_some(())
            },
        )
        .await;
    });
    join_all(late).await;
    assert_eq!(count(server, looking).await, 0, "seed {seed}");
    promises_hold(server, seed).await;
}
