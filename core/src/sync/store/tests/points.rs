use sha2::{Digest, Sha256};

use super::*;
use crate::sync::chain::ChainHash;
use crate::sync::store::StoreError;
use crate::track::segment::read_segment;
use crate::wire::ErrorCode;

#[test]
fn points_are_read_by_trip_and_time() {
    let place = Place::new();
    let mut store = place.open();
    let seconds = |points: &[TrackPoint]| -> Vec<i64> {
        let second = |point: &TrackPoint| (point.at() - at(0)).num_seconds();
        points.iter().map(second).collect()
    };
    store
        .write(|tx| {
            tx.put_points(Some(trip(1)), &[point(5), point(1), point(3)])?;
            tx.put_points(Some(trip(2)), &[point(2)])?;
            tx.put_points(None, &[point(4)])
        })
        .unwrap();
    let read = store.points(trip(1), at(1)..=at(5)).unwrap();
    assert_eq!(seconds(&read), [1, 3, 5]);
    let read = store.points(trip(1), at(2)..=at(4)).unwrap();
    assert_eq!(seconds(&read), [3]);
    assert_eq!(read, [point(3).point]);
}

#[test]
fn a_measurement_is_kept_once_however_often_it_is_told() {
    let place = Place::new();
    let mut store = place.open();
    let silent = SegmentPoint {
        point: TrackPoint {
            speed_mm_s: None,
            ..point(1).point
        },
        heading_cdeg: Some(0),
    };
    let different = [point(1), point(2), silent];
    let mut put =
        |trip, points: &[SegmentPoint]| store.write(|tx| tx.put_points(trip, points)).unwrap();
    assert_eq!(put(Some(trip(1)), &different), 3);
    assert_eq!(put(Some(trip(1)), &different), 0);
    assert_eq!(put(None, &[silent, point(2), point(3)]), 1);
    let read = store.points(trip(1), at(0)..=at(9)).unwrap();
    assert_eq!(read.len(), 3);
}

fn seconds(range: std::ops::Range<i64>) -> Vec<SegmentPoint> {
    range.map(point).collect()
}

/// Takes the segments out of the store one after the other, as if they were sent.
fn send_all(store: &mut Store) -> Vec<(Option<TripId>, Vec<SegmentPoint>)> {
    let mut sent = Vec::new();
    while let Some(segment) = store.next_segment().unwrap() {
        let sha256: [u8; 32] = Sha256::digest(&segment.bytes).into();
        assert_eq!(segment.sha256.bytes(), &sha256);
        sent.push((segment.trip, read_segment(&segment.bytes).unwrap()));
        store.write(|tx| tx.segment_sent(segment.sha256)).unwrap();
    }
    sent
}

#[test]
fn points_are_packed_by_trip_when_they_fill_a_segment() {
    let place = Place::new();
    let mut store = place.open();
    store
        .write(|tx| {
            tx.put_points(None, &seconds(0..3))?;
            tx.put_points(Some(trip(1)), &seconds(3..10))?;
            tx.put_points(Some(trip(2)), &seconds(10..15))
        })
        .unwrap();
    let seal = |store: &mut Store, all| store.write(|tx| tx.seal_points(5, all)).unwrap();
    assert_eq!(seal(&mut store, false), 2);
    assert_eq!(seal(&mut store, false), 0);
    assert_eq!(store.pending().unwrap().segments, 2);
    let expected = [
        (Some(trip(1)), seconds(3..8)),
        (Some(trip(2)), seconds(10..15)),
    ];
    assert_eq!(send_all(&mut store), expected);
    assert_eq!(seal(&mut store, true), 2);
    let expected = [(None, seconds(0..3)), (Some(trip(1)), seconds(8..10))];
    assert_eq!(send_all(&mut store), expected);
    assert_eq!(seal(&mut store, true), 0);
    assert_eq!(store.pending().unwrap().segments, 0);
    let read = store.points(trip(1), at(0)..=at(99)).unwrap();
    assert_eq!(read.len(), 7, "points stay when they are sent");
}

#[test]
fn one_call_packs_only_so_much() {
    let place = Place::new();
    let mut store = place.open();
    store
        .write(|tx| tx.put_points(None, &seconds(0..100)))
        .unwrap();
    let mut seal = || store.write(|tx| tx.seal_points(1, true)).unwrap();
    assert_eq!([seal(), seal(), seal()], [64, 36, 0]);
    assert_eq!(send_all(&mut store).len(), 100);
}

