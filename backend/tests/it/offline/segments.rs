//! Pieces of tracks: each kept once under the hash of its bytes, whatever order they come in and
//! whatever became of the trip, and its points with the trip of the driver whose it is.

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use reqwest::header::RETRY_AFTER;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use wayfare_backend::sync::segments::{SEGMENTS_PER_DAY_MAX, take_in};
use wayfare_core::geo::LatLng;
use wayfare_core::id::{DriverId, TripId};
use wayfare_core::pricing::{Basis, Driven};
use wayfare_core::receipt::TrackProof;
use wayfare_core::sync::{ChainHash, FareClaim};
use wayfare_core::track::segment::{SegmentPoint, write_segment};
use wayfare_core::track::{StraightLine, TrackDigest, TrackPoint, measure};
use wayfare_core::trip::TripStatus;
use wayfare_core::wire::{ErrorCode, SegmentKept, Trip};

use crate::actors::{Actor, alice, bob, dan, north_of_pickup, ride_until};
use crate::harness::TestServer;
use crate::people::{Answer, count, put};

/// So many points, one each second from this moment on, going north.
fn track(from: DateTime<Utc>, count: u32) -> Vec<SegmentPoint> {
    (0..count)
        .map(|second| {
            let place = north_of_pickup(f64::from(second) * 8.0);
            let at = from + TimeDelta::milliseconds(i64::from(second) * 1000 + 7);
            SegmentPoint {
                point: TrackPoint {
                    at_ms: at.timestamp_millis(),
                    accuracy_mm: 3_000 + second * 11,
                    position: LatLng::from_degrees(place.lat, place.lng).unwrap(),
                    speed_mm_s: (second % 5 != 0).then_some(8_000 + second),
                },
                heading_cdeg: (second % 3 != 0).then(|| u16::try_from(second % 360).unwrap()),
            }
        })
        .collect()
}

fn name(bytes: &[u8]) -> ChainHash {
    ChainHash::from_bytes(Sha256::digest(bytes).into())
}

fn path(trip: Option<TripId>, name: impl std::fmt::Display) -> String {
    match trip {
        Some(trip) => format!("/v1/trips/{trip}/track/{name}"),
        None => format!("/v1/drivers/me/track/{name}"),
    }
}

async fn sends(
    server: &TestServer,
    driver: &Actor,
    trip: impl Into<Option<TripId>>,
    bytes: &[u8],
) -> Answer {
    put(server, &path(trip.into(), name(bytes)))
        .by(&driver.session)
        .octets(bytes)
        .await
}

async fn sends_points(
    server: &TestServer,
    driver: &Actor,
    trip: impl Into<Option<TripId>>,
    points: &[SegmentPoint],
) -> SegmentKept {
    let bytes = write_segment(points).unwrap();
    sends(server, driver, trip, &bytes).await.told(200)
}

/// The points that are kept with a trip, in order.
async fn kept(server: &TestServer, trip: TripId) -> Vec<SegmentPoint> {
    type Row = (DateTime<Utc>, i32, i32, f64, Option<f64>, Option<f32>);
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT recorded_at, lat_e7, lng_e7, accuracy_m, speed_mps, heading_deg
         FROM trips.tracks WHERE trip_id = $1 ORDER BY recorded_at",
    )
    .bind(trip.uuid())
    .fetch_all(&server.pool)
    .await
    .unwrap();
    let read = |(at, lat, lng, accuracy_m, speed_mps, heading_deg): Row| SegmentPoint {
        point: TrackPoint::new(
            at,
            LatLng::from_e7(lat, lng).unwrap(),
            accuracy_m,
            speed_mps,
        )
        .unwrap(),
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a direction"
        )]
        heading_cdeg: heading_deg.map(|heading| (heading * 100.0).round() as u16),
    };
    rows.into_iter().map(read).collect()
}

fn digest(points: &[SegmentPoint]) -> TrackDigest {
    let points: Vec<TrackPoint> = points.iter().map(|point| point.point).collect();
    TrackDigest::of(&points)
}

async fn segments(server: &TestServer) -> i64 {
    count(server, "SELECT count(*) FROM sync.segments").await
}

