//! What was done on the devices, and whether at rest the server has all of it, once and no other.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};
use wayfare_core::id::{BlobId, CommandId, TripId, UserId};
use wayfare_core::pricing::Fare;
use wayfare_core::sync::device::Device;
use wayfare_core::sync::{ChainHash, DeviceAction};
use wayfare_core::track::segment::SegmentPoint;
use wayfare_core::trip::Trip;
use wayfare_core::wire::CommandOutcome;

use super::agenda::{Moment, utc};
use super::backend::{Backend, Charged, KeptCommand, Rest, Truth};
use super::phone::Stored;
use super::report::Seen;
use super::world::World;

/// What a device knew of the time may be off by so much: an answer may be long under way.
const CLOCK_OFF_MS: i64 = 60_000;

/// The fingerprint of a file.
pub(super) fn hash_of(content: &[u8]) -> ChainHash {
    ChainHash::from_bytes(Sha256::digest(content).into())
}

/// Something that somebody told a device.
#[derive(Debug, Clone, Copy)]
pub(super) struct Done {
    /// Whose device.
    pub(super) account: usize,
    /// The command.
    pub(super) id: CommandId,
    /// What was done.
    pub(super) kind: &'static str,
    /// When, in truth.
    pub(super) at: Moment,
    /// Whether it was kept.
    pub(super) stored: Stored,
}

/// Everything that was done on devices.
#[derive(Debug, Default)]
pub(super) struct Deeds {
    done: BTreeMap<CommandId, Done>,
    points: BTreeMap<(UserId, i64), (SegmentPoint, Stored)>,
    blobs: BTreeMap<BlobId, (Vec<u8>, Stored)>,
    /// What people read about commands that do not count.
    pub(super) told: BTreeSet<CommandId>,
    /// How often people read that a fare was corrected.
    pub(super) corrections_told: u64,
    /// What the devices themselves refused.
    pub(super) refused_here: u64,
    /// Trips of which there is a photo.
    pub(super) photographed: BTreeSet<TripId>,
    /// How many points the server had when they were last compared.
    looked_at: Option<u64>,
    /// What people do not know to have been kept.
    pub(super) unsure: BTreeMap<usize, (CommandId, DeviceAction)>,
}

impl Deeds {
    /// Notes a command. Who says it again knows more of it, but it happened when it was said first.
    pub(super) fn note(&mut self, done: Done) {
        let known = self.done.entry(done.id).or_insert(done);
        if done.stored == Stored::Yes {
            known.stored = Stored::Yes;
        }
    }

    /// Whether a command was noted.
    pub(super) fn is_known(&self, id: CommandId) -> bool {
        self.done.contains_key(&id)
    }

    /// Notes measurements that a device was given.
    pub(super) fn note_points(&mut self, user: UserId, points: &[SegmentPoint], stored: Stored) {
        if stored == Stored::No {
            return;
        }
        for point in points {
            self.points
                .insert((user, point.point.at_ms), (*point, stored));
        }
    }

    /// Notes a file that a device was given.
    pub(super) fn note_blob(&mut self, id: BlobId, content: Vec<u8>, stored: Stored) {
        if stored != Stored::No {
            self.blobs.insert(id, (content, stored));
        }
    }

    /// How many points the server has to have at least.
    pub(super) fn points_at_least(&self) -> u64 {
        let sure = self.points.values();
        count(sure.filter(|(_, stored)| *stored == Stored::Yes).count())
    }
}

impl<B: Backend> World<B> {
    /// Counts what came of the seed, and checks it.
    pub(super) fn seen(mut self) -> Seen {
        let mut seen = Seen {
            faults: self.faults,
            shifts: count(self.drivers.len()),
            commands: count(self.deeds.done.len()),
            points: count(self.deeds.points.len()),
            blobs: count(self.deeds.blobs.len()),
            refused_here: self.deeds.refused_here,
            virtual_ms: self.now,
            ..Seen::default()
        };
        if self.wrong.is_empty() {
            self.read_everything();
            self.check(&mut seen);
        }
        seen.other += count(self.wrong.len());
        seen.wrong = std::mem::take(&mut self.wrong);
        seen
    }

    /// Whether the server has every point. It is looked up again only when it got more.
    pub(super) fn has_all_points(&mut self) -> bool {
        let kept = self.backend.points_kept();
        if self.deeds.looked_at == Some(kept) || kept < self.deeds.points_at_least() {
            return false;
        }
        self.deeds.looked_at = Some(kept);
        let truth = self.backend.truth();
        let keys = truth.points.iter();
        let there: BTreeSet<(UserId, i64)> = keys
            .map(|kept| (kept.user, kept.point.point.at_ms))
            .collect();
        let mut points = self.deeds.points.iter();
        points.all(|(key, (_, stored))| *stored != Stored::Yes || there.contains(key))
    }

