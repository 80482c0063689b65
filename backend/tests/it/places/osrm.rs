//! A real OSRM server as the router, where its tool and a map are there; a made-up one always.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use poem::listener::{Acceptor, Listener, TcpListener};
use poem::{IntoResponse, Server, endpoint::make_sync};
use serde_json::{Value, json};
use wayfare_backend::places::{OsrmRouter, Router, RouterError, TableRequest};
use wayfare_core::geo::LatLng;
use wayfare_core::roads::{Maneuver, RouteRequest};
use wayfare_core::wire::{ErrorCode, RouteView};

use crate::actors::{DROPOFF, PICKUP, alice};
use crate::harness::TestServer;

fn at(lat: f64, lng: f64) -> LatLng {
    LatLng::from_degrees(lat, lng).unwrap()
}

/// An OSRM server that knows one way, 5 km in 10 min, wherever it is asked for.
async fn one_way() -> String {
    let way = make_sync(|_| {
        let ends = [[PICKUP.lng, PICKUP.lat], [DROPOFF.lng, DROPOFF.lat]];
        let step = |kind: &str, from: [f64; 2], to: [f64; 2]| {
            json!({
                "distance": 0.0, "duration": 0.0, "name": "Rua", "mode": "driving",
                "geometry": {"type": "LineString", "coordinates": [from, to]},
                "maneuver": {"type": kind, "location": from, "bearing_after": 0},
            })
        };
        let steps = [
            step("depart", ends[0], ends[1]),
            step("arrive", ends[1], ends[1]),
        ];
        json!({
            "code": "Ok",
            "routes": [{
                "geometry": {"type": "LineString", "coordinates": ends},
                "legs": [{"distance": 5000.0, "duration": 600.0, "steps": steps}],
            }],
            "waypoints": [{"location": ends[0]}, {"location": ends[1]}],
        })
        .to_string()
        .into_response()
    });
    let acceptor = TcpListener::bind("127.0.0.1:0")
        .into_acceptor()
        .await
        .unwrap();
    let address = acceptor.local_addr()[0].as_socket_addr().copied().unwrap();
    tokio::spawn(Server::new_with_acceptor(acceptor).run(way));
    format!("http://{address}")
}

#[tokio::test]
async fn an_operators_own_server_finds_the_ways_without_a_pack() {
    let url = one_way().await;
    let server = TestServer::start_with(|config| config.city.osrm_url = Some(url)).await;
    let alice = alice(&server).await;
    let body = json!({ "stops": [PICKUP, DROPOFF] });
    let way: RouteView = alice.posts(&server, "/v1/routes", body).await.told(200);
    assert_eq!(
        (way.distance_m, way.duration_s, way.steps.len()),
        (5000, 600, 2)
    );
    let quote = alice.gets_quote(&server).await;
    assert_eq!(quote.distance_m, 5000);
    // The usual hours of a week, whichever it is now.
    assert!(
        (600..=900).contains(&quote.duration_s),
        "{}",
        quote.duration_s
    );
}

#[tokio::test]
async fn a_router_that_is_down_makes_no_price() {
    let nobody = "http://127.0.0.1:1".to_owned();
    let server = TestServer::start_with(|config| config.city.osrm_url = Some(nobody)).await;
    let alice = alice(&server).await;
    let body = json!({ "pickup": PICKUP, "dropoff": DROPOFF });
    let answer = alice.posts(&server, "/v1/quotes", body).await;
    answer.refused(503, ErrorCode::Unavailable);
    assert!(answer.headers.contains_key("retry-after"));
}

/// The tool that starts a real OSRM, and a map for it.
fn tool_and_map() -> Option<(PathBuf, PathBuf)> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let tool = shared.join("tools/osrm");
    let map = shared.join("data/osm/monaco.osm.pbf");
    (tool.exists() && map.exists()).then_some((tool, map))
}

/// Ends with the test.
struct Osrm(Child);

impl Drop for Osrm {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Asks until the server has prepared the map and answers.
async fn ready(url: &str, osrm: &mut Osrm) -> bool {
    let http = crate::harness::http_client();
    for _ in 0..600 {
        if http.get(url).send().await.is_ok() {
            return true;
        }
        if osrm.0.try_wait().unwrap().is_some() {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    false
}

#[tokio::test]
async fn a_real_osrm_is_understood() {
    let Some((tool, map)) = tool_and_map() else {
        eprintln!("skipped: there is no ../../shared/tools/osrm or no map of Monaco");
        return;
    };
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mut osrm = Osrm(
        Command::new(tool)
            .arg("serve")
            .arg(map)
            .arg(port.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    );
    let url = format!("http://127.0.0.1:{port}");
    if !ready(&url, &mut osrm).await {
        eprintln!("skipped: OSRM could not be started");
        return;
    }
    let router = OsrmRouter::new(&url).unwrap();
    let (casino, port_hercule, north) =
        (at(43.7392, 7.4277), at(43.7347, 7.4206), at(43.745, 7.43));
    let request = RouteRequest::through(vec![port_hercule, casino, north]);
    let route = router.route(request.clone()).await.unwrap();
    let plain = http_distance(&url, &[port_hercule, casino, north]).await;
    let found = route.length_mm as f64 / 1000.0;
    assert!((found - plain).abs() < 1.0, "{found}, not {plain}");
    assert_eq!((route.legs.len(), route.stops.len()), (2, 3));
    assert_eq!(route.steps[0].maneuver, Maneuver::Depart);
    assert_eq!(route.steps.last().unwrap().maneuver, Maneuver::Arrive(2));
    assert!(route.steps.iter().any(|step| !step.street.is_empty()));
    for step in &route.steps {
        let along = route.geometry[step.geometry_index];
        assert!(along.distance_m(step.at) < 2.0, "{step:?} is at {along:?}");
    }
    let steps_m: u32 = route.steps.iter().map(|step| step.distance_m).sum();
    assert!(
        (f64::from(steps_m) - found).abs() < 20.0,
        "{steps_m}, not {found}"
    );

    let slow = RouteRequest {
        slowness_bps: 15_000,
        ..request
    };
    let slow = router.route(slow).await.unwrap();
    assert_eq!(slow.length_mm, route.length_mm);
    assert!(slow.duration_ms.abs_diff(route.duration_ms * 3 / 2) <= 2);

    let places = vec![port_hercule, casino, north];
    let request = TableRequest {
        from: places[..2].to_vec(),
        to: places,
        slowness_bps: 10_000,
    };
    let table = router.table(request).await.unwrap();
    assert_eq!((table.rows, table.columns, table.cells.len()), (2, 3, 6));
    assert_eq!(table.cells[0], Some((0, 0)));
    let (leg_mm, _) = route.legs[0];
    assert!(table.cells[1].unwrap().1.abs_diff(leg_mm) < 1000);
    assert!(table.cells[5].unwrap().0 > 0);

    let sea = RouteRequest::through(vec![port_hercule, at(43.6, 7.5)]);
    assert!(matches!(
        router.route(sea).await,
        Err(RouterError::FarFromRoads { stop: 1, .. } | RouterError::NoRoute(_))
    ));
}

/// What OSRM itself says is the length.
async fn http_distance(url: &str, stops: &[LatLng]) -> f64 {
    let stops: Vec<String> = stops
        .iter()
        .map(|at| format!("{},{}", at.lng(), at.lat()))
        .collect();
    let url = format!("{url}/route/v1/driving/{}?overview=false", stops.join(";"));
    let answer = crate::harness::http_client().get(url).send().await.unwrap();
    let answer: Value = answer.json().await.unwrap();
    answer["routes"][0]["distance"].as_f64().unwrap()
}
