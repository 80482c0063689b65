//! What a ride would cost: stops on the way, and rides for later.

use chrono::{DateTime, Days, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Europe::Lisbon;
use serde_json::{Value, json};
use wayfare_core::pricing::LineKind;
use wayfare_core::wire::{ErrorCode, Point, Quote};

use super::{changed, enters, lines, promise, quote, quotes, ride, take};
use crate::actors::{Actor, admin, alice, everything};
use crate::harness::TestServer;

/// A place on the line through the ride's ends.
fn at(lat: f64) -> Point {
    Point { lat, lng: -8.61 }
}

#[tokio::test]
async fn a_ride_costs_what_the_tariff_says() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let quote = quote(&server, &alice, ride(json!({}))).await;
    assert_eq!((quote.distance_m, quote.duration_s), (2889, 371));
    let wanted = [
        (LineKind::Base, 150),
        (LineKind::Distance, 217),
        (LineKind::Time, 87),
        (LineKind::BookingFee, 60),
    ];
    assert_eq!(lines(&quote), wanted);
    assert_eq!(quote.fare.sum_minor(LineKind::Tax), 31);
    assert_eq!(quote.fare.total_minor, 545);
    assert_eq!((quote.waypoints.len(), quote.pickup_at), (0, None));
}

#[tokio::test]
async fn a_stop_on_the_way_is_planned_and_has_its_price() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    // 0.04 degrees up and 0.02 down are 6671.7 m; 6671 × 1.3 is 8672.3.
    let body = ride(json!({ "waypoints": [at(41.19)] }));
    let quote = quote(&server, &alice, body).await;
    assert_eq!((quote.distance_m, quote.duration_s), (8672, 1114));
    let wanted = [
        (LineKind::Base, 150),
        (LineKind::Distance, 650),
        (LineKind::Time, 260),
        (LineKind::Waypoints, 100),
        (LineKind::BookingFee, 60),
    ];
    assert_eq!(lines(&quote), wanted);
    assert_eq!(quote.waypoints, [at(41.19)]);
    assert_eq!(promise(&server, &quote).await.facts.waypoints.len(), 1);
    let trip = take(&server, &alice, &quote).await;
    assert_eq!(trip.fare, quote.fare);
}

#[tokio::test]
async fn a_ride_that_comes_back_to_its_pickup_is_one_if_it_goes_somewhere() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let round = json!({ "pickup": at(41.15), "waypoints": [at(41.16)], "dropoff": at(41.15) });
    let quote = quote(&server, &alice, round).await;
    // 2 × 1111.95 m.
    assert_eq!(quote.distance_m, 2223 * 13 / 10);
    let nowhere = json!({ "pickup": at(41.15), "waypoints": [at(41.15)], "dropoff": at(41.15) });
    let answer = alice.posts(&server, "/v1/quotes", nowhere).await;
    answer.refused(409, ErrorCode::OutsideServiceArea);
}

#[tokio::test]
async fn eight_stops_are_the_most() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let stops = |count: i32| -> Vec<Point> {
        let lat = |n| f64::from(41_150 + 2 * n) / 1000.0;
        (1..=count).map(|n| at(lat(n))).collect()
    };
    let body = ride(json!({ "waypoints": stops(8) }));
    let eight = quote(&server, &alice, body).await;
    assert_eq!(eight.fare.sum_minor(LineKind::Waypoints), 800);
    assert_eq!(eight.waypoints, stops(8));

    let before = everything(&server).await;
    let nine = ride(json!({ "waypoints": stops(9) }));
    let nowhere = ride(json!({ "waypoints": [{ "lat": 91.0, "lng": 0.0 }] }));
    for body in [nine, nowhere] {
        let answer = alice.posts(&server, "/v1/quotes", body).await;
        let problem = answer.refused(400, ErrorCode::InvalidRequest);
        assert!(problem.detail.contains("waypoints") || problem.detail.contains("lat"));
    }
    assert_eq!(everything(&server).await, before);
}

async fn asks_for(server: &TestServer, rider: &Actor, pickup_at: DateTime<Utc>) -> Option<Quote> {
    let body = ride(json!({ "pickup_at": pickup_at }));
    let answer = rider.posts(server, "/v1/quotes", body.clone()).await;
    if answer.status == 409 {
        let problem = answer.refused(409, ErrorCode::ScheduleRefused);
        assert!(
            problem.detail.contains("15 minutes to 30 days"),
            "{problem:?}"
        );
        return None;
    }
    Some(quote(server, rider, body).await)
}

