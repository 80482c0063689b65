//! The state machine itself: what is heard, what begins, when to come back.

use super::lane::{Kind, Lanes};
use super::pause::{Jitter, Pause, SHORT};
use super::{Call, CallId, Effect, Input, Network, Pending};
use crate::id::BlobId;
use crate::wire::BATCH_COMMANDS_MAX;

/// How long the server may wait with an answer to a call for changes, in seconds.
pub const POLL_S: u32 = 25;
/// A call that takes longer is given up, in milliseconds. A chunk of the largest size takes half of
/// it at 32 kbit/s.
pub const CALL_MAX_MS: u64 = 120_000;
/// How long files wait for a network that does not cost, in milliseconds: a day.
pub const FILES_WAIT_MAX_MS: u64 = 24 * 3_600_000;
/// The most bytes of a chunk of a file.
pub const CHUNK_BYTES_MAX: u32 = 256 * 1024;

/// The fewest bytes of a chunk.
pub(super) const CHUNK_BYTES_MIN: u32 = 1024;
/// What a first chunk has: eight seconds at 64 kbit/s.
pub(super) const CHUNK_BYTES_FIRST: u32 = 64 * 1024;
/// Two waiting calls do not begin within this, in milliseconds.
pub(super) const POLL_EVERY_MS: u64 = 1_000;
/// While something else tells of news, the server is asked all the same after this, in milliseconds.
pub(super) const NEWS_EVERY_MS: u64 = 5 * 60_000;
/// What a person did goes after this even if the line was dead before, in milliseconds.
pub(super) const LOCAL_AFTER_MS: u64 = 500;
/// How often something more urgent may go first.
pub(super) const PASSED_OVER_MAX: u32 = 16;
/// How many answers in a row may bring nothing.
pub(super) const IDLE_MAX: u32 = 3;
/// A commands batch of this size is not halved because an answer was lost.
pub(super) const BATCH_LOST_MIN: u32 = 32;

/// The call that is under way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Working {
    pub(super) id: CallId,
    pub(super) call: Call,
    pub(super) kind: Kind,
    /// Since when.
    pub(super) since: u64,
    /// How much of its kind waited when it began.
    pub(super) waiting: u64,
}

/// The waiting call for changes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Poll {
    pub(super) id: CallId,
    pub(super) since: u64,
}

/// When a device speaks to the server, and about what. See the module.
#[derive(Debug, Clone)]
pub struct Engine {
    pub(super) now: u64,
    calls: u64,
    pub(super) jitter: Jitter,
    pub(super) network: Network,
    pub(super) started: bool,
    pub(super) signed_in: bool,
    pub(super) listening: bool,
    pub(super) register: bool,
    pub(super) snapshot: bool,
    pub(super) news: bool,
    pub(super) news_after: u64,
    pub(super) poll_after: u64,
    /// The way to the server as a whole.
    pub(super) line: Pause,
    pub(super) lanes: Lanes,
    pub(super) working: Option<Working>,
    pub(super) poll: Option<Poll>,
    pub(super) batch_max: u32,
    pub(super) chunk_max: u32,
    /// The file that is under way.
    pub(super) blob: Option<BlobId>,
    /// When files go over a metered network as well.
    pub(super) files_after: Option<u64>,
}

/// [`BATCH_COMMANDS_MAX`], which fits.
#[expect(clippy::cast_possible_truncation, reason = "it is 500")]
pub(super) const BATCH_MAX: u32 = BATCH_COMMANDS_MAX as u32;

impl Engine {
    /// An engine that knows of no network yet. The seed spreads its pauses.
    pub fn new(seed: u64) -> Self {
        Self {
            now: 0,
            calls: 0,
            jitter: Jitter::new(seed),
            network: Network::Offline,
            started: false,
            signed_in: true,
            listening: false,
            register: false,
            snapshot: false,
            news: false,
            news_after: 0,
            poll_after: 0,
            line: Pause::default(),
            lanes: Lanes::default(),
            working: None,
            poll: None,
            batch_max: BATCH_MAX,
            chunk_max: CHUNK_BYTES_FIRST,
            blob: None,
            files_after: None,
        }
    }

    /// The device has to be registered before its commands are sent.
    pub fn must_register(&mut self) {
        self.register = true;
    }

    /// Changes are not enough: the person's state as a whole is needed.
    pub fn must_snapshot(&mut self) {
        self.snapshot = true;
    }

    /// Files wait since this many milliseconds for a network that does not cost, as after a restart.
    pub fn files_have_waited(&mut self, now_ms: u64, waited_ms: u64) {
        let rest = FILES_WAIT_MAX_MS.saturating_sub(waited_ms);
        self.files_after = Some(now_ms.saturating_add(rest));
    }

    /// What kind of network there is.
    pub const fn network(&self) -> Network {
        self.network
    }

    /// The person has to sign in again before anything is sent.
    pub const fn needs_sign_in(&self) -> bool {
        !self.signed_in
    }

