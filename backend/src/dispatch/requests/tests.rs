use wayfare_core::geo::LatLng;
use wayfare_core::trip::{Pin, TripRequest};
use wayfare_core::vehicle::VehicleClass;

use super::*;

/// So many seconds after the request.
fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
}

fn driver(number: u128) -> DriverId {
    DriverId::from_uuid(Uuid::from_u128(number))
}

fn rider() -> RiderId {
    RiderId::from_uuid(Uuid::from_u128(99))
}

fn trip(pickup_at: Option<DateTime<Utc>>) -> Trip {
    Trip::requested(TripRequest {
        trip: TripId::from_uuid(Uuid::from_u128(1)),
        rider: rider(),
        vehicle_class: VehicleClass::Standard,
        pickup: LatLng::from_degrees(41.15, -8.61).unwrap(),
        waypoints: Vec::new(),
        dropoff: LatLng::from_degrees(41.17, -8.63).unwrap(),
        pickup_at,
        for_someone_else: false,
        pin: Some(Pin::from_number(1234)),
        requested_at: at(0),
    })
}

/// Who was asked: the driver, what became of it, in which wave, and when.
fn search(asked: &[(u128, &str, i32, i64)]) -> Search {
    let mut search = Search::default();
    for (number, status, wave, seconds) in asked {
        search.note(&Asked {
            trip_id: Uuid::from_u128(1),
            driver_id: Uuid::from_u128(*number),
            status: (*status).to_owned(),
            wave: *wave,
            created_at: at(*seconds),
        });
    }
    search
}

#[test]
fn waves_are_counted_from_where_the_search_began_anew() {
    let asked_once = (1, "declined", 1, 0);
    let again = (2, "timed_out", 2, 15);
    assert_eq!(search(&[]).waves, 0);
    assert_eq!(search(&[asked_once, again]).waves, 2);
    let gave_back = (3, "released", 3, 30);
    assert_eq!(search(&[asked_once, again, gave_back]).waves, 0);
    let new = (4, "declined", 1, 600);
    assert_eq!(search(&[asked_once, again, gave_back, new]).waves, 1);
}

#[test]
fn those_who_were_asked_at_once_with_the_one_who_gave_it_back_count_no_more() {
    for released in 1..=3 {
        let asked: Vec<_> = (1..=3)
            .map(|number| match number == released {
                true => (number, "released", 1, 0),
                false => (number, "declined", 1, 0),
            })
            .collect();
        assert_eq!(search(&asked).waves, 0, "{released}");
    }
}

#[test]
fn who_did_not_want_the_trip_is_not_asked_again_and_who_was_not_let_answer_is() {
    let search = search(&[
        (1, "declined", 1, 0),
        (2, "timed_out", 2, 15),
        (3, "released", 3, 30),
        (4, "withdrawn", 1, 600),
        (5, "open", 2, 615),
    ]);
    assert!(search.is_open);
    let excluded = excluded(&search, rider(), &[driver(6), driver(1)]);
    let own = DriverId::from_uuid(rider().uuid());
    let expected = BTreeMap::from([
        (driver(1), Exclusion::Blocked),
        (driver(2), Exclusion::Asked),
        (driver(3), Exclusion::GaveBack),
        (driver(6), Exclusion::Blocked),
        (own, Exclusion::OwnTrip),
    ]);
    assert_eq!(excluded, expected);
}

#[test]
fn the_search_for_a_trip_for_later_begins_when_its_time_is_near() {
    let lead = TimeDelta::seconds(900);
    assert_eq!(search_began(&trip(None), lead), at(0));
    assert_eq!(search_began(&trip(Some(at(3600))), lead), at(2700));
    assert_eq!(search_began(&trip(Some(at(60))), lead), at(0));
}

/// Whether the search is given up at this time, after so many waves.
fn is_over(trip: &Trip, now: i64, waves: i32) -> bool {
    let patience = Patience {
        now: at(now),
        search_timeout: TimeDelta::seconds(300),
        waves_max: 3,
    };
    patience.is_over(trip, &search(&[(1, "declined", waves, 0)]))
}

#[test]
fn the_search_is_given_up_after_its_time_or_its_waves() {
    let for_now = trip(None);
    assert!(!is_over(&for_now, 299, 1));
    assert!(is_over(&for_now, 300, 1));
    assert!(!is_over(&for_now, 1, 2));
    assert!(is_over(&for_now, 1, 3));
}

#[test]
fn the_last_wave_is_waited_for() {
    let patience = Patience {
        now: at(60),
        search_timeout: TimeDelta::seconds(300),
        waves_max: 3,
    };
    let open = search(&[(1, "declined", 2, 0), (2, "open", 3, 50)]);
    assert!(!patience.is_over(&trip(None), &open));
}

#[test]
fn a_trip_for_later_is_not_given_up_before_its_time() {
    let later = trip(Some(at(600)));
    assert!(!is_over(&later, 599, 3));
    assert!(is_over(&later, 600, 3));
    assert!(!is_over(&later, 899, 1));
    assert!(is_over(&later, 900, 1));
}
