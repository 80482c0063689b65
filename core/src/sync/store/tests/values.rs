use serde::{Deserialize, Serialize};

use super::*;
use crate::sync::engine::Pending;
use crate::sync::store::{StateKey, StoreError, VALUE_BYTES_MAX};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Told {
    words: String,
}

#[test]
fn a_value_takes_the_place_of_the_one_before() {
    let place = Place::new();
    let mut store = place.open();
    assert_eq!(store.state::<i64>(StateKey::Cursor).unwrap(), None);
    for cursor in [7_i64, 12] {
        store
            .write(|tx| tx.set_state(StateKey::Cursor, &cursor))
            .unwrap();
        assert_eq!(store.state(StateKey::Cursor).unwrap(), Some(cursor));
    }
    drop(store);
    let store = place.open();
    assert_eq!(store.state(StateKey::Cursor).unwrap(), Some(12_i64));
    assert_eq!(store.state::<bool>(StateKey::Online).unwrap(), None);
}

#[test]
fn an_error_does_not_say_what_a_value_is() {
    let place = Place::new();
    let mut store = place.open();
    store
        .write(|tx| tx.set_state(StateKey::Driver, "+351912345678"))
        .unwrap();
    let error = store.state::<i64>(StateKey::Driver).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("351912345678"));
}

#[test]
fn a_value_that_is_too_long_is_refused() {
    let place = Place::new();
    let mut store = place.open();
    let long = "x".repeat(usize::try_from(VALUE_BYTES_MAX).unwrap());
    let refused = store.write(|tx| tx.set_state(StateKey::Shown, &long));
    assert!(matches!(refused, Err(StoreError::Limit(_))));
    assert_eq!(store.state::<String>(StateKey::Shown).unwrap(), None);
}

#[test]
fn a_notice_is_there_until_it_was_seen() {
    let place = Place::new();
    let mut store = place.open();
    let told = |words: &str| Told {
        words: words.to_owned(),
    };
    let first = store.write(|tx| tx.put_notice(&told("one"))).unwrap();
    let second = store.write(|tx| tx.put_notice(&told("two"))).unwrap();
    drop(store);
    let mut store = place.open();
    let both = [(first, told("one")), (second, told("two"))];
    assert_eq!(store.notices::<Told>().unwrap(), both);
    store.write(|tx| tx.notice_seen(first)).unwrap();
    assert_eq!(store.notices::<Told>().unwrap(), [(second, told("two"))]);
}

#[test]
fn nothing_waits_in_a_new_store() {
    let store = Place::new().open();
    assert_eq!(store.pending().unwrap(), Pending::default());
    assert!(store.trips().unwrap().is_empty());
    assert!(store.queue(10).unwrap().is_empty());
    assert_eq!(store.next_segment().unwrap(), None);
    assert_eq!(store.next_blob().unwrap(), None);
}