    fn read_everything(&mut self) {
        for account in 0..self.accounts.len() {
            self.read_notices(account);
        }
    }

    fn check(&mut self, seen: &mut Seen) {
        match (self.healed, self.quiet) {
            (Some(healed), Some(quiet)) => {
                seen.converge_ms.push(quiet - healed);
                let told = self.told_at.unwrap_or(quiet);
                seen.commands_ms.push(told - healed);
            }
            _ => {
                let pending = self.describe_pending();
                self.fail(format!("it does not become quiet: {pending}"));
                seen.unsettled += 1;
            }
        }
        let truth = self.backend.truth();
        self.check_commands(&truth, seen);
        self.check_points(&truth, seen);
        self.check_blobs(&truth, seen);
        self.check_fares(&truth, seen);
        self.check_replicas(seen);
        if truth.ledger_sum_minor != 0 || truth.ledger_torn != 0 {
            seen.ledger_imbalance += truth.ledger_sum_minor.unsigned_abs() + truth.ledger_torn;
            self.fail("the ledger does not balance".to_owned());
        }
        for flag in truth.flags.keys() {
            match flag.as_str() {
                "chain_broken" | "signature_invalid" | "sequence_gap" | "sequence_reused" => {
                    self.fail(format!("an honest device is flagged: {flag}"));
                }
                _ => {}
            }
        }
        seen.flags(&truth.flags);
    }

    fn describe_pending(&self) -> String {
        let pending = |account: usize| {
            let device = self.accounts[account].device.as_ref()?;
            Some(format!("{} {:?}", self.name(account), device.pending()))
        };
        let all: Vec<String> = (0..self.accounts.len()).filter_map(pending).collect();
        all.join(", ")
    }

    fn check_commands(&mut self, truth: &Truth, seen: &mut Seen) {
        let kept: BTreeMap<CommandId, &KeptCommand> =
            truth.commands.iter().map(|kept| (kept.id, kept)).collect();
        let done: Vec<Done> = self.deeds.done.values().copied().collect();
        for done in done {
            let who = self.name(done.account);
            let Some(kept) = kept.get(&done.id) else {
                if done.stored == Stored::Yes {
                    seen.lost += 1;
                    self.fail(format!("{who}: {} {} is lost", done.kind, done.id));
                }
                continue;
            };
            if kept.times > 1 {
                seen.duplicated += 1;
                self.fail(format!(
                    "{who}: {} {} took effect {} times",
                    done.kind, done.id, kept.times
                ));
            }
            if kept.outcome == CommandOutcome::Rejected {
                seen.rejected += 1;
                if !self.deeds.told.contains(&done.id) {
                    seen.untold += 1;
                    let code = kept.code;
                    self.fail(format!(
                        "{who}: nobody was told that {} {} was refused: {code:?}",
                        done.kind, done.id
                    ));
                }
            }
            let off = (kept.occurred_at - utc(done.at)).num_milliseconds().abs();
            if kept.knew_the_time && off > CLOCK_OFF_MS {
                seen.wrong_times += 1;
                self.fail(format!("{who}: {} {} is {off} ms off", done.kind, done.id));
            }
        }
        for kept in truth
            .commands
            .iter()
            .filter(|kept| !self.deeds.is_known(kept.id))
        {
            seen.duplicated += 1;
            self.wrong.push(format!("nobody did {}", kept.id));
        }
    }

    fn check_points(&mut self, truth: &Truth, seen: &mut Seen) {
        let mut kept: BTreeMap<(UserId, i64), Vec<SegmentPoint>> = BTreeMap::new();
        for point in &truth.points {
            let key = (point.user, point.point.point.at_ms);
            kept.entry(key).or_default().push(point.point);
        }
        let (mut lost, mut more) = (0, 0);
        for (key, (point, stored)) in &self.deeds.points {
            let here = kept.remove(key).unwrap_or_default();
            let same = here.iter().filter(|other| *other == point).count();
            lost += u64::from(same == 0 && *stored == Stored::Yes);
            more += count(here.len()).saturating_sub(1) + u64::from(same == 0 && !here.is_empty());
        }
        more += count(kept.len());
        if lost + more > 0 {
            seen.lost += lost;
            seen.duplicated += more;
            self.fail(format!(
                "{lost} points are lost, and {more} are there that should not be"
            ));
        }
    }

    fn check_blobs(&mut self, truth: &Truth, seen: &mut Seen) {
        let kept: BTreeMap<BlobId, &Option<Vec<u8>>> = truth
            .blobs
            .iter()
            .map(|(id, content)| (*id, content))
            .collect();
        let mut wrong = Vec::new();
        for (id, (content, stored)) in &self.deeds.blobs {
            match kept.get(id) {
                Some(Some(here)) if here == content => {}
                Some(Some(_)) => wrong.push(format!("{id} is another file")),
                Some(None) | None if *stored == Stored::Yes => wrong.push(format!("{id} is lost")),
                Some(None) | None => {}
            }
        }
        for what in wrong {
            seen.lost += 1;
            self.fail(what);
        }
    }

