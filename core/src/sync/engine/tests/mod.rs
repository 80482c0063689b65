//! What the engine does, seen from outside: inputs in, effects out.

mod property;
mod refusals;

use super::*;
use crate::id::BlobId;
use uuid::Uuid;

/// Drives an engine and remembers what it asked for.
struct Desk {
    engine: Engine,
    now: u64,
    pending: Pending,
}

impl Desk {
    /// An engine with a network that does not cost, and its first calls answered.
    fn settled() -> Self {
        let mut desk = Self::silent();
        desk.tell(Input::Started);
        let effects = desk.tell(Input::Network(Network::Unmetered));
        let (id, call) = call_in(&effects);
        assert_eq!(call, Call::Changes { wait_s: 0 });
        desk.done(id);
        desk
    }

    fn silent() -> Self {
        Self {
            engine: Engine::new(7),
            now: 1_000,
            pending: Pending::default(),
        }
    }

    fn tell(&mut self, input: Input) -> Vec<Effect> {
        self.engine.step(self.now, input, self.pending)
    }

    fn tell_at(&mut self, now: u64, input: Input) -> Vec<Effect> {
        self.now = now;
        self.tell(input)
    }

    fn answer(&mut self, call: CallId, outcome: Outcome) -> Vec<Effect> {
        self.tell(Input::Answered { call, outcome })
    }

    fn done(&mut self, call: CallId) -> Vec<Effect> {
        self.answer(call, done())
    }

    fn local(&mut self, pending: Pending) -> Vec<Effect> {
        self.pending = pending;
        self.tell(Input::Local)
    }
}

fn done() -> Outcome {
    Outcome::Done {
        more: false,
        blob: None,
    }
}

fn refused(status: u16) -> Outcome {
    Outcome::Refused {
        status,
        code: None,
        retry_after_ms: None,
    }
}

fn commands(commands: u64) -> Pending {
    Pending {
        commands,
        ..Pending::default()
    }
}

fn blob() -> BlobId {
    BlobId::from_uuid(Uuid::from_u128(5))
}

fn calls(effects: &[Effect]) -> Vec<(CallId, Call)> {
    let call = |effect: &Effect| match effect {
        Effect::Call { id, call } => Some((*id, *call)),
        _ => None,
    };
    effects.iter().filter_map(call).collect()
}

/// The one call that is no waiting call.
fn call_in(effects: &[Effect]) -> (CallId, Call) {
    let is_poll = |call: &Call| matches!(call, Call::Changes { wait_s } if *wait_s > 0);
    let mut calls = calls(effects);
    calls.retain(|(_, call)| !is_poll(call));
    assert_eq!(calls.len(), 1, "{effects:?}");
    calls[0]
}

fn wake_in(effects: &[Effect]) -> Option<u64> {
    effects.iter().find_map(|effect| match effect {
        Effect::WakeAt(at) => Some(*at),
        _ => None,
    })
}

#[test]
fn nothing_is_asked_without_a_network() {
    let mut desk = Desk::silent();
    desk.pending = commands(3);
    assert_eq!(desk.tell(Input::Started), []);
    assert_eq!(desk.tell(Input::Local), []);
    let effects = desk.tell(Input::Network(Network::Metered));
    assert_eq!(call_in(&effects).1, Call::Commands { max: 500 });
}

#[test]
fn the_most_urgent_goes_first() {
    let mut desk = Desk::silent();
    desk.engine.must_register();
    desk.engine.must_snapshot();
    desk.pending = Pending {
        commands: 1,
        segments: 1,
        blobs: 1,
    };
    desk.tell(Input::Started);
    let mut effects = desk.tell(Input::Network(Network::Unmetered));
    let mut order = Vec::new();
    for _ in 0..5 {
        let (id, call) = call_in(&effects);
        order.push(call);
        match call {
            Call::Commands { .. } => desk.pending.commands = 0,
            Call::Segment => desk.pending.segments = 0,
            _ => {}
        }
        effects = desk.done(id);
    }
    let wanted = [
        Call::Register,
        Call::Commands { max: 500 },
        Call::Snapshot,
        Call::Segment,
        Call::BeginBlob,
    ];
    assert_eq!(order, wanted);
}

