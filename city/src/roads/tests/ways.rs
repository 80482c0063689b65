use crate::osm::Extract;
use crate::roads::car::{self, Drive};

use super::*;

/// What a car may do on a way with these tags.
fn drive(tags: &[(&str, &str)]) -> Option<Drive> {
    let mut builder = ExtractBuilder::new();
    builder.node(1, corner(1), []);
    builder.node(2, corner(2), []);
    builder.way(1, [1, 2], tags.iter().copied());
    let extract: Extract = builder.build();
    car::drive(extract.way(0)?.tags)
}

/// Speeds along and against the way, rounded; 0 where a car may not drive.
fn speeds(tags: &[(&str, &str)]) -> (i32, i32) {
    drive(tags).map_or((0, 0), |drive| {
        let whole = |speed: f64| format!("{speed:.0}").parse().unwrap();
        (
            whole(drive.speed_kmh.forward),
            whole(drive.speed_kmh.backward),
        )
    })
}

const STREET: (&str, &str) = ("highway", "residential");

#[test]
fn each_class_has_its_speed() {
    for (highway, speed) in [
        ("motorway_link", 45),
        ("trunk", 85),
        ("trunk_link", 40),
        ("primary", 65),
        ("primary_link", 30),
        ("secondary", 55),
        ("secondary_link", 25),
        ("tertiary", 40),
        ("tertiary_link", 20),
        ("unclassified", 25),
        ("residential", 25),
        ("living_street", 10),
        ("service", 15),
        ("track", 0),
        ("footway", 0),
        ("pedestrian", 0),
        ("steps", 0),
        ("construction", 0),
        ("proposed", 0),
        ("road", 0),
    ] {
        assert_eq!(speeds(&[("highway", highway)]), (speed, speed), "{highway}");
    }
    assert_eq!(speeds(&[("highway", "motorway")]), (90, 0));
    assert_eq!(speeds(&[("building", "yes")]), (0, 0));
}

#[test]
fn signs_set_the_speed_of_a_direction() {
    for (key, value, speed) in [
        ("maxspeed", "50", (40, 40)),
        ("maxspeed", "30 mph", (39, 39)),
        ("maxspeed", "none", (112, 112)),
        ("maxspeed", "PT:urban", (40, 40)),
        ("maxspeed", "FR:rural", (64, 64)),
        ("maxspeed", "IT:rural", (72, 72)),
        ("maxspeed", "signals", (25, 25)),
        ("maxspeed", "0", (25, 25)),
        ("maxspeed:forward", "70", (56, 25)),
        ("maxspeed:backward", "70", (25, 56)),
        ("maxspeed:type", "DE:urban", (40, 40)),
        ("source:maxspeed", "DE:rural", (80, 80)),
        ("maxspeed:advisory", "20", (16, 16)),
    ] {
        assert_eq!(speeds(&[STREET, (key, value)]), speed, "{key}={value}");
    }
    let both = [STREET, ("maxspeed", "50"), ("maxspeed:advisory", "30")];
    assert_eq!(speeds(&both), (24, 24));
}

#[test]
fn a_bad_surface_slows_down() {
    let fast = ("maxspeed", "90");
    for (key, value, speed) in [
        ("surface", "asphalt", 72),
        ("surface", "sett", 40),
        ("surface", "mud", 10),
        ("tracktype", "grade4", 25),
        ("smoothness", "very_bad", 20),
        ("smoothness", "impassable", 0),
    ] {
        assert_eq!(
            speeds(&[STREET, fast, (key, value)]),
            (speed, speed),
            "{key}={value}"
        );
    }
}

#[test]
fn one_way_streets_are_driven_one_way() {
    for (tags, open) in [
        (&[("oneway", "yes")][..], (true, false)),
        (&[("oneway", "1")], (true, false)),
        (&[("oneway", "-1")], (false, true)),
        (&[("oneway", "no")], (true, true)),
        (&[("oneway", "reversible")], (false, false)),
        (&[("oneway", "alternating")], (true, true)),
        (
            &[("oneway", "yes"), ("oneway:motor_vehicle", "no")],
            (true, true),
        ),
        (
            &[
                ("oneway", "yes"),
                ("oneway:conditional", "no @ (22:00-06:00)"),
            ],
            (true, false),
        ),
        (&[("oneway:bicycle", "yes")], (true, true)),
        (&[("junction", "roundabout")], (true, false)),
        (&[("junction", "circular")], (true, false)),
        (
            &[("junction", "roundabout"), ("oneway", "no")],
            (true, true),
        ),
        (
            &[("junction", "roundabout"), ("oneway", "-1")],
            (false, true),
        ),
    ] {
        let mut all = vec![STREET];
        all.extend(tags);
        let (forward, backward) = speeds(&all);
        assert_eq!((forward > 0, backward > 0), open, "{tags:?}");
    }
}

