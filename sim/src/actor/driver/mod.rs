//! A driver's day: sign in, go online, wait, take offers, drive.
//!
//! Whatever interrupts it, the day begins again from what the server says: an unfinished trip is
//! taken up where it stands.

mod idle;
mod kept;
mod next;
mod reporter;
mod ride;
mod trip;
mod way;

use std::convert::Infallible;
use std::sync::Arc;

use rand::RngExt;
use wayfare_core::client::{ClientError, StreamUpdate};
use wayfare_core::wire::{
    Availability, AvailabilityStatus, DriverStatus, Offer, StreamEvent, Trip, TripSide, Vehicle,
};

use super::feed::Feed;
use super::{Halt, Phoned};
use crate::chance::{Chance, Stream, chance};
use crate::fleet::CarState;
use crate::people;
use crate::track_log::TrackLog;
use crate::world::World;
use kept::KeptPhone;
use reporter::Reporter;

/// How fast the slowest and the fastest driver drive against the roads' speed.
const PACE: std::ops::Range<f64> = 0.88..1.06;
/// Trips of an earlier day that are looked at after signing in.
const RESUMED_MAX: usize = 20;

/// A driver with a phone and a car.
#[derive(Debug)]
pub struct Driver {
    phoned: Phoned,
    number: usize,
    chance: Chance,
    pace: f64,
    /// What the phone measured; it is kept from shift to shift.
    log: Arc<TrackLog>,
    /// A phone that keeps its driver's work, once it was switched on.
    kept: Option<KeptPhone>,
}

/// What a driver has while at work.
#[derive(Debug)]
struct Shift<'a> {
    driver: &'a mut Driver,
    feed: Feed,
    /// A trip that comes after the present one.
    next: Option<Trip>,
    _reporter: Reporter,
}

/// Something that the driver has to react to.
#[derive(Debug)]
enum News {
    Offer(Box<Offer>),
    OfferClosed(wayfare_core::id::OfferId),
    Trip(Box<Trip>),
    Connected,
}

impl Driver {
    /// The driver with this number.
    pub fn new(world: Arc<World>, number: usize) -> Result<Self, ClientError> {
        let mut chance = chance(world.seed, Stream::Driver(number));
        let pace = chance.random_range(PACE);
        let client = world.client()?;
        let phoned = Phoned {
            world,
            client,
            name: people::driver_name(number),
        };
        Ok(Self {
            phoned,
            number,
            chance,
            pace,
            log: Arc::default(),
            kept: None,
        })
    }

    /// Works until the day is over.
    pub async fn run(mut self) {
        loop {
            let Err(halt) = self.work().await;
            self.phoned
                .world
                .fleet
                .set_state(self.number, CarState::Offline);
            if halt == Halt::Stopping || self.phoned.recover().await.is_err() {
                break;
            }
        }
        match self.kept.take() {
            Some(phone) => phone.put_away().await,
            None => self.go_home().await,
        }
    }

    async fn work(&mut self) -> Result<Infallible, Halt> {
        let vehicle = self.begin().await?;
        let world = self.phoned.world.clone();
        if world.dead_zones.has_holes(self.number) {
            return self.work_kept(&vehicle).await;
        }
        let feed = Feed::open(&self.phoned.client);
        let (client, log) = (self.phoned.client.clone(), self.log.clone());
        let reporter = Reporter::start(world.clone(), client, log, self.number);
        let mut shift = Shift {
            driver: self,
            feed,
            next: None,
            _reporter: reporter,
        };
        shift.report_here().await?;
        shift.go_online(&vehicle).await?;
        let _at_work = AtWork::begin(world);
        shift.take_up_unfinished().await?;
        loop {
            let offer = shift.next_offer().await?;
            if let Some(trip) = shift.consider(*offer).await? {
                shift.serve(trip).await?;
            }
        }
    }

    /// Signs in, unless that is done, and sees to the papers.
    async fn begin(&mut self) -> Result<Vehicle, Halt> {
        let session = match self.phoned.client.session() {
            Some(session) => session,
            None => {
                let phone = people::driver_phone(self.number).map_err(|_| Halt::Confused)?;
                self.phoned.sign_in(&phone).await?
            }
        };
        let papers = people::papers(self.number);
        let (driver, vehicle) = crate::login::become_driver(&self.phoned.client, &session, &papers)
            .await
            .map_err(|error| self.phoned.complain_of_login(&error))?;
        if driver.status != DriverStatus::Active {
            let (name, tally) = (&self.phoned.name, &self.phoned.world.tally);
            tally.trouble(format!(
                "{name} may not drive: the profile is {:?}",
                driver.status
            ));
            return Err(Halt::Confused);
        }
        Ok(vehicle)
    }

