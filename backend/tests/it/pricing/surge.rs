//! Surge: counted from requests and free cars, shown with its numbers, and gone when it is over.
//!
//! The server's own counting is off; a test counts when it wants to, with the same function.

use std::sync::Arc;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use futures_util::future::join_all;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use wayfare_backend::app::App;
use wayfare_backend::dispatch::decisions::Sightings;
use wayfare_backend::dispatch::positions::Recorder;
use wayfare_backend::identity::Tokens;
use wayfare_backend::notify;
use wayfare_backend::places::City;
use wayfare_backend::platform::config::{Config, Secret, Sources};
use wayfare_backend::platform::limits::RateLimiter;
use wayfare_backend::pricing::surge::observe;
use wayfare_core::geo::LatLng;
use wayfare_core::pricing::LineKind;
use wayfare_core::pricing::surge::Cell;
use wayfare_core::signing::{KeyId, SigningKey};
use wayfare_core::vehicle::VehicleClass;
use wayfare_core::wire::{Quote, SurgeArea, SurgeMap};
use wayfare_dispatch::{Fix, LiveIndex};

use super::{FROM, changed, enters, lines, promise, quote, ride, take};
use crate::actors::{Actor, admin, alice};
use crate::harness::{TestServer, wait_for};
use crate::people::count;

/// The lock that the counting process holds.
const SURGE_LOCK: i64 = 0x53_55_52_47_45;

async fn start() -> TestServer {
    TestServer::start_with(|config| config.surge.enabled = false).await
}

/// What counts: the server's database, with drivers of its own.
fn counter(server: &TestServer) -> App {
    let mut config = Config::load(&Sources::default()).unwrap();
    // No round is too soon after the last one.
    config.surge.every_s = 0;
    let secret = Secret::new("nothing is signed with this secret".to_owned());
    App {
        city: Arc::new(City::nowhere()),
        tokens: Tokens::new(&secret, &config.auth),
        signing_key: SigningKey::from_seed(KeyId(0), &[0; 32]),
        sms: notify::sms_sender(config.notify.sms, server.data_dir()).unwrap(),
        hub: Arc::default(),
        sightings: Sightings::default(),
        index: Arc::new(LiveIndex::default()),
        recorder: Recorder::new().0,
        fixes: Arc::default(),
        pin_attempts: RateLimiter::new(0, Duration::ZERO),
        stop: CancellationToken::new(),
        pool: server.pool.clone(),
        config,
    }
}

/// So many riders ask for a car at the pickup.
async fn crowd(server: &TestServer, riders: u32) {
    let asking = (101..=100 + riders).map(|number| async move {
        let rider = Actor::rider(server, number, "Rider").await;
        let quote = quote(server, &rider, ride(json!({}))).await;
        take(server, &rider, &quote).await
    });
    join_all(asking).await;
}

/// So many free drivers come to the pickup.
async fn cars(server: &TestServer, counter: &App, drivers: u32) {
    for number in 101..=100 + drivers {
        let driver = Actor::driver(server, number, "Driver", VehicleClass::Standard).await;
        driver.goes_online(server).await;
        let fix = Fix {
            position: FROM.try_into().unwrap(),
            heading_deg: None,
            speed_mps: None,
            at: Utc::now(),
        };
        counter.index.report(driver.id().into(), fix);
    }
}

async fn map(server: &TestServer, rider: &Actor) -> Vec<SurgeArea> {
    let map: SurgeMap = rider.gets(server, "/v1/surge").await.told(200);
    map.areas
}

async fn quote_now(server: &TestServer, rider: &Actor) -> Quote {
    quote(server, rider, ride(json!({}))).await
}

/// The surge of the only cell with one, in basis points: shown and smoothed.
async fn only_cell(server: &TestServer, rider: &Actor) -> (i64, i64) {
    let areas = map(server, rider).await;
    let [area] = areas.as_slice() else {
        panic!("one cell: {areas:?}")
    };
    (area.surge.surge_bps, area.surge.smoothed_bps)
}

async fn age(server: &TestServer, what: &'static str) {
    sqlx::query(what).execute(&server.pool).await.unwrap();
}

