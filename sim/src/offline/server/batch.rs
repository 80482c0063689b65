//! The order in which a batch of commands is checked, and what becomes of each.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use wayfare_core::id::{CommandId, DeviceId, UserId};
use wayfare_core::signing::{Jws, KeyId, KeyRing, PublicKey, Purpose};
use wayfare_core::sync::device::Answer;
use wayfare_core::sync::{ChainHash, ClockReading, DeviceCommand, TimeSource};
use wayfare_core::wire::{
    BATCH_COMMANDS_MAX, BatchAnswer, BatchSeal, COMMAND_BYTES_MAX, CommandBatch, CommandOutcome,
    CommandResult, Device, ErrorCode, Jwk, NewDevice,
};

use super::{Server, refusal};

/// An event may be so much ahead of the server before it is noted.
const FUTURE: TimeDelta = TimeDelta::seconds(60);

/// A device as the server knows it.
#[derive(Debug)]
pub(super) struct KnownDevice {
    user: UserId,
    key: PublicKey,
    last_seq: u64,
    head: ChainHash,
    registered_at: DateTime<Utc>,
}

/// A command as the server keeps it.
#[derive(Debug)]
pub(super) struct Record {
    /// Where it was given.
    pub(super) device: DeviceId,
    /// What was answered.
    pub(super) answer: CommandResult,
    /// When it happened, as the device said.
    pub(super) occurred_at: DateTime<Utc>,
    /// The device had heard what time it is.
    pub(super) knew_the_time: bool,
}

/// Devices and what they sent.
#[derive(Debug, Default)]
pub(super) struct Devices {
    known: BTreeMap<DeviceId, KnownDevice>,
    pub(super) records: BTreeMap<CommandId, Record>,
}

impl Server {
    /// Registers a device of this person.
    pub(super) fn register(&mut self, user: UserId, new: &NewDevice, now: DateTime<Utc>) -> Answer {
        let jwk = Jwk {
            kty: "OKP".to_owned(),
            crv: Some("Ed25519".to_owned()),
            kid: Some(KeyId(0).to_string()),
            x: Some(new.public_key.clone()),
            alg: None,
            usage: None,
        };
        let Ok(key) = PublicKey::try_from(&jwk) else {
            return refusal(400, ErrorCode::InvalidRequest);
        };
        let known = &mut self.devices.known;
        let device = known.entry(new.device_id).or_insert_with(|| KnownDevice {
            user,
            key,
            last_seq: 0,
            head: ChainHash::first(new.device_id),
            registered_at: now,
        });
        if device.user != user || device.key != key {
            return refusal(409, ErrorCode::AlreadyExists);
        }
        let registered = Device {
            device_id: new.device_id,
            pin_key: String::new(),
            last_seq: device.last_seq,
            head: device.head,
            registered_at: device.registered_at,
            server_time: now,
        };
        Answer::Registered(Device {
            pin_key: self.pin_key_text(user),
            ..registered
        })
    }

    /// Takes a batch. It stops after `fails_after` commands, as if the database failed.
    pub(super) fn take_batch(
        &mut self,
        user: UserId,
        batch: &CommandBatch,
        (now, fails_after): (DateTime<Utc>, Option<usize>),
    ) -> Answer {
        let device = self.devices.known.get(&batch.device_id);
        let Some(device) = device.filter(|device| device.user == user) else {
            return refusal(409, ErrorCode::DeviceUnknown);
        };
        let Some(commands) = read_commands(batch) else {
            return refusal(400, ErrorCode::InvalidRequest);
        };
        let first = commands.first().map_or(0, |command| command.seq);
        let (last_seq, head, key) = (device.last_seq, device.head, device.key);
        if first > last_seq + 1 {
            if batch.oldest_seq <= last_seq + 1 {
                return answer(Vec::new(), last_seq + 1, now);
            }
            self.flag("sequence_gap");
        }
        if !is_sealed(batch, key, first) {
            self.flag("signature_invalid");
            return refusal(422, ErrorCode::SignatureInvalid);
        }
        if link_before(batch, first, last_seq + 1).is_some_and(|link| link != head) {
            self.flag("chain_broken");
        }
        let mut link = batch.prev_hash;
        let mut results = Vec::new();
        for (at, (command, text)) in commands.iter().zip(&batch.commands).enumerate() {
            if fails_after.is_some_and(|after| at >= after) {
                // What began is rolled back, or the command would take effect twice.
                if !self.protections.batch_rolls_back {
                    self.apply_command(user, command, now);
                }
                break;
            }
            link = link.after(text);
            results.push(self.take_command(user, command, (link, now)));
        }
        if results.is_empty() {
            return refusal(503, ErrorCode::Unavailable);
        }
        let last_seq = self.devices.known.get(&batch.device_id);
        let next = last_seq.map_or(1, |device| device.last_seq + 1);
        answer(results, next, now)
    }

