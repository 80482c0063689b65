//! The way between devices and the server: requests, what they meet, and answers.

use rand::RngExt;
use wayfare_core::id::UserId;
use wayfare_core::sync::PinKey;
use wayfare_core::sync::device::{Answer, Request};
use wayfare_core::sync::engine::{Call, CallId, Input, Network, Outcome};
use wayfare_core::wire::{ErrorCode, SegmentKept};

use super::agenda::{MINUTE, Moment, SECOND, utc};
use super::backend::Backend;
use super::phone::Called;
use super::server::refusal;
use super::trouble::Fate;
use super::world::{Event, World, describe};

/// A request on its way to the server, or its answer on the way back.
#[derive(Debug, Clone)]
pub(super) struct Flight {
    pub(super) account: usize,
    user: UserId,
    life: u64,
    call: CallId,
    request: Request,
    /// Somebody waits for the answer.
    awaited: bool,
    /// The server fails after so many commands.
    fails_after: Option<usize>,
    /// What is answered whatever the server says.
    instead: Option<u16>,
    answer: Option<Answer>,
}

/// A call for changes that waits at the server.
#[derive(Debug)]
pub(super) struct Parked {
    pub(super) account: usize,
    user: UserId,
    cursor: i64,
    flight: Flight,
}

impl<B: Backend> World<B> {
    /// Sends what a device wants to ask.
    pub(super) fn send(&mut self, account: usize, id: CallId, call: Call) {
        let time = self.time(account);
        let request = match self.accounts[account].call(|device| device.request(call, time)) {
            Called::Done(Some(request)) => request,
            Called::Done(None) => {
                let outcome = Outcome::Done {
                    more: false,
                    blob: None,
                };
                return self.input(account, Input::Answered { call: id, outcome });
            }
            other => {
                let called = match other {
                    Called::Torn(stored) => Called::Torn(stored),
                    Called::Refused(why) | Called::Broken(why) => Called::Broken(why),
                    Called::Done(_) | Called::Off => Called::Off,
                };
                let _stored = self.follow(account, called);
                return;
            }
        };
        if self.play.logged {
            self.log(account, &format!("asks: {}", describe(&request)));
        }
        *self.in_flight.entry(account).or_default() += 1;
        let flight = Flight {
            account,
            user: self.accounts[account].user,
            life: self.accounts[account].life,
            call: id,
            request,
            awaited: true,
            fails_after: None,
            instead: None,
            answer: None,
        };
        self.launch(flight);
    }

    fn launch(&mut self, flight: Flight) {
        let account = flight.account;
        if self.link(account) == Network::Offline {
            return self.lost(flight, SECOND..8 * SECOND);
        }
        if !self.accounts[account].signed_in {
            return self.refused(flight, 401);
        }
        let fate = if self.healed.is_some() {
            Fate::Through
        } else {
            self.weather.fate(&mut self.net)
        };
        self.meet(fate, flight);
    }

    fn meet(&mut self, fate: Fate, mut flight: Flight) {
        match fate {
            Fate::Through => self.reach(flight),
            Fate::RequestLost => {
                self.faults.requests_lost += 1;
                self.lost(flight, 8 * SECOND..30 * SECOND);
            }
            Fate::AnswerLost => {
                self.faults.answers_lost += 1;
                self.reach(flight.unawaited());
                self.lost(flight, 10 * SECOND..40 * SECOND);
            }
            Fate::Twice => {
                self.faults.duplicated += 1;
                self.reach(flight.unawaited());
                self.reach(flight);
            }
            Fate::Late => {
                self.faults.late += 1;
                let at = self.now + self.net.random_range(30 * SECOND..20 * MINUTE);
                self.agenda
                    .at(at, Event::Reaches(Box::new(flight.unawaited())));
                self.lost(flight, 10 * SECOND..25 * SECOND);
            }
            Fate::Status {
                status,
                carried_out,
            } => {
                self.count(status);
                if carried_out {
                    flight.instead = Some(status);
                    self.reach(flight);
                } else {
                    self.refused(flight, status);
                }
            }
            Fate::FailsAfter(commands) => {
                flight.fails_after = Some(commands);
                self.reach(flight);
            }
        }
    }

