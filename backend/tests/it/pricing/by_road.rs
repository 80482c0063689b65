//! Quotes in a city with roads: their length, their tolls and zones, and where there is no trip.

use serde_json::{Value, json};
use wayfare_core::pricing::LineKind;
use wayfare_core::wire::{ErrorCode, Point};

use super::{changed, enters, promise, quote};
use crate::actors::{PICKUP, admin, alice, north_of_pickup};
use crate::harness::TestServer;
use crate::town::{Town, bridge, corner, ring, zone};

/// A server that knows the town with these zones.
async fn start(zones: &[Value]) -> TestServer {
    let town = Town::build_with(zones);
    let pack = town.pack();
    // The pack is mapped into memory, so its folder may go.
    TestServer::start_with(|config| config.city.pack = Some(pack)).await
}

fn north(distance_m: f64) -> Value {
    json!({ "pickup": PICKUP, "dropoff": north_of_pickup(distance_m) })
}

#[tokio::test]
async fn a_ride_is_as_long_as_its_road() {
    let server = start(&[]).await;
    let alice = alice(&server).await;
    let straight = quote(&server, &alice, north(2500.0)).await;
    assert!(
        (straight.distance_m - 2500).abs() <= 3,
        "{}",
        straight.distance_m
    );
    // One block west and one north, which are 1.4 times the straight line.
    let corner = Point::from(corner(2, 2));
    let around = json!({ "pickup": PICKUP, "dropoff": corner });
    let around = quote(&server, &alice, around).await;
    assert!(
        (around.distance_m - 2005).abs() <= 10,
        "{}",
        around.distance_m
    );
}

#[tokio::test]
async fn traffic_of_the_hour_is_planned() {
    let server = start(&[]).await;
    let alice = alice(&server).await;
    let at = |hour: u32| {
        // The next Monday that is more than a day away.
        let mut day = chrono::Utc::now().date_naive() + chrono::Days::new(2);
        while chrono::Datelike::weekday(&day) != chrono::Weekday::Mon {
            day = day + chrono::Days::new(1);
        }
        let local = day.and_hms_opt(hour, 30, 0).unwrap();
        let local = local.and_local_timezone(chrono_tz::Europe::Lisbon).unwrap();
        let mut ride = north(2500.0);
        ride["pickup_at"] = json!(local.to_utc());
        ride
    };
    let night = quote(&server, &alice, at(3)).await.duration_s;
    let evening = quote(&server, &alice, at(18)).await.duration_s;
    let wanted = night as f64 * 1.45;
    assert!(
        (evening as f64 - wanted).abs() <= 2.0,
        "{evening}, not {wanted}"
    );
}

#[tokio::test]
async fn a_place_without_a_road_is_refused() {
    let server = start(&[]).await;
    let alice = alice(&server).await;
    let far = Point {
        lat: 41.0,
        lng: -8.61,
    };
    for (body, hint) in [
        (
            json!({ "pickup": far, "dropoff": PICKUP }),
            "near the pickup",
        ),
        (
            json!({ "pickup": PICKUP, "dropoff": far }),
            "near the dropoff",
        ),
    ] {
        let answer = alice.posts(&server, "/v1/quotes", body).await;
        let problem = answer.refused(409, ErrorCode::NoRoute);
        assert!(problem.detail.contains(hint), "{}", problem.detail);
    }
}

#[tokio::test]
async fn trips_start_inside_the_boundary() {
    // West of street 2 is another city.
    let city = zone("town", "city_boundary", ring(corner(2, 0), corner(4, 4)));
    let server = start(&[city]).await;
    let alice = alice(&server).await;
    let outside = Point::from(corner(1, 1));
    quote(
        &server,
        &alice,
        json!({ "pickup": PICKUP, "dropoff": outside }),
    )
    .await;
    let body = json!({ "pickup": outside, "dropoff": PICKUP });
    let answer = alice.posts(&server, "/v1/quotes", body).await;
    let problem = answer.refused(409, ErrorCode::OutsideServiceArea);
    assert!(
        problem.detail.contains("outside Ten Streets"),
        "{}",
        problem.detail
    );
}

#[tokio::test]
async fn tolls_and_zones_cost_what_the_tariff_says_and_unknown_ones_nothing() {
    let airport = zone("airport", "airport_queue", ring(corner(3, 0), corner(4, 1)));
    let nowhere = zone("market", "geofence", ring(corner(3, 0), corner(4, 1)));
    let server = start(&[airport, nowhere, bridge("bridge"), bridge("other_bridge")]).await;
    let (alice, admin) = (alice(&server).await, admin(&server).await);
    let tariff = json!({ "tolls": {"bridge": 150}, "zones": {"airport": 300} });
    let spec = changed(&server, &admin, 2, tariff).await;
    enters(&server, &admin, spec).await;

    let across = quote(&server, &alice, north(2500.0)).await;
    assert_eq!(across.fare.sum_minor(LineKind::Toll), 150);
    assert_eq!(across.fare.sum_minor(LineKind::Zone), 300);
    let facts = promise(&server, &across).await.facts;
    assert_eq!(
        (facts.tolls, facts.zones),
        (vec!["bridge".to_owned()], vec!["airport".to_owned()])
    );

    let before = quote(&server, &alice, north(900.0)).await;
    assert_eq!(before.fare.sum_minor(LineKind::Toll), 0);
    let twice = json!({
        "pickup": PICKUP, "waypoints": [north_of_pickup(2500.0)], "dropoff": north_of_pickup(900.0),
    });
    let twice = quote(&server, &alice, twice).await;
    assert_eq!(twice.fare.sum_minor(LineKind::Toll), 300);
    let to_airport = json!({ "pickup": north_of_pickup(2500.0), "dropoff": PICKUP });
    let to_airport = quote(&server, &alice, to_airport).await;
    assert_eq!(to_airport.fare.sum_minor(LineKind::Zone), 300);
    let elsewhere =
        json!({ "pickup": Point::from(corner(0, 4)), "dropoff": Point::from(corner(2, 4)) });
    let elsewhere = quote(&server, &alice, elsewhere).await;
    assert_eq!(elsewhere.fare.sum_minor(LineKind::Zone), 0);
}
