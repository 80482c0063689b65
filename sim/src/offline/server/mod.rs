//! A server in memory. It follows the rules of the real one with the same shared logic: what becomes
//! of a trip is decided by the core, prices are the core's, and so are chains, seals and segments.

mod batch;
mod changing;
mod fares;
mod feed;
mod files;
mod ledger;
mod offers;
mod steps;
mod stored;
mod tariff;

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use rand::RngExt;
use uuid::Uuid;
use wayfare_core::id::{CommandId, DriverId, TripId, UserId, VehicleId};
use wayfare_core::pricing::Tariff;
use wayfare_core::receipt::TrackProof;
use wayfare_core::ride::StraightPlan;
use wayfare_core::sync::device::{Answer, Request};
use wayfare_core::sync::{PinKey, TripKit};
use wayfare_core::trip::{Rules, Trip, TripRequest, TripState};
use wayfare_core::wire::{
    self, AvailabilityStatus, DriverStatus, ErrorCode, Problem, Snapshot, StreamEvent,
};

use self::batch::Devices;
use self::feed::Feeds;
use self::files::{Arrived, Files};
use self::ledger::Ledger;
use self::offers::Offers;
use self::stored::StoredTrip;
use super::backend::{Backend, Charged, Deed, Glimpse, KeptCommand, Refused, Rest, Truth};
use super::protections::Protections;
use crate::chance::Chance;

/// How plans are made where nobody knows the roads.
pub(super) const STRAIGHT: StraightPlan = StraightPlan {
    detour_bps: 10_500,
    speed_kmh: 40,
};
/// The newest trips that a snapshot shows.
const SHOWN_MAX: usize = 40;

/// A server in memory.
#[derive(Debug)]
pub(super) struct Server {
    protections: Protections,
    chance: Chance,
    rules: Rules,
    tariff: Tariff,
    people: BTreeMap<UserId, Person>,
    trips: BTreeMap<TripId, StoredTrip>,
    offers: Offers,
    devices: Devices,
    feeds: Feeds,
    files: Files,
    ledger: Ledger,
    /// How often each command took effect or was refused.
    times: BTreeMap<CommandId, u32>,
    flags: BTreeMap<&'static str, u64>,
    /// The next batch fails after so many commands.
    failing: Option<usize>,
}

/// Somebody who has an account.
#[derive(Debug)]
struct Person {
    pin_key: PinKey,
    vehicle: VehicleId,
    online: bool,
}

/// The server cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("the tariff of the simulation breaks {0} rules")]
pub(super) struct NoServer(usize);

impl Server {
    /// A server without anybody.
    pub(super) fn new(chance: Chance, protections: Protections) -> Result<Self, NoServer> {
        let tariff = tariff::tariff().map_err(|errors| NoServer(errors.len()))?;
        Ok(Self {
            protections,
            chance,
            rules: Rules {
                no_show_after_s: 120,
                ..Rules::default()
            },
            tariff,
            people: BTreeMap::new(),
            trips: BTreeMap::new(),
            offers: Offers::new(),
            devices: Devices::default(),
            feeds: Feeds::default(),
            files: Files::default(),
            ledger: Ledger::default(),
            times: BTreeMap::new(),
            flags: BTreeMap::new(),
            failing: None,
        })
    }

    fn new_id(&mut self) -> Uuid {
        Uuid::from_u128(self.chance.random())
    }

    fn flag(&mut self, kind: &'static str) {
        *self.flags.entry(kind).or_default() += 1;
    }

    fn tell(&mut self, user: UserId, event: StreamEvent) {
        self.feeds.push(user, event);
    }

    fn pin_key_text(&self, user: UserId) -> String {
        let key = self.people.get(&user).map(|person| &person.pin_key);
        key.map_or_else(String::new, |key| {
            BASE64_URL_SAFE_NO_PAD.encode(key.bytes())
        })
    }

    fn ask(&mut self, request: TripRequest) -> Result<(), Refused> {
        let has_one = self
            .trips
            .values()
            .any(|stored| stored.trip.request.rider == request.rider && stored.is_live());
        if has_one {
            return Err(Refused(ErrorCode::ActiveTripExists));
        }
        let stored = self.quoted_trip(Trip::requested(request))?;
        self.trips.insert(stored.id(), stored);
        Ok(())
    }

