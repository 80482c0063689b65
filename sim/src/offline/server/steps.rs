//! What a command of a driver does.

use chrono::{DateTime, Utc};
use wayfare_core::id::{DriverId, TripId, UserId};
use wayfare_core::pricing::Fare;
use wayfare_core::sync::DeviceAction;
use wayfare_core::sync::conflicts::{Earlier, Told, Verdict, judge};
use wayfare_core::trip::{Actor, Event, TripState};
use wayfare_core::wire::ErrorCode;

use super::Server;
use super::changing::Change;

/// What came of an action.
#[derive(Debug, Default)]
pub(super) struct StepDone {
    /// The trip's version after it, if it was about one.
    pub(super) trip_version: Option<u32>,
    /// When it counts as having happened, if that is not when it was told.
    pub(super) at: Option<DateTime<Utc>>,
    /// What the trip costs, if it is over.
    pub(super) fare: Option<Fare>,
}

impl Server {
    /// Applies an action that happened at the first time and reached the server at the second.
    pub(super) fn step(
        &mut self,
        user: UserId,
        action: &DeviceAction,
        (at, now): (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<StepDone, ErrorCode> {
        let driver = DriverId::from(user);
        let mut about = action.trip();
        match action {
            DeviceAction::GoOnline { vehicle } => self.go_online(user, Some(*vehicle))?,
            DeviceAction::GoOffline => {
                self.go_online(user, None)?;
                self.withdraw_offers_to(driver);
            }
            DeviceAction::AcceptOffer { offer } => {
                about = Some(self.accept(driver, *offer, now)?);
            }
            DeviceAction::DeclineOffer { offer, .. } => self.decline(driver, *offer)?,
            DeviceAction::TakeCash { trip, amount } => {
                self.own(driver, *trip)?;
                self.ledger.take_cash(*trip, driver, *amount)?;
                self.tell_both(*trip, None);
            }
            DeviceAction::Rate { trip, stars, .. } => self.rate(driver, *trip, *stars)?,
            DeviceAction::Arrive { trip }
            | DeviceAction::Start { trip, .. }
            | DeviceAction::ReachStop { trip, .. }
            | DeviceAction::LeaveStop { trip }
            | DeviceAction::Complete { trip, .. }
            | DeviceAction::Cancel { trip, .. } => {
                return self.judged(driver, (*trip, action), (at, now));
            }
        }
        Ok(StepDone {
            trip_version: about.and_then(|trip| self.version_of(trip)),
            ..StepDone::default()
        })
    }

    fn version_of(&self, trip: TripId) -> Option<u32> {
        self.trips.get(&trip).map(|stored| stored.trip.version)
    }

    fn go_online(
        &mut self,
        user: UserId,
        vehicle: Option<wayfare_core::id::VehicleId>,
    ) -> Result<(), ErrorCode> {
        let person = self.people.get_mut(&user).ok_or(ErrorCode::DriverProfile)?;
        if vehicle.is_some_and(|vehicle| vehicle != person.vehicle) {
            return Err(ErrorCode::NotFound);
        }
        person.online = vehicle.is_some();
        Ok(())
    }

    /// A trip that this driver has or had.
    fn own(&self, driver: DriverId, trip: TripId) -> Result<(), ErrorCode> {
        let stored = self.trips.get(&trip);
        let had = stored.is_some_and(|stored| stored.had.contains_key(&driver));
        if had {
            Ok(())
        } else {
            Err(ErrorCode::NotFound)
        }
    }

    fn rate(&mut self, driver: DriverId, trip: TripId, stars: u8) -> Result<(), ErrorCode> {
        self.own(driver, trip)?;
        let stored = self.trips.get_mut(&trip).ok_or(ErrorCode::NotFound)?;
        if stored.driver() != Some(driver)
            || !matches!(stored.trip.state, TripState::Completed { .. })
        {
            return Err(ErrorCode::WrongTripState);
        }
        if stored.rated.is_some() {
            return Err(ErrorCode::AlreadyRated);
        }
        stored.rated = Some(stars);
        Ok(())
    }

    /// A step of a trip: the conflict table decides.
    fn judged(
        &mut self,
        driver: DriverId,
        (trip, action): (TripId, &DeviceAction),
        (at, now): (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<StepDone, ErrorCode> {
        self.own(driver, trip)?;
        let stored = self.trips.get(&trip).ok_or(ErrorCode::NotFound)?;
        let earlier = if stored.driver() == Some(driver) {
            Earlier::Never
        } else {
            Earlier::of(driver, &stored.events)
        };
        let told = Told {
            actor: Actor::Driver(driver),
            at,
            earlier,
        };
        let verdict = judge(&stored.trip, action, told, self.rules);
        let (events, resumed, retimed) = match verdict {
            Verdict::Refuse { code, .. } => return Err(code),
            Verdict::Apply {
                events,
                resumed,
                retimed,
            } => (events, resumed, retimed),
        };
        let arrives = |event: &Event| matches!(event, Event::Arrived { .. });
        if stored.forward && events.iter().any(arrives) {
            return Err(ErrorCode::DriverBusy);
        }
        if resumed {
            self.make_room(trip, driver, now)?;
            self.flag("trip_resumed");
        }
        if retimed {
            self.flag("clock_jump");
        }
        self.carry_out(driver, (trip, action), (at, events), now)
    }

    fn carry_out(
        &mut self,
        driver: DriverId,
        (trip, action): (TripId, &DeviceAction),
        (at, events): (DateTime<Utc>, Vec<Event>),
        now: DateTime<Utc>,
    ) -> Result<StepDone, ErrorCode> {
        let claim = match action {
            DeviceAction::Complete { claim, .. } => claim.as_deref(),
            _ => None,
        };
        let completes = matches!(action, DeviceAction::Complete { .. });
        let ends = completes && !events.is_empty();
        let counted_at = events.last().map_or(at, Event::at);
        let change = Change {
            trip,
            events,
            actor: Actor::Driver(driver),
            claim,
            ahead: false,
        };
        self.change(change, now)?;
        let stored = self.trips.get_mut(&trip).ok_or(ErrorCode::NotFound)?;
        stored.by_device |= ends;
        let over = completes && matches!(stored.trip.state, TripState::Completed { .. });
        Ok(StepDone {
            trip_version: Some(stored.trip.version),
            at: (counted_at != at).then_some(counted_at),
            fare: over.then(|| stored.fare.clone()),
        })
    }
}
