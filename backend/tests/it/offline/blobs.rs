//! Files: announced, sent in pieces from where the one before ended, and checked as a whole.

use chrono::{TimeDelta, Utc};
use futures_util::future::join_all;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use reqwest::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use uuid::Uuid;
use wayfare_backend::sync::blobs::{
    BLOBS_PER_DAY_MAX, BYTES_PER_DAY_MAX, PIECE_BYTES_MAX, forget_unfinished,
};
use wayfare_core::id::{BlobId, TripId};
use wayfare_core::sync::ChainHash;
use wayfare_core::trip::TripStatus;
use wayfare_core::wire::{Blob, ErrorCode};

use crate::actors::{Actor, admin, alice, bob, carol, ride_until};
use crate::harness::TestServer;
use crate::people::{Answer, count, get, patch};

/// A file, made on somebody's device.
struct File {
    id: BlobId,
    bytes: Vec<u8>,
}

impl File {
    fn new(bytes: Vec<u8>) -> Self {
        let id = BlobId::from_uuid(Uuid::now_v7());
        Self { id, bytes }
    }

    /// Bytes that look like nothing.
    fn of_size(size: usize, seed: u64) -> Self {
        let mut chance = StdRng::seed_from_u64(seed);
        let mut bytes = vec![0; size];
        chance.fill(&mut bytes[..]);
        Self::new(bytes)
    }

    fn announcement(&self) -> Value {
        let hash: [u8; 32] = Sha256::digest(&self.bytes).into();
        json!({
            "blob_id": self.id, "kind": "photo", "media_type": "image/jpeg",
            "size": self.bytes.len(), "sha256": ChainHash::from_bytes(hash),
            "taken_at": "2026-11-20T09:30:00Z",
        })
    }

    fn path(&self) -> String {
        format!("/v1/blobs/{}", self.id)
    }

    async fn is_announced(&self, server: &TestServer, by: &Actor) -> Blob {
        let answer = by.posts(server, "/v1/blobs", self.announcement()).await;
        answer.told(201)
    }

    /// Sends these bytes of it.
    async fn goes_on(&self, server: &TestServer, by: &Actor, from: usize, to: usize) -> Answer {
        self.is_sent(server, by, from, &self.bytes[from..to]).await
    }

    async fn is_sent(&self, server: &TestServer, by: &Actor, at: usize, bytes: &[u8]) -> Answer {
        patch(server, &self.path())
            .by(&by.session)
            .header("Upload-Offset", &at.to_string())
            .octets(bytes)
            .await
    }

    async fn is_sent_whole(&self, server: &TestServer, by: &Actor) {
        self.is_announced(server, by).await;
        for (index, piece) in self.bytes.chunks(PIECE_BYTES_MAX).enumerate() {
            let answer = self
                .is_sent(server, by, index * PIECE_BYTES_MAX, piece)
                .await;
            let _: Blob = answer.told(200);
        }
    }

    async fn is_read(&self, server: &TestServer, by: &Actor) -> reqwest::Response {
        let request = server
            .http
            .get(server.url(&format!("{}/content", self.path())));
        let request = request.bearer_auth(&by.session.access_token);
        request.send().await.unwrap()
    }

    fn shown(&self, received: usize) -> Blob {
        Blob {
            blob_id: self.id,
            size: self.bytes.len() as u64,
            received: received as u64,
            complete: received == self.bytes.len(),
        }
    }

    async fn status(&self, server: &TestServer, by: &Actor) -> Blob {
        by.gets(server, &self.path()).await.told(200)
    }
}

/// Where the server says that the upload goes on.
fn goes_on_at(answer: &Answer) -> usize {
    let problem = answer.refused(409, ErrorCode::UploadOffset);
    assert_eq!(problem.errors[0].field, "Upload-Offset");
    problem.errors[0].problem.parse().unwrap()
}

