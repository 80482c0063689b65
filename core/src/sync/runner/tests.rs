//! The loop, against a server in the same process, on a clock of its own.

use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use tempfile::TempDir;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use uuid::Uuid;

use super::*;
use crate::id::{BootId, CommandId, DeviceId};
use crate::ride::NoGround;
use crate::signing::{KeyId, SigningKey};
use crate::sync::command::DeviceAction;
use crate::sync::device::tests::rides::{offer_id, trip_id, user, vehicle};
use crate::sync::device::tests::server::{Server, problem};
use crate::sync::engine::Pending;
use crate::sync::pin_check::PinKey;
use crate::sync::store::{DeviceKeys, Owner, Store, StoreKey};
use crate::wire::ErrorCode;

/// The clock of the test's runtime, which goes on when nobody has anything to do.
struct TestClock(Instant);

impl DeviceClock for TestClock {
    fn now(&self) -> DeviceTime {
        let run = Instant::now().duration_since(self.0);
        DeviceTime {
            boot: BootId::from_uuid(Uuid::from_u128(1)),
            monotonic_ms: u64::try_from(run.as_millis()).unwrap(),
            wall: "2026-11-20T12:00:00Z"
                .parse::<chrono::DateTime<chrono::Utc>>()
                .unwrap()
                + TimeDelta::from_std(run).unwrap(),
        }
    }
}

/// The way to the server.
#[derive(Clone)]
struct Line {
    server: Arc<Mutex<Server>>,
    /// Requests for changes are answered when there are some.
    polls: Arc<Mutex<u32>>,
    /// Nothing comes back while this is held.
    dead: Arc<Mutex<bool>>,
    dropped: Arc<Mutex<u32>>,
}

/// Counts requests that nobody waits for any more.
struct Waiting(Arc<Mutex<u32>>, bool);

impl Drop for Waiting {
    fn drop(&mut self) {
        if !self.1 {
            *self.0.lock().unwrap() += 1;
        }
    }
}

