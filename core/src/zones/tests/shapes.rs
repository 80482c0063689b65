use super::*;

/// The problem of a file whose only feature is a geofence of this geometry.
fn problem_of(geometry: &Value) -> ZoneProblem {
    match Zones::parse(&file(&[feature("bad_one", "geofence", geometry)])) {
        Err(ZonesError::Feature { feature, problem }) => {
            assert_eq!(feature, "bad_one");
            problem
        }
        other => panic!("{geometry} gave {other:?}"),
    }
}

#[test]
fn a_border_is_inside_and_a_hole_is_not() {
    let zones = Zones::parse(&file(&[feature(
        "ring",
        "geofence",
        &polygon(&[square(0.0, 0.0, 4.0), square(1.0, 1.0, 2.0)]),
    )]))
    .unwrap();
    for (lat, lng, inside) in [
        (0.5, 0.5, true),
        (0.0, 0.0, true),
        (4.0, 2.0, true),
        (2.0, 2.0, false),
        (1.0, 2.0, true),
        (1.0, 1.0, true),
        (1.000_000_1, 1.000_000_1, false),
        (4.000_000_1, 2.0, false),
        (-1.0, 0.0, false),
        (2.0, 9.0, false),
    ] {
        assert_eq!(
            !zones.containing(at(lat, lng)).is_empty(),
            inside,
            "{lat}, {lng}"
        );
    }
}

#[test]
fn trips_start_inside_a_boundary_or_anywhere_without_one() {
    let fence = feature("fence", "geofence", &polygon(&[square(0.0, 0.0, 1.0)]));
    let city = feature(
        "city",
        "city_boundary",
        &polygon(&[square(10.0, 10.0, 1.0)]),
    );
    let free = Zones::parse(&file(std::slice::from_ref(&fence))).unwrap();
    assert!(free.serves(at(50.0, 50.0)));
    let bound = Zones::parse(&file(&[fence, city])).unwrap();
    assert!(bound.serves(at(10.5, 10.5)));
    assert!(!bound.serves(at(0.5, 0.5)));
    assert!(Zones::default().serves(at(0.0, 0.0)));
}

#[test]
fn zones_that_hold_a_position_are_listed_in_the_order_of_the_file() {
    let zones = Zones::parse(&file(&[
        feature("b", "geofence", &polygon(&[square(0.0, 0.0, 2.0)])),
        feature("a", "station_queue", &polygon(&[square(1.0, 1.0, 2.0)])),
        feature("far", "geofence", &polygon(&[square(20.0, 1.0, 2.0)])),
    ]))
    .unwrap();
    assert_eq!(ids(&zones.containing(at(1.5, 1.5))), ["b", "a"]);
    let first = |place, kind| {
        let found = zones.find_containing(place, |zone| zone.kind == kind);
        found.map(|(position, zone)| (position, zone.id.as_str()))
    };
    let (inside, outside) = (at(1.5, 1.5), at(0.5, 0.5));
    assert_eq!(first(inside, ZoneKind::Geofence), Some((0, "b")));
    assert_eq!(first(inside, ZoneKind::StationQueue), Some((1, "a")));
    assert_eq!(first(outside, ZoneKind::StationQueue), None);
    assert_eq!(first(inside, ZoneKind::AirportQueue), None);
}

#[test]
fn an_island_in_a_lake_of_an_island_is_a_zone() {
    let geometry = json!({"type": "MultiPolygon", "coordinates": [
        [square(4.0, 4.0, 2.0)],
        [square(0.0, 0.0, 10.0), square(3.0, 3.0, 4.0)],
    ]});
    let zones = Zones::parse(&file(&[feature("isles", "geofence", &geometry)])).unwrap();
    assert!(!zones.containing(at(5.0, 5.0)).is_empty());
    assert!(zones.containing(at(3.5, 5.0)).is_empty());
}

