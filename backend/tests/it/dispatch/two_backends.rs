//! Two backends on one PostgreSQL and one Redis behind a proxy, as processes that can be killed.

use std::collections::HashSet;
use std::path::PathBuf;

use futures_util::future::join_all;
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::{Duration, Instant, sleep};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use wayfare_core::id::TripId;
use wayfare_core::trip::TripStatus;
use wayfare_core::vehicle::VehicleClass;
use wayfare_core::wire::{OfferList, Quote, QuoteList, Trip};

use crate::actors::{Actor, DROPOFF, PICKUP, admin, north_of_pickup, point};
use crate::harness::{TestDb, TestServer, wait_for};
use crate::people::{Answer, count, get, post};
use crate::program::{Serving, wayfare};
use crate::proxy::Proxy;
use crate::redis::TestRedis;

const DRIVERS: u32 = 8;
const RIDERS: u32 = 10;
/// How many trips each rider takes, one after the other.
const RIDES: usize = 4;
/// How many trips are completed between one kill and the next.
const BETWEEN_KILLS: i64 = 8;

/// What the backends share.
struct Shared {
    database: String,
    redis: String,
    data_dir: PathBuf,
}

impl Shared {
    fn serve(&self, bind: &str) -> Serving {
        let mut command = wayfare();
        command
            .arg("--data-dir")
            .arg(&self.data_dir)
            .args(["serve", "--bind", bind])
            .env("DATABASE_URL", &self.database)
            .env("REDIS_URL", &self.redis)
            .env("WAYFARE_DATABASE__MAX_CONNECTIONS", "6")
            .env("WAYFARE_DISPATCH__TICK_MS", "200")
            .env("WAYFARE_DISPATCH__OFFER_TIMEOUT_S", "5")
            .env("WAYFARE_DISPATCH__WAVES_MAX", "100")
            .env("WAYFARE_LIMITS__ANONYMOUS_PER_WINDOW", "1000000")
            .env("WAYFARE_LIMITS__LOGIN_PER_WINDOW", "1000000")
            .env("WAYFARE_LIMITS__PER_USER_PER_WINDOW", "1000000");
        Serving::start(&mut command)
    }
}

/// Asks until a server answers. A server that died in between is asked again under the same key.
async fn asks(server: &TestServer, person: &Actor, path: &str, body: Value) -> Answer {
    let key = Uuid::now_v7().to_string();
    wait_for(&format!("an answer to {path}"), || async {
        let call = post(server, path).by(&person.session).keyed(&key);
        let answer = call.carrying(&body).try_send().await.ok()?;
        (answer.status < 500).then_some(answer)
    })
    .await
}

async fn looks(server: &TestServer, person: &Actor, path: &str) -> Answer {
    wait_for(&format!("an answer to {path}"), || async {
        let answer = get(server, path)
            .by(&person.session)
            .try_send()
            .await
            .ok()?;
        (answer.status < 500).then_some(answer)
    })
    .await
}

/// Takes every offer and drives it to its end, until told to stop. Answers the trips.
async fn drives(server: &TestServer, driver: &Actor, stop: &CancellationToken) -> Vec<TripId> {
    let mut driven = Vec::new();
    while !stop.is_cancelled() {
        let here = point(north_of_pickup(200.0), chrono::Utc::now());
        let batch = json!({ "points": [here] });
        asks(server, driver, "/v1/drivers/me/locations", batch).await;
        let open: OfferList = looks(server, driver, "/v1/offers").await.told(200);
        for offer in open.offers {
            let path = format!("/v1/offers/{}/accept", offer.id);
            let answer = asks(server, driver, &path, Value::Null).await;
            if answer.status == 200 {
                let trip: Trip = answer.told(200);
                drive(server, driver, trip.id).await;
                driven.push(trip.id);
            }
        }
        sleep(Duration::from_millis(100)).await;
    }
    driven
}

async fn drive(server: &TestServer, driver: &Actor, trip: TripId) {
    let pin: String = sqlx::query_scalar("SELECT pin FROM trips.trips WHERE id = $1")
        .bind(trip.uuid())
        .fetch_one(&server.pool)
        .await
        .unwrap();
    for (step, body) in [
        ("arrive", Value::Null),
        ("start", json!({ "pin": pin })),
        ("complete", Value::Null),
    ] {
        let path = format!("/v1/trips/{trip}/{step}");
        let answer = asks(server, driver, &path, body).await;
        assert_eq!(answer.status, 200, "{step}: {}", answer.body);
    }
}