/// Announces a piece, sends half of it, and goes away.
async fn breaks_off(server: &TestServer, by: &Actor, file: &File, from: usize, to: usize) {
    let address = server.base_url.strip_prefix("http://").unwrap();
    let mut connection = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "PATCH {} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/octet-stream\r\nUpload-Offset: {from}\r\n\
         Content-Length: {}\r\n\r\n",
        file.path(),
        by.session.access_token,
        to - from,
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    let half = usize::midpoint(from, to);
    let _ = connection.write_all(&file.bytes[from..half]).await;
    connection.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn pieces_of_any_length_again_early_and_broken_off_give_the_same_bytes() {
    let server = TestServer::start().await;
    let bob = bob(&server).await;
    for seed in 0..8 {
        let mut chance = StdRng::seed_from_u64(seed);
        let file = File::of_size(chance.random_range(1..=120_000), seed);
        let size = file.bytes.len();
        file.is_announced(&server, &bob).await;
        let mut received = 0;
        while received < size {
            let length = chance.random_range(1..=30_000);
            let to = (received + length).min(size);
            match chance.random_range(0..6) {
                // What is there already, or begins there and goes on.
                0 if received > 0 => {
                    let from = chance.random_range(0..received);
                    let there: Blob = file.goes_on(&server, &bob, from, received).await.told(200);
                    assert_eq!(there, file.shown(received));
                    let beyond = file.goes_on(&server, &bob, from, to).await;
                    assert_eq!(goes_on_at(&beyond), received);
                }
                1 if to < size => {
                    let early = file.goes_on(&server, &bob, to, size.min(to + 500)).await;
                    assert_eq!(goes_on_at(&early), received);
                }
                2 => breaks_off(&server, &bob, &file, received, to).await,
                3 => {
                    let again = file.is_announced(&server, &bob).await;
                    assert_eq!(again, file.shown(received));
                }
                // The same piece twice at once: one of them is first, and both are answered alike.
                4 => {
                    let twice = (0..2).map(|_| file.goes_on(&server, &bob, received, to));
                    for answer in join_all(twice).await {
                        let now: Blob = answer.told(200);
                        assert_eq!(now, file.shown(to));
                    }
                    received = to;
                }
                _ => {
                    let now: Blob = file.goes_on(&server, &bob, received, to).await.told(200);
                    received = to;
                    assert_eq!(now, file.shown(received));
                }
            }
        }
        assert_eq!(file.is_announced(&server, &bob).await, file.shown(size));
        let content = file.is_read(&server, &bob).await.bytes().await.unwrap();
        assert_eq!(content, file.bytes, "seed {seed}");
    }
}

#[tokio::test]
async fn a_file_is_read_by_its_owner_and_by_admins_once_it_is_whole() {
    let server = TestServer::start().await;
    let (alice, bob, ada) = (
        alice(&server).await,
        bob(&server).await,
        admin(&server).await,
    );
    let file = File::of_size(PIECE_BYTES_MAX + 5000, 1);
    file.is_announced(&server, &bob).await;
    let _: Blob = file.goes_on(&server, &bob, 0, 5000).await.told(200);
    let content = format!("{}/content", file.path());
    for person in [&bob, &ada] {
        let early = person.gets(&server, &content).await;
        early.refused(404, ErrorCode::NotFound);
        assert_eq!(file.status(&server, person).await, file.shown(5000));
    }
    let rest = file.goes_on(&server, &bob, 5000, file.bytes.len()).await;
    let whole: Blob = rest.told(200);
    assert!(whole.complete);
    for person in [&bob, &ada] {
        let answer = file.is_read(&server, person).await;
        assert_eq!(answer.headers()[CONTENT_TYPE], "image/jpeg");
        assert_eq!(
            answer.headers()[CONTENT_LENGTH],
            file.bytes.len().to_string()
        );
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        let saved = answer.headers()[CONTENT_DISPOSITION].to_str().unwrap();
        assert_eq!(saved, format!("attachment; filename=\"{}.jpeg\"", file.id));
        assert_eq!(answer.bytes().await.unwrap(), file.bytes);
    }
    for path in [&file.path(), &content] {
        let stranger = alice.gets(&server, path).await;
        stranger.refused(404, ErrorCode::NotFound);
        get(&server, path)
            .send()
            .await
            .refused(401, ErrorCode::Unauthenticated);
    }
    // Admins look; nobody but the owner sends.
    for person in [&alice, &ada] {
        let sent = file.goes_on(&server, person, 0, 10).await;
        sent.refused(404, ErrorCode::NotFound);
    }
}

#[tokio::test]
async fn a_file_that_is_not_what_was_announced_begins_anew() {
    let server = TestServer::start().await;
    let bob = bob(&server).await;
    let file = File::of_size(9000, 2);
    file.is_announced(&server, &bob).await;
    let _: Blob = file.goes_on(&server, &bob, 0, 4000).await.told(200);
    let mut wrong = file.bytes[4000..].to_vec();
    wrong[17] ^= 1;
    let refused = file.is_sent(&server, &bob, 4000, &wrong).await;
    refused.refused(422, ErrorCode::ContentMismatch);
    assert_eq!(file.status(&server, &bob).await, file.shown(0));
    assert_eq!(
        count(&server, "SELECT count(*) FROM sync.blob_pieces").await,
        0
    );
    assert_eq!(
        goes_on_at(&file.goes_on(&server, &bob, 4000, 9000).await),
        0
    );
    let whole: Blob = file.goes_on(&server, &bob, 0, 9000).await.told(200);
    assert_eq!(whole, file.shown(9000));
    let content = file.is_read(&server, &bob).await.bytes().await.unwrap();
    assert_eq!(content, file.bytes);
}

#[tokio::test]
async fn an_id_belongs_to_one_file_of_one_person() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    let file = File::of_size(100, 3);
    file.is_announced(&server, &bob).await;
    let other = alice.posts(&server, "/v1/blobs", file.announcement()).await;
    other.refused(409, ErrorCode::AlreadyExists);
    for (field, value) in [
        ("size", json!(101)),
        ("sha256", json!("0".repeat(64))),
        ("kind", json!("signature")),
        ("media_type", json!("image/png")),
        ("trip_id", json!(trip.id)),
    ] {
        let mut changed = file.announcement();
        changed[field] = value;
        let answer = bob.posts(&server, "/v1/blobs", changed).await;
        answer.refused(409, ErrorCode::AlreadyExists);
    }
    assert_eq!(file.status(&server, &bob).await, file.shown(0));
}

