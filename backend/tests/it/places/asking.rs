//! Search, reverse geocoding, routes, and what is known of the city.

use serde_json::{Value, json};
use wayfare_core::geo::LatLng;
use wayfare_core::wire::{CityView, ErrorCode, PlaceList, PlaceSort, Point, RouteView};

use super::start;
use crate::actors::alice;
use crate::harness::TestServer;
use crate::people::{get, post};
use crate::town::{corner, island};

fn point(at: LatLng) -> Value {
    json!(Point::from(at))
}

#[tokio::test]
async fn places_are_searched_near_the_rider() {
    let (_town, server) = start().await;
    let alice = alice(&server).await;
    let at = corner(1, 1);
    let path = format!(
        "/v1/places/search?q=rua%20das%20flroes&lat={}&lng={}&limit=3",
        at.lat(),
        at.lng()
    );
    let found: PlaceList = alice.gets(&server, &path).await.told(200);
    assert!(!found.places.is_empty() && found.places.len() <= 3);
    assert!(
        found.places[0].name.starts_with("Rua das Flores"),
        "{found:?}"
    );
    assert!(found.places[0].distance_m.is_some());
    let path = format!("/v1/places/reverse?lat={}&lng={}", at.lat(), at.lng());
    let found: PlaceList = alice.gets(&server, &path).await.told(200);
    let kinds: Vec<PlaceSort> = found.places.iter().map(|place| place.kind).collect();
    assert!(
        kinds.contains(&PlaceSort::Street) || kinds.contains(&PlaceSort::Address),
        "{found:?}"
    );
}

#[tokio::test]
async fn what_is_no_question_is_refused() {
    let (_town, server) = start().await;
    let alice = alice(&server).await;
    let long = "x".repeat(201);
    for query in [
        "q=",
        "q=%20",
        "lat=41&lng=-8",
        "q=rua&lat=41",
        "q=rua&lng=-8",
        "q=rua&lat=91&lng=0",
        "q=rua&limit=0",
        "q=rua&limit=51",
        &format!("q={long}"),
    ] {
        let answer = alice
            .gets(&server, &format!("/v1/places/search?{query}"))
            .await;
        answer.refused(400, ErrorCode::InvalidRequest);
    }
    for query in ["", "lat=41", "lat=41&lng=181"] {
        let answer = alice
            .gets(&server, &format!("/v1/places/reverse?{query}"))
            .await;
        answer.refused(400, ErrorCode::InvalidRequest);
    }
    let at = point(corner(0, 0));
    for body in [
        json!({"stops": [at]}),
        json!({"stops": vec![&at; 26]}),
        json!({"stops": [at, {"lat": 91, "lng": 0}]}),
        json!({"stops": [at, at], "avoid": "tolls"}),
        json!({}),
    ] {
        let answer = alice.posts(&server, "/v1/routes", body).await;
        answer.refused(400, ErrorCode::InvalidRequest);
    }
}

#[tokio::test]
async fn strangers_see_the_map_and_ask_nothing() {
    let (_town, server) = start().await;
    for path in [
        "/v1/places/search?q=rua",
        "/v1/places/reverse?lat=41.1&lng=-8.6",
    ] {
        let answer = get(&server, path).send().await;
        answer.refused(401, ErrorCode::Unauthenticated);
    }
    let body = json!({"stops": [point(corner(0, 0)), point(corner(1, 0))]});
    let answer = post(&server, "/v1/routes").json(body).await;
    answer.refused(401, ErrorCode::Unauthenticated);
    let city: CityView = get(&server, "/v1/city").send().await.told(200);
    assert_eq!(city.name, "Ten Streets");
}

#[tokio::test]
async fn a_way_is_found_by_road() {
    let (_town, server) = start().await;
    let alice = alice(&server).await;
    let (from, to) = (corner(0, 0), corner(1, 2));
    let stops = json!([point(from), point(to)]);
    let body = json!({ "stops": stops });
    let way: RouteView = alice.posts(&server, "/v1/routes", body).await.told(200);
    let by_road = from.distance_m(corner(0, 2)) + corner(0, 2).distance_m(to);
    let found = way.distance_m as f64;
    assert!((found - by_road).abs() < 20.0, "{found}, not {by_road}");
    assert!(way.geometry.len() >= 3 && way.steps.len() >= 3, "{way:?}");

    let bare = json!({ "stops": stops, "steps": false, "geometry": false });
    let bare: RouteView = alice.posts(&server, "/v1/routes", bare).await.told(200);
    assert_eq!(
        (bare.distance_m, bare.duration_s),
        (way.distance_m, way.duration_s)
    );
    assert!(bare.geometry.is_empty() && bare.steps.is_empty());

    // Monday, half past six in the evening in Lisbon: 1.45 times free traffic.
    let slow = json!({ "stops": stops, "depart_at": "2026-03-02T18:30:00Z" });
    let slow: RouteView = alice.posts(&server, "/v1/routes", slow).await.told(200);
    let wanted = way.duration_s as f64 * 1.45;
    assert!(
        (slow.duration_s as f64 - wanted).abs() <= 2.0,
        "{slow:?}, not {wanted}"
    );
}

#[tokio::test]
async fn where_no_road_leads_is_told() {
    let (_town, server) = start().await;
    let alice = alice(&server).await;
    let far = json!({"lat": 40.0, "lng": -8.61});
    let body = json!({"stops": [point(corner(0, 0)), far]});
    let problem = alice.posts(&server, "/v1/routes", body).await;
    let problem = problem.refused(409, ErrorCode::NoRoute);
    assert!(
        problem.detail.contains("no road is near stop 1"),
        "{}",
        problem.detail
    );
    // To the island one drives to the shore, or not at all.
    let body = json!({"stops": [point(corner(0, 0)), point(island())]});
    let answer = alice.posts(&server, "/v1/routes", body).await;
    if answer.status == 200 {
        let way: RouteView = answer.told(200);
        assert!(way.stops[1].lng >= corner(0, 0).lng() - 1e-6, "{way:?}");
    } else {
        answer.refused(409, ErrorCode::NoRoute);
    }
}

#[tokio::test]
async fn a_server_without_a_city_says_so() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let body = json!({"stops": [point(corner(0, 0)), point(corner(1, 0))]});
    for answer in [
        alice.gets(&server, "/v1/places/search?q=rua").await,
        alice
            .gets(&server, "/v1/places/reverse?lat=41.1&lng=-8.6")
            .await,
        alice.posts(&server, "/v1/routes", body).await,
        get(&server, "/v1/city").send().await,
        get(&server, "/v1/city/map.pmtiles").send().await,
    ] {
        answer.refused(404, ErrorCode::CityNotConfigured);
    }
}