    /// What it takes a driver to finish a trip without a network.
    fn kit(&self, stored: &StoredTrip, driver: DriverId) -> Option<TripKit> {
        let person = self.people.get(&driver.into())?;
        let mut trip = stored.trip.clone();
        let pin = trip.request.pin.take()?;
        // Salts are random in truth; here a trip's salt is its own id, so that a kit is always the same.
        let salt = *stored.id().uuid().as_bytes();
        Some(TripKit {
            pin_check: person.pin_key.seal(stored.id(), pin, salt),
            trip,
            quoted: stored.quoted.clone(),
            tariff: self.tariff.spec().clone(),
            plan: stored.plan,
            straight: STRAIGHT,
            rules: self.rules,
            shown: stored.shown(self.ledger.payment(stored.id())),
        })
    }

    /// The driver's trips that are not over or not paid.
    fn kits(&self, driver: DriverId) -> Vec<TripKit> {
        let open = |stored: &&StoredTrip| {
            stored.driver() == Some(driver) && (stored.is_live() || self.is_due(stored))
        };
        let mine = self.trips.values().filter(open);
        mine.filter_map(|stored| self.kit(stored, driver)).collect()
    }

    fn is_due(&self, stored: &StoredTrip) -> bool {
        matches!(stored.trip.state, TripState::Completed { .. })
            && self
                .ledger
                .payment(stored.id())
                .is_some_and(|payment| !payment.paid)
    }

    fn snapshot(&self, user: UserId, now: DateTime<Utc>) -> Snapshot {
        let driver = DriverId::from(user);
        let mine = |stored: &&StoredTrip| stored.driver() == Some(driver);
        let mut trips: Vec<_> = self.trips.values().filter(mine).collect();
        trips.sort_by_key(|stored| std::cmp::Reverse(stored.trip.request.requested_at));
        Snapshot {
            cursor: self.feeds.cursor(),
            driver: self.people.get(&user).map(|person| profile(driver, person)),
            kits: self.kits(driver),
            trips: trips
                .into_iter()
                .take(SHOWN_MAX)
                .map(|stored| stored.shown(self.ledger.payment(stored.id())))
                .collect(),
            offers: self.offers_to(driver),
            server_time: now,
        }
    }
}

fn profile(id: DriverId, person: &Person) -> wire::Driver {
    let availability = if person.online {
        AvailabilityStatus::Online
    } else {
        AvailabilityStatus::Offline
    };
    wire::Driver {
        id,
        name: "Driver".to_owned(),
        status: DriverStatus::Active,
        availability,
        vehicle_id: person.online.then_some(person.vehicle),
        vehicles: Vec::new(),
    }
}

/// What is answered to a request that is refused.
pub(super) fn refusal(status: u16, code: ErrorCode) -> Answer {
    Answer::Refused {
        status,
        problem: Some(Problem {
            kind: "about:blank".to_owned(),
            title: code.to_string(),
            status,
            code,
            detail: code.to_string(),
            request_id: String::new(),
            errors: Vec::new(),
        }),
        retry_after_ms: None,
    }
}

impl Backend for Server {
    fn handle(&mut self, user: UserId, request: &Request, now: DateTime<Utc>) -> Answer {
        match request {
            Request::Register(new) => self.register(user, new, now),
            Request::Commands(batch) => {
                let fails_after = self.failing.take();
                self.take_batch(user, batch, (now, fails_after))
            }
            Request::Snapshot => Answer::Snapshot(Box::new(self.snapshot(user, now))),
            Request::Changes { cursor, .. } => {
                // Without the protection most pages lack a message: a device that misses a few finds out
                // by the versions of trips, and asks for a snapshot.
                let whole = self.protections.feed_is_whole || self.chance.random_bool(0.2);
                Answer::Changes(self.feeds.page(user, *cursor, (now, whole)))
            }
            Request::Segment {
                trip,
                sha256,
                bytes,
            } => {
                // Who was asked may have driven without a network on the strength of that.
                let may = |trip: &TripId| {
                    let stored = self.trips.get(trip);
                    let had = stored.is_some_and(|stored| stored.had.contains_key(&user.into()));
                    had || self.was_offered(*trip, user.into())
                };
                if !trip.as_ref().is_none_or(may) {
                    return refusal(404, ErrorCode::NotFound);
                }
                let arrived = Arrived {
                    user,
                    trip: *trip,
                    sha256: *sha256,
                    bytes,
                };
                self.files.keep_segment(arrived, self.protections)
            }
            Request::BeginBlob(new) => self.files.begin_blob(user, new),
            Request::Chunk {
                blob,
                offset,
                bytes,
            } => self
                .files
                .add_chunk(user, (*blob, *offset), bytes, self.protections),
        }
    }

    fn has_changes(&self, user: UserId, cursor: i64) -> bool {
        self.feeds.has_after(user, cursor)
    }

