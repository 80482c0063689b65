use super::*;

#[test]
fn streets_are_cut_where_they_meet() {
    // A street from west to east, one that crosses it, one that ends at it.
    let roads = Town::new()
        .street(1, &[10, 11, 12, 13, 14], &[("name", "Rua Direita")])
        .street(2, &[1, 11, 21], &[])
        .street(3, &[13, 23], &[("ref", "M 12")])
        .roads();
    let mut ends = all_ends(&roads);
    ends.sort_unstable();
    assert_eq!(
        ends,
        [(1, 11), (10, 11), (11, 13), (11, 21), (13, 14), (13, 23)]
    );
    let middle = between(&roads, 11, 13);
    assert_eq!(middle.bends, [corner(12)]);
    let name = |from, to| roads.names[between(&roads, from, to).name as usize].as_str();
    assert_eq!(name(11, 13), "Rua Direita");
    assert_eq!(name(13, 23), "M 12");
    assert_eq!(name(1, 11), "");
    assert_eq!(roads.names[0], "");
    assert!(!roads.drives_on_left);
}

#[test]
fn a_path_or_a_building_cuts_nothing() {
    let mut town = Town::new().street(1, &[10, 11, 12], &[]);
    town.builder.way(2, [1, 11, 21], [("highway", "footway")]);
    town.builder.way(3, [2, 12, 22], [("building", "yes")]);
    assert_eq!(all_ends(&town.roads()), [(10, 12)]);
}

#[test]
fn a_street_that_meets_itself_is_cut_there() {
    let lasso = Town::new()
        .street(1, &[10, 11, 12, 22, 21, 11], &[])
        .roads();
    assert_eq!(all_ends(&lasso), [(10, 11), (11, 11)]);
    assert_eq!(
        lasso.segments[1].bends,
        [corner(12), corner(22), corner(21)]
    );
    let ring = Town::new().street(1, &[11, 12, 22, 11], &[]).roads();
    assert_eq!(all_ends(&ring), [(11, 11)]);
}

#[test]
fn no_car_gets_past_a_barrier() {
    let roads = Town::new()
        .on(11, &[("barrier", "bollard")])
        .street(1, &[10, 11, 12], &[])
        .street(2, &[1, 11], &[])
        .roads();
    assert_eq!(all_ends(&roads), [(10, 11), (11, 12), (1, 11)]);
    let at_barrier: BTreeSet<u32> = [
        roads.segments[0].end,
        roads.segments[1].start,
        roads.segments[2].end,
    ]
    .into_iter()
    .collect();
    assert_eq!(at_barrier.len(), 3, "each street ends by itself");
}

#[test]
fn only_some_barriers_block() {
    for (tags, blocks) in [
        (&[("barrier", "bollard")][..], true),
        (&[("barrier", "block")], true),
        (&[("barrier", "kerb")], true),
        (&[("barrier", "kerb"), ("kerb", "flush")], false),
        (&[("barrier", "bollard"), ("bollard", "rising")], false),
        (&[("barrier", "bollard"), ("motor_vehicle", "yes")], false),
        (&[("barrier", "bollard"), ("access", "private")], false),
        (&[("barrier", "cattle_grid")], false),
        (&[("barrier", "toll_booth")], false),
        (&[("barrier", "toll_booth"), ("access", "no")], true),
        (&[("barrier", "height_restrictor")], false),
        (
            &[("barrier", "height_restrictor"), ("maxheight", "1.8")],
            true,
        ),
        (&[("barrier", "fence"), ("sensory", "audible")], false),
        (&[("motor_vehicle", "no")], true),
        (&[("access", "no"), ("motorcar", "yes")], false),
        (&[("highway", "crossing")], false),
    ] {
        let roads = Town::new()
            .on(11, tags)
            .street(1, &[10, 11, 12], &[])
            .roads();
        let expected = if blocks { 2 } else { 1 };
        assert_eq!(roads.segments.len(), expected, "{tags:?}");
    }
}

#[test]
fn a_gate_takes_a_minute_to_pass() {
    let free = Town::new().street(1, &[10, 11, 12, 13, 14], &[]).roads();
    let gated = Town::new()
        .on(12, &[("barrier", "gate")])
        .street(1, &[10, 11, 12, 13, 14], &[])
        .roads();
    assert_eq!(all_ends(&gated), [(10, 11), (11, 13), (13, 14)]);
    let (before, after) = (seconds(&free), seconds(&gated));
    assert!(
        (after - before - 60.0).abs() < 0.5,
        "{before} s, with a gate {after} s"
    );
    assert_eq!(between(&gated, 10, 11).forward_dkmh, 250);
}