    /// Takes what happened at `now_ms`, with what waits on the device after it, and says what to do,
    /// in this order. Time that runs backwards stands still.
    pub fn step(&mut self, now_ms: u64, input: Input, pending: Pending) -> Vec<Effect> {
        self.now = self.now.max(now_ms);
        let mut effects = Vec::new();
        self.hear(input, pending, &mut effects);
        self.give_up_late(&mut effects);
        self.watch_files(pending);
        if self.is_active() {
            self.make_way(pending, &mut effects);
            self.begin_work(pending, &mut effects);
            self.begin_poll(&mut effects);
            effects.extend(self.next_wake(pending).map(Effect::WakeAt));
        }
        effects
    }

    const fn is_active(&self) -> bool {
        self.started && self.signed_in && !matches!(self.network, Network::Offline)
    }

    fn hear(&mut self, input: Input, pending: Pending, effects: &mut Vec<Effect>) {
        match input {
            Input::Started => {
                self.started = true;
                self.begin_anew();
            }
            Input::SignedIn => {
                self.signed_in = true;
                self.begin_anew();
            }
            Input::Tick => {}
            Input::Network(network) => self.hear_network(network, effects),
            Input::Local => {
                let soon = self.now.saturating_add(LOCAL_AFTER_MS);
                self.line.cut(soon);
            }
            Input::Push => self.news = true,
            Input::Listening(listening) => {
                self.listening = listening;
                self.news = true;
                if listening {
                    self.abandon_poll(effects);
                }
            }
            Input::Answered { call, outcome } => self.hear_answer(call, outcome, pending, effects),
        }
    }

    fn begin_anew(&mut self) {
        self.news = true;
        self.line.clear();
        for kind in Kind::ALL {
            self.lanes.get_mut(kind).pause.clear();
        }
    }

    fn hear_network(&mut self, network: Network, effects: &mut Vec<Effect>) {
        let before = std::mem::replace(&mut self.network, network);
        match (before, network) {
            (Network::Offline, Network::Metered | Network::Unmetered) => {
                self.line.clear();
                self.news = true;
            }
            (Network::Metered | Network::Unmetered, Network::Offline) => {
                self.abandon_poll(effects);
                self.abandon_work(effects);
            }
            _ => {}
        }
    }

    pub(super) fn abandon_poll(&mut self, effects: &mut Vec<Effect>) {
        effects.extend(self.poll.take().map(|poll| Effect::Abandon(poll.id)));
    }

    /// Leaves the call that is under way. What it was about is still to be done.
    fn abandon_work(&mut self, effects: &mut Vec<Effect>) {
        if let Some(working) = self.working.take() {
            self.undo(working.call);
            effects.push(Effect::Abandon(working.id));
        }
    }

    /// What a call was about is still to be done.
    pub(super) fn undo(&mut self, call: Call) {
        match call {
            Call::Changes { .. } | Call::Snapshot => self.news = true,
            // Nobody knows how much of it arrived.
            Call::Chunk { .. } => self.blob = None,
            Call::Register | Call::Commands { .. } | Call::Segment | Call::BeginBlob => {}
        }
    }

    fn give_up_late(&mut self, effects: &mut Vec<Effect>) {
        if self.work_deadline().is_some_and(|at| at <= self.now) {
            self.abandon_work(effects);
            self.line.fail(self.now, SHORT, 0, &mut self.jitter);
        }
        if self.poll_deadline().is_some_and(|at| at <= self.now) {
            self.abandon_poll(effects);
            self.line.fail(self.now, SHORT, 0, &mut self.jitter);
        }
    }

    fn work_deadline(&self) -> Option<u64> {
        let working = self.working.as_ref()?;
        Some(working.since.saturating_add(CALL_MAX_MS))
    }

    fn poll_deadline(&self) -> Option<u64> {
        let patience = u64::from(POLL_S).saturating_mul(1000);
        let limit = CALL_MAX_MS.saturating_add(patience);
        Some(self.poll.as_ref()?.since.saturating_add(limit))
    }

    /// Files wait on a metered network, but not for ever.
    fn watch_files(&mut self, pending: Pending) {
        if pending.blobs == 0 || self.network == Network::Unmetered {
            self.files_after = None;
        } else if self.files_after.is_none() {
            self.files_after = Some(self.now.saturating_add(FILES_WAIT_MAX_MS));
        }
    }

    fn files_may_go(&self) -> bool {
        self.network == Network::Unmetered || self.files_after.is_some_and(|at| at <= self.now)
    }

    /// Somebody who takes an offer does not wait for a picture.
    fn make_way(&mut self, pending: Pending, effects: &mut Vec<Effect>) {
        let is_chunk = |working: &Working| matches!(working.call, Call::Chunk { .. });
        if self.working.as_ref().is_some_and(is_chunk) && self.is_ready(Kind::Commands, pending) {
            self.abandon_work(effects);
        }
    }