/// Asks for trips, one after the other, and waits for the end of each.
async fn rides(server: &TestServer, rider: &Actor) -> Vec<TripId> {
    let mut ridden = Vec::new();
    for _ in 0..RIDES {
        let ride = json!({ "pickup": PICKUP, "dropoff": DROPOFF });
        let list: QuoteList = asks(server, rider, "/v1/quotes", ride).await.told(201);
        let standard = |quote: &&Quote| quote.vehicle_class == VehicleClass::Standard;
        let quote = list.quotes.iter().find(standard).unwrap().id;
        let wanted = json!({ "quote_id": quote });
        let trip: Trip = asks(server, rider, "/v1/trips", wanted).await.told(201);
        let path = format!("/v1/trips/{}", trip.id);
        let ended: Trip = wait_for("the end of a trip", || async {
            let seen: Trip = looks(server, rider, &path).await.told(200);
            seen.status.is_final().then_some(seen)
        })
        .await;
        assert_eq!(ended.status, TripStatus::Completed);
        ridden.push(trip.id);
    }
    ridden
}

/// Which of the backends leads, by what each says of itself.
async fn leader(server: &TestServer, backends: &[Serving]) -> usize {
    wait_for("a leader", || async {
        for (n, backend) in backends.iter().enumerate() {
            let metrics = server.http.get(format!("{}/metrics", backend.address));
            let text = metrics.send().await.ok()?.text().await.ok()?;
            let leads =
                |line: &str| line.starts_with("wayfare_dispatch_leader") && line.ends_with(" 1");
            if text.lines().any(leads) {
                return Some(n);
            }
        }
        None
    })
    .await
}

async fn epoch(server: &TestServer) -> i64 {
    count(
        server,
        "SELECT coalesce(max(epoch), 0) FROM dispatch.leases",
    )
    .await
}

/// Kills the leader while everybody rides, twice; each time the other one goes on, and the killed one
/// comes back.
async fn kills_leaders(server: &TestServer, shared: &Shared, backends: &mut [Serving]) {
    for kill in 1..=2 {
        let enough = BETWEEN_KILLS * kill;
        wait_for("trips before the next kill", || async {
            let done = "SELECT count(*) FROM trips.trips WHERE status = 'completed'";
            (count(server, done).await >= enough).then_some(())
        })
        .await;
        let leader = leader(server, backends).await;
        let before = epoch(server).await;
        let bind = backends[leader].address.clone();
        backends[leader].end(Signal::SIGKILL);
        let killed = Instant::now();
        wait_for("another leader", || async {
            (epoch(server).await > before).then_some(())
        })
        .await;
        println!(
            "the other backend led {:?} after the kill",
            killed.elapsed()
        );
        backends[leader] = shared.serve(bind.strip_prefix("http://").unwrap());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_goes_on_when_the_leader_is_killed_under_load() {
    let (db, redis) = (TestDb::create().await, TestRedis::start());
    let data_dir = TempDir::new().unwrap();
    let shared = Shared {
        database: db.url(),
        redis: redis.url(),
        data_dir: data_dir.path().to_owned(),
    };
    // The first one makes the secrets that both use.
    let first = shared.serve("127.0.0.1:0");
    let mut backends = [first, shared.serve("127.0.0.1:0")];
    let addresses = backends.each_ref().map(|backend| backend.address.as_str());
    let proxy = Proxy::start(&addresses).await;
    let server = TestServer::elsewhere(db, data_dir, proxy.address.clone()).await;

    let mut drivers = Vec::new();
    let mut riders = Vec::new();
    for n in 1..=DRIVERS {
        let driver = Actor::driver(&server, n, "Driver", VehicleClass::Standard).await;
        driver.goes_online(&server).await;
        drivers.push(driver);
    }
    for n in 1..=RIDERS {
        riders.push(Actor::rider(&server, n, "Rider").await);
    }
    let stop = CancellationToken::new();
    let driving = join_all(drivers.iter().map(|driver| drives(&server, driver, &stop)));
    let riding = async {
        let all = join_all(riders.iter().map(|rider| rides(&server, rider))).await;
        stop.cancel();
        all
    };
    let killing = kills_leaders(&server, &shared, &mut backends);
    let (driven, ridden, ()) = tokio::join!(driving, riding, killing);

    let driven: Vec<TripId> = driven.into_iter().flatten().collect();
    let ridden: HashSet<TripId> = ridden.into_iter().flatten().collect();
    let all = usize::try_from(RIDERS).unwrap() * RIDES;
    assert_eq!((driven.len(), ridden.len()), (all, all), "each once");
    assert_eq!(driven.into_iter().collect::<HashSet<_>>(), ridden);
    let promises = admin(&server).await.checks_integrity(&server).await;
    assert_eq!(promises.double_assignments, 0);
    assert_eq!(promises.unbooked_trips, 0);
    assert_eq!(promises.ledger.imbalance_minor, 0);
    let accepted = "SELECT count(*) FROM dispatch.offers WHERE status = 'accepted'";
    assert_eq!(count(&server, accepted).await, i64::try_from(all).unwrap());
    let open = "SELECT count(*) FROM dispatch.offers WHERE status = 'open'";
    assert_eq!(count(&server, open).await, 0);
}
