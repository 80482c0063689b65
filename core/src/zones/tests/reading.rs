use std::fmt::Write as _;
use std::path::Path;

use super::*;

#[test]
fn a_feature_has_to_say_what_it_is() {
    let shape = polygon(&[square(0.0, 0.0, 1.0)]);
    let with = |properties: Value| {
        file(&[json!({"type": "Feature", "properties": properties, "geometry": shape})])
    };
    for (properties, name, reason) in [
        (json!({"id": "fence"}), "zone fence:", "add \"kind\""),
        (json!({"kind": "geofence"}), "zone feature 1:", "add \"id\""),
        (json!(null), "zone feature 1:", "add \"kind\""),
        (
            json!({"id": "fence", "kind": "moat"}),
            "zone fence:",
            "moat",
        ),
        (
            json!({"id": "fence", "kind": 7}),
            "zone fence:",
            "no kind of zone",
        ),
        (
            json!({"id": "The Fence", "kind": "geofence"}),
            "zone The Fence:",
            "a-z",
        ),
        (
            json!({"id": "", "kind": "geofence"}),
            "zone feature 1:",
            "a-z",
        ),
        (
            json!({"id": "a".repeat(41), "kind": "geofence"}),
            "zone aaa",
            "40",
        ),
        (json!({"id": 12, "kind": "geofence"}), "zone 12:", "a-z"),
        (
            json!({"id": "fence", "kind": "geofence", "name": 5}),
            "zone fence:",
            "name",
        ),
        (
            json!({"id": "fence", "kind": "toll_line"}),
            "zone fence:",
            "LineString",
        ),
    ] {
        let error = Zones::parse(&with(properties.clone()))
            .unwrap_err()
            .to_string();
        assert!(error.starts_with(name), "{properties}: {error}");
        assert!(error.contains(reason), "{properties}: {error}");
    }
}

#[test]
fn the_third_feature_is_named_when_it_is_the_broken_one() {
    let good = |id: &str| feature(id, "geofence", &polygon(&[square(0.0, 0.0, 1.0)]));
    let nameless = json!({"type": "Feature", "properties": {"kind": "geofence"}, "geometry": 3});
    let error = Zones::parse(&file(&[good("a"), good("b"), nameless])).unwrap_err();
    assert!(error.to_string().starts_with("zone feature 3: "), "{error}");
    let error = Zones::parse(&file(&[good("a"), good("a")])).unwrap_err();
    assert_eq!(error.to_string(), "zone a: another zone has the same id");
}

#[test]
fn what_is_no_feature_collection_is_refused() {
    for (text, reason) in [
        ("", "EOF"),
        ("[1, 2]", "not a GeoJSON"),
        (
            r#"{"type": "Feature", "properties": {}, "geometry": null}"#,
            "its type is Feature",
        ),
        (r#"{"type": "FeatureCollection"}"#, "no features"),
        (
            r#"{"type": "FeatureCollection", "features": [],
                "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}}"#,
            "WGS 84",
        ),
        (
            r#"{"type": "FeatureCollection", "features": [1e999]}"#,
            "number out of range",
        ),
    ] {
        let error = Zones::parse(text).unwrap_err().to_string();
        assert!(error.contains(reason), "{text}: {error}");
    }
    assert_eq!(Zones::parse(&file(&[])), Ok(Zones::default()));
}

#[test]
fn files_beyond_the_limits_are_refused() {
    let long = " ".repeat(Zones::BYTES_MAX + 1);
    assert!(matches!(
        Zones::parse(&long),
        Err(ZonesError::TooLarge { .. })
    ));
    let many = vec![json!(0); Zones::FEATURES_MAX + 1];
    assert!(matches!(
        Zones::parse(&file(&many)),
        Err(ZonesError::TooMany {
            what: "features",
            ..
        })
    ));
    let mut points = String::from("[0,0]");
    for _ in 0..Zones::POINTS_MAX {
        points.push_str(",[0,0]");
    }
    let mut text = String::new();
    write!(
        text,
        r#"{{"type":"FeatureCollection","features":[{{"type":"Feature",
           "properties":{{"id":"x","kind":"toll_line"}},
           "geometry":{{"type":"LineString","coordinates":[{points}]}}}}]}}"#
    )
    .unwrap();
    assert!(matches!(
        Zones::parse(&text),
        Err(ZonesError::TooMany { what: "points", .. })
    ));
}

