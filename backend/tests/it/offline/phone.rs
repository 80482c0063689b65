//! A driver's phone without a network: it keeps a chain of commands, drives rides, says what they cost
//! and sends it all later.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;
use wayfare_core::id::{BootId, CommandId, DeviceId, TripId};
use wayfare_core::pricing::Tariff;
use wayfare_core::ride::{self, Ground, RideOver};
use wayfare_core::signing::{KeyId, Purpose, SigningKey};
use wayfare_core::sync::command::VERSION;
use wayfare_core::sync::{
    ChainHash, ClockReading, DeviceAction, DeviceCommand, FareClaim, TimeSource, TripKit,
};
use wayfare_core::track::TrackPoint;
use wayfare_core::track::segment::{SEGMENT_POINTS_MAX, SegmentPoint, write_segment};
use wayfare_core::trip::Event;
use wayfare_core::wire::{
    BatchAnswer, BatchSeal, CommandBatch, CommandOutcome, CommandResult, Device, NewDevice,
    SegmentKept, SentAt,
};

use crate::actors::Actor;
use crate::harness::TestServer;
use crate::people::put;

/// A phone's state of its own.
#[derive(Debug)]
pub(super) struct Phone {
    device: DeviceId,
    key: SigningKey,
    boot: BootId,
    booted_at: DateTime<Utc>,
    seq: u64,
    head: ChainHash,
}

impl Phone {
    /// Of this driver, who has a network at the moment. It runs since yesterday.
    pub(super) async fn of(server: &TestServer, driver: &Actor) -> Self {
        let device = DeviceId::from_uuid(Uuid::now_v7());
        let key = SigningKey::from_seed(KeyId(0), &rand::random());
        let wanted = NewDevice {
            device_id: device,
            name: "phone".to_owned(),
            public_key: BASE64_URL_SAFE_NO_PAD.encode(key.public().bytes),
        };
        let told: Device = driver
            .posts(server, "/v1/devices", json!(wanted))
            .await
            .told(201);
        assert_eq!((told.last_seq, told.head), (0, ChainHash::first(device)));
        Self {
            device,
            key,
            boot: BootId::from_uuid(Uuid::now_v7()),
            booted_at: Utc::now() - TimeDelta::days(1),
            seq: 0,
            head: told.head,
        }
    }

    /// Sends what was done while there was no network, in one batch.
    pub(super) async fn tells(
        &mut self,
        server: &TestServer,
        driver: &Actor,
        done: Vec<(DeviceAction, DateTime<Utc>)>,
    ) -> Vec<CommandResult> {
        let prev_hash = self.head;
        let first_seq = self.seq + 1;
        let commands: Vec<String> = done.into_iter().map(|done| self.writes(done)).collect();
        let seal = BatchSeal {
            device_id: self.device,
            last_seq: self.seq,
            head: self.head,
        };
        let now = Utc::now();
        let batch = CommandBatch {
            device_id: self.device,
            oldest_seq: first_seq,
            prev_hash,
            seal: self
                .key
                .sign(Purpose::DeviceBatch, &seal)
                .unwrap()
                .as_str()
                .to_owned(),
            sent: SentAt {
                at: now,
                boot: self.boot,
                monotonic_ms: self.monotonic_ms(now),
            },
            commands,
        };
        let answer: BatchAnswer = driver
            .posts(server, "/v1/sync/commands", json!(batch))
            .await
            .told(200);
        assert_eq!(answer.results.len(), batch.commands.len(), "{answer:?}");
        answer.results
    }

    /// The same, where every command is applied.
    pub(super) async fn is_believed(
        &mut self,
        server: &TestServer,
        driver: &Actor,
        done: Vec<(DeviceAction, DateTime<Utc>)>,
    ) -> Vec<CommandResult> {
        let results = self.tells(server, driver, done).await;
        for result in &results {
            assert_eq!(result.outcome, CommandOutcome::Applied, "{result:?}");
        }
        results
    }

    fn writes(&mut self, (action, at): (DeviceAction, DateTime<Utc>)) -> String {
        self.seq += 1;
        let command = DeviceCommand {
            v: VERSION,
            id: CommandId::from_uuid(Uuid::now_v7()),
            device: self.device,
            seq: self.seq,
            expected_version: None,
            occurred_at: at,
            clock: ClockReading {
                boot: self.boot,
                monotonic_ms: self.monotonic_ms(at),
                source: TimeSource::Server,
                jumped: false,
            },
            action,
        };
        let text = serde_json::to_string(&command).unwrap();
        self.head = self.head.after(&text);
        text
    }

    fn monotonic_ms(&self, at: DateTime<Utc>) -> u64 {
        u64::try_from((at - self.booted_at).num_milliseconds()).unwrap()
    }
}

/// What a phone knows of time: whole milliseconds.
pub(super) fn by_phone(at: DateTime<Utc>) -> DateTime<Utc> {
    at.trunc_subsecs(3)
}

/// The ride of a kit after these events, as its phone settles it.
pub(super) fn claim_of(
    kit: &TripKit,
    events: &[Event],
    track: &[TrackPoint],
    ground: &impl Ground,
) -> FareClaim {
    let mut trip = kit.trip.clone();
    for event in events {
        trip.apply(event);
    }
    let over = RideOver {
        trip: &trip,
        quoted: &kit.quoted,
        tariff: &Tariff::new(kit.tariff.clone()).unwrap(),
        plan: kit.plan,
        straight: kit.straight,
        track,
    };
    ride::claim(&over, ground).unwrap()
}

impl Actor {
    pub(super) async fn gets_kit(&self, server: &TestServer, trip: TripId) -> TripKit {
        self.gets(server, &format!("/v1/trips/{trip}/kit"))
            .await
            .told(200)
    }

    /// Sends the points of a trip in as many pieces as it takes.
    pub(super) async fn sends_segments(
        &self,
        server: &TestServer,
        trip: TripId,
        track: &[TrackPoint],
    ) {
        for points in track.chunks(SEGMENT_POINTS_MAX.min(100)) {
            let points: Vec<SegmentPoint> = points
                .iter()
                .map(|point| SegmentPoint {
                    point: *point,
                    heading_cdeg: None,
                })
                .collect();
            let bytes = write_segment(&points).unwrap();
            let name = ChainHash::from_bytes(Sha256::digest(&bytes).into());
            let kept: SegmentKept = put(server, &format!("/v1/trips/{trip}/track/{name}"))
                .by(&self.session)
                .octets(bytes)
                .await
                .told(200);
            assert_eq!(usize::try_from(kept.points).unwrap(), points.len());
        }
    }
}