#[tokio::test]
async fn a_file_of_a_trip_is_of_somebody_who_had_part_in_it() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    bob.cancels(&server, trip.id, "vehicle_problem").await;
    let announce = async |person: &Actor, trip: TripId, seed: u64| {
        let mut wanted = File::of_size(50, seed).announcement();
        wanted["trip_id"] = json!(trip);
        person.posts(&server, "/v1/blobs", wanted).await
    };
    for (person, seed) in [(&alice, 1), (&bob, 2)] {
        let _: Blob = announce(person, trip.id, seed).await.told(201);
    }
    let carol = carol(&server).await;
    let stranger = announce(&carol, trip.id, 3).await;
    stranger.refused(404, ErrorCode::NotFound);
    let nowhere = announce(&bob, TripId::from_uuid(Uuid::now_v7()), 4).await;
    nowhere.refused(404, ErrorCode::NotFound);
}

#[tokio::test]
async fn what_no_file_or_piece_may_be_is_refused_and_leaves_nothing() {
    let server = TestServer::start().await;
    let bob = bob(&server).await;
    let file = File::of_size(1000, 4);
    for (field, value) in [
        ("size", json!(0)),
        ("size", json!(10 * 1024 * 1024 + 1)),
        ("size", json!(-1)),
        ("media_type", json!("text/html")),
        ("media_type", json!("image/svg+xml")),
        ("sha256", json!("0".repeat(63))),
        ("sha256", json!("A".repeat(64))),
        ("kind", json!("film")),
        ("blob_id", json!("blob_1")),
        ("name", json!("x")),
    ] {
        let mut wrong = file.announcement();
        wrong[field] = value;
        let answer = bob.posts(&server, "/v1/blobs", wrong).await;
        answer.refused(400, ErrorCode::InvalidRequest);
    }
    assert_eq!(count(&server, "SELECT count(*) FROM sync.blobs").await, 0);
    let unknown = file.goes_on(&server, &bob, 0, 10).await;
    unknown.refused(404, ErrorCode::NotFound);

    file.is_announced(&server, &bob).await;
    let send = async |at: usize, bytes: &[u8]| file.is_sent(&server, &bob, at, bytes).await;
    let long = vec![0; PIECE_BYTES_MAX + 1];
    send(0, &long).await.refused(413, ErrorCode::BodyTooLarge);
    for (at, length) in [(0, 0), (0, 1001), (1000, 1), (999, 2), (usize::MAX, 10)] {
        let answer = send(at, &vec![0; length]).await;
        answer.refused(400, ErrorCode::InvalidRequest);
    }
    for offset in [None, Some("-1"), Some("x"), Some("1.5"), Some("")] {
        let mut call = patch(&server, &file.path()).by(&bob.session);
        if let Some(offset) = offset {
            call = call.header("Upload-Offset", offset);
        }
        let answer = call.octets(&file.bytes[..10]).await;
        answer.refused(400, ErrorCode::InvalidRequest);
    }
    let call = patch(&server, &file.path()).by(&bob.session);
    let answer = call
        .header("Upload-Offset", "0")
        .raw("image/jpeg", "x")
        .await;
    answer.refused(415, ErrorCode::UnsupportedMediaType);
    assert_eq!(file.status(&server, &bob).await, file.shown(0));
}

