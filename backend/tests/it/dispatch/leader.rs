//! Who dispatches when several servers could: one of them, and another one when it is gone.

use std::process::Command;
use std::time::Duration;

use chrono::{DateTime, Utc};
use nix::sys::signal::Signal;
use sqlx::ConnectOptions;
use uuid::Uuid;
use wayfare_core::id::TripId;

use super::races::second_server;
use super::times_asked;
use crate::actors::{alice, bob, carol, dan, north_of_pickup};
use crate::harness::{TestServer, wait_for};
use crate::people::count;
use crate::program::{Serving, wayfare};

/// Who leads, and which leader of the market that is.
async fn leader(server: &TestServer) -> (Uuid, i64) {
    sqlx::query_as("SELECT holder, epoch FROM dispatch.leases WHERE market = 'city'")
        .fetch_one(&server.pool)
        .await
        .unwrap()
}

/// Waits until there is a leader, and answers it.
async fn first_leader(server: &TestServer) -> (Uuid, i64) {
    let leads = "SELECT count(*) FROM dispatch.leases WHERE expires_at > clock_timestamp()";
    wait_for("a leader", || async {
        (count(server, leads).await == 1).then_some(())
    })
    .await;
    leader(server).await
}

/// The lease is somebody else's for so many seconds, who does nothing with it.
async fn is_deposed(server: &TestServer, seconds: i32) -> DateTime<Utc> {
    sqlx::query_scalar(
        "UPDATE dispatch.leases SET holder = gen_random_uuid(), epoch = epoch + 1,
             expires_at = clock_timestamp() + $1 * interval '1 second'
         RETURNING expires_at",
    )
    .bind(seconds)
    .fetch_one(&server.pool)
    .await
    .unwrap()
}

async fn asked_at(server: &TestServer, trip: TripId) -> DateTime<Utc> {
    sqlx::query_scalar("SELECT min(created_at) FROM dispatch.offers WHERE trip_id = $1")
        .bind(trip.uuid())
        .fetch_one(&server.pool)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_leader_that_lost_its_lease_writes_nothing_until_it_has_it_again() {
    let server = TestServer::start_with(|config| {
        config.dispatch.tick_ms = 50;
        config.dispatch.offer_timeout_s = 1;
    })
    .await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let (carol, dan) = (carol(&server).await, dan(&server).await);
    dan.is_free_at(&server, north_of_pickup(100.0)).await;
    alice.requests_trip(&server).await;
    let open = dan.is_offered_trip(&server).await;
    let before = first_leader(&server).await;
    let until = is_deposed(&server, 3).await;
    let deposed = leader(&server).await;

    // Something to do for a leader: an offer that runs out, a free driver, and a trip for the driver.
    bob.is_free_at(&server, north_of_pickup(100.0)).await;
    let trip = carol.requests_trip(&server).await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(
        leader(&server).await,
        deposed,
        "it is still the other one's"
    );
    assert_eq!(times_asked(&server, &bob).await, 0);
    let closed = "SELECT count(*) FROM dispatch.offers WHERE status <> 'open'";
    assert_eq!(count(&server, closed).await, 0, "{open:?}");

    // The other one does not renew it, and it is taken over.
    bob.is_at(&server, north_of_pickup(100.0)).await;
    bob.is_offered_trip(&server).await;
    wait_for("carol's trip to be offered", || async {
        let asked = "SELECT count(DISTINCT trip_id) FROM dispatch.offers";
        (count(&server, asked).await == 2).then_some(())
    })
    .await;
    assert!(asked_at(&server, trip.id).await >= until);
    let after = leader(&server).await;
    assert_eq!(after.0, before.0);
    assert_eq!(after.1, before.1 + 2, "every leader has its number");
}

#[tokio::test]
async fn a_server_that_stops_gives_the_lease_back_and_another_one_goes_on() {
    let mut server = TestServer::start_with(|config| {
        // Long enough to tell a lease that was given back from one that ran out.
        config.dispatch.lease_ttl_ms = 60_000;
    })
    .await;
    let first = first_leader(&server).await;
    let alice = alice(&server).await;
    let trip = alice.requests_trip(&server).await;
    let second = second_server(&server).await;
    server.stop().await;

    server.base_url = format!("http://{}", second.local_addr());
    let bob = bob(&server).await;
    bob.is_free_at(&server, north_of_pickup(100.0)).await;
    let offer = bob.is_offered_trip(&server).await;
    assert_eq!(offer.trip_id, trip.id);
    let next = leader(&server).await;
    assert_ne!(next.0, first.0);
    assert_eq!(next.1, first.1 + 1);
    second.shutdown().await.unwrap();
}

/// The program on the database and the secrets of a server.
fn program_beside(server: &TestServer) -> Command {
    let mut url = server.pool.connect_options().to_url_lossy();
    url.set_query(None);
    let mut command = wayfare();
    command
        .arg("--data-dir")
        .arg(server.data_dir())
        .args(["serve", "--bind", "127.0.0.1:0"])
        .env("DATABASE_URL", url.to_string());
    command
}

#[tokio::test]
async fn when_the_leader_is_killed_another_server_takes_over() {
    let mut server = TestServer::start().await;
    let first = first_leader(&server).await;
    // The one that leads is started while nobody else is there, and killed while it leads.
    server.stop().await;
    let mut leading = Serving::start(&mut program_beside(&server));
    wait_for("the program to lead", || async {
        (leader(&server).await.1 == first.1 + 1).then_some(())
    })
    .await;
    server.restart().await;
    let killed = leader(&server).await;
    assert_eq!(killed.1, first.1 + 1, "the other one leads on");

    let (alice, bob) = (alice(&server).await, bob(&server).await);
    assert_eq!(leading.end(Signal::SIGKILL), None);
    let killed_at = Utc::now();
    let trip = alice.requests_trip(&server).await;
    bob.is_free_at(&server, north_of_pickup(100.0)).await;
    assert_eq!(bob.is_offered_trip(&server).await.trip_id, trip.id);
    let taken_over = asked_at(&server, trip.id).await - killed_at;
    println!(
        "the first offer came {} ms after",
        taken_over.num_milliseconds()
    );
    let next = leader(&server).await;
    assert_ne!(next.0, killed.0);
    assert_eq!(next.1, killed.1 + 1);
}

#[tokio::test]
async fn a_server_that_does_not_lead_is_healthy() {
    let server = TestServer::start_with(|config| config.dispatch.tick_ms = 50).await;
    first_leader(&server).await;
    is_deposed(&server, 3600).await;
    // Longer than a loop that stalls is forgiven.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let answer = server.http.get(server.url("/health")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let health: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(health["dispatcher"], "running");
}
