//! A phone that keeps what its person does, and sends it later.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use serde_json::json;
use uuid::Uuid;
use wayfare_core::id::{BootId, CommandId, DeviceId, TripId};
use wayfare_core::signing::{KeyId, Purpose, SigningKey};
use wayfare_core::sync::{
    ChainHash, ClockReading, DeviceAction, DeviceCommand, TimeSource, command,
};
use wayfare_core::trip::{CancelReason, Pin};
use wayfare_core::wire::{
    BatchAnswer, BatchSeal, CommandBatch, CommandOutcome, CommandResult, Device, ErrorCode, SentAt,
    SyncFlag, SyncFlagKind, SyncFlagPage, Trip,
};

use crate::actors::Actor;
use crate::harness::TestServer;
use crate::people::Answer;

/// A command as it is kept on the phone.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    pub(crate) id: CommandId,
    pub(crate) seq: u64,
    pub(crate) before: ChainHash,
    pub(crate) text: String,
}

/// A phone without a network, and what waits on it.
#[derive(Debug, Clone)]
pub(crate) struct DevicePhone {
    pub(crate) device: DeviceId,
    pub(crate) key: SigningKey,
    pub(crate) boot: BootId,
    pub(crate) began: DateTime<Utc>,
    pub(crate) head: ChainHash,
    pub(crate) next_seq: u64,
    pub(crate) waiting: Vec<Kept>,
}

impl DevicePhone {
    /// A phone that nobody knows yet.
    pub(crate) fn new(number: u8) -> Self {
        let device = DeviceId::from_uuid(Uuid::now_v7());
        Self {
            device,
            key: SigningKey::from_seed(KeyId(0), &[number; 32]),
            boot: BootId::from_uuid(Uuid::now_v7()),
            began: Utc::now() - TimeDelta::days(1),
            head: ChainHash::first(device),
            next_seq: 1,
            waiting: Vec::new(),
        }
    }

    /// A phone that its person has registered.
    pub(crate) async fn of(server: &TestServer, actor: &Actor) -> Self {
        let phone = Self::new(7);
        let device: Device = phone.registers(server, actor).await.told(201);
        assert_eq!((device.last_seq, device.head), (0, phone.head));
        phone
    }

    pub(crate) async fn registers(&self, server: &TestServer, actor: &Actor) -> Answer {
        let key = BASE64_URL_SAFE_NO_PAD.encode(self.key.public().bytes);
        let body = json!({ "device_id": self.device, "name": "Phone", "public_key": key });
        actor.posts(server, "/v1/devices", body).await
    }

    /// The person does something now.
    pub(crate) fn does(&mut self, action: DeviceAction) -> CommandId {
        self.did(action, Utc::now())
    }

    /// The person did something, by a clock that was right.
    pub(crate) fn did(&mut self, action: DeviceAction, at: DateTime<Utc>) -> CommandId {
        let clock = self.clock(at);
        self.says(action, at, clock)
    }

    pub(crate) fn clock(&self, at: DateTime<Utc>) -> ClockReading {
        ClockReading {
            boot: self.boot,
            monotonic_ms: self.monotonic_ms(at),
            source: TimeSource::Server,
            jumped: false,
        }
    }

    fn monotonic_ms(&self, at: DateTime<Utc>) -> u64 {
        u64::try_from((at - self.began).num_milliseconds()).unwrap()
    }

    /// The phone keeps something as it may be.
    pub(crate) fn says(
        &mut self,
        action: DeviceAction,
        occurred_at: DateTime<Utc>,
        clock: ClockReading,
    ) -> CommandId {
        let command = DeviceCommand {
            v: command::VERSION,
            id: CommandId::from_uuid(Uuid::now_v7()),
            device: self.device,
            seq: self.next_seq,
            expected_version: None,
            occurred_at: occurred_at.trunc_subsecs(3),
            clock,
            action,
        };
        let text = serde_json::to_string(&command).unwrap();
        let before = self.head;
        self.head = before.after(&text);
        self.next_seq += 1;
        self.waiting.push(Kept {
            id: command.id,
            seq: command.seq,
            before,
            text,
        });
        command.id
    }

    /// Everything that waits, as one batch.
    pub(crate) fn batch(&self) -> CommandBatch {
        self.batch_of(&self.waiting)
    }