    fn perform(&mut self, deed: &Deed, now: DateTime<Utc>) -> Result<(), Refused> {
        match deed {
            Deed::Register { driver, vehicle } => {
                let person = Person {
                    pin_key: PinKey::from_bytes(self.chance.random()),
                    vehicle: *vehicle,
                    online: false,
                };
                self.people.insert((*driver).into(), person);
                Ok(())
            }
            Deed::Ask {
                trip,
                rider,
                pickup,
                stops,
                pin,
            } => self.ask(TripRequest {
                trip: *trip,
                rider: *rider,
                vehicle_class: self.tariff.spec().vehicle_class,
                pickup: *pickup,
                waypoints: stops.waypoints.clone(),
                dropoff: stops.dropoff,
                pickup_at: None,
                for_someone_else: false,
                pin: Some(*pin),
                requested_at: now,
            }),
            Deed::Propose {
                trip,
                driver,
                until,
            } => self.propose((*trip, *driver), *until, now),
            Deed::Expire { asked_before } => {
                self.expire_offers(now);
                self.expire_trips(*asked_before, now);
                Ok(())
            }
            Deed::Cancel { .. }
            | Deed::ChangeStops { .. }
            | Deed::Complete { .. }
            | Deed::Reassign { .. } => self.intervene(deed, now),
        }
    }

    fn fail_after(&mut self, commands: usize) {
        self.failing = Some(commands);
    }

    fn points_kept(&self) -> u64 {
        self.files.points_kept()
    }

    fn trips(&self) -> Vec<Glimpse> {
        let glimpse = |stored: &StoredTrip| Glimpse {
            trip: stored.id(),
            rider: stored.trip.request.rider,
            pickup: stored.trip.request.pickup,
            stops: stored.trip.stops.clone(),
            passed: stored.trip.visits.len(),
            state: stored.trip.state,
            proposed: self.is_proposed(stored.id()),
        };
        self.trips.values().map(glimpse).collect()
    }

    fn truth(&self) -> Truth {
        let (ledger_sum_minor, torn) = self.ledger.sums();
        let records = self.devices.records.iter();
        Truth {
            commands: records
                .map(|(id, record)| KeptCommand {
                    id: *id,
                    device: record.device,
                    outcome: record.answer.outcome,
                    code: record.answer.code,
                    times: self.times.get(id).copied().unwrap_or_default(),
                    occurred_at: record.occurred_at,
                    knew_the_time: record.knew_the_time,
                })
                .collect(),
            points: self.files.all_points(),
            blobs: self.files.all_blobs(),
            charges: self.charges(),
            ledger_sum_minor,
            ledger_torn: torn + self.ledger.uneven_riders(),
            flags: self
                .flags
                .iter()
                .map(|(kind, times)| ((*kind).to_owned(), *times))
                .collect(),
        }
    }

    fn rest_of(&self, driver: DriverId) -> Rest {
        let person = self.people.get(&driver.into());
        Rest {
            kits: self.kits(driver),
            paid: self.paid(driver),
            offers: self.offers_to(driver),
            online: person.is_some_and(|person| person.online),
        }
    }
}

impl Server {
    fn paid(&self, driver: DriverId) -> Vec<Trip> {
        let paid = |stored: &&StoredTrip| {
            let completed = matches!(stored.trip.state, TripState::Completed { .. });
            completed && stored.driver() == Some(driver) && !self.is_due(stored)
        };
        let trips = self.trips.values().filter(paid);
        trips
            .map(|stored| {
                let mut trip = stored.trip.clone();
                trip.request.pin = None;
                trip
            })
            .collect()
    }

    fn charges(&self) -> Vec<Charged> {
        let completed = self.trips.values();
        completed
            .filter_map(|stored| self.charged(stored))
            .collect()
    }

    fn charged(&self, stored: &StoredTrip) -> Option<Charged> {
        let TripState::Completed { assignment, .. } = stored.trip.state else {
            return None;
        };
        let own = self.price_by_own_points(stored).ok();
        let digest = |proof: &TrackProof| proof.digest;
        let own_track = own.as_ref().and_then(|own| own.track.as_ref()).map(digest);
        let claim = stored.claim.as_ref();
        Some(Charged {
            trip: stored.id(),
            driver: assignment.driver,
            fare: stored.fare.clone(),
            by_own_points: own.map(|own| own.settlement.fare),
            same_track: claim.map(|claim| claim.track.as_ref().map(digest) == own_track),
            claimed: claim.map(|claim| claim.fare.clone()),
            corrected: claim.is_some() && !stored.claim_taken,
            by_device: stored.by_device,
            stops_changed: stored.trip.stop_changes > 0,
        })
    }
}
