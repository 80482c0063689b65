//! How long ten thousand commands take that waited on phones. It proves nothing and measures: run it
//! with `cargo nextest run --release -p wayfare-backend --test it offline::bench --run-ignored all
//! --no-capture`, on its own.
//!
//! Nobody drives 2,000 trips without a network. So each driver gets one trip as everybody does, and
//! the database copies it, with another rider each; two of its unique indexes become plain ones, as
//! otherwise it would refuse that. Each trip is five commands: arrive, start, complete, cash, rating.
//! Its rider has a feed and an account, and every trip ends with a receipt that is signed and two
//! transactions of the ledger.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use sqlx::PgPool;
use uuid::Uuid;
use wayfare_core::id::TripId;
use wayfare_core::sync::DeviceAction;
use wayfare_core::trip::TripStatus;
use wayfare_core::wire::{BatchAnswer, CommandOutcome, Trip};

use super::phone::{DevicePhone, arrive, complete, rate, sends, start};
use crate::actors::{Actor, ride_until};
use crate::harness::TestServer;

const COMMANDS: usize = 10_000;
const COMMANDS_PER_TRIP: usize = 5;
const BATCH: usize = 500;

const CLONE_TRIPS: &str = "
    CREATE TEMP TABLE copies ON COMMIT DROP AS
        SELECT gen_random_uuid() AS trip, gen_random_uuid() AS quote, gen_random_uuid() AS rider,
            '+35195' || lpad(($2 + n)::text, 7, '0') AS phone
        FROM generate_series(1, $1) AS n";
const CLONES: [&str; 3] = [
    "INSERT INTO identity.users (id, phone, name, created_at)
         SELECT rider, phone, 'Rider', now() FROM copies",
    "INSERT INTO pricing.quotes
         SELECT made.* FROM pricing.quotes q, copies, jsonb_populate_record(q,
             jsonb_build_object('id', copies.quote, 'rider_id', copies.rider)) made
         WHERE q.id = (SELECT quote_id FROM trips.trips WHERE id = $1)",
    "INSERT INTO trips.trips
         SELECT made.* FROM trips.trips t, copies, jsonb_populate_record(t,
             jsonb_build_object('id', copies.trip, 'rider_id', copies.rider,
                 'quote_id', copies.quote)) made
         WHERE t.id = $1",
];

/// Lets a driver have many trips at once, which the server never would.
async fn allow_copies(pool: &PgPool) {
    for statement in [
        "DROP INDEX trips.trips_one_driven_per_driver",
        "CREATE INDEX trips_one_driven_per_driver ON trips.trips (driver_id)
             WHERE status IN ('assigned', 'arrived', 'in_progress') AND NOT forward",
    ] {
        sqlx::query(statement).execute(pool).await.unwrap();
    }
}

/// Copies of an assigned trip, with riders of their own.
async fn copies(pool: &PgPool, trip: TripId, count: usize, numbered_from: usize) -> Vec<TripId> {
    let number = |count: usize| i32::try_from(count).unwrap();
    let mut transaction = pool.begin().await.unwrap();
    sqlx::query(CLONE_TRIPS)
        .bind(number(count))
        .bind(number(numbered_from))
        .execute(&mut *transaction)
        .await
        .unwrap();
    for (index, statement) in CLONES.into_iter().enumerate() {
        let mut query = sqlx::query(statement);
        if index > 0 {
            query = query.bind(trip.uuid());
        }
        query.execute(&mut *transaction).await.unwrap();
    }
    let trips: Vec<Uuid> = sqlx::query_scalar("SELECT trip FROM copies")
        .fetch_all(&mut *transaction)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    trips.into_iter().map(TripId::from_uuid).collect()
}

/// A driver with a phone on which the commands of so many trips wait.
async fn full_phone(server: &TestServer, number: usize, trips: usize) -> (Actor, DevicePhone) {
    let short = u32::try_from(number).unwrap() + 100;
    let rider = Actor::rider(server, short, "Rider").await;
    let class = wayfare_core::vehicle::VehicleClass::Standard;
    let driver = Actor::driver(server, short, "Driver", class).await;
    let trip = ride_until(server, &rider, &driver, TripStatus::Assigned).await;
    let mut phone = DevicePhone::of(server, &driver).await;
    let mut all = copies(&server.pool, trip.id, trips - 1, number * trips).await;
    all.push(trip.id);
    for id in all {
        let trip = Trip { id, ..trip.clone() };
        let amount = trip.fare.total();
        phone.does(arrive(id));
        phone.does(start(&trip));
        phone.does(complete(id));
        phone.does(DeviceAction::TakeCash { trip: id, amount });
        phone.does(rate(id, 5));
    }
    (driver, phone)
}

/// CPU time of this process, which is the server and the phones.
fn own_cpu() -> Duration {
    let usage = nix::sys::resource::getrusage(nix::sys::resource::UsageWho::RUSAGE_SELF).unwrap();
    let of = |time: nix::sys::time::TimeVal| {
        let micros = time.tv_sec() * 1_000_000 + time.tv_usec();
        Duration::from_micros(u64::try_from(micros).unwrap())
    };
    of(usage.user_time()) + of(usage.system_time())
}

async fn measure(devices: usize) {
    let server = TestServer::start_with(|config| {
        config.database.max_connections = 20;
        // Nothing else goes on.
        config.dispatch.tick_ms = 500;
    })
    .await;
    allow_copies(&server.pool).await;
    let trips = COMMANDS / COMMANDS_PER_TRIP / devices;
    let mut phones = Vec::new();
    for number in 0..devices {
        phones.push(full_phone(&server, number, trips).await);
    }
    sqlx::query("ANALYZE").execute(&server.pool).await.unwrap();
    // Sealing is the phones' work.
    let batches: Vec<_> = phones
        .iter()
        .map(|(driver, phone)| {
            let parts = phone.waiting.chunks(BATCH);
            let sealed: Vec<_> = parts.map(|part| phone.batch_of(part)).collect();
            (driver, sealed)
        })
        .collect();
    let (began, cpu) = (Instant::now(), own_cpu());
    let sent = batches.iter().map(async |(driver, batches)| {
        let mut applied = 0;
        for batch in batches {
            // An answer is shorter when time runs out: what is missing is sent again.
            let answer: BatchAnswer = loop {
                let answer: BatchAnswer = sends(&server, driver, batch).await.told(200);
                if answer.results.len() == batch.commands.len() {
                    break answer;
                }
            };
            let done = |outcome| outcome == CommandOutcome::Applied;
            applied += answer.results.iter().filter(|it| done(it.outcome)).count();
        }
        applied
    });
    let applied: usize = join_all(sent).await.into_iter().sum();
    let (took, cpu) = (began.elapsed(), own_cpu().saturating_sub(cpu));
    assert_eq!(applied, COMMANDS);
    println!(
        "{devices} devices: {COMMANDS} commands of {} trips in {:.2} s, {:.2} ms per command; \
         {:.2} s CPU of the server and the phones, the rest is PostgreSQL and waiting",
        trips * devices,
        took.as_secs_f64(),
        took.as_secs_f64() * 1000.0 / COMMANDS as f64,
        cpu.as_secs_f64(),
    );
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures; see the module"]
async fn ten_thousand_commands_of_one_device() {
    measure(1).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures; see the module"]
async fn ten_thousand_commands_of_forty_devices() {
    measure(40).await;
}
