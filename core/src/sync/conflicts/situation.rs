//! What may have happened meanwhile, as far as a command of a device is concerned.

use super::{Earlier, Told};
use crate::geo::LatLng;
use crate::id::DriverId;
use crate::sync::{ActionKind, DeviceAction};
use crate::trip::{Actor, Leg, Trip, TripState};

/// How things stand when a command comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Situation {
    /// The driver has the trip and is on the way to the pickup.
    OnTheWay,
    /// The driver has the trip and is at the pickup.
    AtPickup,
    /// The ride goes on and the car drives.
    Driving,
    /// The ride goes on and the car drives, but not to the waypoint that the driver came to: the rider
    /// moved it or left it out.
    StopGone,
    /// The ride goes on and the car stands at a waypoint.
    AtStop,
    /// The driver's ride is over; an admin may have ended it.
    Over,
    /// The rider, an admin or Wayfare called the trip off.
    CalledOff,
    /// This driver called the trip off, or gave it back and it is over.
    CalledOffByDriver,
    /// The search for another driver was given up after the trip had been taken from this one.
    GivenUp,
    /// The trip was taken from this driver and looks for another one.
    Looking,
    /// The trip was taken from this driver, and another one has it and did not start.
    WithAnother,
    /// The rider is or was in another driver's car.
    RidingWithAnother,
    /// This driver gave the trip back, and it is for others now.
    GivenBack,
    /// The trip was never this person's.
    NeverHad,

    /// The rider's trip did not start yet.
    RiderWaits,
    /// The rider is in the car.
    RiderRides,
    /// The rider is there.
    RiderThere,
    /// The rider's trip was called off, or found no driver.
    RiderWithoutTrip,

    /// The offer is open for this driver.
    OfferOpen,
    /// This driver accepted the offer before.
    OfferAccepted,
    /// The offer timed out, was taken back, went to another driver or was declined before.
    OfferClosed,
    /// The offer was never this driver's.
    OfferUnknown,

    /// The trip is over and its fare waits for this amount.
    FareDue,
    /// The trip is over and its fare waits for another amount.
    FareDiffers,
    /// The driver has this amount for the trip already.
    CashTaken,
    /// The trip was paid in another way, or by another amount.
    PaidOtherwise,
    /// The trip does not cost anything, or not yet.
    NothingDue,
    /// The trip is not one that this driver drove.
    NotTheDriver,

    /// The trip is over and was not rated by this side.
    NotRated,
    /// The trip was rated by this side.
    Rated,
    /// The trip is not over, or did not take place.
    NotRatable,
    /// The trip is not this person's.
    NotOnTheTrip,

    /// The driver may work and said nothing else since.
    MayWork,
    /// The driver said something else after this, on another device.
    SaidOtherwiseSince,
    /// The driver was suspended, or is not approved.
    MayNotWork,
}

const STEPS: &[ActionKind] = &[
    ActionKind::Arrive,
    ActionKind::Start,
    ActionKind::ReachStop,
    ActionKind::LeaveStop,
    ActionKind::Complete,
    ActionKind::Cancel,
];
const OFFER: &[ActionKind] = &[ActionKind::AcceptOffer, ActionKind::DeclineOffer];
const AVAILABILITY: &[ActionKind] = &[ActionKind::GoOnline, ActionKind::GoOffline];

impl Situation {
    /// All situations, in the order of the table.
    pub const ALL: [Self; 35] = [
        Self::OnTheWay,
        Self::AtPickup,
        Self::Driving,
        Self::StopGone,
        Self::AtStop,
        Self::Over,
        Self::CalledOff,
        Self::CalledOffByDriver,
        Self::GivenUp,
        Self::Looking,
        Self::WithAnother,
        Self::RidingWithAnother,
        Self::GivenBack,
        Self::NeverHad,
        Self::RiderWaits,
        Self::RiderRides,
        Self::RiderThere,
        Self::RiderWithoutTrip,
        Self::OfferOpen,
        Self::OfferAccepted,
        Self::OfferClosed,
        Self::OfferUnknown,
        Self::FareDue,
        Self::FareDiffers,
        Self::CashTaken,
        Self::PaidOtherwise,
        Self::NothingDue,
        Self::NotTheDriver,
        Self::NotRated,
        Self::Rated,
        Self::NotRatable,
        Self::NotOnTheTrip,
        Self::MayWork,
        Self::SaidOtherwiseSince,
        Self::MayNotWork,
    ];