/// Time to drive along all segments.
fn seconds(roads: &RoadData) -> f64 {
    let one = |segment: &Segment| {
        let start = roads.junctions[segment.start as usize];
        let end = roads.junctions[segment.end as usize];
        let shape: Vec<LatLng> = std::iter::once(start)
            .chain(segment.bends.iter().copied())
            .chain([end])
            .collect();
        let length: f64 = shape.windows(2).map(|two| two[0].distance_m(two[1])).sum();
        length * 36.0 / f64::from(segment.forward_dkmh)
    };
    roads.segments.iter().map(one).sum()
}

#[test]
fn a_light_stands_at_the_end_of_who_comes_to_it() {
    let lights = |tags: &[(&str, &str)]| {
        let mut all = vec![("highway", "traffic_signals")];
        all.extend(tags);
        let roads = Town::new()
            .on(11, &all)
            .street(1, &[10, 11, 12], &[])
            .roads();
        let (first, second) = (between(&roads, 10, 11).flags, between(&roads, 11, 12).flags);
        assert!(!first.signals_at_start && !second.signals_at_end);
        (first.signals_at_end, second.signals_at_start)
    };
    assert_eq!(lights(&[]), (true, true));
    assert_eq!(
        lights(&[("traffic_signals:direction", "forward")]),
        (true, false)
    );
    assert_eq!(lights(&[("direction", "backward")]), (false, true));
    assert_eq!(lights(&[("direction", "both")]), (true, true));
    let crossing = Town::new()
        .on(11, &[("highway", "traffic_signals")])
        .street(1, &[10, 11, 12], &[])
        .street(2, &[1, 11, 21], &[])
        .roads();
    assert_eq!(crossing.segments.len(), 4);
    let stands =
        |segment: &&Segment| segment.flags.signals_at_start != segment.flags.signals_at_end;
    assert_eq!(crossing.segments.iter().filter(stands).count(), 4);
}

#[test]
fn nodes_at_one_place_are_one() {
    let mut town = Town::new();
    town.builder.node(500, corner(11), []);
    town.builder.node(501, corner(11), []);
    let roads = town
        .street(1, &[10, 11, 500, 501, 12], &[])
        .street(2, &[500, 21], &[])
        .street(3, &[501, 11], &[])
        .roads();
    assert_eq!(all_ends(&roads), [(10, 11), (11, 12), (11, 21)]);
    assert_eq!(roads.junctions.len(), 4);
    assert_eq!(roads.segments[0].end, roads.segments[2].start);
}

#[test]
fn a_boat_takes_as_long_as_it_says() {
    let mut town = Town::new();
    town.builder
        .way(1, [10, 11, 12], [("route", "ferry"), ("duration", "00:10")]);
    let roads = town.street(2, &[11, 21], &[]).roads();
    let boat = |from, to| between(&roads, from, to);
    assert_eq!(boat(10, 11).class, RoadClass::Ferry);
    let time = |segment: &Segment| {
        let (from, to) = ends(&roads, segment);
        corner(from).distance_m(corner(to)) * 36.0 / f64::from(segment.forward_dkmh)
    };
    let whole = time(boat(10, 11)) + time(boat(11, 12));
    assert!((whole - 600.0).abs() < 15.0, "{whole} s");
    assert_eq!(between(&roads, 11, 21).class, RoadClass::Residential);
}

#[test]
fn a_street_with_one_node_left_is_no_road() {
    let mut town = Town::new();
    town.builder
        .way(1, [10, 9_999], [("highway", "residential")]);
    assert_eq!(town.roads(), Town::new().roads());
}

#[test]
fn every_segment_can_be_driven_and_has_a_length() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/osm");
    let Ok(extract) = crate::osm::read(&folder.join("monaco.osm.pbf"), &mut |_| {}) else {
        println!("skipped: {} is absent", folder.display());
        return;
    };
    let roads = collect(&extract);
    assert!(roads.segments.len() > 1_000, "{}", roads.segments.len());
    for segment in &roads.segments {
        assert!(segment.forward_dkmh > 0 || segment.backward_dkmh > 0);
        let (start, end) = (segment.start as usize, segment.end as usize);
        assert!(roads.junctions[start] != roads.junctions[end] || !segment.bends.is_empty());
    }
    for ban in &roads.turn_bans {
        let mut at = ban.first_via;
        for (position, index) in ban.segments.iter().enumerate() {
            let segment = &roads.segments[*index as usize];
            assert!([segment.start, segment.end].contains(&at), "{ban:?}");
            if position > 0 {
                at ^= segment.start ^ segment.end;
            }
        }
    }
}