/// Makes a trip's acceptance older, so that there is a past to send points of. Answers when it was.
async fn was_assigned_earlier(server: &TestServer, trip: TripId, by: TimeDelta) -> DateTime<Utc> {
    let at = Utc::now() - by;
    sqlx::query(
        "UPDATE trips.trips
         SET state = jsonb_set(state, '{assignment,assigned_at}', to_jsonb($2::text))
         WHERE id = $1",
    )
    .bind(trip.uuid())
    .bind(at.to_rfc3339())
    .execute(&server.pool)
    .await
    .unwrap();
    at
}

/// Gives a trip to another driver, as far as its track is concerned.
async fn is_driven_by(server: &TestServer, trip: TripId, driver: &Actor) {
    sqlx::query(
        "UPDATE trips.trips
         SET state = jsonb_set(state, '{assignment,driver}', to_jsonb($2::text))
         WHERE id = $1",
    )
    .bind(trip.uuid())
    .bind(DriverId::from(driver.id()).to_string())
    .execute(&server.pool)
    .await
    .unwrap();
}

const AN_HOUR: TimeDelta = TimeDelta::hours(1);

/// Sends a head that announces the whole piece, half of the piece, and then goes away.
async fn breaks_off(server: &TestServer, driver: &Actor, trip: TripId, bytes: &[u8]) {
    let address = server.base_url.strip_prefix("http://").unwrap();
    let mut connection = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "PUT {} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/octet-stream\r\nContent-Length: {}\r\n\r\n",
        path(Some(trip), name(bytes)),
        driver.session.access_token,
        bytes.len(),
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    connection
        .write_all(&bytes[..bytes.len() / 2])
        .await
        .unwrap();
    connection.shutdown().await.unwrap();
}

/// Cuts points into pieces of any length, some of which overlap the one before.
fn cut(points: &[SegmentPoint], chance: &mut StdRng) -> Vec<Vec<u8>> {
    let mut pieces = Vec::new();
    let mut from = 0;
    while from < points.len() {
        let to = (from + chance.random_range(1..=60)).min(points.len());
        let overlap = chance.random_range(0..=from.min(3));
        pieces.push(write_segment(&points[from - overlap..to]).unwrap());
        from = to;
    }
    pieces
}

#[tokio::test(flavor = "multi_thread")]
async fn pieces_in_any_order_again_and_broken_off_give_the_same_points_once() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    for seed in 0..6 {
        let mut chance = StdRng::seed_from_u64(seed);
        let trip = ride_until(&server, &alice, &bob, TripStatus::InProgress).await;
        let from = was_assigned_earlier(&server, trip.id, AN_HOUR).await;
        let points = track(from, 300);
        let pieces = cut(&points, &mut chance);
        let before = segments(&server).await;
        let mut sent: Vec<&Vec<u8>> = pieces.iter().collect();
        for _ in 0..pieces.len() {
            sent.push(&pieces[chance.random_range(0..pieces.len())]);
        }
        sent.shuffle(&mut chance);
        let mut new = 0;
        for some in sent.chunks(4) {
            for piece in some {
                if chance.random_bool(0.3) {
                    breaks_off(&server, &bob, trip.id, piece).await;
                }
            }
            let answers = some
                .iter()
                .map(|piece| sends(&server, &bob, trip.id, piece));
            for answer in join_all(answers).await {
                let kept: SegmentKept = answer.told(200);
                new += u32::from(!kept.duplicate);
            }
        }
        let all = kept(&server, trip.id).await;
        assert_eq!(all, points, "seed {seed}");
        assert_eq!(digest(&all), digest(&points));
        let stored = segments(&server).await - before;
        assert_eq!(
            usize::try_from(stored).unwrap(),
            pieces.len(),
            "seed {seed}"
        );
        assert_eq!(
            usize::try_from(new).unwrap(),
            pieces.len(),
            "each was new once"
        );
        bob.completes(&server, trip.id).await;
    }
}

#[tokio::test]
async fn a_piece_is_taken_after_the_end_of_its_trip() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Completed).await;
    let from = was_assigned_earlier(&server, trip.id, AN_HOUR).await;
    let points = track(from, 100);
    let bytes = write_segment(&points).unwrap();
    for duplicate in [false, true, true] {
        let told: SegmentKept = sends(&server, &bob, trip.id, &bytes).await.told(200);
        assert_eq!(
            told,
            SegmentKept {
                points: 100,
                duplicate
            }
        );
    }
    assert_eq!(kept(&server, trip.id).await, points);
    let stored: Vec<u8> = sqlx::query_scalar("SELECT content FROM sync.segments")
        .fetch_one(&server.pool)
        .await
        .unwrap();
    assert_eq!(stored, bytes, "as it came");
}