    fn check_fares(&mut self, truth: &Truth, seen: &mut Seen) {
        for charged in &truth.charges {
            seen.completed += 1;
            seen.claimed += u64::from(charged.claimed.is_some());
            seen.corrected += u64::from(charged.corrected);
            if let Err(why) = self.check_fare(charged, seen) {
                seen.fare_mismatches += 1;
                self.fail(format!("{}: {why}", charged.trip));
            }
        }
    }

    fn check_fare(&self, charged: &Charged, seen: &mut Seen) -> Result<(), String> {
        let total = charged.fare.total_minor;
        if let Some(shown) = self.shown(charged) {
            seen.fares_compared += 1;
            if shown.as_ref() != Some(&charged.fare) {
                let here = shown.map(|fare| fare.total_minor);
                return Err(format!("the device shows {here:?}, and {total} is charged"));
            }
        }
        // A fare without a claim, or whose claim was not taken, was settled before the track was there,
        // and nothing is settled twice.
        if !charged.by_device || charged.corrected || charged.claimed.is_none() {
            return Ok(());
        }
        if charged.same_track == Some(false) {
            return Err("the device reckoned with another track than came".to_owned());
        }
        match &charged.by_own_points {
            Some(own) if *own == charged.fare => Ok(()),
            // A device that did not hear of a change of the stops claims in good faith.
            Some(_) if charged.stops_changed => {
                seen.unaware += 1;
                Ok(())
            }
            Some(own) => Err(format!(
                "{total} is charged, and {} comes of the points",
                own.total_minor
            )),
            None => Err("it has no price by its points".to_owned()),
        }
    }

    /// What the driver's device shows that a trip costs, if it still shows the trip.
    fn shown(&self, charged: &Charged) -> Option<Option<Fare>> {
        let mut drivers = self.drivers.iter();
        let account = drivers.position(|driver| driver.id == charged.driver)?;
        let device = self.accounts[account].device.as_ref()?;
        let shown = device.replica().trips.get(&charged.trip)?;
        Some(shown.fare.clone())
    }

    fn check_replicas(&mut self, seen: &mut Seen) {
        for account in 0..self.drivers.len() {
            let rest = self.backend.rest_of(self.accounts[account].driver());
            let Some(device) = &self.accounts[account].device else {
                continue;
            };
            let differences = differences(device, &rest);
            seen.diverged += count(differences.len());
            for difference in differences {
                self.fail(format!("{}: {difference}", self.name(account)));
            }
        }
    }
}

/// In what a device differs from the server.
fn differences(device: &Device, rest: &Rest) -> Vec<String> {
    let replica = device.replica();
    let mut differences = Vec::new();
    for kit in &rest.kits {
        let id = kit.trip.request.trip;
        let Some(trip) = replica.trips.get(&id) else {
            differences.push(format!("{id} is not on the device"));
            continue;
        };
        let mut current = trip.current.clone();
        current.request.pin = None;
        if current != kit.trip {
            differences.push(format!(
                "{id} is {current:?}, and at the server {:?}",
                kit.trip
            ));
        }
        if (&trip.kit.plan, &trip.kit.quoted, &trip.kit.tariff)
            != (&kit.plan, &kit.quoted, &kit.tariff)
        {
            differences.push(format!("{id} has another plan or quote"));
        }
        if trip.lost || trip.behind {
            differences.push(format!("{id} is lost or behind on the device"));
        }
    }
    for trip in &rest.paid {
        // How often a stop was changed is not told of a trip that is over, and nobody needs it any more.
        let end = |trip: &Trip| (trip.state, trip.stops.clone(), trip.version);
        let here = replica.trips.get(&trip.request.trip);
        let here = here.map(|here| end(&here.current));
        if here.is_some_and(|here| here != end(trip)) {
            let id = trip.request.trip;
            differences.push(format!(
                "{id} is paid and ended otherwise than at the server"
            ));
        }
    }
    for (id, trip) in &replica.trips {
        let open = !trip.current.state.status().is_final();
        let known = rest.kits.iter().any(|kit| kit.trip.request.trip == *id);
        if open && !known {
            differences.push(format!("{id} is open on the device and not at the server"));
        }
    }
    let here: Vec<_> = replica.offers.keys().copied().collect();
    let mut there: Vec<_> = rest.offers.iter().map(|offer| offer.id).collect();
    there.sort();
    if here != there {
        differences.push(format!(
            "the offers are {here:?}, and at the server {there:?}"
        ));
    }
    if !replica.accepting.is_empty() {
        differences.push("an acceptance still waits".to_owned());
    }
    if replica.online != rest.online {
        differences.push(format!(
            "online is {}, and at the server {}",
            replica.online, rest.online
        ));
    }
    differences
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
