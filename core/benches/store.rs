//! What encryption costs: the same commits and reads with a key and without one, beside each other.
//!
//! `cargo bench -p wayfare-core --features offline --bench store`
#![expect(
    clippy::expect_used,
    reason = "a benchmark that cannot be set up has nothing to go on with"
)]

use std::hint::black_box;
use std::path::Path;

use chrono::DateTime;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use rusqlite::Connection;
use uuid::Uuid;
use wayfare_core::geo::LatLng;
use wayfare_core::id::{CommandId, DeviceId, TripId, UserId};
use wayfare_core::sync::store::{NewCommand, Owner, Store, StoreKey};
use wayfare_core::track::TrackPoint;
use wayfare_core::track::segment::SegmentPoint;

const KEY: &str = "x'0101010101010101010101010101010101010101010101010101010101010101'";
const INSERT: &str = "INSERT INTO outbox (body) VALUES (?1)";

/// A database with one table, with the settings of the store.
fn database(file: &Path, key: Option<&str>, synchronous: &str) -> Connection {
    let connection = Connection::open(file).expect("the file opens");
    let set = |name, value: &str| {
        let done = connection.pragma_update(None, name, value);
        done.expect("the setting is taken");
    };
    if let Some(key) = key {
        set("key", key);
    }
    set("locking_mode", "EXCLUSIVE");
    set("journal_mode", "WAL");
    set("synchronous", synchronous);
    connection
        .execute_batch("CREATE TABLE outbox (seq INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT")
        .expect("the table is made");
    connection
}

fn commits(c: &mut Criterion) {
    let text = "x".repeat(600);
    for (group, synchronous) in [("commit", "FULL"), ("commit_without_disk", "OFF")] {
        let mut group = c.benchmark_group(group);
        for (name, key) in [("plain", None), ("encrypted", Some(KEY))] {
            let folder = tempfile::tempdir().expect("a folder");
            let connection = database(&folder.path().join("db"), key, synchronous);
            group.bench_function(name, |b| {
                b.iter(|| connection.execute(INSERT, [&text]).expect("it is written"));
            });
        }
        group.finish();
    }
}

fn reads(c: &mut Criterion) {
    let text = "x".repeat(600);
    let mut group = c.benchmark_group("read_10000_rows");
    for (name, key) in [("plain", None), ("encrypted", Some(KEY))] {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("db");
        let connection = database(&file, key, "OFF");
        connection.execute_batch("BEGIN").expect("it begins");
        for _ in 0..10_000 {
            connection.execute(INSERT, [&text]).expect("it is written");
        }
        connection.execute_batch("COMMIT").expect("it ends");
        drop(connection);
        let open = || {
            let connection = Connection::open(&file).expect("the file opens");
            if let Some(key) = key {
                let done = connection.pragma_update(None, "key", key);
                done.expect("the key is taken");
            }
            connection
        };
        group.bench_function(name, |b| {
            let read = |connection: Connection| -> i64 {
                let sql = "SELECT sum(length(body)) FROM outbox";
                let sum = connection.query_row(sql, [], |row| row.get(0));
                sum.expect("it is read")
            };
            b.iter_batched(
                open,
                |connection| black_box(read(connection)),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

fn owner() -> Owner {
    Owner {
        user: UserId::from_uuid(Uuid::from_u128(1)),
        device: DeviceId::from_uuid(Uuid::from_u128(2)),
    }
}

fn append(store: &mut Store, text: &str) {
    let appended = store.write(|tx| {
        let chain = tx.chain()?;
        tx.append(&NewCommand {
            id: CommandId::from_uuid(Uuid::from_u128(u128::from(chain.next_seq))),
            seq: chain.next_seq,
            text: text.to_owned(),
            hash: chain.head.after(text),
            trip: None,
            kind: "go_offline",
            occurred_at: DateTime::UNIX_EPOCH,
        })
    });
    appended.expect("it is appended");
}

fn point(second: i64) -> SegmentPoint {
    SegmentPoint {
        point: TrackPoint {
            at_ms: second * 1_000,
            accuracy_mm: 5_000,
            position: LatLng::from_e7(411_234_567, -86_000_000).expect("a position"),
            speed_mm_s: Some(9_000),
        },
        heading_cdeg: None,
    }
}

/// The store itself: a command, ten points, and opening the file after a long shift.
fn store(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("work.db");
    let key = StoreKey::from_bytes([1; 32]);
    let mut store = Store::open(&file, &key, owner()).expect("it opens");
    let mut group = c.benchmark_group("store");
    let text = "x".repeat(600);
    group.bench_function("command", |b| b.iter(|| append(&mut store, &text)));
    let mut second = 0;
    group.bench_function("ten_points", |b| {
        b.iter(|| {
            let points: Vec<_> = (0..10).map(|part| point(second + part)).collect();
            second += 10;
            let trip = TripId::from_uuid(Uuid::from_u128(3));
            let put = store.write(|tx| tx.put_points(Some(trip), &points));
            put.expect("they are put")
        });
    });
    drop(store);
    // A shift of its own, so that its size does not depend on how often the rest was measured.
    let file = folder.path().join("shift.db");
    let mut store = Store::open(&file, &key, owner()).expect("it opens");
    for _ in 0..300 {
        append(&mut store, &text);
    }
    let points: Vec<_> = (0..14_000).map(point).collect();
    let put = store.write(|tx| tx.put_points(None, &points));
    put.expect("they are put");
    drop(store);
    group.bench_function("open_after_a_shift", |b| {
        b.iter(|| Store::open(&file, &key, owner()).expect("it opens"));
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(30);
    targets = commits, reads, store
}
criterion_main!(benches);
