//! The dictionary against looking at every word.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn tree(words: &[&str]) -> Vec<u8> {
    let words: BTreeMap<String, NewEntry> = words
        .iter()
        .enumerate()
        .map(|(id, word)| {
            let entry = NewEntry {
                places: vec![(u32::try_from(id).unwrap(), false)],
                contexts: Vec::new(),
            };
            ((*word).to_owned(), entry)
        })
        .collect();
    pack(&words.into_iter().collect::<Vec<_>>())
}

/// Ids of the words found, with edits and whether only a beginning was typed.
fn found(tree: &[u8], word: &str, edits: u8, beginning: Option<u8>) -> Vec<(u32, u8, bool)> {
    let mut matches = Vec::new();
    let wanted = Wanted {
        word: word.as_bytes(),
        edits_max: edits,
        beginning_edits_max: beginning,
    };
    find(tree, wanted, &mut 100_000, &mut matches);
    let mut found: Vec<_> = matches
        .iter()
        .map(|found| {
            let mut ids = Vec::new();
            found.entry.read(|id, _| ids.push(id)).unwrap();
            (ids[0], found.edits, found.is_beginning)
        })
        .collect();
    found.sort_unstable();
    found
}

const WORDS: [&str; 7] = ["almada", "alma", "almadena", "rua", "ruas", "santa", "sao"];

#[test]
fn whole_words_beginnings_and_slips_are_found() {
    let tree = tree(&WORDS);
    assert_eq!(found(&tree, "rua", 0, None), [(3, 0, false)]);
    assert_eq!(
        found(&tree, "alma", 0, Some(0)),
        [(0, 0, true), (1, 0, false), (2, 0, true)]
    );
    assert_eq!(found(&tree, "alamda", 1, None), [(0, 1, false)]);
    assert_eq!(
        found(&tree, "almde", 1, Some(1)),
        [(2, 1, true)],
        "almade is one slip away"
    );
    assert_eq!(found(&tree, "boavista", 2, Some(2)), []);
    assert_eq!(found(&tree, "", 0, None), []);
}

#[test]
fn an_exact_word_is_found_and_no_other() {
    let tree = tree(&WORDS);
    for word in WORDS {
        assert_eq!(find_exact(&tree, word).unwrap().place_count, 1, "{word}");
    }
    for word in ["", "a", "alm", "almadas", "x"] {
        assert!(find_exact(&tree, word).is_none(), "{word}");
    }
}

#[test]
fn places_and_contexts_come_back() {
    let entry = NewEntry {
        places: vec![(3, true), (4, false), (1_000, true)],
        contexts: vec![0, 7],
    };
    let tree = pack(&[("rua".to_owned(), entry.clone())]);
    let mut places = Vec::new();
    let contexts = find_exact(&tree, "rua")
        .unwrap()
        .read(|place, is_other| places.push((place, is_other)));
    assert_eq!(places, entry.places);
    assert_eq!(contexts, Some(entry.contexts));
    assert!(is_sound(&tree, 1_001, 8));
    assert!(!is_sound(&tree, 1_000, 8));
    assert!(!is_sound(&tree, 1_001, 7));
    assert!(!is_sound(&tree[..tree.len() - 1], 1_001, 8));
}

#[test]
fn a_walk_stops_when_its_budget_is_spent() {
    let tree = tree(&WORDS);
    let mut matches = Vec::new();
    let wanted = Wanted {
        word: b"a",
        edits_max: 0,
        beginning_edits_max: Some(0),
    };
    let mut budget = 2;
    find(&tree, wanted, &mut budget, &mut matches);
    assert_eq!(budget, 0);
    assert!(matches.len() <= 2);
}

proptest! {
    #[test]
    fn the_tree_finds_what_looking_at_every_word_finds(
        words in prop::collection::btree_set("[ab]{1,6}", 0..20),
        typed in "[ab]{1,6}",
        edits in 0_u8..=2,
        beginning in prop::option::of(0_u8..=2),
    ) {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let distance = |word: &[u8]| {
            let mut rows = Rows::new();
            word.iter().for_each(|letter| rows.push(typed.as_bytes(), *letter));
            rows.to_whole(typed.as_bytes())
        };
        let mut expected = Vec::new();
        for (id, word) in words.iter().enumerate() {
            let id = u32::try_from(id).unwrap();
            let word = word.as_bytes();
            let whole = Some(distance(word)).filter(|d| *d <= edits);
            let start = (1..=word.len())
                .map(|end| distance(&word[..end]))
                .min()
                .filter(|d| beginning.is_some_and(|most| *d <= most));
            match (whole, start) {
                (Some(whole), Some(start)) if start < whole => expected.push((id, start, true)),
                (Some(whole), _) => expected.push((id, whole, false)),
                (None, Some(start)) => expected.push((id, start, true)),
                (None, None) => {}
            }
        }
        prop_assert_eq!(found(&tree(&words), &typed, edits, beginning), expected);
    }

    #[test]
    fn any_bytes_can_be_walked(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut matches = Vec::new();
        let wanted = Wanted { word: b"ab", edits_max: 2, beginning_edits_max: Some(1) };
        find(&bytes, wanted, &mut 10_000, &mut matches);
        for found in matches {
            let _ = found.entry.read(|_, _| {});
        }
        let _ = find_exact(&bytes, "ab");
        let _ = is_sound(&bytes, 10, 10);
    }
}
