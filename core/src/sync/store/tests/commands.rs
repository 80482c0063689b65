use super::*;
use crate::sync::chain::ChainHash;
use crate::sync::store::{CommitFault, QueueState, StoreError};
use crate::wire::ErrorCode;

#[test]
fn a_command_that_was_written_is_there_after_a_kill() {
    let place = Place::new();
    let mut store = place.open();
    append(&mut store, &["one", "two"]);
    let later = place.killed();
    let store = later.open();
    assert_eq!(texts(&store), ["one", "two"]);
    let chain = store.chain().unwrap();
    let first = ChainHash::first(owner(1).device);
    assert_eq!(chain.head, first.after("one").after("two"));
    assert_eq!((chain.oldest_seq, chain.next_seq), (1, 3));
    let earlier: Vec<_> = store.waiting_commands(9).unwrap();
    assert_eq!(earlier[0].before, first);
    assert_eq!(earlier[1].before, first.after("one"));
}

#[test]
fn a_command_that_is_not_the_next_one_is_refused() {
    let place = Place::new();
    let mut store = place.open();
    append(&mut store, &["one"]);
    let next = next_command(&store, "two");
    let wrong = [
        NewCommand {
            seq: 1,
            ..next.clone()
        },
        NewCommand {
            seq: 3,
            ..next.clone()
        },
        NewCommand {
            text: "another".to_owned(),
            ..next.clone()
        },
        NewCommand {
            hash: ChainHash::first(owner(2).device),
            ..next.clone()
        },
    ];
    for command in wrong {
        let refused = store.write(|tx| tx.append(&command));
        assert!(
            matches!(refused, Err(StoreError::Chain { next_seq: 2 })),
            "{command:?}"
        );
    }
    assert_eq!(texts(&store), ["one"]);
    store.write(|tx| tx.append(&next)).unwrap();
}

#[test]
fn a_command_that_is_too_long_is_refused() {
    let place = Place::new();
    let mut store = place.open();
    let command = next_command(&store, &"x".repeat(64 * 1024 + 1));
    let refused = store.write(|tx| tx.append(&command));
    assert!(matches!(refused, Err(StoreError::Limit(_))));
    assert_eq!(store.chain().unwrap().next_seq, 1);
}

#[test]
fn an_answer_is_final_and_is_kept_once() {
    let place = Place::new();
    let mut store = place.open();
    append(&mut store, &["one", "two", "three"]);
    let rejected = CommandResult {
        code: Some(ErrorCode::WrongTripState),
        detail: Some("The trip is over.".to_owned()),
        ..result(2, CommandOutcome::Rejected)
    };
    let answers = [result(1, CommandOutcome::Applied), rejected];
    let waited =
        |store: &mut Store, answer: &CommandResult| store.write(|tx| tx.settle(answer)).unwrap();
    assert!(answers.iter().all(|answer| waited(&mut store, answer)));
    assert!(!waited(&mut store, &result(2, CommandOutcome::Applied)));
    assert!(!waited(&mut store, &result(77, CommandOutcome::Applied)));
    assert_eq!(texts(&store), ["three"]);
    assert_eq!(store.pending().unwrap().commands, 1);
    let states: Vec<_> = store.queue(10).unwrap();
    let states: Vec<_> = states
        .into_iter()
        .map(|item| (item.seq, item.state))
        .collect();
    let refusal = QueueState::Rejected {
        code: Some(ErrorCode::WrongTripState),
        detail: Some("The trip is over.".to_owned()),
    };
    let expected = [
        (3, QueueState::Waiting),
        (2, refusal),
        (1, QueueState::Applied),
    ];
    assert_eq!(states, expected);
}