#[test]
fn a_file_of_others_takes_its_kind_and_ids_from_the_caller() {
    let plain = json!({
        "type": "Feature", "id": "relation/3459013", "properties": {"name": "Porto"},
        "geometry": polygon(&[square(0.0, 0.0, 1.0)]),
    });
    let named = feature("own", "geofence", &polygon(&[square(3.0, 0.0, 1.0)]));
    let boundary = Some(ZoneKind::CityBoundary);

    let one = Zones::parse_as(&file(std::slice::from_ref(&plain)), boundary, Some("city")).unwrap();
    let [zone] = one.all() else { panic!("{one:?}") };
    assert_eq!((zone.id.as_str(), zone.name.as_str()), ("city", "Porto"));
    assert_eq!(zone.kind, ZoneKind::CityBoundary);

    let text = file(&[plain.clone(), named, plain]);
    let three = Zones::parse_as(&text, boundary, Some("city")).unwrap();
    assert_eq!(
        ids(&three.all().iter().collect::<Vec<_>>()),
        ["city_1", "own", "city_3"]
    );
    assert_eq!(three.all()[1].kind, ZoneKind::Geofence);

    let error = Zones::parse_as(&text, boundary, None)
        .unwrap_err()
        .to_string();
    assert!(error.contains("relation/3459013"), "{error}");
    let error = Zones::parse_as(&text, boundary, Some("The City"))
        .unwrap_err()
        .to_string();
    assert!(error.contains("a-z"), "{error}");
}

#[test]
fn zones_of_several_files_merge_unless_their_ids_clash() {
    let zone = |id: &str| {
        let shape = polygon(&[square(0.0, 0.0, 1.0)]);
        Zones::parse(&file(&[feature(id, "geofence", &shape)])).unwrap()
    };
    let both = Zones::merge([zone("a"), zone("b")]).unwrap();
    assert_eq!(ids(&both.containing(at(0.5, 0.5))), ["a", "b"]);
    let error = Zones::merge([zone("a"), zone("b"), zone("a")]).unwrap_err();
    assert_eq!(error.to_string(), "zone a: another zone has the same id");
}

#[test]
fn written_zones_read_back_the_same() {
    let geometry = json!({"type": "MultiPolygon", "coordinates": [
        [square(4.0, 4.0, 2.0)],
        [square(0.0, 0.0, 10.0), square(3.0, 3.0, 4.0)],
    ]});
    let zones = Zones::parse(&file(&[
        feature("isles", "airport_queue", &geometry),
        feature("plain", "city_boundary", &polygon(&[square(-8.6, 41.123_456_7, 0.1)])),
        toll("bridge", &[(1.0, 2.0), (1.000_000_1, 2.0)]),
        feature(
            "gates",
            "toll_line",
            &json!({"type": "MultiLineString", "coordinates": [[[0, 0], [1, 1]], [[2, 2], [3, 3]]]}),
        ),
    ]))
    .unwrap();
    assert_eq!(Zones::parse(&zones.to_geojson()), Ok(zones));
}

#[test]
fn real_boundaries_become_zones() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/porto");
    let Ok(boundary) = std::fs::read_to_string(folder.join("municipality.geojson")) else {
        println!("skipped: {} is absent", folder.display());
        return;
    };
    let airport = std::fs::read_to_string(folder.join("airport_zone.geojson")).unwrap();
    let error = Zones::parse(&airport).unwrap_err().to_string();
    assert!(
        error.contains("feature 1") && error.contains("kind"),
        "{error}"
    );
    let zones = Zones::merge([
        Zones::parse_as(&boundary, Some(ZoneKind::CityBoundary), Some("city")).unwrap(),
        Zones::parse_as(&airport, Some(ZoneKind::AirportQueue), Some("airport")).unwrap(),
    ])
    .unwrap();
    assert_eq!(ids(&zones.containing(at(41.237, -8.67))), ["airport"]);
    assert!(zones.serves(at(41.1579, -8.6291)));
    assert!(!zones.serves(at(41.237, -8.67)));
}
