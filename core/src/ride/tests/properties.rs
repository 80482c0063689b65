//! A phone and the server come to the same fare.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::sync::FareClaim;

/// How long a car drives to a stop and stands there, whether the driver says that it goes on, and
/// whether it comes there at all.
fn stop() -> impl Strategy<Value = (i64, i64, bool)> {
    (30..600_i64, 0..900_i64, prop::bool::weighted(0.8))
}

fn story() -> impl Strategy<Value = Story> {
    let stops = vec(stop(), 0..4);
    let made = any::<Index>();
    let moved = prop::option::weighted(0.3, 1..90_i32);
    (stops, made, moved, 0..900_i64, 1..1_500_i64, 1..90_i32).prop_map(
        |(stops, made, moved_to, waited_s, last_s, dropoff)| {
            let mut second = 0;
            let count = made.index(stops.len() + 1);
            let mut all = Vec::new();
            for (drive_s, stand_s, leaves) in stops.iter().take(count).copied() {
                let reached_s = second + drive_s;
                second = reached_s + stand_s;
                all.push(Made {
                    reached_s,
                    left_s: leaves.then_some(second),
                });
                if !leaves {
                    break;
                }
            }
            Story {
                waypoints: (1..).map(|n| n * 7).take(stops.len()).collect(),
                dropoff,
                moved_to,
                waited_s,
                made: all,
                completed_s: second + last_s,
            }
        },
    )
}

/// Points on the way, from before the ride until after it, some far apart in time or place, some with
/// an accuracy that does not count, in any order and some of them twice.
fn points() -> impl Strategy<Value = Vec<TrackPoint>> {
    let step = (
        1..90_i64,
        -3..8_i32,
        prop_oneof![9 => 3_000..50_000_u32, 1 => 50_001..90_000_u32],
    );
    (vec(step, 0..120), -40..40_i64).prop_perturb(|(steps, first_s), mut random| {
        let (mut second, mut north) = (first_s, 0);
        let mut points = Vec::new();
        for (seconds, steps, accuracy_mm) in steps {
            second += seconds;
            north += steps;
            let point = TrackPoint {
                accuracy_mm,
                ..seen(second, north)
            };
            points.push(point);
            if random.random_bool(0.1) {
                points.push(point);
            }
        }
        points
    })
}

/// What comes out of a store, or over the wire.
fn sent<T: serde::Serialize + serde::de::DeserializeOwned>(what: &T) -> T {
    serde_json::from_str(&serde_json::to_string(what).unwrap()).unwrap()
}

fn check(story: &Story, points: &[TrackPoint], ground: &impl Ground) {
    let server = Ride::of(story, points.to_vec());
    let mut shuffled = points.to_vec();
    shuffled.reverse();
    shuffled.extend_from_slice(points);
    let mut trip = server.trip.clone();
    trip.request.pin = None;
    let device = Ride {
        trip: sent(&trip),
        quoted: sent(&server.quoted),
        tariff: Tariff::new(sent(server.tariff.spec())).unwrap(),
        track: shuffled,
    };
    let claim: FareClaim = sent(&claim(&device.over(), ground).unwrap());
    let own = price(&server.over(), ground).unwrap();
    assert_eq!(claim.fare, own.settlement.fare);
    assert_eq!((&claim.driven, claim.track), (&own.driven, own.track));
    // Without the points, the server finds nothing to object to.
    assert_eq!(
        check_claim(&server.without_track(), &claim),
        Ok(own.settlement)
    );
}

proptest! {
    #[test]
    fn a_phone_comes_to_the_fare_of_the_server(story in story(), points in points()) {
        check(&story, &points, &Coast);
        check(&story, &points, &NoGround);
    }
}

#[test]
fn a_ride_of_every_basis_is_among_those_that_are_alike() {
    use crate::pricing::Basis;
    let plain = Story::plain();
    let stops = Story {
        waypoints: vec![10],
        made: vec![Made {
            reached_s: 120,
            left_s: Some(300),
        }],
        ..plain.clone()
    };
    let skipped = Story {
        made: vec![],
        ..stops.clone()
    };
    let cases = [
        (&plain, northward(75), Basis::DrivenDistanceDiffers),
        (&plain, vec![], Basis::Quote),
        (&stops, northward(75), Basis::DrivenDistanceDiffers),
        (&skipped, northward(75), Basis::DrivenStopsChanged),
        (&skipped, vec![], Basis::Replanned),
    ];
    for (story, points, basis) in cases {
        check(story, &points, &Coast);
        let ride = Ride::of(story, points);
        let price = price(&ride.over(), &Coast).unwrap();
        assert_eq!(price.settlement.basis, basis, "{story:?}");
    }
}
