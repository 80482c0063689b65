//! A phone that keeps its driver's work, and its network.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{SubsecRound, Utc};
use rand::Rng;
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use uuid::Uuid;
use wayfare_core::client::Client;
use wayfare_core::id::{CommandId, OfferId, TripId, UserId};
use wayfare_core::money::Money;
use wayfare_core::sync::DeviceAction;
use wayfare_core::sync::device::{Device, DeviceError};
use wayfare_core::sync::engine::Network;
use wayfare_core::sync::replica::ReplicaTrip;
use wayfare_core::sync::runner::{DeviceHandle, DeviceState, Parts, ProcessClock, Runner};
use wayfare_core::sync::store::{FileKeystore, QueueState, Vault};
use wayfare_core::track::TrackPoint;
use wayfare_core::track::segment::SegmentPoint;
use wayfare_core::trip::TripStatus;
use wayfare_core::wire::{ErrorCode, LocationBatch, LocationPoint, Offer, Trip, TripSide};

use crate::actor::{Halt, Phoned};
use crate::fleet::CarState;
use crate::movement::Fix;
use crate::proofs::Witness;
use crate::tally::OfflineCounts;
use crate::world::World;

/// Real time between two looks at the network and between two points.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Who waits at a kerb for so long, in real time, walks round the corner and has a network.
const ROUND_THE_CORNER: Duration = Duration::from_secs(30);
/// How long everything may take to reach the server at the end of the day.
const CONVERGE_MAX: Duration = Duration::from_secs(60);
/// More than anybody does in a day.
const QUEUE_MAX: u32 = 100_000;
/// A live position each so many looks, and how long one may take.
const LIVE_EVERY: u32 = 5;
const LIVE_MAX: Duration = Duration::from_secs(5);
const ACCURACY_M: f64 = 6.0;

/// A phone that keeps its driver's work.
#[derive(Debug)]
pub(in crate::actor::driver) struct KeptPhone {
    handle: DeviceHandle,
    states: watch::Receiver<DeviceState>,
    phoned: Phoned,
    counts: OfflineCounts,
    /// What the phone said that rides cost.
    priced: Vec<(TripId, Money)>,
    /// Of these, those that the server has not said to be paid.
    unbooked: Vec<TripId>,
    /// How many points the phone keeps.
    measured: Arc<AtomicU64>,
    runner: JoinHandle<()>,
    surroundings: JoinHandle<()>,
    _folder: TempDir,
}

/// The phone could not be set up. It says in words why.
fn trouble(phoned: &Phoned, error: impl std::fmt::Display) -> Halt {
    let text = format!("{}'s phone: {error}", phoned.name);
    phoned.world.tally.trouble(text);
    Halt::Confused
}

impl KeptPhone {
    /// A phone with an empty store that belongs to the signed-in driver.
    pub(super) async fn switch_on(phoned: &Phoned, number: usize) -> Result<Self, Halt> {
        let session = phoned.client.session().ok_or(Halt::SignedOut)?;
        let user = session.user.id;
        let world = phoned.world.clone();
        let folder = TempDir::new().map_err(|error| trouble(phoned, error))?;
        let (device, vault) =
            open(&world, &folder, user).map_err(|error| trouble(phoned, error))?;
        let parts = Parts {
            transport: phoned.client.clone(),
            listener: phoned.client.stream(None),
            clock: Arc::new(ProcessClock::new()),
            pin_key_kept: Some(Arc::new(move |key| {
                // The key is in the memory of the device as well; it is the next start that misses it.
                drop(vault.keep_pin_key(user, key));
            })),
        };
        let (runner, handle) = Runner::new(device, parts);
        let runner = tokio::spawn(runner.run());
        let network = handle.set_network(Network::Unmetered).await;
        network.map_err(|error| trouble(phoned, error))?;
        let measured = Arc::new(AtomicU64::new(0));
        let around = Surroundings {
            world: world.clone(),
            phone: handle.clone(),
            client: phoned.client.clone(),
            number,
            measured: measured.clone(),
        };
        let surroundings = tokio::spawn(around.run());
        Ok(Self {
            measured,
            states: handle.states(),
            handle,
            phoned: Phoned {
                world,
                client: phoned.client.clone(),
                name: phoned.name.clone(),
            },
            unbooked: Vec::new(),
            counts: OfflineCounts {
                drivers: 1,
                ..OfflineCounts::default()
            },
            priced: Vec::new(),
            runner,
            surroundings,
            _folder: folder,
        })
    }

