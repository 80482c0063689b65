//! Two instances without a Redis between them: what one takes out, the other receives.

use uuid::Uuid;
use wayfare_core::geo::LatLng;

use super::*;
use crate::platform::exchange::Wake;

struct Instance {
    index: Arc<LiveIndex>,
    outgoing: Arc<Outgoing<PositionChange>>,
    shared: SharedFixes,
}

fn instance() -> Instance {
    let index = Arc::new(LiveIndex::default());
    let outgoing = Arc::new(Outgoing::of_topic(FIXES, &Wake::default()));
    let shared = SharedFixes::new(Arc::clone(&index), Arc::clone(&outgoing));
    Instance {
        index,
        outgoing,
        shared,
    }
}

fn driver(number: u128) -> DriverId {
    DriverId::from_uuid(Uuid::from_u128(number))
}

fn fix(at: DateTime<Utc>) -> Fix {
    Fix {
        position: LatLng::from_degrees(41.15, -8.61).unwrap(),
        heading_deg: Some(90.0),
        speed_mps: None,
        at,
    }
}

fn seen(number: u128, at: DateTime<Utc>) -> PositionChange {
    PositionChange::Seen {
        driver: driver(number),
        fix: fix(at),
    }
}

/// In whole microseconds, as it is told.
fn now() -> DateTime<Utc> {
    DateTime::from_timestamp_micros(clock::now().timestamp_micros()).unwrap()
}

#[test]
fn what_one_instance_learns_the_other_knows() {
    let (one, two, now) = (instance(), instance(), now());
    one.outgoing.push(seen(1, now));
    one.outgoing.push(seen(2, now));
    one.outgoing.push(PositionChange::Gone {
        driver: driver(2),
        at: now,
    });
    let parcel = one.shared.take().unwrap();
    two.shared.receive(&parcel.message).unwrap();
    assert_eq!(two.index.find_fix(driver(1)), Some(fix(now)));
    assert_eq!(two.index.find_fix(driver(2)), None);
    assert!(one.shared.take().is_none());

    let three = instance();
    assert_eq!((parcel.set.len(), parcel.delete.len()), (1, 1));
    let (field, value) = &parcel.set[0];
    assert_eq!(three.shared.restore(field, value), Ok(true));
    assert_eq!(three.index.find_fix(driver(1)), Some(fix(now)));
}

#[test]
fn who_leaves_and_comes_back_within_one_batch_is_there() {
    let (one, two, now) = (instance(), instance(), now());
    let back = now + TimeDelta::milliseconds(1);
    for change in [
        seen(1, now),
        PositionChange::Gone {
            driver: driver(1),
            at: now,
        },
        seen(1, back),
    ] {
        one.outgoing.push(change);
    }
    let parcel = one.shared.take().unwrap();
    two.shared.receive(&parcel.message).unwrap();
    assert_eq!(two.index.find_fix(driver(1)), Some(fix(back)));
    assert_eq!((parcel.set.len(), parcel.delete.len()), (1, 0));
}

#[test]
fn news_that_come_late_change_nothing() {
    let (one, now) = (instance(), now());
    one.index.report(driver(1), fix(now));
    let earlier = now - TimeDelta::seconds(5);
    for change in [
        seen(1, earlier),
        PositionChange::Gone {
            driver: driver(1),
            at: earlier,
        },
    ] {
        one.shared.take_in(change, now).unwrap();
        assert_eq!(one.index.find_fix(driver(1)), Some(fix(now)));
    }
}

#[test]
fn a_fix_from_the_future_is_malformed() {
    let (one, now) = (instance(), now());
    let later = now + TimeDelta::minutes(5);
    assert_eq!(one.shared.take_in(seen(1, later), now), Err(Malformed));
    assert_eq!(one.index.find_fix(driver(1)), None);
}

#[test]
fn an_entry_of_the_table_is_of_use_only_while_it_is_new_and_under_its_own_name() {
    let (one, now) = (instance(), now());
    let mut old = Vec::new();
    format::write(&seen(1, now - TimeDelta::hours(2)), &mut old);
    let mut new = Vec::new();
    format::write(&seen(1, now), &mut new);
    let name = |number| driver(number).uuid().as_bytes().to_vec();
    assert_eq!(one.shared.restore(&name(1), &old), Ok(false));
    assert_eq!(one.shared.restore(&name(2), &new), Err(Malformed));
    assert_eq!(
        one.shared.restore(&name(1), &[new.clone(), new].concat()),
        Err(Malformed)
    );
    assert_eq!(one.shared.restore(&name(1), b"junk"), Err(Malformed));
    assert!(one.index.is_empty());
}