    /// Tells the server that the day is over, if it can be told quickly.
    async fn go_home(&self) {
        let offline = Availability {
            status: AvailabilityStatus::Offline,
            vehicle_id: None,
        };
        // The run is over; a driver whose word is lost simply goes stale.
        drop(self.phoned.client.set_availability(&offline).await);
    }
}

impl Shift<'_> {
    fn phoned(&self) -> &Phoned {
        &self.driver.phoned
    }

    fn world(&self) -> Arc<World> {
        self.driver.phoned.world.clone()
    }

    async fn go_online(&self, vehicle: &Vehicle) -> Result<(), Halt> {
        let online = Availability {
            status: AvailabilityStatus::Online,
            vehicle_id: Some(vehicle.id),
        };
        let phoned = self.phoned();
        phoned
            .ask_plainly("going online", phoned.client.set_availability(&online))
            .await
            .map(|_| ())
    }

    /// Sends where the car is right now, after everything that waits to be sent.
    async fn report_here(&self) -> Result<(), Halt> {
        let (phoned, log) = (self.phoned(), &self.driver.log);
        if let Some(fix) = phoned.world.fleet.fix(self.driver.number) {
            log.measure(&fix);
        }
        self.send_track().await
    }

    /// Sends every point that the server does not have yet.
    async fn send_track(&self) -> Result<(), Halt> {
        let (phoned, log) = (self.phoned(), &self.driver.log);
        phoned
            .ask_plainly("reporting the position", log.send(&phoned.client))
            .await
    }

    /// Trips that were not over when the driver lost track.
    async fn take_up_unfinished(&mut self) -> Result<(), Halt> {
        let phoned = self.phoned();
        let page = phoned
            .ask_plainly("listing trips", phoned.client.trips(TripSide::Driver, None))
            .await?;
        let mut unfinished: Vec<Trip> = page
            .trips
            .into_iter()
            .take(RESUMED_MAX)
            .filter(trip::is_unfinished)
            .collect();
        let active = unfinished
            .iter()
            .filter(|trip| trip::is_active(trip) && !trip.driver_finishes_first)
            .count();
        if active > 1 {
            phoned.world.tally.overloaded(&phoned.name);
        }
        unfinished.sort_by_key(|trip| trip.driver_finishes_first);
        for trip in unfinished {
            self.serve(trip).await?;
        }
        Ok(())
    }

    /// The next thing that concerns the driver.
    async fn news(&mut self) -> Result<News, Halt> {
        loop {
            let update = self.feed.next().await;
            match update {
                Ok(StreamUpdate::Connected { .. }) => return Ok(News::Connected),
                Ok(StreamUpdate::Disconnected { .. }) => {}
                Ok(StreamUpdate::Event(event)) => {
                    if let Some(news) = self.sort(event) {
                        return Ok(news);
                    }
                }
                Err(error) => return Err(self.phoned().complain("listening", &error)),
            }
        }
    }

    fn sort(&self, event: StreamEvent) -> Option<News> {
        match event {
            StreamEvent::OfferCreated { offer } => {
                self.phoned()
                    .world
                    .tally
                    .offered(offer.trip_id, offer.requested_at);
                Some(News::Offer(offer))
            }
            StreamEvent::OfferClosed { offer_id, .. } => Some(News::OfferClosed(offer_id)),
            StreamEvent::TripUpdated { trip } => {
                self.phoned().world.tally.saw(&trip, TripSide::Driver);
                Some(News::Trip(trip))
            }
            StreamEvent::Ready { .. }
            | StreamEvent::DriverMoved { .. }
            | StreamEvent::TripKit { .. }
            | StreamEvent::DriverSilent { .. }
            | StreamEvent::LocationsKept { .. }
            | StreamEvent::LocationsRefused { .. }
            | StreamEvent::Unknown => None,
        }
    }
}

/// Counts the driver as at work for as long as it lives.
struct AtWork(Arc<World>);

impl AtWork {
    fn begin(world: Arc<World>) -> Self {
        world.tally.online(true);
        Self(world)
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        self.0.tally.online(false);
    }
}