#[tokio::test]
async fn points_that_came_live_already_are_kept_once() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::InProgress).await;
    let from = was_assigned_earlier(&server, trip.id, AN_HOUR).await;
    let points = track(from, 30);
    let live: Vec<_> = points[10..20]
        .iter()
        .map(|measured| {
            let point = &measured.point;
            json!({
                "t": point.at(), "lat": point.position.lat(), "lng": point.position.lng(),
                "accuracy_m": f64::from(point.accuracy_mm) / 1000.0,
                "speed_mps": point.speed_mm_s.map(|speed| f64::from(speed) / 1000.0),
                "heading_deg": measured.heading_cdeg.map(|heading| f64::from(heading) / 100.0),
            })
        })
        .collect();
    assert_eq!(bob.sends_points(&server, &live).await.status, 200);
    sends_points(&server, &bob, trip.id, &points).await;
    assert_eq!(kept(&server, trip.id).await.len(), 30);
    assert_eq!(digest(&kept(&server, trip.id).await), digest(&points));
}

#[tokio::test]
async fn only_points_from_when_the_trip_was_given_and_not_of_the_far_future_are_of_its_track() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::InProgress).await;
    let assigned_at = was_assigned_earlier(&server, trip.id, AN_HOUR).await;
    let mut points = track(assigned_at - TimeDelta::seconds(10), 20);
    let now_ms = Utc::now().timestamp_millis();
    const DAY_MS: i64 = 86_400_000;
    for (index, at_ms) in [
        (15, now_ms + DAY_MS - 600_000),
        (16, now_ms + DAY_MS + 600_000),
        (17, i64::MAX),
        (18, i64::MIN),
        (19, 0),
    ] {
        points[index].point.at_ms = at_ms;
    }
    let told = sends_points(&server, &bob, trip.id, &points).await;
    assert_eq!((told.points, told.duplicate), (20, false));
    assert_eq!(kept(&server, trip.id).await, points[10..=15]);
    let stored: i32 = sqlx::query_scalar("SELECT points FROM sync.segments")
        .fetch_one(&server.pool)
        .await
        .unwrap();
    assert_eq!(stored, 20, "in the segment are all of them");
}

#[tokio::test]
async fn a_driver_who_had_the_trip_is_heard_and_the_track_stays_the_drivers_who_has_it() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    let from = trip.assigned_at.unwrap();
    bob.cancels(&server, trip.id, "vehicle_problem").await;
    let told = sends_points(&server, &bob, trip.id, &track(from, 40)).await;
    assert!(!told.duplicate);
    assert_eq!(kept(&server, trip.id).await, [], "nobody has the trip");

    let dan = dan(&server).await;
    dan.is_free_at(&server, north_of_pickup(200.0)).await;
    let offer = dan.is_offered_trip(&server).await;
    // Whoever was asked may have driven on the strength of that.
    let asked = track(Utc::now(), 3);
    sends_points(&server, &dan, trip.id, &asked).await;
    assert_eq!(kept(&server, trip.id).await, []);
    dan.accepts(&server, &offer).await;
    let assigned_at = was_assigned_earlier(&server, trip.id, AN_HOUR).await;
    sends_points(&server, &bob, trip.id, &track(from + AN_HOUR, 50)).await;
    assert_eq!(kept(&server, trip.id).await, []);
    let driven = track(assigned_at, 60);
    sends_points(&server, &dan, trip.id, &driven).await;
    assert_eq!(kept(&server, trip.id).await, driven);

    let carol = crate::actors::carol(&server).await;
    for stranger in [&carol, &alice] {
        let bytes = write_segment(&track(from, 5)).unwrap();
        let answer = sends(&server, stranger, trip.id, &bytes).await;
        answer.refused(404, ErrorCode::NotFound);
    }
    assert_eq!(segments(&server).await, 4);
}