    fn count(&mut self, status: u16) {
        let faults = &mut self.faults;
        *match status {
            401 => &mut faults.unauthorized,
            408 => &mut faults.timeouts,
            413 => &mut faults.too_large,
            429 => &mut faults.rate_limited,
            _ => &mut faults.server_errors,
        } += 1;
    }

    fn reach(&mut self, flight: Flight) {
        let at = self.now + self.delay();
        self.agenda.at(at, Event::Reaches(Box::new(flight)));
    }

    fn delay(&mut self) -> Moment {
        if self.healed.is_some() {
            self.net.random_range(20..300)
        } else {
            self.weather.delay(&mut self.net)
        }
    }

    fn lost(&mut self, flight: Flight, after: std::ops::Range<Moment>) {
        let at = self.now + self.net.random_range(after);
        self.come_back(at, flight, Answer::Lost);
    }

    fn refused(&mut self, flight: Flight, status: u16) {
        let code = match status {
            401 => ErrorCode::TokenExpired,
            413 => ErrorCode::BodyTooLarge,
            429 => ErrorCode::RateLimited,
            500 => ErrorCode::Internal,
            _ => ErrorCode::Unavailable,
        };
        if status == 401 {
            self.accounts[flight.account].signed_in = false;
        }
        let mut answer = refusal(status, code);
        if let Answer::Refused {
            retry_after_ms,
            problem,
            ..
        } = &mut answer
        {
            if status == 429 {
                *retry_after_ms = Some(self.net.random_range(SECOND..90 * SECOND));
            }
            // What stands between device and server does not answer as the server does.
            if matches!(status, 408 | 502) {
                *problem = None;
            }
        }
        let at = self.now + self.delay();
        self.come_back(at, flight, answer);
    }

    fn come_back(&mut self, at: Moment, mut flight: Flight, answer: Answer) {
        flight.answer = Some(answer);
        self.agenda.at(at, Event::Returns(Box::new(flight)));
    }

    /// A request is at the server.
    pub(super) fn reaches(&mut self, flight: Flight) {
        if let Request::Changes { cursor, wait_s } = flight.request
            && wait_s > 0
            && flight.awaited
            && !self.backend.has_changes(flight.user, cursor)
        {
            return self.park(flight, cursor, u64::from(wait_s) * SECOND);
        }
        self.handle(flight);
    }

    fn park(&mut self, flight: Flight, cursor: i64, wait: Moment) {
        self.polls += 1;
        let poll = self.polls;
        self.agenda.at(self.now + wait, Event::PollEnds(poll));
        let parked = Parked {
            account: flight.account,
            user: flight.user,
            cursor,
            flight,
        };
        self.parked.insert(poll, parked);
    }

    /// A call for changes that nothing came for is answered.
    pub(super) fn poll_ends(&mut self, poll: u64) {
        if let Some(parked) = self.parked.remove(&poll) {
            self.handle(parked.flight);
        }
    }

    /// Answers the calls for changes that something came for.
    pub(super) fn wake_parked(&mut self) {
        let backend = &self.backend;
        let news = |parked: &Parked| backend.has_changes(parked.user, parked.cursor);
        let awake = self.parked.iter().filter(|(_, parked)| news(parked));
        let awake: Vec<u64> = awake.map(|(poll, _)| *poll).collect();
        for poll in awake {
            self.agenda.at(self.now, Event::PollEnds(poll));
        }
    }

    /// The server starts anew: who waited for an answer waits in vain.
    pub(super) fn restart(&mut self) {
        if self.healed.is_some() {
            return;
        }
        self.faults.server_restarts += 1;
        self.say("the server starts anew");
        for (_, parked) in std::mem::take(&mut self.parked) {
            self.lost(parked.flight, 10..SECOND);
        }
    }