    fn take_command(
        &mut self,
        user: UserId,
        command: &DeviceCommand,
        (link, now): (ChainHash, DateTime<Utc>),
    ) -> CommandResult {
        let record = self.devices.records.get(&command.id);
        if let Some(record) = record.filter(|_| self.protections.server_knows_commands) {
            return CommandResult {
                duplicate: true,
                ..record.answer.clone()
            };
        }
        if command.occurred_at > now + FUTURE {
            self.flag("future_time");
        }
        if command.clock.jumped {
            self.flag("clock_jump");
        }
        let answer = self.apply_command(user, command, now);
        let record = Record {
            device: command.device,
            answer: answer.clone(),
            occurred_at: command.occurred_at,
            knew_the_time: knew_the_time(command.clock),
        };
        self.devices.records.insert(command.id, record);
        if let Some(device) = self.devices.known.get_mut(&command.device)
            && command.seq > device.last_seq
        {
            device.last_seq = command.seq;
            device.head = link;
        } else {
            self.flag("sequence_reused");
        }
        answer
    }

    /// Applies or refuses a command that is new.
    fn apply_command(
        &mut self,
        user: UserId,
        command: &DeviceCommand,
        now: DateTime<Utc>,
    ) -> CommandResult {
        let happened_at = command.occurred_at.min(now);
        let outcome = self.step(user, &command.action, (happened_at, now));
        *self.times.entry(command.id).or_default() += 1;
        let trip = command.action.trip();
        let stored = trip.and_then(|trip| self.trips.get(&trip));
        let mut answer = CommandResult {
            command_id: command.id,
            seq: command.seq,
            outcome: CommandOutcome::Applied,
            duplicate: false,
            code: None,
            detail: None,
            trip_version: stored.map(|stored| stored.trip.version),
            counted_at: None,
            fare: None,
            trip: None,
        };
        match outcome {
            Ok(done) => {
                answer.fare = done.fare;
                answer.trip_version = done.trip_version;
                let counted_at = done.at.unwrap_or(happened_at);
                answer.counted_at = (counted_at != command.occurred_at).then_some(counted_at);
            }
            Err(code) => {
                answer.outcome = CommandOutcome::Rejected;
                answer.code = Some(code);
                answer.detail = Some(code.to_string());
                let payment = trip.and_then(|trip| self.ledger.payment(trip));
                answer.trip = stored
                    .filter(|stored| stored.had.contains_key(&user.into()))
                    .map(|stored| Box::new(stored.shown(payment)));
            }
        }
        answer
    }
}

/// The commands, if they are what a batch may hold: of its device, and one after the other.
fn read_commands(batch: &CommandBatch) -> Option<Vec<DeviceCommand>> {
    let count = batch.commands.len();
    if count == 0 || count > BATCH_COMMANDS_MAX {
        return None;
    }
    let read = |text: &String| {
        let short = text.len() <= COMMAND_BYTES_MAX;
        short.then(|| serde_json::from_str::<DeviceCommand>(text).ok())?
    };
    let commands: Vec<_> = batch.commands.iter().map(read).collect::<Option<_>>()?;
    let in_order = commands
        .windows(2)
        .all(|pair| matches!(pair, [one, next] if next.seq == one.seq + 1));
    let own = commands
        .iter()
        .all(|command| command.device == batch.device_id);
    (in_order && own).then_some(commands)
}

/// Whether the device signed the end of this batch.
fn is_sealed(batch: &CommandBatch, key: PublicKey, first: u64) -> bool {
    let ring: KeyRing = [key].into_iter().collect();
    let Ok(seal) = batch.seal.parse::<Jws>() else {
        return false;
    };
    let Ok(seal) = ring.verify::<BatchSeal>(Purpose::DeviceBatch, &seal) else {
        return false;
    };
    let head = batch
        .commands
        .iter()
        .fold(batch.prev_hash, |link, text| link.after(text));
    let count = u64::try_from(batch.commands.len()).unwrap_or(u64::MAX);
    seal.device_id == batch.device_id && seal.head == head && seal.last_seq + 1 == first + count
}

/// The link before the command with this place, if the batch reaches so far: an old one that comes
/// again says nothing of the newest link.
fn link_before(batch: &CommandBatch, first: u64, place: u64) -> Option<ChainHash> {
    let before = usize::try_from(place.checked_sub(first)?).ok()?;
    let texts = batch.commands.get(..before)?;
    let link = texts
        .iter()
        .fold(batch.prev_hash, |link, text| link.after(text));
    Some(link)
}

fn answer(results: Vec<CommandResult>, next_seq: u64, server_time: DateTime<Utc>) -> Answer {
    Answer::Batch(BatchAnswer {
        results,
        next_seq,
        server_time,
    })
}

/// Whether a device knew the time well when something happened. Where it says that its time jumped, it
/// had believed a wrong one before, and time does not run backwards.
const fn knew_the_time(clock: ClockReading) -> bool {
    matches!(clock.source, TimeSource::Server | TimeSource::Satellite) && !clock.jumped
}
