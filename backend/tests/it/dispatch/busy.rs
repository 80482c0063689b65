//! A rush hour: far more trips than drivers.

use futures_util::future::join_all;
use wayfare_core::trip::TripStatus;
use wayfare_core::vehicle::VehicleClass;

use crate::actors::{Actor, admin, alice, north_of_pickup};
use crate::harness::{TestServer, wait_for};
use crate::people::count;

const DRIVERS: u32 = 15;
const REQUESTS: i64 = 200;

/// Trips of other people, like the one that is there, up to some kilometres around it.
const CROWD: &str = "
    WITH people AS (
        SELECT n, md5('rider ' || n)::uuid AS rider, md5('quote ' || n)::uuid AS quote
        FROM generate_series(2, 200) AS n
    ), riders AS (
        INSERT INTO identity.users (id, phone, created_at)
        SELECT rider, '+35195' || lpad(n::text, 7, '0'), now() FROM people
    ), quotes AS (
        INSERT INTO pricing.quotes
        SELECT (jsonb_populate_record(q, jsonb_build_object('id', quote, 'rider_id', rider))).*
        FROM pricing.quotes AS q, people
        WHERE q.id = (SELECT quote_id FROM trips.trips)
    )
    INSERT INTO trips.trips
    SELECT (jsonb_populate_record(t, jsonb_build_object(
        'id', md5('trip ' || n)::uuid, 'rider_id', rider, 'quote_id', quote,
        'pickup_lat_e7', pickup_lat_e7 + n * 1000))).*
    FROM trips.trips AS t, people";

#[tokio::test]
async fn in_a_rush_every_driver_gets_one_trip_and_no_trip_two_drivers() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let mut drivers = Vec::new();
    for number in 1..=DRIVERS {
        let driver = Actor::driver(&server, number, "Driver", VehicleClass::Standard).await;
        driver.goes_online(&server).await;
        drivers.push(driver);
    }
    alice.requests_trip(&server).await;
    sqlx::query(CROWD).execute(&server.pool).await.unwrap();
    let asked = "SELECT count(*) FROM trips.trips WHERE status = 'requested'";
    assert_eq!(count(&server, asked).await, REQUESTS);

    for (number, driver) in (0_u32..).zip(&drivers) {
        driver
            .is_at(&server, north_of_pickup(f64::from(number) * 100.0))
            .await;
    }
    // Everybody is asked, for trips of their own, while the first ones accept.
    let accepted = drivers.iter().map(async |driver| {
        let offer = driver.is_offered_trip(&server).await;
        driver.accepts(&server, &offer).await
    });
    let trips = join_all(accepted).await;
    assert!(trips.iter().all(|trip| trip.status == TripStatus::Assigned));
    let offers = "SELECT count(*) * 1000 + count(DISTINCT trip_id) FROM dispatch.offers";
    let each_its_own = i64::from(DRIVERS) * 1001;
    wait_for("the rounds to settle", || async {
        (count(&server, offers).await == each_its_own).then_some(())
    })
    .await;
    let waiting = REQUESTS - i64::from(DRIVERS);
    assert_eq!(count(&server, asked).await, waiting);
    let integrity = admin(&server).await.checks_integrity(&server).await;
    assert_eq!(integrity.double_assignments, 0);

    let metrics = server.http.get(server.url("/metrics")).send().await;
    let metrics = metrics.unwrap().text().await.unwrap();
    for part in [
        "read",
        "index",
        "candidates",
        "table",
        "solve",
        "write",
        "all",
    ] {
        let line = format!("wayfare_dispatch_round_seconds_count{{part=\"{part}\"}}");
        assert!(metrics.contains(&line), "{part}");
    }
    for line in [
        "wayfare_dispatch_leader 1",
        "wayfare_dispatch_takeovers_total 1",
        "wayfare_offers_total{outcome=\"accepted\"} 15",
    ] {
        assert!(metrics.contains(line), "{line}");
    }
}
