use super::*;
use crate::sync::store::{StoreError, StoreHealth};

fn many() -> Vec<String> {
    (0..60)
        .map(|n| format!("{n}:{}", "x".repeat(500)))
        .collect()
}

/// A closed store with commands on many pages.
fn full_of_commands() -> (Place, Vec<String>) {
    let place = Place::new();
    let mut store = place.open();
    let all = many();
    let commands: Vec<&str> = all.iter().map(String::as_str).collect();
    append(&mut store, &commands);
    drop(store);
    (place, all)
}

fn assert_unreadable(place: &Place) {
    let before = contents(place.folder.path());
    let refused = Store::open(&place.file(), &key(1), owner(1));
    let error = refused.expect_err("it is damaged");
    assert_eq!(error.health(), StoreHealth::Unreadable, "{error:?}");
    assert!(contents(place.folder.path()) == before, "nothing changes");
}

#[test]
fn a_flipped_byte_is_noticed_wherever_it_is() {
    let (place, all) = full_of_commands();
    let good = fs::read(place.file()).unwrap();
    let mut unnoticed = 0;
    for page in 0..good.len() / 4_096 {
        let mut bad = good.clone();
        bad[page * 4_096 + 2_000] ^= 0x10;
        let copy = place.killed();
        fs::write(copy.file(), &bad).unwrap();
        let before = contents(copy.folder.path());
        match Store::open(&copy.file(), &key(1), owner(1)) {
            Ok(store) => {
                unnoticed += 1;
                assert_eq!(texts(&store), all, "page {page}");
            }
            Err(error) => {
                assert_eq!(error.health(), StoreHealth::Unreadable, "{page}: {error:?}");
                assert!(contents(copy.folder.path()) == before, "nothing changes");
            }
        }
    }
    // Only the empty tables that are not read through may be damaged unnoticed.
    assert!(unnoticed <= 5, "{unnoticed} unnoticed");
}

#[test]
fn a_file_that_is_cut_is_not_read() {
    let (place, _) = full_of_commands();
    let good = fs::read(place.file()).unwrap();
    for length in [0, 1, 16, 4_096, 5_000, good.len() / 2, good.len() - 4_096] {
        let copy = place.killed();
        fs::write(copy.file(), &good[..length]).unwrap();
        assert_unreadable(&copy);
    }
}

#[test]
fn something_else_in_place_of_the_file_is_not_read() {
    let place = Place::new();
    for other in [b"hello".to_vec(), vec![0; 8_192], vec![7; 100_000]] {
        fs::write(place.file(), other).unwrap();
        assert_unreadable(&place);
    }
}

#[test]
fn a_log_without_its_file_is_left_alone() {
    let place = Place::new();
    let mut store = place.open();
    append(&mut store, &["one"]);
    let copy = place.killed();
    fs::remove_file(copy.file()).unwrap();
    assert_unreadable(&copy);
}

#[test]
fn a_cut_log_loses_only_what_was_being_written() {
    let place = Place::new();
    let mut store = place.open();
    append(&mut store, &["one"]);
    let first = place.killed();
    let length = fs::read(super::super::open::beside(&first.file(), "-wal"))
        .unwrap()
        .len();
    append(&mut store, &["two"]);
    let copy = place.killed();
    let log = super::super::open::beside(&copy.file(), "-wal");
    let bytes = fs::read(&log).unwrap();
    assert!(bytes.len() > length + 100);
    fs::write(&log, &bytes[..bytes.len() - 100]).unwrap();
    let mut store = copy.open();
    assert_eq!(texts(&store), ["one"]);
    append(&mut store, &["another"]);
    drop(store);
    assert_eq!(texts(&copy.open()), ["one", "another"]);
}

#[test]
fn damage_that_shows_later_is_an_error_and_no_loss() {
    let place = Place::new();
    let mut store = place.open();
    let content = super::blobs::content(400_000, 3);
    let blob = super::blobs::blob(1, &content);
    append(&mut store, &["one"]);
    store.write(|tx| tx.put_blob(&blob, &content)).unwrap();
    drop(store);
    let mut bytes = fs::read(place.file()).unwrap();
    let middle = bytes.len() / 4_096 / 2 * 4_096 + 100;
    bytes[middle] ^= 1;
    fs::write(place.file(), bytes).unwrap();
    let store = place.open();
    let error = store.blob_bytes(blob.blob_id, 0, 400_000).unwrap_err();
    assert!(matches!(error, StoreError::Unreadable { .. }), "{error:?}");
    drop(store);
    assert_eq!(texts(&place.open()), ["one"]);
}
