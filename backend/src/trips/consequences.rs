//! What follows from a change of a trip: its price, money, offers, promotions, the driver's standing,
//! and the messages to everybody concerned.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use wayfare_core::id::{DriverId, VehicleId};
use wayfare_core::pricing::Fare;
use wayfare_core::sync::FareClaim;
use wayfare_core::trip::{Actor, CancelReason, Event, Party, TripState};
use wayfare_core::wire::{StreamEvent, TripDriver};

use super::rows::{DriverCard, StoredTrip};
use super::{ending, plans, queries, resume, view};
use crate::app::App;
use crate::dispatch::{offers, standing};
use crate::fleet;
use crate::payments::service::{Charge, charge_cancellation, charge_trip};
use crate::platform::failure::Failure;
use crate::pricing::promotions;
use crate::realtime::Feed;
use crate::sync::{kits, segments};

/// A trip before it changed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Before {
    state: TripState,
    forward: bool,
}

impl Before {
    pub(super) const fn of(stored: &StoredTrip) -> Self {
        Self {
            state: stored.trip.state,
            forward: stored.forward,
        }
    }

    /// The driver who had the trip.
    pub(super) fn driver(&self) -> Option<DriverId> {
        driver_of(&self.state)
    }

    /// The driver who drove this trip and does not any more.
    pub(super) fn freed(&self, stored: &StoredTrip) -> Option<DriverId> {
        let now = driver_of(&stored.trip.state).filter(|_| is_driven(&stored.trip.state));
        self.driver()
            .filter(|_| !self.forward && is_driven(&self.state))
            .filter(|driver| now != Some(*driver))
    }
}

fn driver_of(state: &TripState) -> Option<DriverId> {
    state.assignment().map(|assignment| assignment.driver)
}

const fn is_driven(state: &TripState) -> bool {
    matches!(
        state,
        TripState::Assigned { .. } | TripState::Arrived { .. } | TripState::InProgress { .. }
    )
}

/// A change while its consequences are worked out.
#[derive(Debug)]
pub(super) struct After<'a> {
    /// The trip before it.
    pub(super) before: Before,
    /// What the trip's device computed that it costs.
    pub(super) claim: Option<&'a FareClaim>,
    /// What a trip that is called off costs, if it costs anything.
    pub(super) fee: Option<Fare>,
    /// The server's time.
    pub(super) now: DateTime<Utc>,
}

