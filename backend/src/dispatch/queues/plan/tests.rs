//! Who gets, keeps and loses a place, minute by minute.

use uuid::Uuid;

use super::*;

const PATIENCE: Patience = Patience {
    fresh_for: TimeDelta::seconds(60),
    away_for: TimeDelta::seconds(180),
};

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
}

fn driver(number: u128) -> DriverId {
    DriverId::from_uuid(Uuid::from_u128(number))
}

/// Waits at the airport since then.
fn place(number: u128, since: i64) -> Place {
    Place {
        driver: driver(number),
        zone: "airport".to_owned(),
        since: at(since),
        away_since: None,
    }
}

fn away(number: u128, since: i64, away_since: i64) -> Place {
    Place {
        away_since: Some(at(away_since)),
        ..place(number, since)
    }
}

fn free(number: u128, zone: Option<&'static str>, seen_at: i64) -> Seen<'static> {
    Seen {
        driver: driver(number),
        zone,
        doing: Doing::Free,
        at: at(seen_at),
    }
}

fn plan(places: &[Place], seen: &[Seen<'_>], now: i64) -> Changes {
    plan_queue_changes(places, seen, PATIENCE, at(now))
}

fn joined(places: impl IntoIterator<Item = Place>) -> Changes {
    Changes {
        joined: places.into_iter().collect(),
        ..Changes::default()
    }
}

/// This driver is away since then, or back.
fn marked(number: u128, away_since: Option<i64>) -> Changes {
    let since = away_since.map(at);
    let driver = driver(number);
    Changes {
        away: vec![Away { driver, since }],
        ..Changes::default()
    }
}

fn lost(numbers: impl IntoIterator<Item = u128>) -> Changes {
    Changes {
        lost: numbers.into_iter().map(driver).collect(),
        ..Changes::default()
    }
}

#[test]
fn free_cars_in_the_zone_join_and_nobody_else_does() {
    let busy = Seen {
        doing: Doing::Driving,
        ..free(3, Some("airport"), 100)
    };
    let asked = Seen {
        doing: Doing::Asked,
        ..free(4, Some("airport"), 100)
    };
    let seen = [
        free(2, Some("airport"), 100),
        free(1, Some("airport"), 95),
        busy,
        asked,
        free(5, None, 100),
        free(6, Some("airport"), 39),
        free(7, Some("airport"), 40),
    ];
    let new = [place(1, 100), place(2, 100), place(7, 100)];
    assert_eq!(plan(&[], &seen, 100), joined(new));
}

#[test]
fn who_stays_in_the_zone_keeps_the_place_without_a_change() {
    let asked = Seen {
        doing: Doing::Asked,
        ..free(2, Some("airport"), 500)
    };
    let places = [place(1, 0), place(2, 10)];
    let seen = [free(1, Some("airport"), 490), asked];
    assert!(plan(&places, &seen, 500).is_empty());
}

#[test]
fn who_leaves_the_zone_keeps_the_place_for_a_while() {
    let seen = |time| [free(1, None, time)];
    assert_eq!(plan(&[place(1, 0)], &seen(100), 100), marked(1, Some(100)));
    let gone = [away(1, 0, 100)];
    assert!(plan(&gone, &seen(280), 280).is_empty());
    assert_eq!(plan(&gone, &seen(281), 281), lost([1]));
    let back = [free(1, Some("airport"), 280)];
    assert_eq!(plan(&gone, &back, 280), marked(1, None));
    let seen_late = [free(1, Some("airport"), 300)];
    let late_round = plan(&gone, &seen_late, 300);
    assert_eq!(late_round, marked(1, None), "nobody pays for a late round");
}

#[test]
fn another_zone_is_away_too_and_counts_once_the_place_is_lost() {
    let elsewhere = |time| [free(1, Some("station"), time)];
    let changes = plan(&[place(1, 0)], &elsewhere(100), 100);
    assert_eq!(changes, marked(1, Some(100)));
    let changes = plan(&[away(1, 0, 100)], &elsewhere(281), 281);
    assert_eq!(changes, lost([1]));
    let there = Place {
        zone: "station".to_owned(),
        ..place(1, 283)
    };
    assert_eq!(plan(&[], &elsewhere(283), 283), joined([there]));
}

#[test]
fn a_silent_car_is_away_since_it_was_seen_last() {
    let seen = [free(1, Some("airport"), 100)];
    assert!(plan(&[place(1, 0)], &seen, 160).is_empty());
    assert_eq!(plan(&[place(1, 0)], &seen, 161), marked(1, Some(100)));
    assert!(plan(&[away(1, 0, 100)], &seen, 280).is_empty());
    assert_eq!(plan(&[away(1, 0, 100)], &seen, 281), lost([1]));
    assert_eq!(plan(&[place(1, 0)], &seen, 281), lost([1]));
}

#[test]
fn a_car_that_nobody_saw_is_away_from_now_on() {
    assert_eq!(plan(&[place(1, 0)], &[], 1000), marked(1, Some(1000)));
    assert!(plan(&[away(1, 0, 1000)], &[], 1180).is_empty());
    assert_eq!(plan(&[away(1, 0, 1000)], &[], 1181), lost([1]));
}

#[test]
fn a_trip_ends_the_wait_at_once() {
    let driving = [Seen {
        doing: Doing::Driving,
        ..free(1, Some("airport"), 100)
    }];
    assert_eq!(plan(&[place(1, 0)], &driving, 100), lost([1]));
    let seen = [free(1, Some("airport"), 900)];
    assert_eq!(plan(&[], &seen, 900), joined([place(1, 900)]), "at the end");
}

#[test]
fn a_device_whose_clock_runs_ahead_is_not_silent() {
    let seen = [free(1, Some("airport"), 130)];
    assert_eq!(plan(&[], &seen, 100), joined([place(1, 100)]));
}

#[test]
fn changes_are_in_the_order_of_the_drivers() {
    let places = [place(9, 0), place(3, 0), place(5, 0), place(4, 0)];
    let seen = [8, 2, 6].map(|number| free(number, Some("airport"), 500));
    let changes = plan(&places, &seen, 500);
    let order: Vec<DriverId> = changes.joined.iter().map(|place| place.driver).collect();
    assert_eq!(order, [2, 6, 8].map(driver));
    let order: Vec<DriverId> = changes.away.iter().map(|away| away.driver).collect();
    assert_eq!(order, [3, 4, 5, 9].map(driver));
    let gone = places.map(|place| Place {
        away_since: Some(at(1)),
        ..place
    });
    assert_eq!(plan(&gone, &[], 500), lost([3, 4, 5, 9]));
}
