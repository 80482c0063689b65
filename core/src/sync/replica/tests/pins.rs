//! PINs on the device.

use super::*;

/// A device at whose driver's trip the driver arrived at minute 3.
fn at_pickup() -> Replica {
    let mut trip = assigned(1);
    change(&mut trip, Command::Arrive, Actor::Driver(BOB), minute(3));
    with(&[&trip])
}

fn wrong(replica: &mut Replica, at: DateTime<Utc>) {
    let refused = act(replica, &start(1, 1, minute(3)), at);
    assert_eq!(refused, Err(Refusal::WrongPin.into()), "{at}");
}

#[test]
fn the_right_pin_starts_the_ride_and_is_on_the_trip_nowhere() {
    let mut replica = at_pickup();
    assert_eq!(
        act(&mut replica, &start(1, PIN, minute(3)), minute(4)),
        Ok(())
    );
    assert_eq!(status(&replica, 1), TripStatus::InProgress);
    let held = held(&replica, 1);
    assert_eq!(held.pin, Some(pin()));
    assert_eq!(
        (held.current.request.pin, held.kit.trip.request.pin),
        (None, None)
    );
}

#[test]
fn a_pin_that_the_server_gives_away_is_not_kept() {
    let mut replica = Replica::default();
    let mut kit = kit(&assigned(1));
    kit.trip.request.pin = Some(pin());
    kit.shown.pin = Some(pin());
    replica.take(&StreamEvent::TripKit { kit: Box::new(kit) });
    assert!(
        !serde_json::to_string(&replica.trips)
            .unwrap()
            .contains(&PIN.to_string())
    );
}

#[test]
fn after_five_wrong_pins_it_takes_longer_each_time() {
    let mut replica = at_pickup();
    for _ in 0..5 {
        wrong(&mut replica, minute(4));
    }
    // Locked for 1, 2, 4 … minutes, and at most for an hour.
    let mut from = minute(4);
    for minutes in [1, 2, 4, 8, 16, 32, 60, 60] {
        let until = from + TimeDelta::minutes(minutes);
        let just_before = until - TimeDelta::milliseconds(1);
        let refused = act(&mut replica, &start(1, PIN, minute(3)), just_before);
        assert_eq!(refused, Err(LocalRefusal::TooManyPins { until }));
        wrong(&mut replica, until);
        from = until;
    }
}

#[test]
fn a_lock_survives_a_restart_and_a_new_kit() {
    let mut replica = at_pickup();
    for _ in 0..5 {
        wrong(&mut replica, minute(4));
    }
    let json = serde_json::to_string(&replica.trips).unwrap();
    replica.trips = serde_json::from_str(&json).unwrap();
    let mut trip = assigned(1);
    change(&mut trip, Command::Arrive, Actor::Driver(BOB), minute(3));
    replica.take(&kit_message(&trip));
    replica.rebase(trip_id(1), &[]);
    let refused = act(&mut replica, &start(1, PIN, minute(3)), minute(4));
    assert_eq!(refused, Err(LocalRefusal::TooManyPins { until: minute(5) }));
    assert_eq!(
        act(&mut replica, &start(1, PIN, minute(3)), minute(5)),
        Ok(())
    );
    assert_eq!(
        (held(&replica, 1).wrong_pins, held(&replica, 1).locked_until),
        (0, None)
    );
}

#[test]
fn a_pin_is_not_asked_for_where_no_ride_can_begin() {
    let mut replica = with(&[&assigned(1)]);
    let refused = act(&mut replica, &start(1, 1, minute(3)), minute(4));
    assert!(matches!(
        refused,
        Err(LocalRefusal::Trip(Refusal::WrongState { .. }))
    ));
    assert_eq!(held(&replica, 1).wrong_pins, 0);
}

#[test]
fn without_a_key_or_with_the_check_of_another_trip_no_pin_is_right() {
    let mut replica = at_pickup();
    let action = start(1, PIN, minute(3));
    let without_key = Act {
        action: &action,
        at: minute(4),
        pin_key: None,
    };
    assert_eq!(replica.act(&without_key), Err(LocalRefusal::NoPinKey));
    assert_eq!(held(&replica, 1).wrong_pins, 0);
    let held = replica.trips.get_mut(&trip_id(1)).unwrap();
    held.kit.pin_check = KEY.seal(trip_id(2), pin(), [5; 16]);
    assert_eq!(
        act(&mut replica, &action, minute(4)),
        Err(Refusal::WrongPin.into())
    );
}
