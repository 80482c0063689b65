use super::*;

/// Two streets that cross at node 11, each a way on each side: 1 from the south, 2 to the north, 3
/// to the west, 4 to the east.
fn crossing() -> Town {
    Town::new()
        .street(1, &[1, 11], &[])
        .street(2, &[11, 21], &[])
        .street(3, &[11, 10], &[])
        .street(4, &[11, 12], &[])
}

fn bans(town: Town) -> BTreeSet<Vec<i64>> {
    banned(&town.roads())
}

fn set<const N: usize, const M: usize>(all: [[i64; M]; N]) -> BTreeSet<Vec<i64>> {
    all.into_iter().map(|nodes| nodes.to_vec()).collect()
}

#[test]
fn a_turn_that_a_sign_forbids_is_banned() {
    let town = crossing().sign("no_left_turn", &[1], via(11), &[3]);
    assert_eq!(bans(town), set([[1, 11, 10]]));
}

#[test]
fn an_only_sign_bans_every_other_turn() {
    let town = crossing().sign("only_straight_on", &[1], via(11), &[2]);
    assert_eq!(bans(town), set([[1, 11, 10], [1, 11, 12]]));
    let two = crossing()
        .sign("only_straight_on", &[1], via(11), &[2])
        .sign("only_right_turn", &[1], via(11), &[4]);
    assert_eq!(bans(two), set([[1, 11, 10]]));
}

#[test]
fn an_only_sign_does_not_ban_what_is_closed_anyway() {
    let town = Town::new()
        .street(1, &[1, 11], &[])
        .street(2, &[11, 21], &[])
        .street(3, &[10, 11], &[("oneway", "yes")])
        .street(4, &[11, 12], &[])
        .sign("only_straight_on", &[1], via(11), &[2]);
    assert_eq!(bans(town), set([[1, 11, 12]]));
}

#[test]
fn several_ways_may_be_forbidden_at_once() {
    let town = crossing().sign("no_exit", &[1], via(11), &[2, 3]);
    assert_eq!(bans(town), set([[1, 11, 10], [1, 11, 21]]));
    let town = crossing().sign("no_entry", &[1, 4], via(11), &[3]);
    assert_eq!(bans(town), set([[1, 11, 10], [12, 11, 10]]));
}

#[test]
fn signs_that_do_not_mean_cars_at_all_times_ban_nothing() {
    for tags in [
        &[
            ("type", "restriction"),
            ("restriction", "no_left_turn"),
            ("except", "bicycle;motorcar"),
        ][..],
        &[("type", "restriction"), ("restriction:hgv", "no_left_turn")],
        &[
            ("type", "restriction"),
            ("restriction:conditional", "no_left_turn @ (Mo-Fr)"),
        ],
        &[
            ("type", "restriction"),
            ("restriction", "no_left_turn"),
            ("hour_on", "07:00"),
        ],
        &[
            ("type", "restriction:bicycle"),
            ("restriction", "no_left_turn"),
        ],
        &[("type", "restriction"), ("restriction", "give_way")],
        &[("type", "restriction")],
    ] {
        let town = crossing().sign_with(&[1], &[via(11)], &[3], tags);
        assert_eq!(bans(town), BTreeSet::new(), "{tags:?}");
    }
    for tags in [
        &[
            ("type", "restriction"),
            ("restriction", "no_left_turn"),
            ("except", "psv;bicycle"),
        ][..],
        &[
            ("type", "restriction"),
            ("restriction:motorcar", "no_left_turn"),
        ],
        &[
            ("type", "restriction:motorcar"),
            ("restriction", "no_left_turn"),
        ],
    ] {
        let town = crossing().sign_with(&[1], &[via(11)], &[3], tags);
        assert_eq!(bans(town), set([[1, 11, 10]]), "{tags:?}");
    }
}

#[test]
fn signs_that_cannot_be_understood_ban_nothing() {
    // The node is on no street, on the wrong street, and in the middle of a two-way street.
    for (from, node, to) in [(1, 55, 3), (1, 21, 3), (9_999, 11, 3), (1, 11, 9_999)] {
        let town = crossing().sign("no_left_turn", &[from], via(node), &[to]);
        assert_eq!(bans(town), BTreeSet::new(), "{from} {node} {to}");
    }
    let through = Town::new()
        .street(1, &[1, 11, 21], &[])
        .street(3, &[11, 10], &[])
        .sign("no_left_turn", &[1], via(11), &[3]);
    assert_eq!(bans(through), BTreeSet::new());
    let one_way = Town::new()
        .street(1, &[1, 11, 21], &[("oneway", "yes")])
        .street(3, &[11, 10], &[])
        .sign("no_left_turn", &[1], via(11), &[3]);
    assert_eq!(
        bans(one_way),
        set([[1, 11, 10]]),
        "there is one way to come"
    );
}

/// Two carriageways, 1 to the east and 2 to the west, joined by a short street 3 with a junction in
/// it, where street 4 begins.
fn carriageways() -> Town {
    let one_way = &[("oneway", "yes")];
    Town::new()
        .street(1, &[0, 1], one_way)
        .street(11, &[1, 2], one_way)
        .street(3, &[1, 11, 21], &[])
        .street(2, &[22, 21], one_way)
        .street(12, &[21, 20], one_way)
        .street(4, &[11, 10], &[])
}

#[test]
fn a_turn_by_way_of_another_street_is_banned_as_a_whole() {
    let via = NewMember::Way(3, "via");
    let town = carriageways().sign("no_u_turn", &[1], via.clone(), &[12]);
    assert_eq!(bans(town), set([[0, 1, 11, 21, 20]]));
    let only = carriageways().sign("only_u_turn", &[1], via, &[12]);
    assert_eq!(bans(only), BTreeSet::new(), "there is no other way out");
}

#[test]
fn via_streets_may_be_listed_in_any_order() {
    let streets = || {
        Town::new()
            .street(1, &[0, 1], &[])
            .street(2, &[1, 2], &[])
            .street(3, &[3, 2], &[])
            .street(4, &[3, 4], &[])
    };
    let (second, third) = (NewMember::Way(2, "via"), NewMember::Way(3, "via"));
    let tags = &[("type", "restriction"), ("restriction", "no_straight_on")];
    for order in [[second.clone(), third.clone()], [third, second]] {
        let town = streets().sign_with(&[1], &order, &[4], tags);
        assert_eq!(bans(town), set([[0, 1, 2, 3, 4]]));
    }
}

#[test]
fn an_only_sign_by_way_of_another_street_bans_the_other_ends() {
    let town = Town::new()
        .street(1, &[0, 1], &[])
        .street(2, &[1, 2], &[])
        .street(3, &[2, 3], &[])
        .street(4, &[2, 12], &[])
        .sign("only_straight_on", &[1], NewMember::Way(2, "via"), &[3]);
    assert_eq!(bans(town), set([[0, 1, 2, 12]]));
}

#[test]
fn turning_round_on_a_street_is_not_what_signs_are_about() {
    let town = crossing().sign("no_u_turn", &[1], via(11), &[1]);
    assert_eq!(bans(town), BTreeSet::new());
}
