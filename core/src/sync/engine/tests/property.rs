//! What holds whatever happens, in whatever order.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn outcomes() -> impl Strategy<Value = Outcome> {
    let code = prop_oneof![
        Just(None),
        Just(Some(ErrorCode::DeviceUnknown)),
        Just(Some(ErrorCode::UploadOffset)),
        Just(Some(ErrorCode::RateLimited)),
    ];
    let status = prop::sample::select(vec![400_u16, 401, 403, 404, 408, 409, 413, 422, 429, 503]);
    let refused = (status, code, prop::option::of(0..100_000_u64)).prop_map(
        |(status, code, retry_after_ms)| Outcome::Refused {
            status,
            code,
            retry_after_ms,
        },
    );
    prop_oneof![
        3 => any::<bool>().prop_map(|more| Outcome::Done { more, blob: more.then(blob) }),
        2 => refused,
        1 => Just(Outcome::Lost),
        1 => Just(Outcome::Stuck),
    ]
}

/// What happens next.
#[derive(Debug, Clone)]
enum Happening {
    Input(Input),
    Waits(Pending),
    /// The oldest or the newest open call is answered.
    Answer {
        newest: bool,
        outcome: Outcome,
    },
    /// An answer to a call that may be long over.
    Stray(u64, Outcome),
    Time(u64),
    Snapshot,
}

fn happenings() -> impl Strategy<Value = Happening> {
    let networks = prop::sample::select(vec![
        Network::Offline,
        Network::Metered,
        Network::Unmetered,
        Network::Unmetered,
    ]);
    let inputs = prop_oneof![
        networks.prop_map(Input::Network),
        Just(Input::Tick),
        Just(Input::Local),
        Just(Input::Push),
        Just(Input::SignedIn),
        Just(Input::Started),
        any::<bool>().prop_map(Input::Listening),
    ];
    let pending = (0..9_u64, 0..9_u64, 0..9_u64).prop_map(|(commands, segments, blobs)| Pending {
        commands,
        segments,
        blobs,
    });
    prop_oneof![
        4 => inputs.prop_map(Happening::Input),
        2 => pending.prop_map(Happening::Waits),
        6 => (any::<bool>(), outcomes())
            .prop_map(|(newest, outcome)| Happening::Answer { newest, outcome }),
        1 => (0..50_u64, outcomes()).prop_map(|(id, outcome)| Happening::Stray(id, outcome)),
        3 => prop_oneof![0..2_000_u64, 0..400_000_u64].prop_map(Happening::Time),
        1 => Just(Happening::Snapshot),
    ]
}

/// Drives an engine and checks it at every step.
struct Watch {
    desk: Desk,
    open: BTreeMap<CallId, Call>,
}

impl Watch {
    fn new(seed: u64) -> Self {
        Self {
            desk: Desk {
                engine: Engine::new(seed),
                now: 5,
                pending: Pending::default(),
            },
            open: BTreeMap::new(),
        }
    }

    fn tell(&mut self, input: Input) {
        if let Input::Answered { call, .. } = input {
            self.open.remove(&call);
        }
        let effects = self.desk.tell(input);
        assert!(effects.len() <= 6, "{effects:?}");
        for effect in effects {
            match effect {
                Effect::Call { id, call } => {
                    assert!(self.open.insert(id, call).is_none(), "an id is used once");
                }
                Effect::Abandon(id) => {
                    assert!(self.open.remove(&id).is_some(), "only open calls end");
                }
                Effect::WakeAt(at) => assert!(at > self.desk.now, "{at} is not to come"),
                Effect::NeedsSignIn => assert!(self.desk.engine.needs_sign_in()),
            }
        }
        let is_poll = |call: &&Call| matches!(call, Call::Changes { wait_s } if *wait_s > 0);
        let polls = self.open.values().filter(is_poll).count();
        assert!(
            polls <= 1 && self.open.len() - polls <= 1,
            "{:?}",
            self.open
        );
        if self.desk.engine.network() == Network::Offline || self.desk.engine.needs_sign_in() {
            assert!(self.open.is_empty(), "{:?}", self.open);
        }
    }