#[tokio::test]
async fn a_ride_for_later_is_so_far_ahead_and_no_farther() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let ahead = |seconds| Utc::now() + TimeDelta::seconds(seconds);
    let before = everything(&server).await;
    for seconds in [-86_400, -1, 0, 60, 899, 2_592_060, 400_000_000] {
        let refused = asks_for(&server, &alice, ahead(seconds)).await;
        assert_eq!(refused, None, "{seconds}");
    }
    assert_eq!(everything(&server).await, before);
    for seconds in [930, 3600, 2_591_940] {
        let quote = asks_for(&server, &alice, ahead(seconds)).await;
        assert!(quote.is_some(), "{seconds}");
    }
    let body = ride(json!({ "pickup_at": "tomorrow" }));
    let answer = alice.posts(&server, "/v1/quotes", body).await;
    answer.refused(400, ErrorCode::InvalidRequest);
}

#[tokio::test]
async fn a_promise_holds_as_long_for_a_ride_for_later() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let later = Utc::now() + TimeDelta::days(3);
    for body in [ride(json!({})), ride(json!({ "pickup_at": later }))] {
        let asked_at = Utc::now();
        let quote = quote(&server, &alice, body).await;
        let promise = promise(&server, &quote).await;
        assert_eq!(
            promise.expires_at,
            promise.issued_at + TimeDelta::seconds(300)
        );
        let lasts = quote.expires_at - asked_at;
        assert!((299..=310).contains(&lasts.num_seconds()), "{lasts}");
    }
}

#[tokio::test]
async fn a_promise_no_longer_binds_from_its_end_on() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let quote = quote(&server, &alice, ride(json!({}))).await;
    sqlx::query("UPDATE pricing.quotes SET expires_at = now()")
        .execute(&server.pool)
        .await
        .unwrap();
    let body = json!({ "quote_id": quote.id });
    let answer = alice.posts(&server, "/v1/trips", body).await;
    answer.refused(409, ErrorCode::QuoteExpired);
}

#[tokio::test]
async fn the_agreed_time_is_the_same_in_the_quote_the_promise_and_the_trip() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    // Finer than a database keeps it, and on another clock.
    let wanted = (Utc::now() + TimeDelta::days(1)).with_nanosecond(123_456_789);
    let text = wanted.unwrap().with_timezone(&Lisbon).to_rfc3339();
    let quote = quote(&server, &alice, ride(json!({ "pickup_at": text }))).await;
    let kept = wanted.unwrap().with_nanosecond(123_456_000);
    assert_eq!(quote.pickup_at, kept);
    assert_eq!(promise(&server, &quote).await.pickup_at, kept);
    assert_eq!(take(&server, &alice, &quote).await.pickup_at, kept);
}

#[tokio::test]
async fn the_agreed_time_decides_about_the_night() {
    let server = TestServer::start().await;
    let (admin, alice) = (admin(&server).await, alice(&server).await);
    let night = json!({
        "night": { "windows": [{ "start": "22:00", "end": "06:00" }], "bps": 2000 },
    });
    enters(&server, &admin, changed(&server, &admin, 2, night).await).await;
    let day = Utc::now().with_timezone(&Lisbon).date_naive() + Days::new(2);
    let in_lisbon = |hour, minute| {
        let local = day.and_hms_opt(hour, minute, 0).unwrap();
        Lisbon.from_local_datetime(&local).unwrap().to_utc()
    };
    // A fifth of 454 is 90.8.
    for (hour, minute, wanted) in [
        (5, 59, 91),
        (6, 0, 0),
        (12, 0, 0),
        (21, 59, 0),
        (22, 0, 91),
        (23, 30, 91),
    ] {
        let body = ride(json!({ "pickup_at": in_lisbon(hour, minute) }));
        let quote = quote(&server, &alice, body).await;
        assert_eq!(quote.tariff_version, 2);
        let night = quote.fare.sum_minor(LineKind::Night);
        assert_eq!(night, wanted, "{hour}:{minute:02}");
    }
}

#[tokio::test]
async fn quotes_come_in_the_order_of_the_classes_and_share_the_plan() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let list = quotes(&server, &alice, ride(json!({}))).await.quotes;
    assert!(list.is_sorted_by_key(|quote| quote.vehicle_class));
    let plans: Vec<_> = list.iter().map(|q| (q.distance_m, q.duration_s)).collect();
    assert_eq!(plans, [(2889, 371), (2889, 371)]);
    let ids: Value = list.iter().map(|quote| json!(quote.id)).collect();
    assert_ne!(ids[0], ids[1]);
}