#[tokio::test]
async fn many_requests_and_no_car_raise_the_price_and_say_why() {
    let server = start().await;
    let alice = alice(&server).await;
    crowd(&server, 6).await;
    assert_eq!(map(&server, &alice).await, [], "nobody has counted");
    assert_eq!(quote_now(&server, &alice).await.surge, None);
    observe(&counter(&server)).await.unwrap();

    // No car is free, so raw is the cap, 2×; three tenths of the way there are 1.3×.
    let dear = quote_now(&server, &alice).await;
    let wanted = [
        (LineKind::Base, 150),
        (LineKind::Distance, 217),
        (LineKind::Time, 87),
        (LineKind::Surge, 136),
        (LineKind::BookingFee, 60),
    ];
    assert_eq!(lines(&dear), wanted);
    let promise = promise(&server, &dear).await;
    assert_eq!((promise.facts.surge_bps, promise.fare), (13_000, dear.fare));
    let view = dear.surge.unwrap();
    let cell = Cell::of(FROM.try_into().unwrap());
    assert_eq!((view.cell, view.surge.surge_bps), (cell, 13_000));
    assert_eq!(
        (view.surge.raw_bps, view.surge.smoothed_bps),
        (20_000, 13_000)
    );
    assert_eq!(
        (view.surge.demand_milli, view.surge.supply_milli),
        (6000, 0)
    );
    assert_eq!(view.surge.ratio_milli, None);
    let since = view.surge.changed_at.format("%Y-%m-%dT%H:%M:%SZ");
    let why = format!(
        "6 riders want a car and 0 are free, neighbours counted in part: no car is free. That asks \
         for 2×, smoothed 1.3×; prices are 1.3× since {since}."
    );
    assert_eq!(view.explanation, why);

    let areas = map(&server, &alice).await;
    let [area] = areas.as_slice() else {
        panic!("one cell: {areas:?}")
    };
    assert_eq!((area.cell, &area.surge), (cell, &view.surge));
    assert_eq!(area.outline.len(), 6);
    for corner in &area.outline {
        let corner = LatLng::try_from(*corner).unwrap();
        let radius_m = cell.centre().distance_m(corner);
        assert!((300.0..800.0).contains(&radius_m), "{radius_m}");
    }
}

#[tokio::test]
async fn free_cars_bring_the_price_down_again_in_steps() {
    let server = start().await;
    let (alice, counter) = (alice(&server).await, counter(&server));
    crowd(&server, 6).await;
    cars(&server, &counter, 2).await;
    // Three riders per car, one and a half above what is free: 1.45×.
    observe(&counter).await.unwrap();
    assert_eq!(only_cell(&server, &alice).await, (11_500, 11_350));
    let view = quote_now(&server, &alice).await.surge.unwrap();
    assert_eq!(view.surge.ratio_milli, Some(3000));
    assert_eq!(view.surge.raw_bps, 14_500);
    assert!(view.explanation.contains("3 per free car"), "{view:?}");
    observe(&counter).await.unwrap();
    assert_eq!(only_cell(&server, &alice).await, (12_500, 12_295));

    // An hour later nobody asks any more.
    age(
        &server,
        "UPDATE trips.trips SET requested_at = requested_at - interval '1 hour'",
    )
    .await;
    let mut before = 12_500;
    while before > 10_000 {
        observe(&counter).await.unwrap();
        let areas = map(&server, &alice).await;
        let now = areas.first().map_or(10_000, |area| area.surge.surge_bps);
        assert!(now <= before, "{now} after {before}");
        assert_eq!((now - 10_000) % 500, 0);
        before = now;
    }
    assert_eq!(quote_now(&server, &alice).await.fare.total_minor, 545);
}

#[tokio::test]
async fn few_requests_and_rides_for_later_raise_nothing() {
    let server = start().await;
    let (alice, counter) = (alice(&server).await, counter(&server));
    crowd(&server, 4).await;
    // Alice plans a whole week.
    for day in 1..=6 {
        let pickup_at = Utc::now() + TimeDelta::days(day);
        let planned = quote(&server, &alice, ride(json!({ "pickup_at": pickup_at }))).await;
        take(&server, &alice, &planned).await;
    }
    observe(&counter).await.unwrap();
    assert_eq!(map(&server, &alice).await, []);
    assert_eq!(quote_now(&server, &alice).await.surge, None);
}

