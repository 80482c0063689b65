//! What all actors share: the city, the clock, the way to the API, and whether the day goes on.

use std::sync::Arc;

use rand::RngExt;
use tokio::sync::{Semaphore, watch};
use url::Url;
use wayfare_core::client::{Client, ClientError};
use wayfare_core::geo::LatLng;

use crate::chance::Chance;
use crate::city::City;
use crate::clock::SimClock;
use crate::dead_zones::DeadZones;
use crate::fleet::Fleet;
use crate::ground::SharedGround;
use crate::inbox::Inbox;
use crate::login::PATIENT;
use crate::proofs::Proofs;
use crate::spoken::Spoken;
use crate::tally::Tally;

/// So many people sign in at the same time; the others wait for their turn.
const LOGINS_AT_ONCE: usize = 12;
/// A place within this distance of a zone's middle is called by its name.
const ZONE_M: f64 = 1200.0;
/// A driver goes to the nearest of so many likely places.
const HOTSPOT_DRAWS: usize = 3;

/// How far the day is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Riders come.
    Running,
    /// No new riders; trips run to their end.
    Draining,
    /// Everybody goes home.
    Stopping,
}

/// What all actors share.
#[derive(Debug)]
pub struct World {
    /// Roads and zones.
    pub city: Arc<City>,
    /// Simulated time.
    pub clock: SimClock,
    /// Measurements.
    pub tally: Arc<Tally>,
    /// Cars.
    pub fleet: Fleet,
    /// What is said at the car.
    pub spoken: Spoken,
    /// SMS.
    pub inbox: Inbox,
    /// What phones check for themselves.
    pub proofs: Proofs,
    /// Where some phones have no network.
    pub dead_zones: DeadZones,
    /// What these phones know of the city's ground.
    pub ground: SharedGround,
    /// Seed of all randomness.
    pub seed: u64,
    /// Turns to sign in.
    pub logins: Semaphore,
    /// Places where the next riders are likely: drivers wait there.
    hotspots: Vec<LatLng>,
    phase: watch::Sender<Phase>,
    api: Url,
}

/// What a world is made of.
#[derive(Debug)]
pub struct Parts {
    /// Roads and zones.
    pub city: Arc<City>,
    /// Simulated time.
    pub clock: SimClock,
    /// Measurements.
    pub tally: Arc<Tally>,
    /// Where drivers begin the day.
    pub homes: Vec<LatLng>,
    /// Places where the next riders are likely.
    pub hotspots: Vec<LatLng>,
    /// SMS.
    pub inbox: Inbox,
    /// Where some phones have no network.
    pub dead_zones: DeadZones,
    /// What these phones know of the city's ground.
    pub ground: SharedGround,
    /// Seed of all randomness.
    pub seed: u64,
    /// Address of the API.
    pub api: Url,
}

impl World {
    /// A world at the begin of its day.
    pub fn new(parts: Parts) -> Self {
        Self {
            city: parts.city,
            clock: parts.clock,
            tally: parts.tally,
            fleet: Fleet::new(parts.clock, parts.homes),
            spoken: Spoken::default(),
            inbox: parts.inbox,
            proofs: Proofs::default(),
            dead_zones: parts.dead_zones,
            ground: parts.ground,
            seed: parts.seed,
            logins: Semaphore::new(LOGINS_AT_ONCE),
            hotspots: parts.hotspots,
            phase: watch::Sender::new(Phase::Running),
            api: parts.api,
        }
    }

    /// A client of the API whose calls are measured: a phone of its own.
    pub fn client(&self) -> Result<Client, ClientError> {
        let tally = self.tally.clone();
        let client = Client::with_options(self.api.clone(), PATIENT)?;
        Ok(client.with_observer(Arc::new(move |record| tally.call(record))))
    }

    /// The day goes on to a later phase; never back.
    pub fn enter(&self, phase: Phase) {
        self.phase.send_if_modified(|now| {
            let later = phase > *now;
            if later {
                *now = phase;
            }
            later
        });
    }

    /// How far the day is.
    pub fn phase(&self) -> Phase {
        *self.phase.borrow()
    }

    /// Waits for a phase or a later one.
    pub async fn reached(&self, phase: Phase) {
        // The sender lives as long as `self`, so this waits for the phase and nothing else.
        drop(self.phase.subscribe().wait_for(|now| *now >= phase).await);
    }

    /// Places where the next riders are likely.
    pub fn hotspots(&self) -> &[LatLng] {
        &self.hotspots
    }

    /// A place near `at` where the next rider is likely, and which is worth driving to.
    pub fn draw_hotspot(&self, chance: &mut Chance, at: LatLng) -> Option<LatLng> {
        if self.hotspots.is_empty() {
            return None;
        }
        (0..HOTSPOT_DRAWS)
            .filter_map(|_| {
                self.hotspots
                    .get(chance.random_range(0..self.hotspots.len()))
            })
            .copied()
            .min_by(|a, b| a.distance_m(at).total_cmp(&b.distance_m(at)))
    }

    /// How people call a place.
    pub fn place_name(&self, at: LatLng) -> &str {
        self.city
            .zones
            .iter()
            .map(|zone| (zone.centre.distance_m(at), zone))
            .filter(|(distance_m, zone)| *distance_m < ZONE_M.max(zone.spread_m))
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .map_or("the outskirts", |(_, zone)| &zone.name)
    }
}
