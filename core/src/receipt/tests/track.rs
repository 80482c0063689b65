//! Receipts and the tracks that they are held to.

use super::*;
use crate::receipt::verify_receipt_with_roads;
use crate::track::Reading;

/// Roads that are half as long again as the straight line.
struct Winding;

impl Roads for Winding {
    fn length_mm(&self, from: LatLng, to: LatLng) -> Option<u64> {
        Some(from.distance_mm(to) * 3 / 2)
    }
}

/// The ride with 700 m under which the device saw no satellites.
fn with_tunnel() -> Vec<TrackPoint> {
    let mut points = northward();
    points.drain(30..36);
    points
}

fn verify_along(receipt: &Receipt, track: &[TrackPoint]) -> Result<Receipt, ReceiptError> {
    verify_receipt(&ring(), &sign(receipt), &tariff(), Some(track))
}

#[test]
fn a_fare_by_the_driven_distance_follows_from_the_track() {
    let receipt = receipt_along(&northward(), &StraightLine, 5000);
    let Charged::Trip { driven, track, .. } = &receipt.charge else {
        unreachable!()
    };
    let ride = driven.ride.as_ref().unwrap();
    assert!((7295..7305).contains(&ride.distance_m), "{ride:?}");
    assert_eq!(receipt.track(), track.as_ref());
    assert_eq!(verify_along(&receipt, &northward()).unwrap(), receipt);
}

#[test]
fn a_track_with_a_point_removed_changed_or_added_is_refused() {
    let right = northward();
    let receipt = receipt();
    for index in [0, 1, 36, right.len() - 1] {
        let mut fewer = right.clone();
        fewer.remove(index);
        let mut moved = right.clone();
        let lat_e7 = moved[index].position.lat_e7() + 1;
        moved[index].position = LatLng::from_e7(lat_e7, 74_000_000).unwrap();
        let mut more = right.clone();
        more[index].at_ms += 1;
        more.push(right[index]);
        for track in [fewer, moved, more] {
            assert!(matches!(
                verify_along(&receipt, &track),
                Err(ReceiptError::OtherTrack { .. })
            ));
        }
    }
    assert!(matches!(
        verify_along(&receipt, &[]),
        Err(ReceiptError::OtherTrack { .. })
    ));
}

#[test]
fn the_order_of_the_points_and_points_sent_twice_do_not_matter() {
    let mut track = northward();
    track.reverse();
    track.extend_from_slice(&northward()[10..20]);
    verify_along(&receipt(), &track).unwrap();
}

#[test]
fn a_ride_that_the_reading_does_not_prove_is_refused() {
    let longer = with_driven(receipt(), |driven| {
        driven.ride.as_mut().unwrap().distance_m += 1;
    });
    match verify(&longer) {
        Err(ReceiptError::OtherRide {
            wanted: Some(wanted),
            found: Some(found),
        }) => assert_eq!(wanted.distance_m + 1, found.distance_m),
        other => panic!("{other:?}"),
    }
    let from_nothing = with_driven(unproven(), |driven| {
        driven.ride = Some(RideLength {
            distance_m: 7300,
            duration_s: 730,
        });
    });
    assert!(matches!(
        verify(&from_nothing),
        Err(ReceiptError::OtherRide { wanted: None, .. })
    ));
}