#[tokio::test]
async fn surge_is_of_its_cell_and_of_now() {
    let server = start().await;
    let alice = alice(&server).await;
    crowd(&server, 6).await;
    observe(&counter(&server)).await.unwrap();
    let pickup_at = Utc::now() + TimeDelta::hours(1);
    let later = quote(&server, &alice, ride(json!({ "pickup_at": pickup_at }))).await;
    // Five kilometres away, back to where the crowd is.
    let elsewhere = json!({ "pickup": { "lat": 41.2, "lng": -8.61 }, "dropoff": FROM });
    let elsewhere = quote(&server, &alice, elsewhere).await;
    for quote in [later, elsewhere] {
        assert_eq!(quote.surge, None);
        assert_eq!(quote.fare.sum_minor(LineKind::Surge), 0);
    }
    assert!(quote_now(&server, &alice).await.surge.is_some());
}

#[tokio::test]
async fn a_tariff_keeps_surge_below_its_cap() {
    let server = start().await;
    let (alice, admin) = (alice(&server).await, admin(&server).await);
    let capped = changed(&server, &admin, 2, json!({ "surge_cap_bps": 11_000 })).await;
    enters(&server, &admin, capped).await;
    crowd(&server, 6).await;
    observe(&counter(&server)).await.unwrap();
    let quote = quote_now(&server, &alice).await;
    // A tenth of 454.
    assert_eq!(quote.fare.sum_minor(LineKind::Surge), 45);
    assert_eq!(quote.surge.unwrap().surge.surge_bps, 13_000);
}

#[tokio::test]
async fn a_count_that_is_too_old_counts_for_nothing() {
    let server = start().await;
    let (alice, counter) = (alice(&server).await, counter(&server));
    crowd(&server, 6).await;
    observe(&counter).await.unwrap();
    let aged = "UPDATE pricing.surge_cells SET observed_at = observed_at - interval '9 minutes'";
    age(&server, aged).await;
    assert_eq!(only_cell(&server, &alice).await, (13_000, 13_000));
    assert!(quote_now(&server, &alice).await.surge.is_some());

    age(&server, aged).await;
    assert_eq!(map(&server, &alice).await, []);
    let plain = quote_now(&server, &alice).await;
    assert_eq!((plain.surge, plain.fare.total_minor), (None, 545));
    // Nor is it what the next count goes on from.
    observe(&counter).await.unwrap();
    assert_eq!(only_cell(&server, &alice).await, (13_000, 13_000));
}

#[tokio::test]
async fn processes_do_not_count_at_the_same_time() {
    let server = start().await;
    let (alice, counter) = (alice(&server).await, counter(&server));
    crowd(&server, 6).await;
    let mut other = server.pool.begin().await.unwrap();
    sqlx::query("SELECT pg_advisory_xact_lock($1)")
        .bind(SURGE_LOCK)
        .execute(&mut *other)
        .await
        .unwrap();
    observe(&counter).await.unwrap();
    assert_eq!(
        count(&server, "SELECT count(*) FROM pricing.surge_cells").await,
        0
    );
    other.commit().await.unwrap();
    observe(&counter).await.unwrap();
    assert_eq!(only_cell(&server, &alice).await, (13_000, 13_000));
}

#[tokio::test]
async fn several_processes_count_as_often_as_one() {
    let server = start().await;
    let (alice, mut first, mut second) = (alice(&server).await, counter(&server), counter(&server));
    crowd(&server, 6).await;
    (first.config.surge.every_s, second.config.surge.every_s) = (30, 30);
    observe(&first).await.unwrap();
    for process in [&second, &first, &second] {
        observe(process).await.unwrap();
        assert_eq!(only_cell(&server, &alice).await, (13_000, 13_000));
    }
    age(
        &server,
        "UPDATE pricing.surge_cells SET observed_at = observed_at - interval '20 seconds'",
    )
    .await;
    observe(&second).await.unwrap();
    assert_eq!(only_cell(&server, &alice).await, (15_000, 15_100));
}

#[tokio::test]
async fn the_server_counts_by_itself_but_not_before_it_knows_where_the_drivers_are() {
    let mut server = TestServer::start_with(|config| config.surge.every_s = 3).await;
    let alice = alice(&server).await;
    crowd(&server, 6).await;
    wait_for("a count", || async { map(&server, &alice).await.pop() }).await;
    server.stop().await;
    age(&server, "DELETE FROM pricing.surge_cells").await;
    server.restart().await;
    for _ in 0..5 {
        assert_eq!(map(&server, &alice).await, []);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    wait_for("a count", || async { map(&server, &alice).await.pop() }).await;
}
