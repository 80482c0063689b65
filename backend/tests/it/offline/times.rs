//! What a device's clocks are worth.

use chrono::{SubsecRound, TimeDelta, Utc};
use uuid::Uuid;
use wayfare_core::id::BootId;
use wayfare_core::sync::DeviceAction;
use wayfare_core::trip::TripStatus;
use wayfare_core::wire::SyncFlagKind;

use super::phone::{DevicePhone, arrive, complete, flag_kinds, flags, start};
use crate::actors::{admin, alice, bob, ride_until};
use crate::harness::TestServer;

const OFFLINE: DeviceAction = DeviceAction::GoOffline;

#[tokio::test]
async fn what_happened_in_the_future_happened_now() {
    let server = TestServer::start().await;
    let (admin, bob) = (admin(&server).await, bob(&server).await);
    let mut phone = DevicePhone::of(&server, &bob).await;
    let ahead = Utc::now() + TimeDelta::hours(12);
    let clock = phone.clock(Utc::now());
    let command = phone.says(OFFLINE, ahead, clock);
    let results = phone.syncs(&server, &bob).await;
    let counted = results[0].counted_at.unwrap();
    assert!(counted <= Utc::now() && counted > Utc::now() - TimeDelta::minutes(1));
    let kept: chrono::DateTime<Utc> = sqlx::query_scalar("SELECT occurred_at FROM sync.commands")
        .fetch_one(&server.pool)
        .await
        .unwrap();
    assert_eq!(kept, counted);
    let told = flags(&server, &admin).await;
    let kinds: Vec<_> = told.iter().map(|flag| flag.kind).collect();
    use SyncFlagKind::{ClockJump, FutureTime};
    assert_eq!(kinds, [FutureTime, ClockJump]);
    assert!(told.iter().all(|flag| flag.command_id == Some(command)));
}

#[tokio::test]
async fn a_clock_that_is_right_is_never_doubted() {
    let server = TestServer::start().await;
    let (admin, bob) = (admin(&server).await, bob(&server).await);
    let mut phone = DevicePhone::of(&server, &bob).await;
    phone.did(OFFLINE, Utc::now() - TimeDelta::hours(20));
    phone.did(OFFLINE, Utc::now() - TimeDelta::hours(8));
    // The device begins anew: its clock begins at nothing.
    phone.boot = BootId::from_uuid(Uuid::now_v7());
    phone.began = Utc::now() - TimeDelta::seconds(30);
    phone.did(OFFLINE, Utc::now() - TimeDelta::seconds(10));
    let results = phone.syncs(&server, &bob).await;
    assert!(results.iter().all(|result| result.counted_at.is_none()));
    assert_eq!(flag_kinds(&server, &admin).await, []);
}

#[tokio::test]
async fn clocks_that_contradict_each_other_are_told_once_a_batch() {
    let server = TestServer::start().await;
    let (admin, bob) = (admin(&server).await, bob(&server).await);
    let mut phone = DevicePhone::of(&server, &bob).await;
    for _ in 0..3 {
        let hour_ago = Utc::now() - TimeDelta::hours(1);
        let clock = phone.clock(hour_ago + TimeDelta::minutes(5));
        phone.says(OFFLINE, hour_ago, clock);
    }
    let results = phone.syncs(&server, &bob).await;
    // The command's time stands.
    assert!(results.iter().all(|result| result.counted_at.is_none()));
    assert_eq!(flag_kinds(&server, &admin).await, [SyncFlagKind::ClockJump]);
    let mut clock = phone.clock(Utc::now());
    clock.jumped = true;
    phone.says(OFFLINE, Utc::now(), clock);
    phone.syncs_all(&server, &bob).await;
    assert_eq!(flag_kinds(&server, &admin).await.len(), 2);
}

#[tokio::test]
async fn events_of_a_trip_happened_when_they_happened() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    let mut phone = DevicePhone::of(&server, &bob).await;
    let at = |ms| (Utc::now() + TimeDelta::milliseconds(ms)).trunc_subsecs(3);
    let (arrived, started) = (at(5), at(10));
    phone.did(arrive(trip.id), arrived);
    phone.did(start(&trip), started);
    let completed = at(20);
    phone.did(complete(trip.id), completed);
    // No clock decides this test: what is sent is later than what happened.
    tokio::time::sleep(std::time::Duration::from_millis(40)).await;
    phone.syncs_all(&server, &bob).await;
    let seen = alice.sees(&server, trip.id).await;
    assert_eq!(seen.status, TripStatus::Completed);
    assert_eq!(seen.arrived_at, Some(arrived));
    assert_eq!(seen.started_at, Some(started));
    assert_eq!(seen.completed_at, Some(completed));
}
