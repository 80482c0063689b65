use poem::listener::{Acceptor, Listener, TcpListener};
use poem::{Endpoint, IntoResponse, Request, Response, Server, endpoint::make_sync};
use serde_json::{Value, json};
use wayfare_core::roads::Maneuver;

use super::*;

fn at(lat: f64, lng: f64) -> LatLng {
    LatLng::from_degrees(lat, lng).unwrap()
}

/// A server that gives every request this answer, and a router that asks it.
async fn router(endpoint: impl Endpoint<Output = Response> + 'static) -> OsrmRouter {
    let acceptor = TcpListener::bind("127.0.0.1:0")
        .into_acceptor()
        .await
        .unwrap();
    let address = acceptor.local_addr()[0].as_socket_addr().copied().unwrap();
    tokio::spawn(Server::new_with_acceptor(acceptor).run(endpoint));
    OsrmRouter::new(&format!("http://{address}/")).unwrap()
}

async fn router_that_says(answer: Value) -> OsrmRouter {
    router(make_sync(move |_| answer.to_string().into_response())).await
}

fn step(kind: &str, modifier: &str, name: &str, along: &[[f64; 2]]) -> Value {
    json!({
        "distance": 100.4, "duration": 10.0, "name": name, "mode": "driving",
        "geometry": {"type": "LineString", "coordinates": along},
        "maneuver": {
            "type": kind, "modifier": modifier, "location": along[0], "bearing_after": 90,
        },
        "intersections": [{"location": along[0]}],
    })
}

const A: [f64; 2] = [8.0, 50.0];
const B: [f64; 2] = [8.001, 50.0];
const C: [f64; 2] = [8.002, 50.0];
const D: [f64; 2] = [8.003, 50.0];

/// Two legs: over a toll road and through a roundabout, then on.
fn answer() -> Value {
    let mut round = step("roundabout", "right", "", &[B, C]);
    round["maneuver"]["exit"] = json!(3);
    let mut first = step("depart", "", "", &[A, B]);
    first["ref"] = json!("A 8");
    first["intersections"][0]["classes"] = json!(["toll"]);
    let legs = json!([
        {"distance": 300.25, "duration": 30.5, "steps": [
            first,
            round,
            step("exit roundabout", "right", "Rue Grimaldi", &[C, D]),
            step("arrive", "", "Rue Grimaldi", &[D, D]),
        ]},
        {"distance": 100.0, "duration": 10.0, "steps": [
            step("depart", "", "Rue Grimaldi", &[D, C]),
            step("arrive", "", "Rue Grimaldi", &[C, C]),
        ]},
    ]);
    let overview = json!({"type": "LineString", "coordinates": [A, D, C]});
    json!({
        "code": "Ok",
        "routes": [{"distance": 400.25, "duration": 40.5, "geometry": overview, "legs": legs}],
        "waypoints": [{"location": A}, {"location": D}, {"location": C}],
    })
}

fn request() -> RouteRequest {
    RouteRequest::through(vec![at(50.0, 8.0), at(50.0001, 8.003), at(50.0, 8.002)])
}

#[tokio::test]
async fn a_route_has_lengths_steps_and_positions_of_its_steps() {
    let router = router_that_says(answer()).await;
    let route = router.route(request()).await.unwrap();
    assert_eq!((route.length_mm, route.duration_ms), (400_250, 40_500));
    assert_eq!(route.legs, [(300_250, 30_500), (100_000, 10_000)]);
    assert_eq!(
        route.stops,
        [at(50.0, 8.0), at(50.0, 8.003), at(50.0, 8.002)]
    );
    assert!(route.has_toll);
    let line = [8.0, 8.001, 8.002, 8.003, 8.002].map(|lng| at(50.0, lng));
    assert_eq!(route.geometry, line);
    let steps: Vec<_> = route
        .steps
        .iter()
        .map(|step| {
            (
                step.maneuver,
                step.street.as_str(),
                step.distance_m,
                step.geometry_index,
            )
        })
        .collect();
    assert_eq!(
        steps,
        [
            (Maneuver::Depart, "A 8", 100, 0),
            (Maneuver::Roundabout(3), "Rue Grimaldi", 200, 1),
            (Maneuver::Arrive(1), "Rue Grimaldi", 100, 3),
            (Maneuver::Depart, "Rue Grimaldi", 100, 3),
            (Maneuver::Arrive(2), "Rue Grimaldi", 100, 4),
        ]
    );
}

#[tokio::test]
async fn traffic_makes_it_slower_and_no_longer() {
    let router = router_that_says(answer()).await;
    let slow = RouteRequest {
        slowness_bps: 15_000,
        steps: false,
        ..request()
    };
    let route = router.route(slow).await.unwrap();
    assert_eq!((route.length_mm, route.duration_ms), (400_250, 60_750));
    assert_eq!(
        route.geometry,
        [at(50.0, 8.0), at(50.0, 8.003), at(50.0, 8.002)]
    );
    assert!(route.steps.is_empty());
}

