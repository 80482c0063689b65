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

impl Server {
    /// Applies an action that happened at the first time and reached the server at the second.
    /// Answers what the trip costs, if the action ended it.
    pub(super) fn step(
        &mut self,
        user: UserId,
        action: &DeviceAction,
        (at, now): (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<Option<Fare>, ErrorCode> {
        let driver = DriverId::from(user);
        match action {
            DeviceAction::GoOnline { vehicle } => self.go_online(user, Some(*vehicle))?,
            DeviceAction::GoOffline => self.go_online(user, None)?,
            DeviceAction::AcceptOffer { offer } => self.accept(driver, *offer, (at, now))?,
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
        Ok(None)
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
        if had { Ok(()) } else { Err(ErrorCode::NotFound) }
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
    ) -> Result<Option<Fare>, ErrorCode> {
        self.own(driver, trip)?;
        let stored = self.trips.get(&trip).ok_or(ErrorCode::NotFound)?;
        let told = Told {
            actor: Actor::Driver(driver),
            at,
            earlier: Earlier::of(driver, &stored.events),
        };
        match judge(&stored.trip, action, told, self.rules) {
            Verdict::Refuse { code, .. } => Err(code),
            Verdict::Apply {
                events, resumed, ..
            } => {
                if resumed {
                    self.make_room(trip, driver, now)?;
                    self.flag("trip_resumed");
                }
                let arrives = events
                    .iter()
                    .any(|event| matches!(event, Event::Arrived { .. }));
                if arrives && self.trips.get(&trip).is_some_and(|stored| stored.forward) {
                    return Err(ErrorCode::DriverBusy);
                }
                let claim = match action {
                    DeviceAction::Complete { claim, .. } => claim.as_deref(),
                    _ => None,
                };
                let ends = matches!(action, DeviceAction::Complete { .. }) && !events.is_empty();
                let change = Change {
                    trip,
                    events,
                    actor: Actor::Driver(driver),
                    claim,
                    ahead: false,
                };
                self.change(change, now)?;
                let stored = self.trips.get_mut(&trip);
                Ok(stored.filter(|_| ends).map(|stored| {
                    stored.by_device = true;
                    stored.fare.clone()
                }))
            }
        }
    }
}
