//! The table has a row for everything that can meet, and no other.

use std::collections::BTreeSet;

use super::*;

#[test]
fn every_action_that_meets_a_situation_has_exactly_one_row() {
    for situation in Situation::ALL {
        for kind in ActionKind::ALL {
            let rows = TABLE
                .iter()
                .filter(|row| row.situation == situation && row.actions.contains(&kind));
            let meets = situation.actions().contains(&kind);
            assert_eq!(
                rows.count(),
                usize::from(meets),
                "{situation:?} × {}",
                kind.as_str()
            );
            assert_eq!(row_of(kind, situation).is_some(), meets);
        }
    }
}

#[test]
fn what_does_not_meet_is_nonsense() {
    assert_eq!(
        resolution(ActionKind::Rate, Situation::OfferOpen),
        Resolution::Refuse(ErrorCode::Internal)
    );
}

#[test]
fn all_situations_and_actions_are_listed_once() {
    let names: BTreeSet<_> = Situation::ALL
        .iter()
        .map(|one| format!("{one:?}"))
        .collect();
    assert_eq!(names.len(), Situation::ALL.len());
    let words: BTreeSet<_> = Situation::ALL.iter().map(|one| one.words()).collect();
    assert_eq!(words.len(), Situation::ALL.len());
    // The rows come in the order of the list, so a situation that is missing there is noticed here.
    let place = |row: &Row| Situation::ALL.iter().position(|one| *one == row.situation);
    assert!(TABLE.iter().all(|row| place(row).is_some()));
    assert!(TABLE.is_sorted_by_key(place));
    for kind in ActionKind::ALL {
        let met = Situation::ALL
            .iter()
            .any(|one| one.actions().contains(&kind));
        assert!(met, "{} meets nothing", kind.as_str());
        assert_eq!(action(kind).kind(), kind);
        let json = serde_json::to_value(action(kind)).unwrap();
        assert_eq!(json["kind"], kind.as_str());
    }
}

#[test]
fn every_refusal_and_every_answer_has_words() {
    for row in TABLE {
        assert!(
            row.words.len() > 5 && row.words.trim() == row.words,
            "{row:?}"
        );
    }
}
