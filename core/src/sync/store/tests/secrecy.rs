use rusqlite::Connection;

use super::blobs::blob;
use super::*;
use crate::sync::store::{StateKey, StoreError};

const SECRET: &str = "Rua de Cedofeita 451, porta azul";

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

/// A store with the secret in every kind of place, some of it in the file and some in the log.
fn told(place: &Place) -> Store {
    let photo = SECRET.repeat(5_000).into_bytes();
    let mut store = place.open();
    append(&mut store, &[SECRET]);
    store
        .write(|tx| {
            tx.set_state(StateKey::Shown, SECRET)?;
            tx.put_points(Some(trip(1)), &[point(1)])?;
            tx.put_blob(&blob(1, &photo), &photo)
        })
        .unwrap();
    drop(store);
    let mut store = place.open();
    append(&mut store, &[SECRET]);
    store.write(|tx| tx.put_notice(SECRET)).unwrap();
    store
}

#[test]
fn nothing_of_what_is_kept_can_be_read_on_the_disk() {
    let place = Place::new();
    let _store = told(&place);
    let position = point(1).point.position;
    let files = contents(place.folder.path());
    let names: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["work.db", "work.db-wal"]);
    let id = trip(1).uuid();
    for (name, bytes) in &files {
        assert!(bytes.len() > 10_000 || name.ends_with("wal"), "{name}");
        let needles: [&[u8]; 8] = [
            SECRET.as_bytes(),
            &SECRET.as_bytes()[..8],
            &[1; 32],
            b"0101010101010101",
            b"SQLite format 3",
            b"CREATE TABLE",
            &position.lat_e7().to_be_bytes(),
            &id.as_bytes()[..],
        ];
        for needle in needles {
            assert!(!contains(bytes, needle), "{name}: {needle:?}");
        }
    }
    // The search finds what is there.
    assert!(contains(
        b"at Rua de Cedofeita 451",
        &SECRET.as_bytes()[..8]
    ));
}

#[test]
fn a_thief_without_the_key_gets_nothing_and_changes_nothing() {
    let place = Place::new();
    let _store = told(&place);
    let stolen = place.killed();
    let before = contents(stolen.folder.path());
    for wrong in [key(2), key(0)] {
        let refused = Store::open(&stolen.file(), &wrong, owner(1));
        assert!(matches!(
            refused,
            Err(StoreError::Unreadable { kept_aside: None })
        ));
        assert!(contents(stolen.folder.path()) == before);
    }
    let plain = Connection::open(stolen.file()).unwrap();
    let tables = plain.query_row("SELECT count(*) FROM sqlite_schema", [], |row| {
        row.get::<_, i64>(0)
    });
    assert!(tables.is_err());
    drop(plain);
    // And with the key everything is there.
    assert!(contents(stolen.folder.path()).len() <= before.len());
    let copy = place.killed();
    assert_eq!(texts(&copy.open()), [SECRET, SECRET]);
}

#[test]
fn what_is_said_of_a_key_does_not_tell_it() {
    let said = format!("{:?}", key(7));
    assert_eq!(said, "StoreKey(…)");
    let store = Place::new().open();
    assert!(!format!("{store:?}").contains("07"));
}

#[test]
fn another_person_or_device_is_refused_and_changes_nothing() {
    let place = Place::new();
    let _store = told(&place);
    let copy = place.killed();
    let before = contents(copy.folder.path());
    let others = [
        owner(2),
        Owner {
            device: owner(2).device,
            ..owner(1)
        },
    ];
    for other in others {
        let refused = Store::open(&copy.file(), &key(1), other);
        assert!(matches!(refused, Err(StoreError::OtherOwner)), "{other:?}");
        assert!(contents(copy.folder.path()) == before);
    }
}