    fn is_due(&self, kind: Kind, pending: Pending) -> bool {
        match kind {
            Kind::Register => self.register,
            Kind::Commands => pending.commands > 0 && !self.register,
            Kind::News => {
                let late = self.listening && self.news_after <= self.now;
                self.snapshot || self.news || late
            }
            Kind::Segments => pending.segments > 0,
            Kind::Files => pending.blobs > 0 && self.files_may_go(),
        }
    }

    fn is_ready(&self, kind: Kind, pending: Pending) -> bool {
        self.is_due(kind, pending)
            && self.line.is_over(self.now)
            && self.lanes.get(kind).pause.is_over(self.now)
    }

    fn begin_work(&mut self, pending: Pending, effects: &mut Vec<Effect>) {
        if self.working.is_some() {
            return;
        }
        let Some(kind) = self.choose(pending) else {
            return;
        };
        if matches!(kind, Kind::Commands | Kind::News) {
            self.abandon_poll(effects);
        }
        let call = self.call_for(kind);
        let id = self.next_id();
        let waiting = match kind {
            Kind::Commands => pending.commands,
            Kind::Segments => pending.segments,
            Kind::Register | Kind::News | Kind::Files => 0,
        };
        self.working = Some(Working {
            id,
            call,
            kind,
            since: self.now,
            waiting,
        });
        effects.push(Effect::Call { id, call });
    }

    /// The most urgent kind, or one that was passed over too often.
    fn choose(&mut self, pending: Pending) -> Option<Kind> {
        let ready = Kind::ALL.map(|kind| Some(kind).filter(|kind| self.is_ready(*kind, pending)));
        let mut ready = ready.into_iter().flatten();
        let (urgent, mut others) = (ready.next()?, ready);
        let starved = others
            .clone()
            .find(|kind| self.lanes.get(*kind).passed_over >= PASSED_OVER_MAX);
        let chosen = starved.unwrap_or(urgent);
        if starved.is_none() {
            others.by_ref().for_each(|kind| {
                let lane = self.lanes.get_mut(kind);
                lane.passed_over = lane.passed_over.saturating_add(1);
            });
        }
        self.lanes.get_mut(chosen).passed_over = 0;
        Some(chosen)
    }

    fn call_for(&mut self, kind: Kind) -> Call {
        match kind {
            Kind::Register => Call::Register,
            Kind::Commands => Call::Commands {
                max: self.batch_max,
            },
            Kind::News => {
                // What is said from here on is news again.
                self.news = false;
                self.news_after = self.now.saturating_add(NEWS_EVERY_MS);
                if self.snapshot {
                    Call::Snapshot
                } else {
                    Call::Changes { wait_s: 0 }
                }
            }
            Kind::Segments => Call::Segment,
            Kind::Files => match self.blob {
                Some(blob) => Call::Chunk {
                    blob,
                    max: self.chunk_max,
                },
                None => Call::BeginBlob,
            },
        }
    }

    fn next_id(&mut self) -> CallId {
        self.calls = self.calls.wrapping_add(1);
        CallId(self.calls)
    }

    fn wants_poll(&self) -> bool {
        let busy = |working: &Working| {
            matches!(working.kind, Kind::Commands | Kind::News | Kind::Register)
        };
        self.poll.is_none()
            && !self.listening
            && !self.snapshot
            && !self.news
            && !self.working.as_ref().is_some_and(busy)
    }

    /// When the waiting call may begin.
    fn poll_from(&self) -> u64 {
        let lane = self.lanes.get(Kind::News).pause.until();
        self.poll_after.max(self.line.until()).max(lane)
    }

    fn begin_poll(&mut self, effects: &mut Vec<Effect>) {
        if !self.wants_poll() || self.poll_from() > self.now {
            return;
        }
        let id = self.next_id();
        self.poll_after = self.now.saturating_add(POLL_EVERY_MS);
        self.poll = Some(Poll {
            id,
            since: self.now,
        });
        let call = Call::Changes { wait_s: POLL_S };
        effects.push(Effect::Call { id, call });
    }

    /// The next time at which something may have to be done without anything happening before.
    fn next_wake(&self, pending: Pending) -> Option<u64> {
        let waiting = |kind: Kind| {
            let at = self.lanes.get(kind).pause.until().max(self.line.until());
            self.is_due(kind, pending).then_some(at)
        };
        // A call under way says itself when it is over; only commands push a chunk aside.
        let kinds = Kind::ALL
            .into_iter()
            .filter(|kind| self.working.is_none() || *kind == Kind::Commands)
            .filter_map(waiting);
        let files = self.files_after.filter(|_| pending.blobs > 0);
        let news = self.listening.then_some(self.news_after);
        let poll = self.wants_poll().then(|| self.poll_from());
        kinds
            .chain([files, news, poll].into_iter().flatten())
            .chain(self.work_deadline())
            .chain(self.poll_deadline())
            .filter(|at| *at > self.now)
            .min()
    }
}