    fn go(&mut self, happening: Happening) {
        match happening {
            Happening::Input(input) => self.tell(input),
            Happening::Waits(pending) => {
                self.desk.pending = pending;
                self.tell(Input::Local);
            }
            Happening::Answer { newest, outcome } => {
                let mut ids = self.open.keys().copied();
                let id = if newest { ids.next_back() } else { ids.next() };
                if let Some(call) = id {
                    self.tell(Input::Answered { call, outcome });
                }
            }
            Happening::Stray(id, outcome) => {
                if !self.open.contains_key(&CallId(id)) {
                    let call = CallId(id);
                    self.tell(Input::Answered { call, outcome });
                }
            }
            Happening::Time(ms) => {
                self.desk.now += ms;
                self.tell(Input::Tick);
            }
            Happening::Snapshot => self.desk.engine.must_snapshot(),
        }
    }

    /// From here on the server answers everything as it should. Answers how often it was asked.
    fn serve(&mut self) -> u32 {
        self.tell(Input::Started);
        self.tell(Input::SignedIn);
        self.tell(Input::Network(Network::Unmetered));
        let mut asked = 0;
        for _ in 0..500 {
            if self.desk.pending == Pending::default() {
                return asked;
            }
            let is_work = |(_, call): &(&CallId, &Call)| !matches!(call, Call::Changes { wait_s } if *wait_s > 0);
            let Some((id, call)) = self.open.iter().find(is_work) else {
                let wake = wake_in(&self.desk.tell(Input::Tick)).expect("something waits");
                assert!(wake <= self.desk.now + 3_600_000, "within an hour");
                self.desk.now = wake;
                self.tell(Input::Tick);
                continue;
            };
            let (id, call) = (*id, *call);
            asked += 1;
            let pending = &mut self.desk.pending;
            let mut outcome = done();
            match call {
                Call::Commands { max } => {
                    pending.commands = pending.commands.saturating_sub(max.into());
                }
                // What a call was for may be gone meanwhile; then it has nothing to send.
                Call::Segment => pending.segments = pending.segments.saturating_sub(1),
                Call::BeginBlob => {
                    outcome = Outcome::Done {
                        more: true,
                        blob: Some(blob()),
                    };
                }
                Call::Chunk { .. } => pending.blobs = pending.blobs.saturating_sub(1),
                _ => {}
            }
            self.tell(Input::Answered { call: id, outcome });
        }
        panic!("not everything was served: {:?}", self.desk.pending);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn one_call_at_a_time_no_busy_loop_and_everything_is_served_in_the_end(
        seed in any::<u64>(),
        happenings in prop::collection::vec(happenings(), 0..120),
    ) {
        let mut watch = Watch::new(seed);
        for happening in happenings {
            watch.go(happening);
        }
        let waited = watch.desk.pending;
        let asked = watch.serve();
        let most = 60 + waited.commands + 3 * (waited.segments + waited.blobs);
        prop_assert!(u64::from(asked) <= most, "{asked} calls for {waited:?}");
    }

    #[test]
    fn answers_that_bring_nothing_never_spin(
        seed in any::<u64>(),
        outcomes in prop::collection::vec(outcomes(), 1..4),
        chunks in outcomes(),
    ) {
        let mut watch = Watch::new(seed);
        watch.desk.pending = Pending { commands: 3, segments: 3, blobs: 3 };
        watch.tell(Input::Started);
        watch.tell(Input::Network(Network::Unmetered));
        // The same answers again and again, and what waits becomes no less.
        let (begin, mut asked) = (watch.desk.now, 0_usize);
        while watch.desk.now < begin + 600_000 && asked < 10_000 {
            if let Some((call, what)) = watch.open.iter().next().map(|open| (*open.0, *open.1)) {
                asked += 1;
                let outcome = match (what, outcomes[asked % outcomes.len()], chunks) {
                    // Pieces of a file do come to an end.
                    (Call::Chunk { .. }, _, Outcome::Done { .. }) => Outcome::Stuck,
                    (Call::Chunk { .. }, _, other) => other,
                    (Call::BeginBlob, Outcome::Done { .. }, _) => Outcome::Done {
                        more: true,
                        blob: Some(blob()),
                    },
                    (_, Outcome::Done { .. }, _) => done(),
                    (_, other, _) => other,
                };
                watch.tell(Input::Answered { call, outcome });
            } else if let Some(wake) = wake_in(&watch.desk.tell(Input::Tick)) {
                watch.desk.now = wake;
                watch.tell(Input::Tick);
            } else {
                break;
            }
        }
        // At most a few calls a second, over ten minutes.
        prop_assert!(asked < 5_000, "{asked} calls in ten minutes");
    }
}
