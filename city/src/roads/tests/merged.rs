use super::*;

/// A street from node 10 over 11 to 12 in two ways with these tags.
fn two_ways(first: &[(&str, &str)], second: &[(&str, &str)]) -> Town {
    Town::new()
        .street(1, &[10, 11], first)
        .street(2, &[11, 12], second)
}

#[test]
fn a_street_in_two_ways_is_one_segment() {
    let tags = &[("name", "Rua Direita"), ("oneway", "yes")];
    let roads = two_ways(tags, tags).roads();
    assert_eq!(all_ends(&roads), [(10, 12)]);
    assert_eq!(roads.segments[0].bends, [corner(11)]);
    assert_eq!(roads.junctions.len(), 2);
}

#[test]
fn ways_that_face_each_other_are_one_segment() {
    let roads = Town::new()
        .street(
            1,
            &[10, 0, 11],
            &[("maxspeed:forward", "50"), ("maxspeed:backward", "30")],
        )
        .street(
            2,
            &[13, 3, 12, 2, 11],
            &[("maxspeed:backward", "50"), ("maxspeed:forward", "30")],
        )
        .roads();
    assert_eq!(all_ends(&roads), [(10, 13)]);
    let segment = &roads.segments[0];
    assert_eq!(segment.bends, [0, 11, 2, 12, 3].map(corner));
    assert_eq!((segment.forward_dkmh, segment.backward_dkmh), (400, 240));
}

#[test]
fn a_change_that_drivers_notice_keeps_the_cut() {
    for tags in [
        ("name", "Rua Nova"),
        ("maxspeed", "30"),
        ("oneway", "yes"),
        ("toll", "yes"),
        ("tunnel", "yes"),
        ("access", "destination"),
    ] {
        assert_eq!(two_ways(&[], &[tags]).roads().segments.len(), 2, "{tags:?}");
    }
    let mut classes = Town::new().street(1, &[10, 11], &[]);
    classes
        .builder
        .way(2, [11, 12], [("highway", "unclassified")]);
    assert_eq!(classes.roads().segments.len(), 2);
    let facing = Town::new()
        .street(1, &[10, 11], &[("oneway", "yes")])
        .street(2, &[12, 11], &[("oneway", "yes")]);
    assert_eq!(facing.roads().segments.len(), 2);
    let light = two_ways(&[], &[]).on(11, &[("highway", "traffic_signals")]);
    assert_eq!(light.roads().segments.len(), 2);
    let fork = two_ways(&[], &[]).street(3, &[11, 21], &[]);
    assert_eq!(fork.roads().segments.len(), 3);
}

#[test]
fn lights_at_the_ends_stay_where_they_are() {
    let lit = [("highway", "traffic_signals")];
    let roads = two_ways(&[], &[])
        .on(10, &lit)
        .street(3, &[12, 13], &[("name", "Rua Nova")])
        .roads();
    let flags = between(&roads, 10, 12).flags;
    assert!(flags.signals_at_start && !flags.signals_at_end);
    let backwards = Town::new()
        .on(12, &lit)
        .street(1, &[12, 11], &[])
        .street(2, &[11, 10], &[])
        .roads();
    let flags = between(&backwards, 12, 10).flags;
    assert!(flags.signals_at_start && !flags.signals_at_end);
}

#[test]
fn bans_hold_on_merged_streets() {
    // The way of the sign is only the last of three that become one.
    let roads = Town::new()
        .street(1, &[10, 11], &[])
        .street(2, &[12, 11], &[])
        .street(3, &[12, 13], &[])
        .street(4, &[13, 14], &[("name", "Rua Nova")])
        .street(5, &[13, 23], &[])
        .sign("no_left_turn", &[3], via(13), &[5])
        .roads();
    assert_eq!(roads.segments.len(), 3);
    assert_eq!(banned(&roads), [vec![10, 13, 23]].into_iter().collect());
}

#[test]
fn a_ring_does_not_become_a_loop() {
    let alone = Town::new()
        .street(1, &[11, 12, 22], &[])
        .street(2, &[22, 21, 11], &[])
        .roads();
    assert_eq!(alone.segments.len(), 2);
    let on_a_stalk = Town::new()
        .street(1, &[11, 12, 22], &[])
        .street(2, &[22, 21, 11], &[])
        .street(3, &[10, 11], &[("name", "Rua Nova")])
        .roads();
    assert_eq!(on_a_stalk.segments.len(), 3);
    assert!(
        on_a_stalk
            .segments
            .iter()
            .all(|segment| segment.start != segment.end)
    );
}