#[test]
fn a_call_waits_for_changes_when_there_is_nothing_else_to_do() {
    let mut desk = Desk::settled();
    let effects = desk.tell_at(2_500, Input::Tick);
    assert_eq!(calls(&effects), []);
    let mut desk = Desk::settled();
    // The first one began at once.
    assert!(desk.engine.poll.is_some());
    let poll = desk.engine.poll.unwrap().id;
    let effects = desk.local(commands(1));
    assert_eq!(
        effects[0],
        Effect::Abandon(poll),
        "a command pushes it aside"
    );
    let (id, _) = call_in(&effects);
    desk.pending = Pending::default();
    let effects = desk.tell_at(3_000, Input::Tick);
    assert_eq!(calls(&effects), [], "one call at a time");
    let effects = desk.done(id);
    assert_eq!(calls(&effects)[0].1, Call::Changes { wait_s: POLL_S });
}

#[test]
fn a_server_that_does_not_wait_is_not_asked_all_the_time() {
    let mut desk = Desk::settled();
    let poll = desk.engine.poll.unwrap().id;
    let effects = desk.done(poll);
    assert_eq!(calls(&effects), []);
    assert_eq!(wake_in(&effects), Some(2_000));
    let effects = desk.tell_at(2_000, Input::Tick);
    assert_eq!(calls(&effects)[0].1, Call::Changes { wait_s: POLL_S });
}

#[test]
fn whoever_is_told_of_news_does_not_wait_for_them() {
    let mut desk = Desk::settled();
    let poll = desk.engine.poll.unwrap().id;
    let effects = desk.tell(Input::Listening(true));
    assert_eq!(effects[0], Effect::Abandon(poll));
    let (id, call) = call_in(&effects);
    assert_eq!(call, Call::Changes { wait_s: 0 });
    // News that come while one asks are asked for again.
    desk.tell(Input::Push);
    let (id, call) = call_in(&desk.done(id));
    assert_eq!(call, Call::Changes { wait_s: 0 });
    let effects = desk.done(id);
    assert_eq!(calls(&effects), []);
    // A push that got lost does not matter for long.
    let effects = desk.tell_at(wake_in(&effects).unwrap(), Input::Tick);
    assert_eq!(call_in(&effects).1, Call::Changes { wait_s: 0 });
}

#[test]
fn a_lost_answer_is_asked_for_again_after_growing_pauses() {
    let mut desk = Desk::settled();
    let mut effects = desk.local(commands(400));
    let mut pauses = Vec::new();
    for _ in 0..9 {
        let (id, _) = call_in(&effects);
        let effects_after = desk.answer(id, Outcome::Lost);
        assert_eq!(calls(&effects_after), []);
        let wake = wake_in(&effects_after).unwrap();
        pauses.push(wake - desk.now);
        effects = desk.tell_at(wake, Input::Tick);
    }
    assert!((500..=1_000).contains(&pauses[0]), "{pauses:?}");
    assert!((30_000..=60_000).contains(&pauses[8]), "{pauses:?}");
    // A bad line carries small batches better.
    assert_eq!(call_in(&effects).1, Call::Commands { max: 32 });
}

#[test]
fn what_a_person_does_is_tried_soon_on_a_line_that_was_dead() {
    let mut desk = Desk::settled();
    let (mut id, _) = call_in(&desk.local(commands(1)));
    for _ in 0..8 {
        let wake = wake_in(&desk.answer(id, Outcome::Lost)).unwrap();
        id = call_in(&desk.tell_at(wake, Input::Tick)).0;
    }
    desk.answer(id, Outcome::Lost);
    let effects = desk.local(commands(2));
    assert_eq!(wake_in(&effects), Some(desk.now + 500));
}

#[test]
fn a_network_that_comes_back_is_used_at_once() {
    let mut desk = Desk::settled();
    let (id, _) = call_in(&desk.local(commands(1)));
    desk.answer(id, Outcome::Lost);
    desk.tell(Input::Network(Network::Offline));
    let effects = desk.tell(Input::Network(Network::Metered));
    assert!(matches!(call_in(&effects).1, Call::Commands { .. }));
}

#[test]
fn a_network_that_goes_takes_its_calls_along() {
    let mut desk = Desk::settled();
    let (id, _) = call_in(&desk.local(commands(1)));
    let effects = desk.tell(Input::Network(Network::Offline));
    assert_eq!(effects, [Effect::Abandon(id)]);
    assert_eq!(desk.done(id), [], "nobody waits for this answer");
}