#[tokio::test]
async fn every_turn_of_osrm_is_one_of_ours() {
    use Maneuver as M;
    for (kind, modifier, wanted) in [
        ("turn", "left", M::Left),
        ("turn", "sharp right", M::SharpRight),
        ("end of road", "slight left", M::SlightLeft),
        ("continue", "uturn", M::UTurn),
        ("continue", "straight", M::Continue),
        ("new name", "slight right", M::Continue),
        ("fork", "slight right", M::SlightRight),
        ("merge", "slight left", M::Merge),
        ("on ramp", "slight right", M::RampRight),
        ("off ramp", "left", M::RampLeft),
        ("roundabout turn", "right", M::Right),
        ("rotary", "right", M::Roundabout(1)),
        ("something of the future", "", M::Continue),
    ] {
        let mut answer = answer();
        answer["routes"][0]["legs"][0]["steps"][1] = step(kind, modifier, "", &[B, C]);
        let route = router_that_says(answer)
            .await
            .route(request())
            .await
            .unwrap();
        assert_eq!(route.steps[1].maneuver, wanted, "{kind} {modifier}");
    }
    let mut answer = answer();
    answer["routes"][0]["legs"][0]["steps"][1]["mode"] = json!("ferry");
    let route = router_that_says(answer)
        .await
        .route(request())
        .await
        .unwrap();
    assert_eq!(route.steps[1].maneuver, M::Ferry);
}

#[tokio::test]
async fn a_table_keeps_the_holes_where_no_road_leads() {
    let router = router_that_says(json!({
        "code": "Ok",
        "durations": [[0.0, 60.2], [null, 0.0]],
        "distances": [[0.0, 700.5], [null, 0.0]],
    }))
    .await;
    let places = vec![at(50.0, 8.0), at(50.0, 8.003)];
    let request = TableRequest {
        from: places.clone(),
        to: places,
        slowness_bps: 20_000,
    };
    let table = router.table(request.clone()).await.unwrap();
    assert_eq!((table.rows, table.columns), (2, 2));
    assert_eq!(
        table.cells,
        [Some((0, 0)), Some((120_400, 700_500)), None, Some((0, 0))]
    );
    let wide = TableRequest {
        to: vec![at(50.0, 8.0)],
        ..request
    };
    assert!(matches!(
        router.table(wide).await,
        Err(RouterError::Osrm(OsrmError::Misfit(_)))
    ));
}

#[tokio::test]
async fn coordinates_are_asked_for_as_osrm_wants_them() {
    let echo = make_sync(|request: Request| {
        let message = request.uri().to_string();
        json!({"code": "Echo", "message": message})
            .to_string()
            .into_response()
    });
    let router = router(echo).await;
    let refused = |error| match error {
        RouterError::Osrm(OsrmError::Refused { code, message }) if code == "Echo" => message,
        other => panic!("{other:?}"),
    };
    let plain = RouteRequest {
        geometry: false,
        ..request()
    };
    assert_eq!(
        refused(router.route(plain).await.unwrap_err()),
        "/route/v1/driving/8.0000000,50.0000000;8.0030000,50.0001000;8.0020000,50.0000000\
         ?overview=false&geometries=geojson&steps=true"
    );
    let table = TableRequest {
        from: vec![at(50.0, 8.0)],
        to: vec![at(-1.0, -2.5), at(50.0, 8.0)],
        slowness_bps: 10_000,
    };
    assert_eq!(
        refused(router.table(table).await.unwrap_err()),
        "/table/v1/driving/8.0000000,50.0000000;-2.5000000,-1.0000000;8.0000000,50.0000000\
         ?annotations=duration,distance&sources=0&destinations=1;2"
    );
}

#[tokio::test]
async fn what_goes_wrong_is_told_apart() {
    let says = |code: &str| router_that_says(json!({"code": code, "message": "no"}));
    let route = says("NoRoute").await.route(request()).await;
    assert!(matches!(route, Err(RouterError::NoRoute(_))), "{route:?}");
    let route = says("TooBig").await.route(request()).await;
    assert!(
        matches!(&route, Err(RouterError::Osrm(OsrmError::Refused { code, .. })) if code == "TooBig"),
        "{route:?}"
    );
    let page = router(make_sync(|_| "<html>".into_response())).await;
    let route = page.route(request()).await;
    assert!(
        matches!(
            route,
            Err(RouterError::Osrm(OsrmError::NotUnderstood {
                status: 200,
                ..
            }))
        ),
        "{route:?}"
    );
    let nobody = OsrmRouter::new("http://127.0.0.1:1").unwrap();
    let route = nobody.route(request()).await;
    assert!(
        matches!(route, Err(RouterError::Osrm(OsrmError::Unreachable(_)))),
        "{route:?}"
    );
    let lonely = RouteRequest::through(vec![at(50.0, 8.0)]);
    let route = nobody.route(lonely).await;
    assert!(
        matches!(route, Err(RouterError::NoRoute(NoRoute::Stops(1)))),
        "{route:?}"
    );
}

#[tokio::test]
async fn an_answer_that_does_not_end_is_cut_off() {
    let endless = make_sync(|_| vec![b' '; ANSWER_BYTES_MAX + 1].into_response());
    let route = router(endless).await.route(request()).await;
    assert!(
        matches!(route, Err(RouterError::Osrm(OsrmError::TooLong))),
        "{route:?}"
    );
}

#[tokio::test]
async fn a_stop_far_from_every_road_is_refused() {
    let mut stops = request().stops;
    stops[1] = at(50.1, 8.003);
    let route = router_that_says(answer())
        .await
        .route(RouteRequest::through(stops))
        .await;
    assert!(
        matches!(&route, Err(RouterError::FarFromRoads { stop: 1, distance_m }) if *distance_m > 11_000.0),
        "{route:?}"
    );
}