    /// The actions that meet this situation: the table has a row for each of them and for no other.
    pub const fn actions(self) -> &'static [ActionKind] {
        match self {
            Self::OnTheWay
            | Self::AtPickup
            | Self::Driving
            | Self::AtStop
            | Self::Over
            | Self::CalledOff
            | Self::CalledOffByDriver
            | Self::GivenUp
            | Self::Looking
            | Self::WithAnother
            | Self::RidingWithAnother
            | Self::GivenBack
            | Self::NeverHad => STEPS,
            Self::StopGone => &[ActionKind::ReachStop],
            Self::RiderWaits | Self::RiderRides | Self::RiderThere | Self::RiderWithoutTrip => {
                &[ActionKind::Cancel]
            }
            Self::OfferOpen | Self::OfferAccepted | Self::OfferClosed | Self::OfferUnknown => OFFER,
            Self::FareDue
            | Self::FareDiffers
            | Self::CashTaken
            | Self::PaidOtherwise
            | Self::NothingDue
            | Self::NotTheDriver => &[ActionKind::TakeCash],
            Self::NotRated | Self::Rated | Self::NotRatable | Self::NotOnTheTrip => {
                &[ActionKind::Rate]
            }
            Self::MayWork | Self::SaidOtherwiseSince | Self::MayNotWork => AVAILABILITY,
        }
    }

    /// The situation in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::OnTheWay => "the driver is on the way to the pickup",
            Self::AtPickup => "the driver is at the pickup",
            Self::Driving => "the ride goes on, the car drives",
            Self::StopGone => "the rider moved this waypoint or left it out",
            Self::AtStop => "the ride goes on, the car stands at a waypoint",
            Self::Over => "the driver's ride is over; an admin may have ended it",
            Self::CalledOff => "the rider, an admin or Wayfare called the trip off",
            Self::CalledOffByDriver => {
                "this driver called the trip off, or gave it back and it is over"
            }
            Self::GivenUp => "taken from this driver, and nobody else was found",
            Self::Looking => "taken from this driver, and another one is looked for",
            Self::WithAnother => "given to another driver, who did not start",
            Self::RidingWithAnother => "the rider is or was in another driver's car",
            Self::GivenBack => "this driver gave the trip back, and it is for others now",
            Self::NeverHad => "the trip was never this person's",
            Self::RiderWaits => "the rider's trip did not start yet",
            Self::RiderRides => "the rider is in the car",
            Self::RiderThere => "the rider is there",
            Self::RiderWithoutTrip => "the rider's trip was called off or found no driver",
            Self::OfferOpen => "the offer is open for this driver",
            Self::OfferAccepted => "this driver accepted the offer before",
            Self::OfferClosed => "the offer timed out, was taken back, answered or went elsewhere",
            Self::OfferUnknown => "the offer was never this driver's",
            Self::FareDue => "the trip is over and costs this much",
            Self::FareDiffers => "the trip is over and costs something else",
            Self::CashTaken => "the driver has this amount already",
            Self::PaidOtherwise => "paid in another way or by another amount",
            Self::NothingDue => "the trip costs nothing, or nothing yet",
            Self::NotTheDriver => "the trip is not one that this driver drove",
            Self::NotRated => "the trip is over and not rated by this side",
            Self::Rated => "the trip was rated by this side",
            Self::NotRatable => "the trip is not over, or did not take place",
            Self::NotOnTheTrip => "the trip is not this person's",
            Self::MayWork => "the driver may work, and said nothing else since",
            Self::SaidOtherwiseSince => "the driver said something else later, on another device",
            Self::MayNotWork => "the driver was suspended or is not approved",
        }
    }
}