#[test]
fn a_call_without_an_answer_is_given_up() {
    let mut desk = Desk::settled();
    let effects = desk.local(commands(1));
    let (id, _) = call_in(&effects);
    let wake = wake_in(&effects).unwrap();
    assert_eq!(wake, desk.now + CALL_MAX_MS);
    let effects = desk.tell_at(wake, Input::Tick);
    assert_eq!(effects[0], Effect::Abandon(id));
    let again = wake_in(&effects).unwrap();
    assert!(matches!(
        call_in(&desk.tell_at(again, Input::Tick)).1,
        Call::Commands { .. }
    ));
}

#[test]
fn files_wait_on_a_metered_network_but_not_for_ever() {
    let mut desk = Desk::settled();
    desk.tell(Input::Network(Network::Metered));
    let files = Pending {
        blobs: 1,
        ..Pending::default()
    };
    let effects = desk.local(files);
    assert_eq!(calls(&effects), []);
    let late = desk.now + FILES_WAIT_MAX_MS;
    let effects = desk.tell_at(late - 1, Input::Tick);
    assert!(
        !calls(&effects)
            .iter()
            .any(|(_, call)| *call == Call::BeginBlob)
    );
    // The waiting call was given up meanwhile, which costs a short pause.
    let effects = desk.tell_at(late + 1_000, Input::Tick);
    let begins = calls(&effects)
        .iter()
        .any(|(_, call)| *call == Call::BeginBlob);
    assert!(begins, "{effects:?}");
}

#[test]
fn files_that_waited_before_the_program_began_wait_less() {
    let mut desk = Desk::silent();
    desk.pending.blobs = 1;
    desk.engine.files_have_waited(desk.now, FILES_WAIT_MAX_MS);
    desk.tell(Input::Started);
    let (id, _) = call_in(&desk.tell(Input::Network(Network::Metered)));
    assert_eq!(call_in(&desk.done(id)).1, Call::BeginBlob);
}

#[test]
fn a_file_goes_in_pieces_that_grow_while_the_line_is_good() {
    let mut desk = Desk::settled();
    let files = Pending {
        blobs: 1,
        ..Pending::default()
    };
    let (mut id, _) = call_in(&desk.local(files));
    let mut sizes = Vec::new();
    for _ in 0..4 {
        let outcome = Outcome::Done {
            more: true,
            blob: Some(blob()),
        };
        let (next, call) = call_in(&desk.answer(id, outcome));
        id = next;
        let Call::Chunk { max, .. } = call else {
            panic!("{call:?}");
        };
        sizes.push(max);
    }
    assert_eq!(sizes, [65_536, 131_072, 262_144, 262_144]);
    // After a loss nobody knows how much of it arrived.
    let wake = wake_in(&desk.answer(id, Outcome::Lost)).unwrap();
    let (id, call) = call_in(&desk.tell_at(wake, Input::Tick));
    assert_eq!(call, Call::BeginBlob);
    let outcome = Outcome::Done {
        more: true,
        blob: Some(blob()),
    };
    let (_, call) = call_in(&desk.answer(id, outcome));
    assert_eq!(
        call,
        Call::Chunk {
            blob: blob(),
            max: 131_072
        }
    );
}

#[test]
fn a_command_does_not_wait_for_a_picture() {
    let mut desk = Desk::settled();
    let files = Pending {
        blobs: 1,
        ..Pending::default()
    };
    let (id, _) = call_in(&desk.local(files));
    let outcome = Outcome::Done {
        more: true,
        blob: Some(blob()),
    };
    let (chunk, _) = call_in(&desk.answer(id, outcome));
    let effects = desk.local(Pending {
        commands: 1,
        ..files
    });
    assert_eq!(effects[0], Effect::Abandon(chunk));
    let (id, call) = call_in(&effects);
    assert!(matches!(call, Call::Commands { .. }));
    desk.pending.commands = 0;
    assert_eq!(call_in(&desk.done(id)).1, Call::BeginBlob);
}

#[test]
fn time_that_runs_backwards_stands_still() {
    let mut desk = Desk::settled();
    let (id, _) = call_in(&desk.local(commands(1)));
    let wake = wake_in(&desk.answer(id, Outcome::Lost)).unwrap();
    let effects = desk.tell_at(0, Input::Tick);
    assert_eq!(calls(&effects), []);
    assert_eq!(wake_in(&effects), Some(wake));
}