#[tokio::test]
async fn when_a_trip_comes_back_what_lies_here_is_taken_in() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::InProgress).await;
    let from = was_assigned_earlier(&server, trip.id, AN_HOUR).await;
    let dan = dan(&server).await;
    is_driven_by(&server, trip.id, &dan).await;
    let points = track(from, 300);
    // More pieces than are read at once.
    for piece in points.chunks(5) {
        sends_points(&server, &bob, trip.id, piece).await;
    }
    assert_eq!(kept(&server, trip.id).await, []);
    is_driven_by(&server, trip.id, &bob).await;
    for new in [300, 0] {
        let mut transaction = server.pool.begin().await.unwrap();
        let taken = take_in(&mut transaction, trip.id, bob.id().into()).await;
        assert_eq!(taken.unwrap(), new);
        transaction.commit().await.unwrap();
    }
    assert_eq!(kept(&server, trip.id).await, points);
    let mut transaction = server.pool.begin().await.unwrap();
    let nobody = take_in(&mut transaction, trip.id, dan.id().into()).await;
    assert_eq!(nobody.unwrap(), 0);
}

#[tokio::test]
async fn what_is_driven_between_trips_is_kept_and_in_no_track() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let bytes = write_segment(&track(Utc::now(), 10)).unwrap();
    for duplicate in [false, true] {
        let told: SegmentKept = sends(&server, &bob, None, &bytes).await.told(200);
        assert_eq!(
            told,
            SegmentKept {
                points: 10,
                duplicate
            }
        );
    }
    assert_eq!(count(&server, "SELECT count(*) FROM trips.tracks").await, 0);
    sends(&server, &alice, None, &bytes)
        .await
        .refused(409, ErrorCode::DriverProfile);
    let dan = dan(&server).await;
    let told: SegmentKept = sends(&server, &dan, None, &bytes).await.told(200);
    assert!(!told.duplicate, "everybody has their own");
}

#[tokio::test]
async fn what_is_no_piece_or_another_one_is_refused_and_leaves_nothing() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::InProgress).await;
    let good = write_segment(&track(Utc::now(), 10)).unwrap();
    let send = async |name: String, kind: &str, bytes: &[u8]| {
        let request = server.http.put(server.url(&path(Some(trip.id), name)));
        let request = request.bearer_auth(&bob.session.access_token);
        let answer = request.header("Content-Type", kind).body(bytes.to_vec());
        let answer = answer.send().await.unwrap();
        let status = answer.status().as_u16();
        let body: Value = answer.json().await.unwrap();
        (
            status,
            serde_json::from_value(body["code"].clone()).unwrap(),
        )
    };
    let octets = "application/octet-stream";
    let mut changed = good.clone();
    changed[5] ^= 1;
    let too_new = [&[200], &good[1..]].concat();
    let own = |bytes: &[u8]| name(bytes).to_string();
    let long = vec![7; 64 * 1024 + 1];
    for (name, kind, bytes, status, code) in [
        (
            own(&good),
            octets,
            &changed[..],
            422,
            ErrorCode::ContentMismatch,
        ),
        (
            own(&changed),
            octets,
            &good,
            422,
            ErrorCode::ContentMismatch,
        ),
        (own(&good), octets, b"", 422, ErrorCode::ContentMismatch),
        (own(b""), octets, b"", 400, ErrorCode::InvalidRequest),
        (
            own(b"points"),
            octets,
            b"points",
            503,
            ErrorCode::Unavailable,
        ),
        (
            own(b"\0oints"),
            octets,
            b"\0oints",
            400,
            ErrorCode::InvalidRequest,
        ),
        (
            own(&good[..20]),
            octets,
            &good[..20],
            400,
            ErrorCode::InvalidRequest,
        ),
        (own(&too_new), octets, &too_new, 503, ErrorCode::Unavailable),
        (own(&long), octets, &long, 413, ErrorCode::BodyTooLarge),
        (
            own(&good),
            "application/json",
            &good,
            415,
            ErrorCode::UnsupportedMediaType,
        ),
        (
            own(&good).to_uppercase(),
            octets,
            &good,
            400,
            ErrorCode::InvalidRequest,
        ),
        (
            "x".to_owned(),
            octets,
            &good,
            400,
            ErrorCode::InvalidRequest,
        ),
    ] {
        let told: (u16, ErrorCode) = send(name.clone(), kind, bytes).await;
        assert_eq!(told, (status, code), "{name}");
    }
    let nowhere = TripId::from_uuid(uuid::Uuid::now_v7());
    let answer = sends(&server, &bob, nowhere, &good).await;
    answer.refused(404, ErrorCode::NotFound);
    assert_eq!(segments(&server).await, 0);
    assert_eq!(kept(&server, trip.id).await, []);
}

