use super::blobs::{blob, content};
use super::*;

#[test]
fn answered_commands_are_forgotten_from_the_beginning_of_the_chain() {
    let place = Place::new();
    let mut store = place.open();
    append(&mut store, &["one", "two", "three", "four"]);
    for seq in [1, 2, 4] {
        let answer = result(seq, CommandOutcome::Applied);
        store.write(|tx| tx.settle(&answer)).unwrap();
    }
    let head = store.chain().unwrap().head;
    let kept = |store: &Store| -> Vec<_> {
        let all = store.commands_from(0, 100).unwrap();
        all.into_iter().map(|command| command.seq).collect()
    };
    // The second one happened at second 2, which is not before second 2.
    store.write(|tx| tx.forget_before(at(2))).unwrap();
    assert_eq!(kept(&store), [2, 3, 4]);
    store.write(|tx| tx.forget_before(at(1_000))).unwrap();
    assert_eq!(kept(&store), [3, 4], "the third waits");
    assert_eq!(store.chain().unwrap().oldest_seq, 3);
    let answer = result(3, CommandOutcome::Rejected);
    store.write(|tx| tx.settle(&answer)).unwrap();
    store.write(|tx| tx.forget_before(at(1_000))).unwrap();
    let chain = store.chain().unwrap();
    assert_eq!((chain.oldest_seq, chain.next_seq), (5, 5));
    assert_eq!(chain.head, head, "the chain goes on where it was");
    append(&mut store, &["five"]);
    assert_eq!(store.waiting_commands(1).unwrap()[0].before, head);
}

#[test]
fn a_file_is_forgotten_when_the_server_has_all_of_it() {
    let place = Place::new();
    let mut store = place.open();
    let bytes = content(200_000, 1);
    let (sent, partly) = (blob(1, &bytes), blob(2, &bytes));
    for new in [&sent, &partly] {
        store.write(|tx| tx.put_blob(new, &bytes)).unwrap();
    }
    store
        .write(|tx| {
            tx.set_blob_sent(sent.blob_id, 200_000)?;
            tx.set_blob_sent(partly.blob_id, 199_999)
        })
        .unwrap();
    store.write(|tx| tx.forget_before(at(0))).unwrap();
    assert!(store.blob(sent.blob_id).unwrap().is_some(), "not before");
    store.write(|tx| tx.forget_before(at(1))).unwrap();
    assert!(store.blob(sent.blob_id).unwrap().is_none());
    assert_eq!(store.blob_bytes(sent.blob_id, 0, 9).unwrap(), [0_u8; 0]);
    let left = store.count("SELECT count(*) FROM blob_pieces").unwrap();
    assert_eq!(left, 2, "only the pieces of the other one");
    assert_eq!(store.blob_bytes(partly.blob_id, 0, 200_000).unwrap(), bytes);
}
