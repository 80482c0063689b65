use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn point(at_ms: i64, lat_e7: i32, lng_e7: i32) -> SegmentPoint {
    SegmentPoint {
        point: TrackPoint {
            at_ms,
            accuracy_mm: 5_000,
            position: LatLng::from_e7(lat_e7, lng_e7).unwrap(),
            speed_mm_s: None,
        },
        heading_cdeg: None,
    }
}

fn any_point() -> impl Strategy<Value = SegmentPoint> {
    let at_ms = prop_oneof![any::<i64>(), Just(i64::MIN), Just(i64::MAX), 0_i64..9_000];
    let accuracy_mm = prop_oneof![any::<u32>(), Just(5_000)];
    let degrees = (
        -900_000_000..=900_000_000,
        -1_800_000_000..=1_800_000_000_i32,
    );
    let heading = proptest::option::of(0..CIRCLE_CDEG);
    (at_ms, accuracy_mm, degrees, any::<Option<u32>>(), heading).prop_map(
        |(at_ms, accuracy_mm, (lat_e7, lng_e7), speed_mm_s, heading_cdeg)| SegmentPoint {
            point: TrackPoint {
                at_ms,
                accuracy_mm,
                position: LatLng::from_e7(lat_e7, lng_e7).unwrap(),
                speed_mm_s,
            },
            heading_cdeg,
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(points in vec(any_point(), 1..40)) {
        let bytes = write_segment(&points).unwrap();
        prop_assert!(bytes.len() <= 3 + 34 * points.len());
        prop_assert_eq!(read_segment(&bytes).unwrap(), points);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in vec(any::<u8>(), 0..200)) {
        let _ = read_segment(&bytes);
        let marked: Vec<u8> = [VERSION, 3].into_iter().chain(bytes).collect();
        let _ = read_segment(&marked);
    }

    #[test]
    fn what_is_read_is_written_in_the_same_bytes(
        points in vec(any_point(), 1..5),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
    ) {
        let mut bytes = write_segment(&points).unwrap();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if let Ok(read) = read_segment(&bytes) {
            prop_assert_eq!(write_segment(&read).unwrap(), bytes);
        }
    }

    #[test]
    fn a_part_of_a_segment_is_no_segment(points in vec(any_point(), 1..5)) {
        let bytes = write_segment(&points).unwrap();
        for end in 0..bytes.len() {
            prop_assert!(read_segment(&bytes[..end]).is_err());
        }
        let longer: Vec<u8> = bytes.iter().copied().chain([0]).collect();
        prop_assert_eq!(read_segment(&longer), Err(SegmentError::Malformed));
    }
}

#[test]
fn the_bytes_are_the_documented_ones() {
    let mut second = point(3_002, 1, -1);
    second.point.speed_mm_s = Some(64);
    second.heading_cdeg = Some(35_999);
    let third = SegmentPoint {
        heading_cdeg: Some(1),
        ..point(6_003, 1, -2)
    };
    let bytes = write_segment(&[point(1, 0, 0), second, third]).unwrap();
    let expected = [
        vec![1, 3],
        // 1 ms, no step in latitude and longitude, 5 m.
        vec![0, 2, 0, 0, 0x90, 0x4e],
        // 3,000 ms more than the step before, 1, −1, 64 mm/s, −0.01°.
        vec![1 | 2 | 4, 0xf0, 0x2e, 2, 1, 0x80, 0x01, 1],
        // The same step, 0, −1, 0.02° to the right.
        vec![2 | 4 | 8, 0, 1, 4],
    ];
    assert_eq!(bytes, expected.concat());
}

#[test]
fn a_segment_has_at_least_one_and_at_most_a_thousand_points() {
    let points = vec![point(1, 2, 3); SEGMENT_POINTS_MAX + 1];
    assert_eq!(write_segment(&[]), Err(SegmentError::Count));
    assert_eq!(write_segment(&points), Err(SegmentError::Count));
    let full = write_segment(&points[1..]).unwrap();
    assert_eq!(read_segment(&full).unwrap().len(), SEGMENT_POINTS_MAX);
    assert_eq!(read_segment(&[VERSION, 0]), Err(SegmentError::Count));
    assert_eq!(
        read_segment(&[VERSION, 0xe9, 0x07]),
        Err(SegmentError::Count)
    );
}

#[test]
fn the_largest_segment_that_can_be_written_is_within_the_limit() {
    let wild = |number: i64| {
        let sign = if number % 2 == 0 { 1 } else { -1 };
        let far = i32::try_from(sign).unwrap();
        SegmentPoint {
            point: TrackPoint {
                at_ms: sign * (i64::MAX / 3),
                accuracy_mm: u32::try_from(number % 2).unwrap() << 31,
                position: LatLng::from_e7(900_000_000 * far, 1_800_000_000 * far).unwrap(),
                speed_mm_s: Some(u32::try_from(number % 2).unwrap() << 31),
            },
            heading_cdeg: Some(if number % 2 == 0 { 0 } else { HALF_CIRCLE_CDEG }),
        }
    };
    let points: Vec<_> = (0..1_000).map(wild).collect();
    let bytes = write_segment(&points).unwrap();
    assert!(
        (30_000..SEGMENT_BYTES_MAX).contains(&bytes.len()),
        "{}",
        bytes.len()
    );
    assert_eq!(read_segment(&bytes).unwrap(), points);
}

#[test]
fn what_is_not_a_segment_is_refused_with_its_reason() {
    let heading = |heading_cdeg| SegmentPoint {
        heading_cdeg: Some(heading_cdeg),
        ..point(0, 0, 0)
    };
    assert_eq!(
        write_segment(&[heading(36_000)]),
        Err(SegmentError::Heading)
    );
    assert!(write_segment(&[heading(35_999)]).is_ok());
    let cases: [(&str, &[u8], SegmentError); 12] = [
        ("nothing", &[], SegmentError::Malformed),
        ("version 0", &[0, 1], SegmentError::Malformed),
        ("version 2", &[2, 1], SegmentError::TooNew),
        ("no count", &[1], SegmentError::Malformed),
        ("no point", &[1, 1], SegmentError::Malformed),
        (
            "an unknown flag",
            &[1, 1, 16 | 12, 0, 0],
            SegmentError::Malformed,
        ),
        (
            "a step of zero without its flag",
            &[1, 1, 4, 0, 0, 0],
            SegmentError::Malformed,
        ),
        (
            "no change of accuracy without its flag",
            &[1, 1, 8, 0, 0, 0],
            SegmentError::Malformed,
        ),
        (
            "a padded number",
            &[1, 1, 12, 0x80, 0, 0],
            SegmentError::Malformed,
        ),
        (
            "a latitude of more than 32 bits",
            &[1, 1, 12, 0x80, 0x80, 0x80, 0x80, 0x10, 0],
            SegmentError::Malformed,
        ),
        (
            "a latitude beyond the pole",
            &[1, 1, 12, 0xff, 0xff, 0xff, 0xff, 0x0f, 0],
            SegmentError::Position,
        ),
        (
            "the long way round",
            // 18,000 hundredths to the right, which is 18,000 to the left.
            &[1, 1, 14, 0, 0, 0xa0, 0x99, 0x02],
            SegmentError::Malformed,
        ),
    ];
    for (name, bytes, expected) in cases {
        assert_eq!(read_segment(bytes), Err(expected), "{name}");
    }
    // A time of more than 64 bits.
    let long: Vec<u8> = [vec![1, 1, 4], vec![0xff; 9], vec![2, 0, 0]].concat();
    assert_eq!(read_segment(&long), Err(SegmentError::Malformed));
    assert_eq!(
        read_segment(&[1, 1, 12, 0, 0]).map(|points| points.len()),
        Ok(1)
    );
    let huge = vec![1; SEGMENT_BYTES_MAX + 1];
    assert_eq!(read_segment(&huge), Err(SegmentError::Malformed));
}

#[test]
fn the_span_and_the_last_place_go_by_time_and_not_by_order() {
    let points = [point(5, 1, 1), point(9, 2, 2), point(3, 3, 3)];
    let (first, last) = span(&points).unwrap();
    assert_eq!((first.timestamp_millis(), last.timestamp_millis()), (3, 9));
    assert_eq!(last_position(&points), Some(points[1].point.position));
    assert_eq!((span(&[]), last_position(&[])), (None, None));
}