#[tokio::test]
async fn a_driver_sends_a_limited_number_of_pieces_a_day() {
    let server = TestServer::start().await;
    let bob = bob(&server).await;
    let fill = |count: i64, at: DateTime<Utc>| {
        sqlx::query(
            "INSERT INTO sync.segments
                 (user_id, sha256, content, points, first_at, last_at, received_at)
             SELECT $1, sha256(($3::text || n)::bytea), '\\x00', 1, $3, $3, $3
             FROM generate_series(1, $2) n",
        )
        .bind(bob.id().uuid())
        .bind(count)
        .bind(at)
        .execute(&server.pool)
    };
    let yesterday = Utc::now() - TimeDelta::hours(25);
    fill(SEGMENTS_PER_DAY_MAX, yesterday).await.unwrap();
    fill(SEGMENTS_PER_DAY_MAX - 1, Utc::now()).await.unwrap();
    let last = write_segment(&track(Utc::now(), 10)).unwrap();
    let one_more = write_segment(&track(Utc::now(), 11)).unwrap();
    let told: SegmentKept = sends(&server, &bob, None, &last).await.told(200);
    assert!(!told.duplicate);
    let refused = sends(&server, &bob, None, &one_more).await;
    refused.refused(429, ErrorCode::RateLimited);
    assert!(refused.headers.contains_key(RETRY_AFTER));
    let again: SegmentKept = sends(&server, &bob, None, &last).await.told(200);
    assert!(again.duplicate, "what is here may always be asked for");
}

/// Keeps a claim by which a ride was charged before its track was here. Only what it says of the track
/// counts here.
async fn was_charged_by(server: &TestServer, trip: &Trip, claim: Value) {
    sqlx::query(
        "INSERT INTO trips.fare_claims (trip_id, claim, status, claimed_at)
         VALUES ($1, $2, 'accepted', now())
         ON CONFLICT (trip_id) DO UPDATE SET claim = EXCLUDED.claim",
    )
    .bind(trip.id.uuid())
    .bind(claim)
    .execute(&server.pool)
    .await
    .unwrap();
}

async fn claim_is(server: &TestServer, trip: &Trip) -> String {
    sqlx::query_scalar("SELECT status FROM trips.fare_claims WHERE trip_id = $1")
        .bind(trip.id.uuid())
        .fetch_one(&server.pool)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_fare_that_was_claimed_is_checked_when_the_last_point_of_the_ride_is_here() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Completed).await;
    let (started_at, completed_at) = (trip.started_at.unwrap(), trip.completed_at.unwrap());
    // The ride was over at once: its points are some milliseconds apart.
    let length_ms = (completed_at - started_at).num_milliseconds();
    let mut points = track(started_at, 4);
    for (point, at) in points.iter_mut().zip(0..) {
        point.point.at_ms = started_at.timestamp_millis() + length_ms * at / 4;
    }
    let ridden: Vec<TrackPoint> = points.iter().map(|point| point.point).collect();
    let claim = FareClaim {
        driven: Driven {
            ride: None,
            replanned: None,
            started_at: started_at.fixed_offset(),
            wait_s: 0,
            waypoints: Vec::new(),
            tolls: Vec::new(),
            zones: Vec::new(),
            loading_s: 0,
            unloading_s: 0,
            tip_minor: 0,
        },
        track: Some(TrackProof {
            digest: TrackDigest::of(&ridden),
            reading: measure(&ridden, &StraightLine),
        }),
        basis: Basis::Quote,
        fare: trip.fare.clone(),
    };
    was_charged_by(&server, &trip, json!(claim)).await;
    sends_points(&server, &bob, trip.id, &points[2..]).await;
    assert_eq!(
        claim_is(&server, &trip).await,
        "accepted",
        "half of it is here"
    );
    sends_points(&server, &bob, trip.id, &points[..2]).await;
    assert_eq!(claim_is(&server, &trip).await, "verified");
}

#[tokio::test]
async fn points_are_kept_also_if_the_fare_cannot_be_checked() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Completed).await;
    let from = was_assigned_earlier(&server, trip.id, AN_HOUR).await;
    was_charged_by(&server, &trip, json!({ "this": "is no claim" })).await;
    let points = track(from, 10);
    let told = sends_points(&server, &bob, trip.id, &points).await;
    assert!(!told.duplicate);
    assert_eq!(kept(&server, trip.id).await, points);
    assert_eq!(claim_is(&server, &trip).await, "accepted");
}