    /// A request is at the server that nobody waits for any more.
    pub(super) fn arrives_late(&mut self, flight: Flight) {
        self.handle(flight.unawaited());
    }

    fn handle(&mut self, flight: Flight) {
        if let (Some(commands), Request::Commands(batch)) = (flight.fails_after, &flight.request)
            && commands < batch.commands.len()
        {
            self.faults.short_batches += 1;
            self.backend.fail_after(commands);
        }
        let answer = self
            .backend
            .handle(flight.user, &flight.request, utc(self.now));
        self.wake_parked();
        if !flight.awaited {
            return;
        }
        if let Some(status) = flight.instead {
            return self.refused(flight, status);
        }
        let at = self.now + self.delay();
        self.come_back(at, flight, answer);
    }

    /// An answer is at the device, if it still waits for it.
    pub(super) fn returns(&mut self, mut flight: Flight) {
        let account = flight.account;
        let life = self.accounts[account].life;
        if flight.life != life {
            return;
        }
        let flights = self.in_flight.entry(account).or_default();
        *flights = flights.saturating_sub(1);
        if self.abandoned.remove(&(account, life, flight.call)) {
            return;
        }
        let mut answer = flight.answer.take().unwrap_or(Answer::Lost);
        if self.link(account) == Network::Offline {
            answer = Answer::Lost;
        }
        if !self.play.protections.device_keeps_refused {
            answer = taken_for_kept(&flight.request, answer);
        }
        if let Answer::Registered(device) = &answer {
            self.keep_pin_key(account, &device.pin_key);
        }
        if self.play.logged {
            self.log(account, &format!("hears: {}", summary(&answer)));
        }
        let time = self.time(account);
        let call = flight.call;
        let called = self.accounts[account].call(|device| device.answer(call, answer, time));
        let _stored = self.follow(account, called);
    }

    fn keep_pin_key(&mut self, account: usize, text: &str) {
        use base64::Engine;
        let bytes = base64::prelude::BASE64_URL_SAFE_NO_PAD.decode(text);
        if let Some(bytes) = bytes.ok().and_then(|bytes| bytes.try_into().ok()) {
            self.accounts[account].pin = Some(PinKey::from_bytes(bytes));
        }
    }

    fn link(&self, account: usize) -> Network {
        self.hardware[self.accounts[account].hardware].link
    }
}

impl Flight {
    fn unawaited(&self) -> Self {
        Self {
            awaited: false,
            ..self.clone()
        }
    }
}

/// What a device makes of it that takes every answer for a good one.
fn taken_for_kept(request: &Request, answer: Answer) -> Answer {
    match (request, &answer) {
        (Request::Segment { .. }, Answer::Refused { status: 413, .. }) => {
            Answer::Segment(SegmentKept {
                points: 1,
                duplicate: false,
            })
        }
        _ => answer,
    }
}

fn summary(answer: &Answer) -> String {
    match answer {
        Answer::Registered(device) => format!("registered, {} commands known", device.last_seq),
        Answer::Batch(batch) => {
            let results: Vec<String> = batch
                .results
                .iter()
                .map(|result| {
                    let code = result
                        .code
                        .map(|code| format!(" {code}"))
                        .unwrap_or_default();
                    let again = if result.duplicate { " again" } else { "" };
                    format!("{} {:?}{code}{again}", result.seq, result.outcome)
                })
                .collect();
            format!("[{}], next {}", results.join(", "), batch.next_seq)
        }
        Answer::Snapshot(snapshot) => format!("snapshot with {} kits", snapshot.kits.len()),
        Answer::Changes(page) => format!(
            "{} messages up to {}{}",
            page.messages.len(),
            page.cursor,
            if page.complete { "" } else { ", incomplete" }
        ),
        Answer::Segment(kept) => format!("{} points kept", kept.points),
        Answer::Blob(blob) => format!("{} of {} bytes", blob.received, blob.size),
        Answer::Refused { status, .. } => status.to_string(),
        Answer::Lost => "nothing".to_owned(),
    }
}
