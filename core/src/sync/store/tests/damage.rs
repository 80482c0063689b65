use super::super::open::beside;
use super::*;
use crate::sync::chain::ChainHash;
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

/// Opens what was left and looks that it is a beginning of `all` that can be gone on with.
fn is_a_beginning(copy: &Place, all: &[String]) -> usize {
    let mut store = copy.open();
    let left = texts(&store);
    assert!(all.starts_with(&left), "{} are left", left.len());
    let first = ChainHash::first(owner(1).device);
    let head = left.iter().fold(first, |head, text| head.after(text));
    let chain = store.chain().unwrap();
    assert_eq!(chain.head, head);
    assert_eq!(chain.next_seq, u64::try_from(left.len()).unwrap() + 1);
    append(&mut store, &["after"]);
    drop(store);
    assert_eq!(texts(&copy.open()).len(), left.len() + 1);
    left.len()
}

#[test]
fn a_log_that_is_cut_or_spoilt_loses_only_its_end() {
    let place = Place::new();
    let mut store = place.open();
    let all = many();
    let commands: Vec<&str> = all.iter().map(String::as_str).collect();
    append(&mut store, &commands);
    let log = fs::read(beside(&place.file(), "-wal")).unwrap();
    let mut most = 0;
    for offset in (0..log.len()).step_by(log.len() / 20) {
        let copy = place.killed();
        let path = beside(&copy.file(), "-wal");
        fs::write(&path, &log[..offset]).unwrap();
        let left = is_a_beginning(&copy, &all);
        assert!(left >= most, "more of the log is more of the work");
        most = left;
        let copy = place.killed();
        let mut spoilt = log.clone();
        spoilt[offset] ^= 1;
        fs::write(beside(&copy.file(), "-wal"), spoilt).unwrap();
        is_a_beginning(&copy, &all);
    }
    assert!(most > 40, "{most}");
    assert_eq!(is_a_beginning(&place.killed(), &all), all.len());
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