    /// Does what the driver wants. Whether the phone let it be done.
    pub(super) async fn act(&mut self, action: DeviceAction) -> Result<bool, Halt> {
        let id = CommandId::from_uuid(Uuid::now_v7());
        let is_offline = self.states.borrow().network == Network::Offline;
        let is_ride = matches!(action, DeviceAction::Complete { .. });
        match self.handle.act(id, action).await {
            Ok(()) => {
                self.counts.commands += 1;
                self.counts.commands_offline += u64::from(is_offline);
                self.counts.rides += u64::from(is_ride);
                Ok(true)
            }
            Err(DeviceError::Refused(_)) => Ok(false),
            Err(error) => {
                self.phoned.world.tally.trouble(format!("a phone: {error}"));
                Err(Halt::Confused)
            }
        }
    }

    /// The phone says that a ride costs this.
    pub(super) fn priced(&mut self, trip: TripId, amount: Money) {
        self.priced.push((trip, amount));
        self.unbooked.push(trip);
    }

    /// Counts the trips that the server says to be paid by now, each with its receipt checked.
    pub(super) async fn book_paid(&mut self) -> Result<(), Halt> {
        while let Some(shown) = self.next_paid() {
            let witness = Witness {
                promise: None,
                log: None,
            };
            self.phoned.world.tally.saw(&shown, TripSide::Driver);
            self.phoned.check_receipt(&shown, witness).await?;
            self.phoned.world.tally.paid(shown.id);
            self.unbooked.retain(|trip| *trip != shown.id);
        }
        Ok(())
    }

    fn next_paid(&self) -> Option<Trip> {
        let state = self.states.borrow();
        let mut trips = self
            .unbooked
            .iter()
            .filter_map(|trip| state.replica.trips.get(trip));
        let paid = trips
            .find(|trip| trip.confirmed.paid && trip.kit.shown.status == TripStatus::Completed)?;
        Some(paid.kit.shown.clone())
    }

    /// Waits until the phone shows something else.
    pub(super) async fn changed(&mut self) {
        if self.states.changed().await.is_err() {
            std::future::pending().await
        }
    }

    pub(super) fn driven(&self) -> Option<TripId> {
        self.states.borrow().replica.driven()
    }

    pub(super) fn trip(&self, trip: TripId) -> Option<ReplicaTrip> {
        self.states.borrow().replica.trips.get(&trip).cloned()
    }

    pub(super) fn first_offer(&self) -> Option<Offer> {
        let state = self.states.borrow();
        let now = Utc::now();
        let mut open = state.replica.offers.values();
        open.find(|offer| offer.expires_at > now).cloned()
    }

    pub(super) fn is_accepting(&self, offer: OfferId) -> bool {
        self.states.borrow().replica.accepting.contains_key(&offer)
    }

    /// The day is over: everything goes to the server, and what is not there is counted as lost.
    pub(in crate::actor::driver) async fn put_away(mut self) {
        self.surroundings.abort();
        // Whatever fails here shows as something that still waits.
        drop(self.handle.set_network(Network::Unmetered).await);
        let _shown_as_waiting = self.act(DeviceAction::GoOffline).await;
        let everything_sent = async {
            while !is_quiet(&self.states.borrow_and_update()) {
                if self.states.changed().await.is_err() {
                    return;
                }
            }
        };
        drop(tokio::time::timeout(CONVERGE_MAX, everything_sent).await);
        self.count().await;
        self.handle.stop();
        drop(self.runner.await);
        self.phoned.world.tally.kept_offline(&self.counts);
    }

    async fn count(&mut self) {
        let pending = self.states.borrow().pending;
        self.counts.points = self.measured.load(Ordering::Relaxed);
        let queue = self.handle.queue(QUEUE_MAX).await.unwrap_or_default();
        let answered = queue
            .iter()
            .filter(|item| item.state != QueueState::Waiting)
            .count() as u64;
        let rejected = |state: &QueueState| matches!(state, QueueState::Rejected { .. });
        self.counts.refused = queue.iter().filter(|item| rejected(&item.state)).count() as u64;
        self.counts.lost += self.counts.commands.saturating_sub(answered) + pending.segments;
        for (trip, amount) in std::mem::take(&mut self.priced) {
            match self.phoned.client.trip(trip).await {
                Ok(trip) => {
                    self.phoned.world.tally.saw(&trip, TripSide::Driver);
                    let is_mismatch = trip.fare.total() != amount;
                    self.counts.fare_mismatches += u64::from(is_mismatch);
                }
                Err(error) if error.code() == Some(ErrorCode::NotFound) => {}
                Err(error) => {
                    let text = format!("reading a trip at the end of the day: {error}");
                    self.phoned.world.tally.trouble(text);
                }
            }
        }
    }
}

