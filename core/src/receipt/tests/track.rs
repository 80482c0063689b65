//! Receipts and the tracks that they are held to.

use super::*;
use crate::receipt::verify_receipt_with_roads;

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

#[test]
fn without_the_roads_a_gap_bridged_by_road_is_believed_but_the_track_is_not() {
    let receipt = receipt_along(&with_tunnel(), &Winding, 5000);
    verify_along(&receipt, &with_tunnel()).unwrap();
    assert!(matches!(
        verify_along(&receipt, &northward()),
        Err(ReceiptError::OtherTrack { .. })
    ));
}