/// How a trip stands for the one who reports a step of it; `None` where the plain rules
/// decide, as for those who do not speak through a device.
pub(super) fn of_trip(trip: &Trip, action: &DeviceAction, told: &Told) -> Option<Situation> {
    match told.actor {
        Actor::Driver(driver) => Some(for_driver(trip, action, driver, told.earlier)),
        // A rider's only step is to call the trip off; the rules say so for the others.
        Actor::Rider(rider) if rider == trip.request.rider => {
            matches!(action, DeviceAction::Cancel { .. }).then(|| for_rider(trip))
        }
        Actor::Rider(_) => Some(Situation::NeverHad),
        Actor::Admin(_) | Actor::System => None,
    }
}

const fn for_rider(trip: &Trip) -> Situation {
    match trip.state {
        TripState::Requested | TripState::Assigned { .. } | TripState::Arrived { .. } => {
            Situation::RiderWaits
        }
        TripState::InProgress { .. } => Situation::RiderRides,
        TripState::Completed { .. } => Situation::RiderThere,
        TripState::Cancelled { .. } | TripState::Expired { .. } => Situation::RiderWithoutTrip,
    }
}

fn for_driver(trip: &Trip, action: &DeviceAction, driver: DriverId, earlier: Earlier) -> Situation {
    let held = trip.state.assignment();
    if held.is_some_and(|held| held.driver == driver) {
        return with_own_trip(trip, action, driver);
    }
    match (earlier, trip.state) {
        (Earlier::Never, _) => Situation::NeverHad,
        (_, TripState::InProgress { .. } | TripState::Completed { .. }) => {
            Situation::RidingWithAnother
        }
        (Earlier::GaveBack, TripState::Cancelled { .. } | TripState::Expired { .. }) => {
            Situation::CalledOffByDriver
        }
        (Earlier::GaveBack, _) => Situation::GivenBack,
        (Earlier::TakenAway(_), TripState::Requested) => Situation::Looking,
        (Earlier::TakenAway(_), TripState::Assigned { .. } | TripState::Arrived { .. }) => {
            Situation::WithAnother
        }
        (Earlier::TakenAway(_), TripState::Cancelled { .. }) => Situation::CalledOff,
        (Earlier::TakenAway(_), TripState::Expired { .. }) => Situation::GivenUp,
    }
}

/// The driver has the trip, or had it when it ended.
fn with_own_trip(trip: &Trip, action: &DeviceAction, driver: DriverId) -> Situation {
    match trip.state {
        TripState::Assigned { .. } => Situation::OnTheWay,
        TripState::Arrived { .. } => Situation::AtPickup,
        TripState::InProgress { leg, .. } => match (leg, action) {
            (Leg::AtStop { .. }, _) => Situation::AtStop,
            (
                Leg::EnRoute { stop },
                DeviceAction::ReachStop {
                    place: Some(place), ..
                },
            ) if !leads_to(trip, stop, *place) => Situation::StopGone,
            (Leg::EnRoute { .. }, _) => Situation::Driving,
        },
        TripState::Completed { .. } => Situation::Over,
        TripState::Cancelled { by, .. } if by == Actor::Driver(driver) => {
            Situation::CalledOffByDriver
        }
        TripState::Cancelled { .. } => Situation::CalledOff,
        // These two have no driver.
        TripState::Requested | TripState::Expired { .. } => Situation::NeverHad,
    }
}

/// Whether the car is on the way to a waypoint at this place.
fn leads_to(trip: &Trip, stop: u8, place: LatLng) -> bool {
    trip.stops.is_waypoint(stop) && trip.stops.position(stop) == Some(place)
}