impl After<'_> {
    /// What a trip's row needs to know before it is written.
    pub(super) async fn prepare(
        &mut self,
        connection: &mut PgConnection,
        app: &App,
        stored: &mut StoredTrip,
        event: &Event,
    ) -> Result<(), Failure> {
        match event {
            Event::Assigned { assignment } => {
                let card = driver_card(connection, assignment.driver, assignment.vehicle).await?;
                stored.driver_card = Some(card);
            }
            Event::Released { .. } => stored.driver_card = None,
            Event::StopsChanged { .. } => plans::replan(connection, app, stored).await?,
            Event::Completed { .. } => {
                ending::settle(connection, app, stored, self.claim).await?;
            }
            Event::Cancelled { .. } => {
                self.fee = ending::settle_cancellation(connection, app, stored).await?;
            }
            Event::Resumed { assignment, .. } => {
                let card = driver_card(connection, assignment.driver, assignment.vehicle).await?;
                stored.driver_card = Some(card);
                if self.before.state.status().is_final() {
                    resume::forget_fee(connection, app, stored).await?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// What happens elsewhere because of an event.
    pub(super) async fn follow_up(
        &self,
        connection: &mut PgConnection,
        stored: &StoredTrip,
        event: &Event,
        feed: &mut Feed,
    ) -> Result<(), Failure> {
        match event {
            Event::Assigned { assignment } => {
                let driver = assignment.driver;
                segments::take_in(connection, stored.id(), driver).await?;
                Ok(())
            }
            Event::Released { .. } => offers::release_accepted(connection, stored.id()).await,
            Event::Cancelled { .. } => {
                if let Some(charge) = charge(stored, self.fee.as_ref()) {
                    charge_cancellation(connection, charge, self.now).await?;
                }
                does_not_take_place(connection, stored, feed).await
            }
            Event::Expired { .. } => does_not_take_place(connection, stored, feed).await,
            Event::StopsChanged { .. } => offers::renew_open(connection, stored, feed).await,
            Event::Completed { .. } => match charge(stored, Some(&stored.fare)) {
                Some(charge) => charge_trip(connection, charge, self.now).await,
                None => Ok(()),
            },
            Event::Resumed { assignment, .. } => {
                let before = self.before.state;
                resume::undo(connection, stored, before, self.now, feed).await?;
                // What the driver sent while the trip was somebody else's belongs to it now.
                segments::take_in(connection, stored.id(), assignment.driver).await?;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Notes what the events say about the driver who had the trip, and who has none from now on.
    pub(super) async fn note_standing(
        &self,
        connection: &mut PgConnection,
        events: &[Event],
        idle: Option<DriverId>,
    ) -> Result<(), Failure> {
        for event in events {
            if let Some(driver) = self.before.driver()
                && gives_back(event)
            {
                standing::note_gave_back(connection, driver, event.at()).await?;
            }
            if let Some(driver) = idle {
                // Who loses a trip to a ride that began long ago is idle since now.
                let since = match event {
                    Event::Resumed { .. } => self.now,
                    _ => event.at(),
                };
                standing::note_idle(connection, driver, since).await?;
            }
        }
        Ok(())
    }
}

/// Whether the driver did not want the trip any more, for whatever became of it.
const fn gives_back(event: &Event) -> bool {
    match event {
        Event::Released { by, .. } => matches!(by, Party::Driver),
        Event::Cancelled { by, reason, .. } => {
            matches!(by, Actor::Driver(_)) && !matches!(reason, CancelReason::RiderNoShow)
        }
        _ => false,
    }
}

/// What is charged for a trip that had a driver.
fn charge<'a>(stored: &StoredTrip, fare: Option<&'a Fare>) -> Option<Charge<'a>> {
    let (TripState::Completed { assignment, .. }
    | TripState::Cancelled {
        assignment: Some(assignment),
        ..
    }) = stored.trip.state
    else {
        return None;
    };
    Some(Charge {
        trip: stored.id(),
        rider: stored.rider(),
        driver: assignment.driver,
        fare: fare?,
    })
}

async fn does_not_take_place(
    connection: &mut PgConnection,
    stored: &StoredTrip,
    feed: &mut Feed,
) -> Result<(), Failure> {
    // Offers before promotions: the dispatcher takes them in this order as well.
    offers::withdraw_open(connection, stored.id(), feed).await?;
    promotions::release(connection, stored.id()).await
}

async fn driver_card(
    connection: &mut PgConnection,
    driver: DriverId,
    vehicle: VehicleId,
) -> Result<DriverCard, Failure> {
    let card = fleet::service::driver_card(connection, driver, vehicle).await?;
    let rating = queries::find_mean_rating(connection, driver.into()).await?;
    Ok(DriverCard {
        driver: TripDriver {
            id: driver,
            name: card.name,
            rating,
        },
        vehicle: card.vehicle,
    })
}

/// Tells the rider, the driver who has the trip, and one who has it no more.
pub(super) async fn tell_all(
    connection: &mut PgConnection,
    stored: &StoredTrip,
    driver_before: Option<DriverId>,
    feed: &mut Feed,
) -> Result<(), Failure> {
    let driver = driver_of(&stored.trip.state);
    let lost = driver_before.filter(|before| driver != Some(*before));
    let drivers = [driver, lost].into_iter().flatten().map(Into::into);
    for user in std::iter::once(stored.rider().into()).chain(drivers) {
        let trip = Box::new(view::one(connection, stored, user).await?);
        feed.push(user, StreamEvent::TripUpdated { trip });
    }
    Ok(())
}

/// Whether the driver's phone needs another kit after this: the trip is the driver's now, or somebody
/// else changed what it costs.
pub(super) const fn needs_kit(event: &Event) -> bool {
    matches!(
        event,
        Event::Assigned { .. } | Event::StopsChanged { .. } | Event::Resumed { .. }
    )
}

/// Gives the trip's driver, if it has one, what it takes to bring it to its end without a network.
pub(super) async fn give_kit(
    connection: &mut PgConnection,
    app: &App,
    stored: &StoredTrip,
    feed: &mut Feed,
) -> Result<(), Failure> {
    if let Some(driver) = driver_of(&stored.trip.state) {
        let kit = Box::new(kits::kit(connection, app, stored).await?);
        feed.push(driver, StreamEvent::TripKit { kit });
    }
    Ok(())
}
