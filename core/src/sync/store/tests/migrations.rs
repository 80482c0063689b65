use rusqlite::Connection;

use super::super::migrate::{MIGRATIONS, newest};
use super::super::open::unlock;
use super::*;
use crate::sync::chain::ChainHash;
use crate::sync::store::{NoticeId, QueueState, StateKey, StoreError};

/// What a program of each version had written, in the place of that version. A new version gets a new
/// entry; the others stay as they are.
const WRITTEN: [&str; 2] = [
    include_str!("written/0001.sql"),
    include_str!("written/0002.sql"),
];

/// A file as a program of this version left it.
fn written_by(version: usize) -> Place {
    let place = Place::new();
    let connection = Connection::open(place.file()).unwrap();
    unlock(&connection, &key(1)).unwrap();
    connection
        .pragma_update(None, "journal_mode", "WAL")
        .unwrap();
    for step in &MIGRATIONS[..version] {
        connection.execute_batch(step).unwrap();
    }
    connection.execute_batch(WRITTEN[version - 1]).unwrap();
    connection
        .pragma_update(None, "user_version", version as i64)
        .unwrap();
    let first = ChainHash::first(owner(1).device);
    let links = [
        first,
        first.after("\"one\""),
        first.after("\"one\"").after("\"two\""),
    ];
    // The links depend on SHA-256, which SQL does not have.
    connection
        .execute_batch("DROP TRIGGER commands_stand")
        .unwrap();
    for (seq, pair) in (1_i64..).zip(links.windows(2)) {
        let sql = "UPDATE commands SET before = ?2, after = ?3 WHERE seq = ?1";
        connection
            .execute(sql, (seq, pair[0].bytes(), pair[1].bytes()))
            .unwrap();
    }
    connection
        .execute("UPDATE chain SET head = ?1", [links[2].bytes()])
        .unwrap();
    connection
        .execute_batch("CREATE TRIGGER commands_stand BEFORE UPDATE OF seq, id, trip, kind, body, before, after, occurred_ms
            ON commands BEGIN SELECT RAISE(ABORT, 'a command never changes'); END;")
        .unwrap();
    place
}

#[test]
fn each_earlier_version_opens_with_everything_in_it() {
    assert_eq!(WRITTEN.len(), MIGRATIONS.len(), "an entry per version");
    for version in 1..=MIGRATIONS.len() {
        let place = written_by(version);
        let mut store = place.open();
        let connection = &store.reads.connection;
        let now: i64 = connection
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .unwrap();
        assert_eq!(now, newest());
        assert_eq!(texts(&store), ["\"two\""], "{version}");
        let queue = store.queue(10).unwrap();
        assert_eq!(queue[1].state, QueueState::Applied);
        assert_eq!(queue[0].trip, Some(trip(0x77)));
        assert_eq!(store.chain().unwrap().next_seq, 3);
        assert_eq!(store.state(StateKey::Cursor).unwrap(), Some(42_i64));
        let points = store.points(trip(0x77), at(-1_000)..=at(1_000)).unwrap();
        assert_eq!(points, [point(0).point, point(1).point]);
        let segment = store.next_segment().unwrap().unwrap();
        assert_eq!((segment.trip, segment.bytes), (None, vec![0xab; 3]));
        let blob = store.next_blob().unwrap().unwrap();
        assert_eq!((blob.sent, blob.blob.size), (2, 5));
        assert_eq!(store.blob_bytes(blob.blob.blob_id, 0, 9).unwrap(), b"hello");
        let pending = store.pending().unwrap();
        assert_eq!(
            (pending.commands, pending.segments, pending.blobs),
            (1, 1, 1)
        );
        let notices = store.notices::<String>().unwrap();
        if version >= 2 {
            assert_eq!(notices, [(NoticeId(1), "told".to_owned())]);
            assert_eq!(store.refused().unwrap().blobs, 1);
        } else {
            assert!(notices.is_empty());
        }
        append(&mut store, &["\"three\""]);
        drop(store);
        assert_eq!(texts(&place.open()), ["\"two\"", "\"three\""]);
    }
}

#[test]
fn an_upgrade_that_fails_leaves_the_file_as_it_was() {
    let place = written_by(1);
    let connection = Connection::open(place.file()).unwrap();
    unlock(&connection, &key(1)).unwrap();
    // Something is in the way of the second version.
    connection
        .execute_batch("CREATE TABLE notices (id INTEGER)")
        .unwrap();
    drop(connection);
    assert!(Store::open(&place.file(), &key(1), owner(1)).is_err());
    let connection = Connection::open(place.file()).unwrap();
    unlock(&connection, &key(1)).unwrap();
    let version: i64 = connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    assert_eq!(version, 1);
    connection.execute_batch("DROP TABLE notices").unwrap();
    drop(connection);
    assert_eq!(texts(&place.open()), ["\"two\""]);
}

#[test]
fn a_newer_version_is_left_alone() {
    let place = Place::new();
    let mut store = place.open();
    append(&mut store, &["one"]);
    let newer = newest() + 1;
    store
        .reads
        .connection
        .pragma_update(None, "user_version", newer)
        .unwrap();
    let copy = place.killed();
    let before = contents(copy.folder.path());
    let refused = Store::open(&copy.file(), &key(1), owner(1));
    assert!(matches!(refused, Err(StoreError::TooNew { version }) if version == newer));
    assert!(contents(copy.folder.path()) == before);
}