#[test]
fn what_waits_of_a_trip_is_found_by_the_trip() {
    let place = Place::new();
    let mut store = place.open();
    for (text, of) in [("a", Some(1)), ("b", Some(2)), ("c", None), ("d", Some(1))] {
        let command = NewCommand {
            trip: of.map(trip),
            ..next_command(&store, text)
        };
        store.write(|tx| tx.append(&command)).unwrap();
    }
    let found = |store: &Store| -> Vec<_> {
        let waiting = store.waiting_of_trip(trip(1)).unwrap();
        waiting.into_iter().map(|command| command.text).collect()
    };
    assert_eq!(found(&store), ["a", "d"]);
    let answer = result(1, CommandOutcome::Applied);
    store.write(|tx| tx.settle(&answer)).unwrap();
    assert_eq!(found(&store), ["d"]);
    // A server that lost what it had can have it again.
    let again = store.commands_from(1, 2).unwrap();
    assert_eq!(again.iter().map(|c| c.seq).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(store.command(again[0].id).unwrap(), Some(again[0].clone()));
}

#[test]
fn the_schema_itself_keeps_what_waits() {
    let place = Place::new();
    let mut store = place.open();
    append(&mut store, &["one", "two"]);
    let answer = result(2, CommandOutcome::Applied);
    store.write(|tx| tx.settle(&answer)).unwrap();
    for sql in [
        "DELETE FROM commands WHERE seq = 1",
        "UPDATE commands SET body = 'another' WHERE seq = 1",
        "UPDATE commands SET seq = 9 WHERE seq = 1",
        "UPDATE commands SET outcome = NULL, answer = NULL WHERE seq = 2",
    ] {
        assert!(store.reads.connection.execute_batch(sql).is_err(), "{sql}");
    }
    assert_eq!(texts(&store), ["one"]);
}

#[test]
fn what_fails_in_a_transaction_leaves_nothing_of_it() {
    let place = Place::new();
    let mut store = place.open();
    let command = next_command(&store, "one");
    let failed: Result<(), _> = store.write(|tx| {
        tx.append(&command)?;
        assert_eq!(texts(tx), ["one"]);
        Err(StoreError::Blob)
    });
    assert!(matches!(failed, Err(StoreError::Blob)));
    assert!(texts(&store).is_empty());
    assert_eq!(store.chain().unwrap().next_seq, 1);
}

#[test]
fn an_interrupted_commit_took_place_wholly_or_not_at_all() {
    let place = Place::new();
    let mut store = place.open();
    let mut fates = [CommitFault::None, CommitFault::Before, CommitFault::After].into_iter();
    store.on_commit(move || fates.next().unwrap_or_default());
    let outcomes: Vec<_> = ["kept", "lost", "unheard", "last"]
        .map(|text| {
            let command = next_command(&store, text);
            store.write(|tx| tx.append(&command)).is_ok()
        })
        .into();
    assert_eq!(outcomes, [true, false, false, true]);
    assert_eq!(texts(&store), ["kept", "unheard", "last"]);
}

#[test]
fn a_device_keeps_only_so_many_commands_that_wait() {
    let place = Place::new();
    let mut store = place.open();
    // What 50,000 calls would come to.
    let sql = "WITH RECURSIVE numbers (n) AS (
            SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 50000
        )
        INSERT INTO commands (seq, id, kind, body, before, after, occurred_ms)
            SELECT n, CAST(printf('%016d', n) AS BLOB), 'rate', 'x', zeroblob(32), zeroblob(32), n
            FROM numbers;
        UPDATE chain SET next_seq = 50001;";
    store.reads.connection.execute_batch(sql).unwrap();
    let command = next_command(&store, "one more");
    let refused = store.write(|tx| tx.append(&command));
    assert!(matches!(refused, Err(StoreError::Limit(limit)) if limit.max == 50_000));
    assert_eq!(store.pending().unwrap().commands, 50_000);
    let second = store.commands_from(2, 1).unwrap().remove(0);
    let answer = CommandResult {
        command_id: second.id,
        ..result(2, CommandOutcome::Applied)
    };
    store.write(|tx| tx.settle(&answer)).unwrap();
    store.write(|tx| tx.append(&command)).unwrap();
}