    /// These commands, as the phone keeps them, sealed.
    pub(crate) fn batch_of(&self, commands: &[Kept]) -> CommandBatch {
        let (first, last) = (commands.first().unwrap(), commands.last().unwrap());
        let texts: Vec<String> = commands.iter().map(|kept| kept.text.clone()).collect();
        let now = Utc::now();
        CommandBatch {
            device_id: self.device,
            oldest_seq: self.waiting.first().unwrap().seq,
            prev_hash: first.before,
            seal: self.seal(first.before, &texts, last.seq),
            commands: texts,
            sent: SentAt {
                at: now,
                boot: self.boot,
                monotonic_ms: self.monotonic_ms(now),
            },
        }
    }

    pub(crate) fn seal(&self, prev_hash: ChainHash, texts: &[String], last_seq: u64) -> String {
        let head = texts.iter().fold(prev_hash, |head, text| head.after(text));
        let seal = BatchSeal {
            device_id: self.device,
            last_seq,
            head,
        };
        self.key.sign(Purpose::DeviceBatch, &seal).unwrap().into()
    }

    /// Sends everything that waits, which the server answers. What was answered waits no more.
    pub(crate) async fn syncs(&mut self, server: &TestServer, actor: &Actor) -> Vec<CommandResult> {
        let answer: BatchAnswer = sends(server, actor, &self.batch()).await.told(200);
        let results = answer.results;
        assert_eq!(results.len(), self.waiting.len(), "{results:?}");
        for (result, kept) in results.iter().zip(&self.waiting) {
            assert_eq!((result.command_id, result.seq), (kept.id, kept.seq));
        }
        assert_eq!(answer.next_seq, self.next_seq);
        self.waiting.clear();
        results
    }

    /// Sends everything, and all of it happens.
    pub(crate) async fn syncs_all(&mut self, server: &TestServer, actor: &Actor) {
        for result in self.syncs(server, actor).await {
            assert_eq!(result.outcome, CommandOutcome::Applied, "{result:?}");
            assert!(!result.duplicate);
        }
    }
}

pub(crate) async fn sends(server: &TestServer, actor: &Actor, batch: &CommandBatch) -> Answer {
    let body = serde_json::to_value(batch).unwrap();
    actor.posts(server, "/v1/sync/commands", body).await
}

/// What the results are, in short.
pub(crate) fn codes(results: &[CommandResult]) -> Vec<Option<ErrorCode>> {
    let code = |result: &CommandResult| match result.outcome {
        CommandOutcome::Applied => None,
        CommandOutcome::Rejected => Some(result.code.unwrap()),
    };
    results.iter().map(code).collect()
}

/// What the admins are told, oldest first.
pub(crate) async fn flags(server: &TestServer, admin: &Actor) -> Vec<SyncFlag> {
    let page: SyncFlagPage = admin.gets(server, "/v1/admin/sync/flags").await.told(200);
    assert_eq!(page.next_cursor, None);
    let mut flags = page.flags;
    flags.reverse();
    flags
}

pub(crate) async fn flag_kinds(server: &TestServer, admin: &Actor) -> Vec<SyncFlagKind> {
    let flags = flags(server, admin).await;
    flags.into_iter().map(|flag| flag.kind).collect()
}

pub(crate) const fn arrive(trip: TripId) -> DeviceAction {
    DeviceAction::Arrive { trip }
}

/// With the PIN that the rider sees.
pub(crate) fn start(trip: &Trip) -> DeviceAction {
    start_with(trip.id, trip.pin.unwrap())
}

pub(crate) fn start_with(trip: TripId, pin: Pin) -> DeviceAction {
    DeviceAction::Start {
        trip,
        pin,
        arrived_at: Utc::now().trunc_subsecs(3),
    }
}

pub(crate) fn wrong_pin(trip: &Trip) -> Pin {
    let right: u32 = trip.pin.unwrap().to_string().parse().unwrap();
    Pin::from_number((right + 1) % 10_000)
}

pub(crate) const fn complete(trip: TripId) -> DeviceAction {
    DeviceAction::Complete { trip, claim: None }
}

pub(crate) const fn cancel(trip: TripId, reason: CancelReason) -> DeviceAction {
    DeviceAction::Cancel {
        trip,
        reason,
        note: None,
    }
}

pub(crate) const fn rate(trip: TripId, stars: u8) -> DeviceAction {
    DeviceAction::Rate {
        trip,
        stars,
        comment: None,
    }
}