#[test]
fn a_reading_that_the_track_does_not_give_is_found_with_the_track() {
    let mut forged = receipt_along(&northward(), &StraightLine, 5000);
    if let Charged::Trip {
        quoted,
        driven,
        started_at,
        completed_at,
        track: Some(proof),
        ..
    } = &mut forged.charge
    {
        proof.reading.distance_mm += 1_000_000;
        driven.ride = proven_ride(&proof.reading, *started_at, *completed_at);
        forged.fare = settle(&tariff(), quoted, driven).unwrap().fare;
    }
    // All of it fits together; only the track knows better.
    verify(&forged).unwrap();
    match verify_along(&forged, &northward()) {
        Err(ReceiptError::OtherReading { wanted, found }) => {
            assert_eq!(wanted.distance_mm + 1_000_000, found.distance_mm);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_track_proves_nothing_for_a_receipt_without_one() {
    assert!(matches!(
        verify_along(&unproven(), &northward()),
        Err(ReceiptError::UnexpectedTrack)
    ));
}

#[test]
fn a_gap_bridged_in_a_straight_line_is_measured_again_by_anybody() {
    let receipt = receipt_along(&with_tunnel(), &StraightLine, 5000);
    assert_eq!(receipt.track().unwrap().reading.gaps.count, 1);
    verify_along(&receipt, &with_tunnel()).unwrap();
}

#[test]
fn a_gap_bridged_by_road_is_measured_again_by_those_who_have_the_roads() {
    let receipt = receipt_along(&with_tunnel(), &Winding, 5000);
    assert!(receipt.track().unwrap().reading.gaps.by_road_mm > 1_000_000);
    let jws = sign(&receipt);
    let track = with_tunnel();
    verify_receipt_with_roads(&ring(), &jws, &tariff(), Some(&track), &Winding).unwrap();
    verify_receipt_with_roads(&ring(), &jws, &tariff(), None, &Winding).unwrap();
    assert!(matches!(
        verify_receipt_with_roads(&ring(), &jws, &tariff(), Some(&track), &StraightLine),
        Err(ReceiptError::OtherReading { .. })
    ));
}

/// The receipt of the ride with the tunnel, bridged by road, with another reading and all that
/// follows from it.
fn with_reading(change: impl FnOnce(&mut Reading)) -> Receipt {
    let mut forged = receipt_along(&with_tunnel(), &Winding, 5000);
    let Charged::Trip {
        quoted,
        driven,
        started_at,
        completed_at,
        track: Some(proof),
        basis,
    } = &mut forged.charge
    else {
        unreachable!()
    };
    change(&mut proof.reading);
    driven.ride = proven_ride(&proof.reading, *started_at, *completed_at);
    let settlement = settle(&tariff(), quoted, driven).unwrap();
    (*basis, forged.fare) = (settlement.basis, settlement.fare);
    // Only the track can know better.
    verify(&forged).unwrap();
    forged
}

fn verify_with_tunnel(change: impl FnOnce(&mut Reading)) -> Result<Receipt, ReceiptError> {
    verify_along(&with_reading(change), &with_tunnel())
}

#[test]
fn without_the_roads_a_gap_bridged_by_road_verifies_and_another_track_does_not() {
    let receipt = receipt_along(&with_tunnel(), &Winding, 5000);
    assert_eq!(verify_with_tunnel(|_| ()).unwrap(), receipt);
    assert!(matches!(
        verify_along(&receipt, &northward()),
        Err(ReceiptError::OtherTrack { .. })
    ));
}

#[test]
fn without_the_roads_a_road_as_long_as_the_straight_line_verifies_and_a_shorter_one_does_not() {
    let straight_mm = measure(&with_tunnel(), &StraightLine).gaps.straight_mm;
    let by_road = |by_road_mm: u64| {
        verify_with_tunnel(|reading| {
            reading.distance_mm -= reading.gaps.by_road_mm;
            reading.distance_mm += by_road_mm;
            reading.gaps.by_road_mm = by_road_mm;
        })
    };
    by_road(straight_mm).unwrap();
    for shorter_mm in [straight_mm - 1, 1] {
        match by_road(shorter_mm) {
            Err(ReceiptError::ImpossibleRoads { wanted, found }) => {
                assert_eq!(wanted.straight_mm, straight_mm);
                assert_eq!(found.by_road_mm, shorter_mm);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_millimetre_by_road_does_not_make_the_rest_of_the_reading_believed() {
    let refused = verify_with_tunnel(|reading| {
        reading.gaps.by_road_mm = 1;
        reading.distance_mm += 1_000_000;
    });
    assert!(matches!(refused, Err(ReceiptError::OtherReading { .. })));
}

#[test]
fn what_was_bridged_by_road_was_not_bridged_in_a_straight_line_as_well() {
    let straight_mm = measure(&with_tunnel(), &StraightLine).gaps.straight_mm;
    for claimed_mm in [straight_mm, straight_mm + 1] {
        let refused = verify_with_tunnel(|reading| {
            reading.gaps.straight_mm = claimed_mm;
            reading.distance_mm += claimed_mm;
        });
        assert!(matches!(refused, Err(ReceiptError::ImpossibleRoads { .. })));
    }
    // Without a single gap there is nothing to bridge.
    let mut forged = receipt_along(&northward(), &StraightLine, 5000);
    if let Charged::Trip {
        quoted,
        driven,
        started_at,
        completed_at,
        track: Some(proof),
        ..
    } = &mut forged.charge
    {
        proof.reading.distance_mm += 1_000_000;
        proof.reading.gaps.by_road_mm = 1_000_000;
        driven.ride = proven_ride(&proof.reading, *started_at, *completed_at);
        forged.fare = settle(&tariff(), quoted, driven).unwrap().fare;
    }
    assert!(matches!(
        verify_along(&forged, &northward()),
        Err(ReceiptError::ImpossibleRoads { .. })
    ));
}

#[test]
fn roads_for_some_gaps_and_straight_lines_for_the_others_verify() {
    /// Knows the roads up to a latitude.
    struct South;
    impl Roads for South {
        fn length_mm(&self, from: LatLng, to: LatLng) -> Option<u64> {
            (from.lat_e7() < 437_400_000).then(|| from.distance_mm(to) * 2)
        }
    }
    let mut track = northward();
    track.drain(55..61);
    track.drain(30..36);
    let receipt = receipt_along(&track, &South, 5000);
    let gaps = receipt.track().unwrap().reading.gaps;
    assert!(gaps.count == 2 && gaps.by_road_mm > 0 && gaps.straight_mm > 0);
    assert_eq!(verify_along(&receipt, &track).unwrap(), receipt);
}

/// Changes one number of a reading, or one of its times by so much.
type Forge = fn(&mut Reading, chrono::TimeDelta);

#[test]
fn beside_a_road_everything_else_in_the_reading_is_measured_again() {
    let forgeries: [(&str, Forge); 10] = [
        ("distance", |reading, _| reading.distance_mm += 1),
        ("less distance", |reading, _| reading.distance_mm -= 1),
        ("points", |reading, _| reading.points += 1),
        ("inaccurate", |reading, _| reading.inaccurate += 1),
        ("too fast", |reading, _| reading.too_fast += 1),
        ("first", |reading, by| {
            reading.first_at = reading.first_at.map(|at| at + by);
        }),
        ("last", |reading, by| {
            reading.last_at = reading.last_at.map(|at| at + by);
        }),
        ("first used", |reading, by| {
            reading.first_used_at = reading.first_used_at.map(|at| at + by);
        }),
        ("last used", |reading, by| {
            reading.last_used_at = reading.last_used_at.map(|at| at + by);
        }),
        ("gaps", |reading, _| reading.gaps.count += 1),
    ];
    for (what, forge) in forgeries {
        let refused = verify_with_tunnel(|reading| forge(reading, chrono::TimeDelta::seconds(1)));
        assert!(
            matches!(refused, Err(ReceiptError::OtherReading { .. })),
            "{what}: {refused:?}"
        );
    }
    let longer_than_the_whole = verify_with_tunnel(|reading| reading.gaps.by_road_mm = u64::MAX);
    assert!(matches!(
        longer_than_the_whole,
        Err(ReceiptError::OtherReading { .. })
    ));
}