#[test]
fn the_most_specific_access_tag_counts() {
    for (tags, open, business_only) in [
        (&[("access", "no")][..], false, false),
        (&[("access", "private")], true, true),
        (&[("access", "destination")], true, true),
        (&[("motor_vehicle", "customers")], true, true),
        (&[("access", "permissive")], true, false),
        (&[("access", "no"), ("motor_vehicle", "yes")], true, false),
        (&[("access", "no"), ("motorcar", "destination")], true, true),
        (&[("access", "yes"), ("vehicle", "no")], false, false),
        (&[("motor_vehicle", "agricultural;forestry")], false, false),
        (&[("motor_vehicle", "psv;destination")], true, true),
        (&[("motor_vehicle", "no; yes")], true, false),
        (&[("access", "something")], true, false),
        (&[("bicycle", "no")], true, false),
        (&[("hov", "designated")], true, true),
        (&[("hov:lanes", "designated|designated")], true, true),
        (&[("hov:lanes", "designated|")], true, false),
        (&[("impassable", "yes")], false, false),
        (&[("status", "impassable")], false, false),
        (&[("construction", "yes")], false, false),
        (&[("construction", "minor")], true, false),
        (&[("proposed", "primary")], true, false),
        (&[("area", "yes")], false, false),
        (&[("service", "emergency_access")], false, false),
    ] {
        let mut all = vec![STREET];
        all.extend(tags);
        let drive = drive(&all);
        assert_eq!(drive.is_some(), open, "{tags:?}");
        let is_for_business = drive.is_some_and(|drive| drive.flags.destination_only);
        assert_eq!(is_for_business, business_only, "{tags:?}");
    }
    assert_eq!(speeds(&[STREET, ("motor_vehicle:backward", "no")]), (25, 0));
    assert_eq!(speeds(&[STREET, ("access:forward", "no")]), (0, 25));
}

#[test]
fn other_ways_need_a_tag_that_opens_them_to_cars() {
    for (highway, key, value, speed) in [
        ("track", "motor_vehicle", "yes", 10),
        ("track", "access", "permissive", 10),
        ("track", "motor_vehicle", "private", 0),
        ("track", "motor_vehicle", "agricultural", 0),
        ("track", "access", "no", 0),
        ("footway", "access", "yes", 0),
        ("pedestrian", "motor_vehicle", "yes", 10),
        ("pedestrian", "bicycle", "yes", 0),
        ("construction", "motor_vehicle", "yes", 0),
    ] {
        let tags = [("highway", highway), (key, value)];
        assert_eq!(speeds(&tags), (speed, speed), "{tags:?}");
    }
}

#[test]
fn a_car_has_to_fit() {
    for (key, value, open) in [
        ("maxheight", "1.9", (false, false)),
        ("maxheight", "2.0", (true, true)),
        ("maxheight", "6'2\"", (false, false)),
        ("maxheight", "default", (true, true)),
        ("maxheight:forward", "1.5", (false, true)),
        ("maxwidth", "1.9", (false, false)),
        ("maxwidth", "2", (true, true)),
        ("width", "1.5", (false, false)),
        ("maxlength", "4", (false, false)),
        ("maxweight", "1.5", (false, false)),
        ("maxweight", "3.5", (true, true)),
        ("maxweight", "1900 kg", (false, false)),
    ] {
        let (forward, backward) = speeds(&[STREET, (key, value)]);
        assert_eq!((forward > 0, backward > 0), open, "{key}={value}");
    }
}

#[test]
fn what_else_a_road_is_is_told() {
    let flags = |tags: &[(&str, &str)]| drive(tags).unwrap().flags;
    assert!(flags(&[("highway", "primary_link")]).link);
    assert!(!flags(&[("highway", "primary")]).link);
    assert!(flags(&[STREET, ("junction", "roundabout")]).roundabout);
    assert!(flags(&[STREET, ("toll", "yes")]).toll);
    assert!(flags(&[STREET, ("toll:forward", "yes")]).toll);
    assert!(!flags(&[STREET, ("toll", "no")]).toll);
    assert!(flags(&[STREET, ("tunnel", "building_passage")]).tunnel);
    assert!(!flags(&[STREET, ("tunnel", "no")]).tunnel);
}

#[test]
fn boats_and_car_trains_are_roads() {
    let boat = drive(&[("route", "ferry"), ("duration", "00:20")]).unwrap();
    assert_eq!(boat.class, RoadClass::Ferry);
    assert_eq!(boat.duration_s, Some(1200.0));
    assert_eq!(speeds(&[("route", "ferry")]), (5, 5));
    assert_eq!(speeds(&[("route", "shuttle_train")]), (10, 10));
    assert_eq!(
        speeds(&[("route", "ferry"), ("motor_vehicle", "no")]),
        (0, 0)
    );
    assert_eq!(speeds(&[("route", "bus")]), (0, 0));
    assert_eq!(speeds(&[STREET, ("bridge", "movable")]), (5, 5));
}