#[test]
fn a_segment_has_at_most_a_thousand_points() {
    let place = Place::new();
    let mut store = place.open();
    store
        .write(|tx| {
            tx.put_points(None, &seconds(0..1_001))?;
            tx.seal_points(u32::MAX, true)
        })
        .unwrap();
    let sizes: Vec<_> = send_all(&mut store)
        .into_iter()
        .map(|(_, points)| points.len())
        .collect();
    assert_eq!(sizes, [1_000, 1]);
}

#[test]
fn a_segment_that_the_server_refuses_stays_and_is_not_in_the_way() {
    let place = Place::new();
    let mut store = place.open();
    store
        .write(|tx| {
            tx.put_points(None, &seconds(0..2))?;
            tx.seal_points(1, true)
        })
        .unwrap();
    let first = store.next_segment().unwrap().unwrap();
    store
        .write(|tx| tx.segment_refused(first.sha256, ErrorCode::ContentMismatch))
        .unwrap();
    assert_ne!(store.next_segment().unwrap(), Some(first.clone()));
    assert_eq!(store.pending().unwrap().segments, 1);
    store.write(|tx| tx.forget_before(at(1_000))).unwrap();
    assert_eq!(store.refused().unwrap().segments, 1);
    store.write(|tx| tx.retry_refused()).unwrap();
    assert_eq!(store.next_segment().unwrap(), Some(first));
    let stranger = ChainHash::first(owner(1).device);
    let unknown = store.write(|tx| tx.segment_sent(stranger));
    assert!(matches!(unknown, Err(StoreError::Unknown { .. })));
}

#[test]
fn points_are_forgotten_when_they_are_sent_and_their_trip_is_gone() {
    let place = Place::new();
    let mut store = place.open();
    store
        .write(|tx| {
            tx.put_points(Some(trip(1)), &seconds(0..4))?;
            tx.put_points(Some(trip(2)), &seconds(4..8))?;
            tx.seal_points(2, true)
        })
        .unwrap();
    // Of trip 2 the second segment waits.
    for _ in 0..3 {
        let segment = store.next_segment().unwrap().unwrap();
        store.write(|tx| tx.segment_sent(segment.sha256)).unwrap();
    }
    let connection = &store.reads.connection;
    let sql = "INSERT INTO trips (id, body) VALUES (?1, '{}')";
    connection
        .execute(sql, [trip(1).uuid().as_bytes()])
        .unwrap();
    let left = |store: &Store, number| {
        let points = store.points(trip(number), at(0)..=at(99)).unwrap();
        points.len()
    };
    store.write(|tx| tx.forget_before(at(99))).unwrap();
    assert_eq!((left(&store, 1), left(&store, 2)), (4, 2));
    store
        .write(|tx| {
            tx.remove_trip(trip(1))?;
            tx.forget_before(at(3))
        })
        .unwrap();
    assert_eq!(left(&store, 1), 2, "the second segment ends at second 3");
    store.write(|tx| tx.forget_before(at(99))).unwrap();
    assert_eq!((left(&store, 1), left(&store, 2)), (0, 2));
    let segments = store.count("SELECT count(*) FROM segments").unwrap();
    assert_eq!(segments, 1);
}

#[test]
fn the_schema_itself_keeps_points_and_segments_that_wait() {
    let place = Place::new();
    let mut store = place.open();
    store
        .write(|tx| {
            tx.put_points(None, &seconds(0..3))?;
            tx.seal_points(2, false)
        })
        .unwrap();
    for sql in ["DELETE FROM points", "DELETE FROM segments"] {
        assert!(store.reads.connection.execute_batch(sql).is_err(), "{sql}");
    }
    assert_eq!(store.count("SELECT count(*) FROM points").unwrap(), 3);
}

#[test]
fn a_point_that_stays_for_long_does_not_take_the_room_of_others() {
    let place = Place::new();
    let mut store = place.open();
    store.write(|tx| tx.put_points(None, &[point(1)])).unwrap();
    let sql = "UPDATE points SET id = -2000000";
    store.reads.connection.execute_batch(sql).unwrap();
    let put = store.write(|tx| tx.put_points(None, &[point(1), point(2)]));
    assert_eq!(put.unwrap(), 1);
}
