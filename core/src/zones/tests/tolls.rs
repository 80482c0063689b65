use super::*;

#[test]
fn a_toll_is_due_for_each_crossing_and_for_no_touch() {
    // From west to east along the equator, then bending north.
    let line = toll("t", &[(0.0, 0.0), (4.0, 0.0), (8.0, 0.0), (8.0, 4.0)]);
    let zones = Zones::parse(&file(&[line])).unwrap();
    for (points, count, what) in [
        (&[(1, -1), (1, 1)][..], 1, "across"),
        (&[(1, -1), (1, 1), (2, -1)], 2, "there and back"),
        (
            &[(1, -1), (1, 0), (1, 1)],
            1,
            "a corner of the way on the line",
        ),
        (&[(3, -1), (5, 1)], 1, "over a corner of the line"),
        (&[(1, -1), (1, 0), (2, -1)], 0, "touches and turns away"),
        (&[(1, -1), (1, 0), (1, -1)], 0, "touches and goes back"),
        (
            &[(1, 1), (2, 0), (3, 0), (5, 0), (6, 1)],
            0,
            "follows and leaves on the same side",
        ),
        (
            &[(1, 1), (2, 0), (3, 0), (5, 0), (6, -1)],
            1,
            "follows and leaves on the other side",
        ),
        (&[(7, 1), (8, 0), (9, -1)], 1, "over the bend"),
        (&[(7, -1), (9, 1)], 0, "touches the outside of the bend"),
        (
            &[(7, -2), (8, 0), (9, 9)],
            0,
            "touches the outside of the bend with a corner",
        ),
        (&[(2, 0), (8, 0), (8, 2), (7, 2)], 0, "starts on the line"),
        (
            &[(2, 1), (2, 0), (8, 0), (8, 2), (7, 2)],
            0,
            "follows round the bend, same side",
        ),
        (
            &[(2, 1), (2, 0), (8, 0), (8, 2), (9, 2)],
            1,
            "follows round the bend, other side",
        ),
        (
            &[(2, -1), (2, 0), (9, 0), (9, 9)],
            0,
            "follows and goes straight on at the bend",
        ),
        (
            &[(2, 1), (2, 0), (9, 0)],
            1,
            "follows and goes straight on at the bend, other side",
        ),
        (&[(1, 1), (1, 0)], 0, "ends on the line"),
        (&[(0, -1), (0, 1)], 1, "over the end of the line"),
        (&[(-1, 0), (1, 0), (1, 1)], 0, "comes along the line"),
        (&[(-1, -1), (-1, 1)], 0, "past the end"),
        (
            &[(1, -1), (1, -1), (1, 0), (1, 0), (1, 1), (1, 1)],
            1,
            "stops on the line",
        ),
        (
            &[(1, 1), (2, 0), (2, 1), (3, 0), (3, 1)],
            0,
            "touches twice",
        ),
        (
            &[(1, 1), (2, 0), (2, 1), (3, 0), (3, -1)],
            1,
            "touches, then crosses",
        ),
        (&[(1, 1)], 0, "a way of one point"),
        (&[], 0, "no way"),
    ] {
        let forth = way(points);
        let back: Vec<LatLng> = forth.iter().rev().copied().collect();
        assert_eq!(zones.tolls_along(&forth).len(), count, "{what}");
        assert_eq!(
            zones.tolls_along(&back).len(),
            count,
            "{what}, driven backwards"
        );
    }
}

#[test]
fn tolls_are_listed_in_the_order_of_driving() {
    let lines = [
        toll("east", &[(3.0, -1.0), (3.0, 1.0)]),
        toll("west", &[(1.0, -1.0), (1.0, 1.0)]),
        // Two lines that meet on the way, and a closed one.
        feature(
            "gate",
            "toll_line",
            &json!({"type": "MultiLineString", "coordinates": [
                [[2.0, 1.0], [2.0, 0.0]], [[2.0, 0.0], [2.0, -1.0]],
            ]}),
        ),
        toll(
            "cordon",
            &[(5.0, 0.0), (6.0, 1.0), (7.0, 0.0), (6.0, -1.0), (5.0, 0.0)],
        ),
    ];
    let zones = Zones::parse(&file(&lines)).unwrap();
    let drive = way(&[(0, 0), (8, 0), (4, 0)]);
    assert_eq!(
        zones.tolls_along(&drive),
        [
            "west", "gate", "east", "cordon", "cordon", "cordon", "cordon"
        ]
    );
}
