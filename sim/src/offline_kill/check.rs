//! What is left after a kill, compared with what the steps come to.

use std::collections::{HashMap, VecDeque};

use rand::{Rng, SeedableRng};
use wayfare_core::id::{TripId, UserId};
use wayfare_core::sync::ChainHash;
use wayfare_core::sync::store::{StateKey, Store, StoreError, Vault, VaultError};

use super::server::{Measured, Said, Server};
use super::steps::{self, Plan, SEGMENT_POINTS, Step};
use super::writer::answer;
use crate::chance::Chance;

/// What a comparison found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Findings {
    /// Things that were compared.
    pub compared: u64,
    /// Transactions that were committed and not acknowledged.
    pub unheard: u64,
    /// Acknowledged and not there.
    pub lost: u64,
    /// There more than once.
    pub duplicated: u64,
    /// Not as it must be in another way.
    pub broken: u64,
}

impl Findings {
    fn lose(&mut self, count: u64, what: &str) {
        if count > 0 {
            eprintln!("wayfare-sim: lost: {count} {what}");
            self.lost += count;
        }
    }

    fn breaks(&mut self, is_broken: bool, what: &str) {
        if is_broken {
            eprintln!("wayfare-sim: broken: {what}");
            self.broken += 1;
        }
    }
}

/// What must be in a store and at the server after so many steps.
#[derive(Debug, Default)]
struct Expected {
    steps: u64,
    /// By their place in the chain, from 1.
    texts: Vec<String>,
    points: Vec<Measured>,
    /// The steps that took a photo.
    photos: Vec<u64>,
    /// The steps whose notices were not seen.
    notices: VecDeque<u64>,
}

impl Expected {
    fn go_on(&mut self, plan: Plan) {
        self.steps += 1;
        let number = self.steps;
        let (commands, points, photo) = plan.added(number);
        self.texts
            .extend((0..commands).map(|part| steps::command(number, part).1));
        if commands > 0 {
            self.notices.push_back(number);
        }
        let trip = steps::trip(number);
        let measured = steps::points(number, points);
        self.points
            .extend(measured.iter().map(|point| (point.point.at_ms, trip)));
        if photo > 0 {
            self.photos.push(number);
        }
        if plan.step(number) == Step::Read {
            self.notices.pop_front();
        }
    }
}

/// Compares one file after each kill.
#[derive(Debug)]
pub(super) struct Checker {
    plan: Plan,
    server: Server,
    expected: Expected,
    acknowledged: u64,
}

impl Checker {
    pub(super) fn new(plan: Plan) -> Self {
        Self {
            plan,
            server: Server::default(),
            expected: Expected::default(),
            acknowledged: 0,
        }
    }

    /// Takes what a writer said; answers how many steps it acknowledged.
    pub(super) fn hear(&mut self, said: Vec<Said>) -> u64 {
        let mut count = 0;
        for said in said {
            if let Said::Done { step } = said {
                self.acknowledged = step;
                count += 1;
            }
            self.server.take(said);
        }
        count
    }

    /// Opens the store as after a kill and compares it.
    pub(super) fn compare(&mut self, vault: &Vault, user: UserId) -> Findings {
        let mut findings = Findings::default();
        let compared = self
            .open(vault, user)
            .and_then(|store| Ok(self.compare_store(&store, &mut findings)?));
        if let Err(error) = compared {
            findings.breaks(true, &format!("the store: {error}: {error:?}"));
        }
        findings
    }

    /// Sends everything that waits, and compares what the server has then.
    pub(super) fn send_all(&mut self, vault: &Vault, user: UserId) -> Findings {
        let mut findings = Findings::default();
        let sent = self.open(vault, user).and_then(|mut store| {
            self.drain(&mut store)?;
            self.compare_store(&store, &mut findings)?;
            let pending = store.pending()?;
            let waits = pending.commands + pending.segments + pending.blobs;
            findings.breaks(waits > 0, "something waits that was sent");
            Ok(())
        });
        if let Err(error) = sent {
            findings.breaks(true, &format!("the store: {error}: {error:?}"));
        }
        self.compare_server(&mut findings);
        findings
    }

    fn open(&self, vault: &Vault, user: UserId) -> Result<Store, VaultError> {
        // A store that was never begun may begin here.
        let mut chance = Chance::seed_from_u64(self.acknowledged);
        let (store, _) = vault.open(user, &mut |bytes| chance.fill_bytes(bytes))?;
        Ok(store)
    }

    fn compare_store(&mut self, store: &Store, findings: &mut Findings) -> Result<(), StoreError> {
        let steps: u64 = store.state(StateKey::Cursor)?.unwrap_or(0);
        findings.lose(self.acknowledged.saturating_sub(steps), "transactions");
        let unheard = steps.saturating_sub(self.acknowledged);
        findings.breaks(unheard > 1, "more steps than one were not acknowledged");
        findings.unheard = unheard;
        self.acknowledged = steps;
        while self.expected.steps < steps {
            self.expected.go_on(self.plan);
        }
        self.compare_commands(store, findings)?;
        self.compare_points(store, findings)?;
        self.compare_photos(store, findings)?;
        let notices = store.notices::<u64>()?;
        let is_same = notices.iter().map(|(_, step)| step).eq(self
            .expected
            .notices
            .iter()
            .take(200));
        findings.compared += u64::try_from(notices.len()).unwrap_or(0);
        findings.breaks(!is_same, "the notices are other ones");
        findings.breaks(
            self.server.contradictions > 0,
            "what was sent contradicts itself",
        );
        Ok(())
    }