/// Nothing waits and nothing is under way that waits for an answer.
fn is_quiet(state: &DeviceState) -> bool {
    let pending = state.pending;
    pending.commands == 0 && pending.segments == 0 && pending.blobs == 0
}

fn open(
    world: &World,
    folder: &TempDir,
    user: UserId,
) -> Result<(Device, Vault), Box<dyn std::error::Error>> {
    let keystore = FileKeystore::new(folder.path().join("keys"));
    let vault = Vault::new(folder.path().join("work"), Arc::new(keystore));
    let (store, keys) = vault.open(user, &mut |bytes| rand::rng().fill_bytes(bytes))?;
    let device = Device::open(store, keys, world.ground.share(), world.seed)?;
    Ok((device, vault))
}

/// What happens to a phone by itself: it measures, its network comes and goes, and while there is one
/// it tells where it is right now.
struct Surroundings {
    world: Arc<World>,
    phone: DeviceHandle,
    client: Client,
    number: usize,
    measured: Arc<AtomicU64>,
}

impl Surroundings {
    async fn run(self) {
        let mut waiting_since = None;
        let mut is_alive = true;
        let mut looks = 0_u32;
        while let Some(fix) = self.world.fleet.fix(self.number) {
            let point = self.measure(&fix).await;
            waiting_since = match self.world.fleet.state(self.number) {
                Some(CarState::AtPickup) => waiting_since.or_else(|| Some(Instant::now())),
                _ => None,
            };
            let is_round_the_corner =
                waiting_since.is_some_and(|since: Instant| since.elapsed() > ROUND_THE_CORNER);
            let now_alive = is_round_the_corner || !self.world.dead_zones.is_dead(fix.at);
            if now_alive != is_alive {
                is_alive = now_alive;
                self.change_network(is_alive).await;
            }
            looks = looks.wrapping_add(1);
            if is_alive && looks.is_multiple_of(LIVE_EVERY) {
                tell_position(&self.client, point).await;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn measure(&self, fix: &Fix) -> Option<SegmentPoint> {
        let point = measured(fix)?;
        match self.phone.record(vec![point]).await {
            Ok(()) => {
                self.measured.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) => {
                let text = format!("a phone cannot keep its points: {error}");
                self.world.tally.trouble(text);
            }
        }
        Some(point)
    }

    async fn change_network(&self, is_alive: bool) {
        let network = if is_alive {
            Network::Unmetered
        } else {
            Network::Offline
        };
        if let Err(error) = self.phone.set_network(network).await {
            let text = format!("a phone does not hear of its network: {error}");
            self.world.tally.trouble(text);
        }
    }
}

/// Only the newest position counts for those who look; the track goes its own way.
async fn tell_position(client: &Client, point: Option<SegmentPoint>) {
    let Some(point) = point else {
        return;
    };
    let batch = LocationBatch {
        points: vec![as_sent(&point)],
    };
    // A position that does not arrive is followed by a newer one.
    drop(tokio::time::timeout(LIVE_MAX, client.send_locations(&batch)).await);
}

/// What the phone's sensors say; `None` only for numbers that no car has.
fn measured(fix: &Fix) -> Option<SegmentPoint> {
    let point = LocationPoint {
        t: Utc::now().trunc_subsecs(3),
        lat: fix.at.lat(),
        lng: fix.at.lng(),
        accuracy_m: ACCURACY_M,
        speed_mps: Some((fix.speed_mps * 1000.0).round() / 1000.0),
        heading_deg: None,
    };
    let point = TrackPoint::try_from(&point).ok()?;
    Some(SegmentPoint {
        point,
        heading_cdeg: None,
    })
}

/// The same measurement as it is sent live, so that both are one point to the server.
fn as_sent(point: &SegmentPoint) -> LocationPoint {
    let metres = |thousandths: u32| f64::from(thousandths) / 1000.0;
    LocationPoint {
        t: point.point.at(),
        lat: point.point.position.lat(),
        lng: point.point.position.lng(),
        accuracy_m: metres(point.point.accuracy_mm),
        speed_mps: point.point.speed_mm_s.map(metres),
        heading_deg: None,
    }
}
