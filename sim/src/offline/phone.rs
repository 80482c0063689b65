//! A phone, or a tablet that several people use: its clocks, its link, and the store of each person.
//!
//! The program on it can end between any two steps and inside any commit. What was being done then
//! is known exactly: a hook decides the fate of every commit and remembers it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rand::RngExt;
use uuid::Uuid;
use wayfare_core::id::{BootId, DeviceId, DriverId, UserId};
use wayfare_core::ride::NoGround;
use wayfare_core::signing::{KeyId, SigningKey};
use wayfare_core::sync::PinKey;
use wayfare_core::sync::clock::DeviceTime;
use wayfare_core::sync::device::{Device, DeviceError};
use wayfare_core::sync::engine::Network;
use wayfare_core::sync::store::{CommitFault, DeviceKeys, Owner, Store, StoreError, StoreKey};

use super::agenda::{HOUR, Moment, utc};
use crate::chance::Chance;

/// How long a device had been running when the simulation began, at most.
const UP_MAX: Moment = 300 * HOUR;

/// What becomes of the commits of a store, and what became of them.
#[derive(Debug, Default)]
struct Commits {
    /// How many there were since the last call began.
    in_call: u32,
    /// After how many more one does not take place; `None` for never.
    left: Option<u32>,
    /// What happens to that one.
    fault: CommitFault,
    /// The fault that there was in this call, and how many commits there were before.
    torn: Option<(CommitFault, u32)>,
}

/// Whether something was stored when the program ended in the middle of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stored {
    /// It was.
    Yes,
    /// It was not.
    No,
    /// It may have been: the call had more than one commit.
    Perhaps,
}

/// How a call to a device ended.
#[derive(Debug)]
pub(super) enum Called<T> {
    /// As it should.
    Done(T),
    /// The device refuses it.
    Refused(String),
    /// The program ended inside a commit.
    Torn(Stored),
    /// The device failed in a way that it must not.
    Broken(String),
    /// The program does not run, or nobody is signed in.
    Off,
}

/// One person's work on a phone.
pub(super) struct Account {
    /// Whose.
    pub(super) user: UserId,
    /// The installation, as the server knows it.
    pub(super) id: DeviceId,
    /// The phone or tablet that it is on.
    pub(super) hardware: usize,
    /// Somebody is signed in and the program runs.
    pub(super) device: Option<Device>,
    /// Grows each time that the program starts: what was asked before is not answered to this one.
    pub(super) life: u64,
    /// The person has a valid token.
    pub(super) signed_in: bool,
    file: PathBuf,
    store_key: [u8; 32],
    signing: SigningKey,
    /// What the keystore keeps of the registration.
    pub(super) pin: Option<PinKey>,
    seed: u64,
    commits: Arc<Mutex<Commits>>,
}

/// The clocks and the link of a phone.
#[derive(Debug)]
pub(super) struct Hardware {
    boot: BootId,
    booted_at: i64,
    wall_off_ms: i64,
    /// The network that it has.
    pub(super) link: Network,
}

impl Hardware {
    /// A phone that has been running for a while, whose clock is nearly right.
    pub(super) fn new(chance: &mut Chance) -> Self {
        Self {
            boot: BootId::from_uuid(Uuid::from_u128(chance.random())),
            booted_at: -signed(chance.random_range(0..UP_MAX)),
            wall_off_ms: chance.random_range(-3_000..3_000),
            link: Network::Unmetered,
        }
    }

    /// What its clocks say.
    pub(super) fn time(&self, now: Moment, monotonic: bool) -> DeviceTime {
        let wall = utc(now) + chrono::TimeDelta::milliseconds(self.wall_off_ms);
        let since = signed(now) - self.booted_at;
        // A clock that follows the wall jumps with it.
        let since = if monotonic {
            since
        } else {
            since + self.wall_off_ms
        };
        DeviceTime {
            boot: self.boot,
            monotonic_ms: u64::try_from(since).unwrap_or_default(),
            wall,
        }
    }

    /// The moment at which the monotonic clock says this.
    pub(super) fn moment(&self, monotonic_ms: u64, monotonic: bool) -> Moment {
        let at = i64::try_from(monotonic_ms).unwrap_or(i64::MAX / 4) + self.booted_at;
        let at = if monotonic { at } else { at - self.wall_off_ms };
        u64::try_from(at).unwrap_or_default()
    }

    /// The device starts anew.
    pub(super) fn reboot(&mut self, now: Moment, chance: &mut Chance) {
        self.boot = BootId::from_uuid(Uuid::from_u128(chance.random()));
        self.booted_at = signed(now) - chance.random_range(0..20_000);
    }

