//! A device against a server in the same process, killed wherever one likes.

mod answers;
mod held;
pub(in crate::sync) mod rides;
pub(in crate::sync) mod server;
mod shift;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::id::{BlobId, BootId, CommandId, DeviceId};
use crate::ride::NoGround;
use crate::signing::{KeyId, SigningKey};
use crate::sync::ChainHash;
use crate::sync::command::DeviceAction;
use crate::sync::engine::{Call, Network};
use crate::sync::store::{CommitFault, StoreKey};
use crate::track::TrackPoint;
use crate::track::segment::SegmentPoint;
use crate::wire::{BlobKind, NewBlob};
use rides::{place, user, vehicle};
use server::Server;

fn began() -> DateTime<Utc> {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

fn command(number: u128) -> CommandId {
    CommandId::from_uuid(Uuid::from_u128(number))
}

fn photo(number: u128, bytes: usize) -> (NewBlob, Vec<u8>) {
    let content: Vec<u8> = (0..251_u8).cycle().take(bytes).collect();
    let blob = NewBlob {
        blob_id: BlobId::from_uuid(Uuid::from_u128(number)),
        kind: BlobKind::Photo,
        trip_id: None,
        media_type: "image/jpeg".into(),
        size: bytes as u64,
        sha256: ChainHash::from_bytes(Sha256::digest(&content).into()),
        taken_at: began(),
    };
    (blob, content)
}

fn point(at: DateTime<Utc>, step: i32) -> SegmentPoint {
    SegmentPoint {
        point: TrackPoint {
            at_ms: at.timestamp_millis(),
            accuracy_mm: 5_000,
            position: place(step),
            speed_mm_s: Some(9_000),
        },
        heading_cdeg: Some(100),
    }
}

/// How the commits of a store go.
#[derive(Debug, Default)]
struct Commits {
    count: u32,
    /// This one fails in this way.
    fault: Option<(u32, CommitFault)>,
}

/// A call of the device.
type Step<'a> = dyn Fn(&mut Device, DeviceTime) -> Result<Vec<Effect>, DeviceError> + 'a;

/// A device, its server, and what lies between them.
struct World {
    folder: TempDir,
    server: Server,
    device: Option<Device>,
    effects: VecDeque<Effect>,
    open_poll: Option<CallId>,
    wake: Option<u64>,
    boot: u128,
    ms: u64,
    network: Network,
    commits: Arc<Mutex<Commits>>,
    /// So many calls of the device were made; it is killed after this one.
    calls: u32,
    kill_after: Option<u32>,
    kills: u32,
    pin: Option<PinKey>,
}

impl World {
    fn new() -> Self {
        let mut world = Self {
            folder: tempfile::tempdir().unwrap(),
            server: Server::new(began()),
            device: None,
            effects: VecDeque::new(),
            open_poll: None,
            wake: None,
            boot: 1,
            ms: 1_000,
            network: Network::Offline,
            commits: Arc::default(),
            calls: 0,
            kill_after: None,
            kills: 0,
            pin: None,
        };
        world.begin();
        world
    }

    /// With a network, registered and with its first snapshot.
    fn settled() -> Self {
        let mut world = Self::new();
        world.set_network(Network::Unmetered);
        world.settle();
        world
    }

    fn now(&self) -> DeviceTime {
        DeviceTime {
            boot: BootId::from_uuid(Uuid::from_u128(self.boot)),
            monotonic_ms: self.ms,
            wall: began() + TimeDelta::milliseconds(self.ms as i64),
        }
    }

    fn pass(&mut self, ms: u64) {
        self.ms += ms;
        self.server.now = self.now().wall;
    }

    fn open(&self) -> Device {
        let owner = Owner {
            user: user(),
            device: DeviceId::from_uuid(Uuid::from_u128(0xde)),
        };
        let key = StoreKey::from_bytes([3; 32]);
        let mut store = Store::open(&self.folder.path().join("work.db"), &key, owner).unwrap();
        let commits = Arc::clone(&self.commits);
        store.on_commit(move || {
            let mut commits = commits.lock().unwrap();
            commits.count += 1;
            match commits.fault {
                Some((at, fault)) if at == commits.count => fault,
                _ => CommitFault::None,
            }
        });
        let keys = DeviceKeys {
            signing: SigningKey::from_seed(KeyId(0), &[9; 32]),
            pin: self.pin.clone(),
        };
        Device::open(store, keys, Arc::new(NoGround), 11).unwrap()
    }

    fn begin(&mut self) {
        self.device = None;
        self.effects.clear();
        self.open_poll = None;
        self.wake = None;
        self.device = Some(self.open());
        let network = self.network;
        self.step(|device, now| device.input(Input::Started, now));
        self.step(move |device, now| device.input(Input::Network(network), now));
    }

    /// The process is killed and begins again.
    fn kill(&mut self) {
        self.kills += 1;
        self.begin();
    }

    fn device(&self) -> &Device {
        self.device.as_ref().unwrap()
    }

    /// Calls the device. If it fails as if it had been killed, it begins again and is called again.
    fn step(&mut self, f: impl Fn(&mut Device, DeviceTime) -> Result<Vec<Effect>, DeviceError>) {
        self.try_step(&f).unwrap();
    }

    fn try_step(&mut self, f: &Step<'_>) -> Result<(), DeviceError> {
        let now = self.now();
        let result = f(self.device.as_mut().unwrap(), now);
        self.calls += 1;
        match result {
            Ok(effects) => self.effects.extend(effects),
            Err(DeviceError::Store(StoreError::Interrupted)) => {
                self.kill();
                return self.try_step(f);
            }
            Err(error) => return Err(error),
        }
        if let Some(key) = self.device().pin_key() {
            self.pin = Some(key.clone());
        }
        if self.kill_after.is_some_and(|after| self.calls >= after) {
            self.kill_after = None;
            self.kill();
        }
        Ok(())
    }

    fn act(&mut self, id: u128, action: DeviceAction) {
        self.try_act(id, action).unwrap();
    }

    fn try_act(&mut self, id: u128, action: DeviceAction) -> Result<(), DeviceError> {
        self.pass(1_000);
        self.try_step(&move |device, now| device.act(command(id), action.clone(), now))
    }

    fn record(&mut self, steps: std::ops::Range<i32>) {
        for step in steps {
            self.pass(1_000);
            let point = point(self.now().wall, step);
            self.step(move |device, now| device.record(&[point], now).map(|()| Vec::new()));
        }
    }

    fn set_network(&mut self, network: Network) {
        self.network = network;
        self.step(move |device, now| device.input(Input::Network(network), now));
    }

    /// Does one of the things that the device wants done. Answers whether there was one.
    fn turn(&mut self) -> bool {
        let Some(effect) = self.effects.pop_front() else {
            return false;
        };
        match effect {
            Effect::Call { id, call } => self.call(id, call),
            Effect::Abandon(id) => {
                self.effects.retain(
                    |effect| !matches!(effect, Effect::Call { id: other, .. } if *other == id),
                );
                if self.open_poll == Some(id) {
                    self.open_poll = None;
                }
            }
            Effect::WakeAt(at) => self.wake = Some(at),
            Effect::NeedsSignIn => {}
        }
        true
    }

    fn call(&mut self, id: CallId, call: Call) {
        if matches!(call, Call::Changes { wait_s } if wait_s > 0) {
            self.open_poll = Some(id);
            // The request is made; the server waits.
            let now = self.now();
            self.device.as_mut().unwrap().request(call, now).unwrap();
            return;
        }
        let now = self.now();
        let request = self.device.as_mut().unwrap().request(call, now).unwrap();
        let Some(request) = request else {
            let outcome = super::answers::DONE;
            return self
                .step(move |device, now| device.input(Input::Answered { call: id, outcome }, now));
        };
        let answer = if self.network == Network::Offline {
            Answer::Lost
        } else {
            self.server.serve(&request)
        };
        self.pass(100);
        // A new process has other calls: an answer to an old one changes nothing.
        self.step(move |device, now| device.answer(id, answer.clone(), now));
    }

    /// The server answers the call that waits for changes.
    fn answer_poll(&mut self) -> bool {
        let Some(cursor) = self.device().memory.cursor else {
            return false;
        };
        if cursor == self.server.cursor() {
            return false;
        }
        let Some(id) = self.open_poll.take() else {
            return false;
        };
        let answer = self.server.serve(&Request::Changes { cursor, wait_s: 1 });
        self.step(move |device, now| device.answer(id, answer.clone(), now));
        true
    }

    /// Goes on until nothing waits any more and the device has everything.
    fn settle(&mut self) {
        for _ in 0..2_000 {
            if self.turn() || self.answer_poll() {
                continue;
            }
            let cursor = self.device().memory.cursor;
            let is_done = self.device().pending() == Pending::default()
                && cursor == Some(self.server.cursor());
            if is_done || self.network == Network::Offline {
                return;
            }
            let wake = self.wake.take().expect("something waits");
            let ms = wake.saturating_sub(self.ms).max(1);
            self.pass(ms);
            self.step(|device, now| device.input(Input::Tick, now));
        }
        panic!("it does not come to rest: {:?}", self.device().pending());
    }

    fn notices(&self) -> Vec<Notice> {
        let kept = self.device().notices().unwrap();
        kept.into_iter().map(|kept| kept.notice).collect()
    }

    fn go_online(&mut self, id: u128) {
        self.act(id, DeviceAction::GoOnline { vehicle: vehicle() });
    }
}