#[tokio::test]
async fn a_person_announces_a_limited_number_of_files_and_bytes_a_day() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let fill = |person: &Actor, count: i64, size: i64, age: TimeDelta| {
        sqlx::query(
            "INSERT INTO sync.blobs
                 (id, user_id, kind, media_type, size, sha256, taken_at, created_at)
             SELECT gen_random_uuid(), $1, 'photo', 'image/png', $3, sha256(''), $4, $4
             FROM generate_series(1, $2)",
        )
        .bind(person.id().uuid())
        .bind(count)
        .bind(size)
        .bind(Utc::now() - age)
        .execute(&server.pool)
    };
    let full = 10 * 1024 * 1024;
    fill(&bob, 500, full, TimeDelta::hours(25)).await.unwrap();
    fill(&bob, BLOBS_PER_DAY_MAX - 1, 10, TimeDelta::hours(23))
        .await
        .unwrap();
    let last = File::of_size(10, 5);
    last.is_announced(&server, &bob).await;
    let announcement = File::of_size(10, 6).announcement();
    let refused = bob.posts(&server, "/v1/blobs", announcement).await;
    refused.refused(429, ErrorCode::RateLimited);
    assert!(refused.headers.contains_key(RETRY_AFTER));
    last.is_announced(&server, &bob).await;
    last.is_sent_whole(&server, &bob).await;

    let nearly = BYTES_PER_DAY_MAX / full - 1;
    fill(&alice, nearly, full, TimeDelta::hours(1))
        .await
        .unwrap();
    fill(&alice, 1, full - 100, TimeDelta::hours(1))
        .await
        .unwrap();
    let too_much = File::of_size(101, 7).announcement();
    let refused = alice.posts(&server, "/v1/blobs", too_much).await;
    refused.refused(429, ErrorCode::RateLimited);
    File::of_size(100, 8).is_announced(&server, &alice).await;
}

#[tokio::test]
async fn what_never_became_whole_is_forgotten_after_a_week_and_nothing_else() {
    let server = TestServer::start().await;
    let bob = bob(&server).await;
    let (whole, half, fresh) = (
        File::of_size(500, 9),
        File::of_size(500, 10),
        File::of_size(500, 11),
    );
    whole.is_sent_whole(&server, &bob).await;
    for file in [&half, &fresh] {
        file.is_announced(&server, &bob).await;
        let _: Blob = file.goes_on(&server, &bob, 0, 200).await.told(200);
    }
    sqlx::query("UPDATE sync.blobs SET created_at = now() - interval '8 days' WHERE id <> $1")
        .bind(fresh.id.uuid())
        .execute(&server.pool)
        .await
        .unwrap();
    for forgotten in [1, 0] {
        let done = forget_unfinished(&server.pool, Utc::now()).await;
        assert_eq!(done.unwrap(), forgotten);
    }
    let content = whole.is_read(&server, &bob).await.bytes().await.unwrap();
    assert_eq!(content, whole.bytes);
    assert_eq!(fresh.status(&server, &bob).await, fresh.shown(200));
    let gone = half.goes_on(&server, &bob, 200, 500).await;
    gone.refused(404, ErrorCode::NotFound);
    half.is_sent_whole(&server, &bob).await;
    assert!(
        half.status(&server, &bob).await.complete,
        "it may come again"
    );
}