    /// Somebody sets the clock on the wall.
    pub(super) const fn set_clock(&mut self, off_ms: i64) {
        self.wall_off_ms = off_ms;
    }
}

impl Account {
    /// A person's work on a phone, of which nothing is there yet.
    pub(super) fn new(user: UserId, hardware: usize, folder: &Path, chance: &mut Chance) -> Self {
        let id = DeviceId::from_uuid(Uuid::from_u128(chance.random()));
        Self {
            user,
            id,
            hardware,
            device: None,
            life: 0,
            signed_in: true,
            file: folder.join(format!("{}.db", user.uuid().simple())),
            store_key: chance.random(),
            signing: SigningKey::from_seed(KeyId(0), &chance.random()),
            pin: None,
            seed: chance.random(),
            commits: Arc::default(),
        }
    }

    /// The person as a driver.
    pub(super) fn driver(&self) -> DriverId {
        self.user.into()
    }

    /// Starts the program.
    pub(super) fn open(&mut self) -> Result<(), String> {
        let owner = Owner {
            user: self.user,
            device: self.id,
        };
        let key = StoreKey::from_bytes(self.store_key);
        let mut store = Store::open(&self.file, &key, owner).map_err(|error| error.to_string())?;
        let commits = Arc::clone(&self.commits);
        store.on_commit(move || lock(&commits).next());
        self.life += 1;
        let keys = DeviceKeys {
            signing: self.signing.clone(),
            pin: self.pin.clone(),
        };
        let seed = self.seed.wrapping_add(self.life);
        let device = Device::open(store, keys, Arc::new(NoGround), seed);
        self.device = Some(device.map_err(|error| error.to_string())?);
        Ok(())
    }

    /// Whether the store opens for nobody else.
    pub(super) fn is_closed_to(&self, other: UserId) -> bool {
        let owner = Owner {
            user: other,
            device: self.id,
        };
        let key = StoreKey::from_bytes(self.store_key);
        matches!(
            Store::open(&self.file, &key, owner),
            Err(StoreError::OtherOwner)
        )
    }

    /// Ends the program as if it were killed.
    pub(super) fn kill(&mut self) {
        self.device = None;
        self.life += 1;
        *lock(&self.commits) = Commits::default();
    }

    /// One of the next commits will not be heard of.
    pub(super) fn tear_commit(&self, chance: &mut Chance) {
        let mut commits = lock(&self.commits);
        commits.left = Some(chance.random_range(0..6));
        commits.fault = if chance.random_bool(0.5) {
            CommitFault::Before
        } else {
            CommitFault::After
        };
    }

    /// No commit fails any more.
    pub(super) fn mend(&self) {
        *lock(&self.commits) = Commits::default();
    }

    /// Does something with the device.
    pub(super) fn call<T>(
        &mut self,
        f: impl FnOnce(&mut Device) -> Result<T, DeviceError>,
    ) -> Called<T> {
        let Some(device) = &mut self.device else {
            return Called::Off;
        };
        {
            let mut commits = lock(&self.commits);
            commits.in_call = 0;
            commits.torn = None;
        }
        let result = f(device);
        let torn = lock(&self.commits).torn;
        match (result, torn) {
            (Err(DeviceError::Store(StoreError::Interrupted)), Some(torn)) => {
                Called::Torn(stored(torn))
            }
            // It went on although a commit failed.
            (Ok(_), Some(_)) => Called::Torn(Stored::Perhaps),
            (Ok(value), None) => Called::Done(value),
            (Err(DeviceError::Refused(refusal)), _) => Called::Refused(refusal.to_string()),
            (Err(error), _) => Called::Broken(describe(&error)),
        }
    }
}

/// An error with its causes.
fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(because) = cause {
        text = format!("{text}: {because}");
        cause = because.source();
    }
    text
}

const fn stored((fault, before): (CommitFault, u32)) -> Stored {
    match (fault, before) {
        (CommitFault::After, 0) => Stored::Yes,
        (CommitFault::Before, 0) => Stored::No,
        _ => Stored::Perhaps,
    }
}

impl Commits {
    fn next(&mut self) -> CommitFault {
        let before = self.in_call;
        self.in_call += 1;
        match self.left {
            None => CommitFault::None,
            Some(0) => {
                self.left = None;
                self.torn = Some((self.fault, before));
                self.fault
            }
            Some(left) => {
                self.left = Some(left - 1);
                CommitFault::None
            }
        }
    }
}

fn lock(commits: &Mutex<Commits>) -> std::sync::MutexGuard<'_, Commits> {
    commits.lock().unwrap_or_else(PoisonError::into_inner)
}

fn signed(moment: Moment) -> i64 {
    i64::try_from(moment).unwrap_or(i64::MAX / 4)
}