#[test]
fn every_broken_shape_is_refused_with_its_reason() {
    let two = |a: Value, b: Value| json!({"type": "MultiPolygon", "coordinates": [[a], [b]]});
    let ring = |points: &[(f64, f64)]| polygon(&[json!(points)]);
    let big = square(0.0, 0.0, 10.0);
    let cases = [
        (
            ring(&[(0.0, 0.0), (4.0, 4.0), (4.0, 0.0), (0.0, 4.0), (0.0, 0.0)]),
            "crosses or touches itself",
        ),
        // Touches itself at a corner: an eight.
        (
            ring(&[
                (0.0, 0.0),
                (2.0, 2.0),
                (4.0, 0.0),
                (4.0, 4.0),
                (2.0, 2.0),
                (0.0, 4.0),
                (0.0, 0.0),
            ]),
            "crosses or touches itself",
        ),
        (
            ring(&[
                (0.0, 0.0),
                (4.0, 0.0),
                (4.0, 6.0),
                (4.0, 4.0),
                (0.0, 4.0),
                (0.0, 0.0),
            ]),
            "itself",
        ),
        (
            ring(&[(0.0, 0.0), (1.0, 1.0), (2.0, 2.0), (0.0, 0.0)]),
            "goes back on itself",
        ),
        (
            ring(&[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]),
            "does not end where it starts",
        ),
        (ring(&[(0.0, 0.0), (1.0, 0.0), (0.0, 0.0)]), "too few"),
        (
            ring(&[(0.0, 0.0), (1.0, 0.0), (1.0, 0.0), (0.0, 0.0)]),
            "too few",
        ),
        (ring(&[]), "empty"),
        (polygon(&[]), "empty"),
        (
            ring(&[(181.0, 0.0), (1.0, 0.0), (1.0, 1.0), (181.0, 0.0)]),
            "no longitude and latitude",
        ),
        (
            ring(&[(0.0, 91.0), (1.0, 0.0), (1.0, 1.0), (0.0, 91.0)]),
            "no longitude and latitude",
        ),
        (
            ring(&[(179.0, 0.0), (-179.0, 0.0), (-179.0, 1.0), (179.0, 0.0)]),
            "date line",
        ),
        (
            polygon(&[json!([[0.0], [1.0, 0.0], [1.0, 1.0], [0.0]])]),
            "no longitude and latitude",
        ),
        (
            polygon(&[json!([["0", "0"], ["1", "0"], ["1", "1"], ["0", "0"]])]),
            "GeoJSON feature",
        ),
        (
            polygon(&[big.clone(), square(20.0, 0.0, 1.0)]),
            "hole is not inside",
        ),
        (
            polygon(&[big.clone(), square(9.0, 9.0, 3.0)]),
            "cross each other",
        ),
        (
            polygon(&[square(2.0, 2.0, 1.0), big.clone()]),
            "hole is not inside",
        ),
        (
            polygon(&[big.clone(), square(0.0, 1.0, 3.0)]),
            "run along each other",
        ),
        (
            polygon(&[big.clone(), square(1.0, 1.0, 5.0), square(2.0, 2.0, 1.0)]),
            "inside another hole",
        ),
        (polygon(&[big.clone(), big.clone()]), "run along each other"),
        // A hole whose corners are all on the outer ring, one edge of it outside.
        (
            polygon(&[
                json!([[0, 0], [10, 0], [10, 10], [5, 5], [0, 10], [0, 0]]),
                json!([[10, 10], [0, 10], [5, 0], [10, 10]]),
            ]),
            "cross each other",
        ),
        (two(big.clone(), square(5.0, 5.0, 10.0)), "cross each other"),
        (
            two(big.clone(), square(5.0, 5.0, 1.0)),
            "cover the same ground",
        ),
        (
            two(big.clone(), square(10.0, 0.0, 10.0)),
            "run along each other",
        ),
        (
            json!({"type": "Point", "coordinates": [1.0, 1.0]}),
            "is a Polygon or MultiPolygon, not Point",
        ),
        (
            json!({"type": "LineString", "coordinates": [[1.0, 1.0], [2.0, 2.0]]}),
            "not LineString",
        ),
        (Value::Null, "not nothing"),
    ];
    for (geometry, reason) in cases {
        let problem = problem_of(&geometry).to_string();
        assert!(problem.contains(reason), "{geometry}: {problem}");
    }
}

#[test]
fn shapes_that_only_touch_in_points_are_accepted() {
    let corner_to_corner = json!({"type": "MultiPolygon", "coordinates": [
        [square(0.0, 0.0, 1.0)], [square(1.0, 1.0, 1.0)],
    ]});
    let hole_on_border = polygon(&[
        square(0.0, 0.0, 10.0),
        json!([[0, 5], [2, 3], [2, 7], [0, 5]]),
    ]);
    for geometry in [corner_to_corner, hole_on_border] {
        let zones = Zones::parse(&file(&[feature("fine", "geofence", &geometry)]));
        assert!(zones.is_ok(), "{geometry}: {zones:?}");
    }
}

#[test]
fn a_large_boundary_is_checked_at_once() {
    let corners = 60_000;
    let mut ring: Vec<(f64, f64)> = (0..corners)
        .map(|step| {
            let angle = f64::from(step) / f64::from(corners) * std::f64::consts::TAU;
            let radius = if step % 2 == 0 { 1.0 } else { 0.99 };
            (radius * angle.cos(), radius * angle.sin())
        })
        .collect();
    ring.push(ring[0]);
    let zones = Zones::parse(&file(&[feature(
        "star",
        "geofence",
        &polygon(&[json!(ring)]),
    )]));
    assert_eq!(zones.unwrap().all()[0].polygons[0][0].len(), 60_000);
}