    /// Each command is in its place of the chain, or was sent and forgotten; the chain is whole.
    fn compare_commands(&self, store: &Store, findings: &mut Findings) -> Result<(), StoreError> {
        let stored = store.commands_from(0, u32::MAX)?;
        let waiting = store.waiting_commands(u32::MAX)?;
        let of_seq: HashMap<u64, _> = stored
            .iter()
            .map(|command| (command.seq, command))
            .collect();
        let waits: HashMap<u64, _> = waiting.iter().map(|command| (command.seq, ())).collect();
        let mut head = ChainHash::first(store.owner().device);
        for (seq, text) in (1_u64..).zip(&self.expected.texts) {
            findings.compared += 1;
            let sent = self.server.commands.get(&seq);
            let here = of_seq.get(&seq);
            findings.lose(u64::from(sent.is_none() && here.is_none()), "commands");
            let is_other = here.is_some_and(|here| here.text != *text || here.before != head)
                || sent.is_some_and(|sent| sent != text);
            findings.breaks(is_other, "a command is another one, or in another place");
            let is_settled = !waits.contains_key(&seq);
            findings.breaks(
                is_settled && sent.is_none(),
                "a command is answered that was never sent",
            );
            head = head.after(text);
        }
        let count = u64::try_from(self.expected.texts.len()).unwrap_or(0);
        let chain = store.chain()?;
        let fits = chain.next_seq == count + 1 && chain.head == head;
        findings.breaks(!fits, "the chain is another one");
        let more = of_seq.keys().filter(|seq| **seq > count).count();
        findings.breaks(more > 0, "there are commands that nobody gave");
        Ok(())
    }

    /// Each point of a trip is here, or was sent and forgotten. Those between trips are compared once
    /// they are sent.
    fn compare_points(&self, store: &Store, findings: &mut Findings) -> Result<(), StoreError> {
        let mut here: HashMap<Measured, u64> = HashMap::new();
        let mut trips: Vec<TripId> = self.expected.points.iter().filter_map(|p| p.1).collect();
        trips.dedup();
        let span = steps::at(0)..=steps::at(self.expected.steps + 1);
        for trip in trips {
            for point in store.points(trip, span.clone())? {
                *here.entry((point.at_ms, Some(trip))).or_default() += 1;
            }
        }
        findings.duplicated += here.values().map(|count| count - 1).sum::<u64>();
        let of_trips = self
            .expected
            .points
            .iter()
            .filter(|point| point.1.is_some());
        let lost = of_trips
            .filter(|point| !here.contains_key(point) && !self.server.points.contains_key(point))
            .count();
        findings.lose(u64::try_from(lost).unwrap_or(0), "points");
        findings.compared += u64::try_from(self.expected.points.len()).unwrap_or(0);
        Ok(())
    }

    /// Each photo is here as it was taken, as far as it was not sent.
    fn compare_photos(&self, store: &Store, findings: &mut Findings) -> Result<(), StoreError> {
        for step in &self.expected.photos {
            findings.compared += 1;
            let id = steps::blob_id(*step);
            let content = self.plan.photo(*step);
            let size = u64::try_from(content.len()).unwrap_or(u64::MAX);
            let sent = self.server.photos.get(&id).copied().unwrap_or(0);
            let Some(stored) = store.blob(id)? else {
                findings.lose(u64::from(sent < size), "photos");
                continue;
            };
            findings.breaks(stored.sent > sent, "a photo counts as sent that was not");
            let is_other = stored.sent < size && store.blob_bytes(id, 0, u32::MAX)? != content;
            findings.breaks(is_other, "a photo is another one");
        }
        Ok(())
    }

    fn drain(&mut self, store: &mut Store) -> Result<(), StoreError> {
        while let [first, ..] = store.waiting_commands(500)?.as_slice() {
            self.server.take(first.into());
            store.write(|tx| tx.settle(&answer(first)))?;
        }
        while store.write(|tx| tx.seal_points(SEGMENT_POINTS, true))? > 0 {}
        while let Some(segment) = store.next_segment()? {
            self.server.take((&segment).into());
            store.write(|tx| tx.segment_sent(segment.sha256))?;
        }
        while let Some(photo) = store.next_blob()? {
            let rest = photo.blob.size - photo.sent;
            self.server.take(Said::chunk(&photo, rest));
            store.write(|tx| tx.set_blob_sent(photo.blob.blob_id, photo.blob.size))?;
        }
        Ok(())
    }

    /// Everything is at the server, once.
    fn compare_server(&self, findings: &mut Findings) {
        let server = &self.server;
        let count = self.expected.texts.len();
        let missing = count.saturating_sub(server.commands.len());
        findings.lose(
            u64::try_from(missing).unwrap_or(0),
            "commands, at the server",
        );
        findings.breaks(
            server.commands.len() > count,
            "the server has more commands",
        );
        let points = &self.expected.points;
        let lost = points
            .iter()
            .filter(|point| !server.points.contains_key(point))
            .count();
        findings.lose(u64::try_from(lost).unwrap_or(0), "points, at the server");
        findings.duplicated += server.points.values().map(|count| count - 1).sum::<u64>();
        findings.breaks(
            server.points.len() > points.len(),
            "the server has more points",
        );
        findings.breaks(
            server.photos.len() != self.expected.photos.len(),
            "the server has other photos",
        );
    }
}