impl Transport for Line {
    async fn send(&self, request: Request) -> Answer {
        let mut waiting = Waiting(Arc::clone(&self.dropped), false);
        while *self.dead.lock().unwrap() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        if let Request::Changes { cursor, wait_s } = request
            && wait_s > 0
        {
            *self.polls.lock().unwrap() += 1;
            for _ in 0..wait_s * 10 {
                if self.server.lock().unwrap().cursor() > cursor {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        waiting.1 = true;
        let mut server = self.server.lock().unwrap();
        server.now += TimeDelta::milliseconds(1);
        server.serve(&request)
    }
}

/// Says what the test says.
struct Said(mpsc::UnboundedReceiver<Word>);

impl Listener for Said {
    async fn next(&mut self) -> Word {
        match self.0.recv().await {
            Some(word) => word,
            None => pending().await,
        }
    }
}

struct Desk {
    folder: TempDir,
    line: Line,
    clock: Arc<TestClock>,
    words: mpsc::UnboundedSender<Word>,
    handle: DeviceHandle,
    states: watch::Receiver<DeviceState>,
    task: JoinHandle<()>,
    kept: Arc<Mutex<Option<PinKey>>>,
}

fn open(folder: &TempDir) -> Device {
    let owner = Owner {
        user: user(),
        device: DeviceId::from_uuid(Uuid::from_u128(0xde)),
    };
    let key = StoreKey::from_bytes([3; 32]);
    let store = Store::open(&folder.path().join("work.db"), &key, owner).unwrap();
    let keys = DeviceKeys {
        signing: SigningKey::from_seed(KeyId(0), &[9; 32]),
        pin: None,
    };
    Device::open(store, keys, Arc::new(NoGround), 3).unwrap()
}

impl Desk {
    fn new() -> Self {
        let clock = Arc::new(TestClock(Instant::now()));
        let line = Line {
            server: Arc::new(Mutex::new(Server::new(clock.now().wall))),
            polls: Arc::default(),
            dead: Arc::default(),
            dropped: Arc::default(),
        };
        Self::over(tempfile::tempdir().unwrap(), line, clock)
    }

    fn over(folder: TempDir, line: Line, clock: Arc<TestClock>) -> Self {
        let (words, said) = mpsc::unbounded_channel();
        let kept = Arc::new(Mutex::new(None));
        let keeps = Arc::clone(&kept);
        let parts = Parts {
            transport: line.clone(),
            listener: Said(said),
            clock: Arc::clone(&clock) as Arc<dyn DeviceClock>,
            pin_key_kept: Some(Arc::new(move |key: &PinKey| {
                *keeps.lock().unwrap() = Some(key.clone());
            })),
        };
        let (runner, handle) = Runner::new(open(&folder), parts);
        let states = handle.states();
        Self {
            folder,
            line,
            clock,
            words,
            handle,
            states,
            task: tokio::spawn(runner.run()),
            kept,
        }
    }

    /// The process ends, and another one begins.
    async fn restart(self) -> Self {
        self.task.abort();
        drop(self.task.await);
        let Self {
            folder,
            line,
            clock,
            handle,
            states,
            ..
        } = self;
        drop((handle, states));
        Self::over(folder, line, clock)
    }

    async fn act(&self, id: u128, action: DeviceAction) {
        let id = CommandId::from_uuid(Uuid::from_u128(id));
        self.handle.act(id, action).await.unwrap();
    }

    async fn until(&mut self, what: impl FnMut(&DeviceState) -> bool) {
        let limit = Duration::from_secs(600);
        let reached = tokio::time::timeout(limit, self.states.wait_for(what)).await;
        reached.expect("within ten minutes").unwrap();
    }

    fn decided(&self) -> usize {
        self.line.server.lock().unwrap().decided.len()
    }

    async fn online(&self) {
        self.handle.set_network(Network::Unmetered).await.unwrap();
    }
}

fn nothing_waits(state: &DeviceState) -> bool {
    state.pending == Pending::default()
}

#[tokio::test(start_paused = true)]
async fn what_is_done_goes_to_the_server_when_there_is_a_network() {
    let mut desk = Desk::new();
    desk.act(1, DeviceAction::GoOnline { vehicle: vehicle() })
        .await;
    assert_eq!(desk.states.borrow().pending.commands, 1);
    assert!(desk.states.borrow().replica.online);
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(desk.decided(), 0);
    desk.online().await;
    desk.until(nothing_waits).await;
    assert_eq!(desk.decided(), 1);
    assert!(desk.kept.lock().unwrap().is_some(), "the key for PINs");
    let queue = desk.handle.queue(5).await.unwrap();
    assert_eq!(queue.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_waits_brings_what_is_new() {
    let mut desk = Desk::new();
    desk.online().await;
    desk.act(1, DeviceAction::GoOnline { vehicle: vehicle() })
        .await;
    desk.until(nothing_waits).await;
    tokio::time::sleep(Duration::from_secs(40)).await;
    assert!(*desk.line.polls.lock().unwrap() > 0);
    desk.line.server.lock().unwrap().offer(0x71);
    desk.until(|state| state.replica.offers.len() == 1).await;
    let offer = offer_id(0x71);
    desk.act(2, DeviceAction::AcceptOffer { offer }).await;
    desk.until(|state| state.replica.driven() == Some(trip_id(0x71)))
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_live_stream_takes_the_place_of_the_call_that_waits() {
    let mut desk = Desk::new();
    desk.online().await;
    desk.until(|state| !state.replica.online && state.replica.driver.is_some())
        .await;
    desk.words.send(Word::Connected).unwrap();
    tokio::time::sleep(Duration::from_secs(30)).await;
    let polls = *desk.line.polls.lock().unwrap();
    tokio::time::sleep(Duration::from_secs(120)).await;
    assert_eq!(*desk.line.polls.lock().unwrap(), polls);
    desk.line.server.lock().unwrap().offer(0x71);
    desk.words.send(Word::News).unwrap();
    let began = Instant::now();
    desk.until(|state| state.replica.offers.len() == 1).await;
    assert!(began.elapsed() < Duration::from_secs(2));
    // Without it, the call waits again.
    desk.words.send(Word::Lost).unwrap();
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(*desk.line.polls.lock().unwrap() > polls);
}

#[tokio::test(start_paused = true)]
async fn a_process_that_ends_anywhere_goes_on_from_its_store() {
    let mut desk = Desk::new();
    desk.online().await;
    desk.act(1, DeviceAction::GoOnline { vehicle: vehicle() })
        .await;
    for ms in [0, 10, 60, 110, 160, 250, 400] {
        let mut next = desk.restart().await;
        next.online().await;
        tokio::time::sleep(Duration::from_millis(ms)).await;
        next.act(u128::from(ms) + 100, DeviceAction::GoOffline)
            .await;
        next.until(|state| state.pending.commands < 9).await;
        desk = next;
    }
    desk.until(nothing_waits).await;
    assert_eq!(desk.decided(), 8, "each once");
}

#[tokio::test(start_paused = true)]
async fn without_a_session_everything_waits_until_there_is_one() {
    let mut desk = Desk::new();
    let over = problem(401, ErrorCode::SessionEnded);
    desk.line
        .server
        .lock()
        .unwrap()
        .instead
        .insert("commands", (over, 1));
    desk.act(1, DeviceAction::GoOnline { vehicle: vehicle() })
        .await;
    desk.online().await;
    desk.until(|state| state.needs_sign_in).await;
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(desk.decided(), 0);
    assert_eq!(desk.states.borrow().pending.commands, 1);
    desk.handle.signed_in().await.unwrap();
    desk.until(nothing_waits).await;
    assert!(!desk.states.borrow().needs_sign_in);
}

#[tokio::test(start_paused = true)]
async fn a_network_that_goes_ends_what_is_under_way() {
    let mut desk = Desk::new();
    *desk.line.dead.lock().unwrap() = true;
    desk.act(1, DeviceAction::GoOnline { vehicle: vehicle() })
        .await;
    desk.online().await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    desk.handle.set_network(Network::Offline).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(*desk.line.dropped.lock().unwrap(), 1);
    *desk.line.dead.lock().unwrap() = false;
    desk.online().await;
    desk.until(nothing_waits).await;
    assert_eq!(desk.decided(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_handle_works_on_when_the_runner_has_stopped() {
    let desk = Desk::new();
    desk.handle.stop();
    desk.task.await.unwrap();
    let id = CommandId::from_uuid(Uuid::from_u128(1));
    desk.handle.act(id, DeviceAction::GoOffline).await.unwrap();
    assert_eq!(desk.states.borrow().pending.commands, 1);
}
