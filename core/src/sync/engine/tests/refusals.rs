//! What the engine makes of refusals.

use super::*;

/// Sends one command and refuses it. Answers what comes of it.
fn refuse(desk: &mut Desk, outcome: Outcome) -> Vec<Effect> {
    let (id, _) = call_in(&desk.local(commands(1)));
    desk.answer(id, outcome)
}

#[test]
fn a_server_that_is_busy_is_asked_again_when_it_wants_to_be() {
    for status in [408, 425, 429, 500, 502, 503, 504] {
        let mut desk = Desk::settled();
        let outcome = Outcome::Refused {
            status,
            code: None,
            retry_after_ms: Some(70_000),
        };
        let effects = refuse(&mut desk, outcome);
        // Changes are another matter.
        assert!(
            effects.iter().all(|effect| !matches!(
                effect,
                Effect::Call {
                    call: Call::Commands { .. },
                    ..
                }
            )),
            "{status}"
        );
        let (at, mut now) = (desk.now + 70_000, desk.now);
        while now < at {
            now = wake_in(&desk.tell_at(now, Input::Tick)).unwrap().min(at);
        }
        let effects = desk.tell_at(at, Input::Tick);
        assert!(matches!(call_in(&effects).1, Call::Commands { .. }));
    }
}

#[test]
fn without_a_session_everything_waits_for_the_person() {
    let mut desk = Desk::settled();
    let effects = refuse(&mut desk, refused(401));
    assert_eq!(effects, [Effect::NeedsSignIn]);
    assert!(desk.engine.needs_sign_in());
    assert_eq!(desk.tell_at(10_000_000, Input::Tick), []);
    let effects = desk.tell(Input::SignedIn);
    assert!(matches!(call_in(&effects).1, Call::Commands { .. }));
}

#[test]
fn a_waiting_call_can_end_the_session_as_well() {
    let mut desk = Desk::settled();
    let poll = desk.engine.poll.unwrap().id;
    let (segment, _) = call_in(&desk.local(Pending {
        segments: 1,
        ..Pending::default()
    }));
    let effects = desk.answer(poll, refused(401));
    assert_eq!(effects, [Effect::Abandon(segment), Effect::NeedsSignIn]);
}

#[test]
fn an_unknown_device_registers_and_sends_again() {
    let unknown = Outcome::Refused {
        status: 409,
        code: Some(ErrorCode::DeviceUnknown),
        retry_after_ms: None,
    };
    let mut desk = Desk::settled();
    let (id, call) = call_in(&refuse(&mut desk, unknown));
    assert_eq!(call, Call::Register);
    let (id, call) = call_in(&desk.done(id));
    assert!(matches!(call, Call::Commands { .. }));
    // A server that forgets it at once is not asked all the time.
    let (id, call) = call_in(&desk.answer(id, unknown));
    assert_eq!(call, Call::Register);
    let effects = desk.done(id);
    assert!(wake_in(&effects).unwrap() >= desk.now + 500);
    assert!(
        !calls(&effects)
            .iter()
            .any(|(_, call)| *call == Call::Register)
    );
}

#[test]
fn a_batch_that_is_too_large_is_halved_down_to_one_and_then_waits() {
    let mut desk = Desk::settled();
    let (mut id, _) = call_in(&desk.local(commands(10)));
    let mut sizes = Vec::new();
    let effects = loop {
        let effects = desk.answer(id, refused(413));
        let batch = calls(&effects)
            .into_iter()
            .find(|(_, call)| matches!(call, Call::Commands { .. }));
        let Some((next, Call::Commands { max })) = batch else {
            break effects;
        };
        sizes.push(max);
        id = next;
    };
    assert_eq!(sizes, [5, 2, 1]);
    assert!(calls(&effects).len() <= 1, "{effects:?}");
    // The rest goes on meanwhile.
    desk.pending.segments = 1;
    assert_eq!(call_in(&desk.tell(Input::Local)).1, Call::Segment);
}

#[test]
fn any_other_refusal_waits_long_and_holds_up_nothing_else() {
    for status in [400, 403, 404, 409, 410, 422] {
        let mut desk = Desk::settled();
        refuse(&mut desk, refused(status));
        desk.pending.segments = 1;
        let (id, call) = call_in(&desk.tell(Input::Local));
        assert_eq!(call, Call::Segment, "{status}");
        desk.pending.segments = 0;
        desk.done(id);
        let effects = desk.tell_at(desk.now + 29_000, Input::Tick);
        let again = |(_, call): &(CallId, Call)| matches!(call, Call::Commands { .. });
        assert!(!calls(&effects).iter().any(again), "{status}");
        let effects = desk.tell_at(desk.now + 32_000, Input::Tick);
        assert!(calls(&effects).iter().any(again), "{status}");
    }
}

#[test]
fn an_upload_that_goes_on_elsewhere_asks_where() {
    let offset = Outcome::Refused {
        status: 409,
        code: Some(ErrorCode::UploadOffset),
        retry_after_ms: None,
    };
    let begun = Outcome::Done {
        more: true,
        blob: Some(blob()),
    };
    let mut desk = Desk::settled();
    let (id, _) = call_in(&desk.local(Pending {
        blobs: 1,
        ..Pending::default()
    }));
    let (id, _) = call_in(&desk.answer(id, begun));
    let (id, call) = call_in(&desk.answer(id, offset));
    assert_eq!(call, Call::BeginBlob);
    let (id, call) = call_in(&desk.answer(id, begun));
    assert!(matches!(call, Call::Chunk { .. }));
    // A server that cannot make up its mind is not asked all the time.
    let effects = desk.answer(id, offset);
    let is_file = |(_, call): &(CallId, Call)| *call == Call::BeginBlob;
    assert!(!calls(&effects).iter().any(is_file), "{effects:?}");
    let effects = desk.tell_at(desk.now + 1_000, Input::Tick);
    assert!(calls(&effects).iter().any(is_file), "{effects:?}");
}

#[test]
fn answers_that_bring_nothing_are_asked_for_less_often() {
    let mut desk = Desk::settled();
    let mut next = Some(call_in(&desk.local(commands(5))).0);
    let mut asked = 0;
    while let Some(id) = next {
        asked += 1;
        assert!(asked < 10);
        let effects = desk.done(id);
        let is_batch = |(_, call): &(CallId, Call)| matches!(call, Call::Commands { .. });
        next = calls(&effects).into_iter().find(is_batch).map(|(id, _)| id);
    }
    assert_eq!(asked, 3);
    let (id, _) = loop {
        let wake = wake_in(&desk.tell(Input::Tick)).unwrap();
        let effects = desk.tell_at(wake, Input::Tick);
        let batch = calls(&effects)
            .into_iter()
            .find(|(_, call)| matches!(call, Call::Commands { .. }));
        if let Some(batch) = batch {
            break batch;
        }
    };
    let effects = desk.answer(id, Outcome::Stuck);
    assert!(
        !calls(&effects)
            .iter()
            .any(|(_, call)| matches!(call, Call::Commands { .. }))
    );
}
