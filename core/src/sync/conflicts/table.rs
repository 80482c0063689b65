//! The table itself. `docs/offline/conflicts.md` shows it in words, and a test holds both together.

use super::Situation;
use crate::sync::ActionKind;
use crate::wire::ErrorCode;

use ActionKind as A;
use ErrorCode as Code;
use Resolution::{Already, AsUsual, Refuse, Resume, WithArrival};
use Situation as S;

/// What becomes of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// The rules decide as they do for anybody with a network.
    AsUsual,
    /// It counts and changes nothing: what was wanted is so, or does not matter any more.
    Already,
    /// With the right PIN the ride began, and with it comes the arrival that the server does not have.
    WithArrival,
    /// With the right PIN the ride began, whatever was decided meanwhile.
    Resume,
    /// It does not count.
    Refuse(ErrorCode),
}

/// What becomes of some actions in a situation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// How things stand.
    pub situation: Situation,
    /// What the person did: one of these.
    pub actions: &'static [ActionKind],
    /// What becomes of it.
    pub resolution: Resolution,
    /// The same for people.
    pub words: &'static str,
}

const fn row(
    situation: Situation,
    actions: &'static [ActionKind],
    resolution: Resolution,
    words: &'static str,
) -> Row {
    Row {
        situation,
        actions,
        resolution,
        words,
    }
}

const WRONG_STATE: Resolution = Refuse(Code::WrongTripState);
const REASSIGNED: Resolution = Refuse(Code::TripReassigned);
const ALL_STEPS: &[A] = &[
    A::Arrive,
    A::Start,
    A::ReachStop,
    A::LeaveStop,
    A::Complete,
    A::Cancel,
];
const RIDE: &[A] = &[A::ReachStop, A::LeaveStop, A::Complete];
const ALL_BUT_START_AND_CANCEL: &[A] = &[A::Arrive, A::ReachStop, A::LeaveStop, A::Complete];
const ALL_BUT_CANCEL: &[A] = &[A::Arrive, A::Start, A::ReachStop, A::LeaveStop, A::Complete];

/// The conflict table. Every action that may meet a situation has one row.
#[rustfmt::skip]
pub static TABLE: &[Row] = &[
    row(S::OnTheWay, &[A::Arrive, A::Cancel], AsUsual, "it happens, also if the rider changed the stops meanwhile"),
    row(S::OnTheWay, &[A::Start], WithArrival, "with the PIN the ride begins, and the arrival is told with it"),
    row(S::OnTheWay, RIDE, WRONG_STATE, "the ride did not begin"),

    row(S::AtPickup, &[A::Arrive], Already, "the driver is there already"),
    row(S::AtPickup, &[A::Start, A::Cancel], AsUsual, "it happens, also if the rider changed the stops meanwhile"),
    row(S::AtPickup, RIDE, WRONG_STATE, "the ride did not begin"),

    row(S::Driving, &[A::Arrive, A::Start], Already, "the ride began already"),
    row(S::Driving, &[A::ReachStop, A::Complete], AsUsual, "it happens, also if the rider changed the stops meanwhile"),
    row(S::Driving, &[A::LeaveStop], WRONG_STATE, "the car does not stand at a waypoint"),
    row(S::Driving, &[A::Cancel], WRONG_STATE, "a ride that began is completed, not called off"),

    row(S::StopGone, &[A::ReachStop], WRONG_STATE, "the waypoint is not the next one any more"),

    row(S::AtStop, &[A::Arrive, A::Start], Already, "the ride began already"),
    row(S::AtStop, &[A::LeaveStop, A::Complete], AsUsual, "it happens, also if the rider changed the stops meanwhile"),
    row(S::AtStop, &[A::ReachStop], WRONG_STATE, "the car stands at a waypoint already"),
    row(S::AtStop, &[A::Cancel], WRONG_STATE, "a ride that began is completed, not called off"),

    row(S::Over, &[A::Complete], Already, "the ride is over already; the fare stays as it was charged"),
    row(S::Over, &[A::Arrive, A::Start, A::ReachStop, A::LeaveStop, A::Cancel], WRONG_STATE, "the ride is over"),

    row(S::CalledOff, &[A::Start], Resume, "with the PIN the trip goes on, whenever it was called off"),
    row(S::CalledOff, &[A::Cancel], Already, "the trip is called off already"),
    row(S::CalledOff, ALL_BUT_START_AND_CANCEL, WRONG_STATE, "the trip was called off, and no ride began"),

    row(S::CalledOffByDriver, &[A::Cancel], Already, "the trip is called off already"),
    row(S::CalledOffByDriver, ALL_BUT_CANCEL, WRONG_STATE, "the driver called the trip off; the own word stands"),

    row(S::GivenUp, &[A::Start], Resume, "with the PIN the trip goes on"),
    row(S::GivenUp, &[A::Cancel], Already, "the trip is over already"),
    row(S::GivenUp, ALL_BUT_START_AND_CANCEL, WRONG_STATE, "the trip is over, and no ride began"),

    row(S::Looking, &[A::Start], Resume, "with the PIN the trip goes on with this driver"),
    row(S::Looking, &[A::Cancel], Already, "the driver does not have the trip any more"),
    row(S::Looking, ALL_BUT_START_AND_CANCEL, REASSIGNED, "the trip was taken away, and no ride began"),

    row(S::WithAnother, &[A::Start], Resume, "with the PIN the trip goes on with this driver, and the other one is told"),
    row(S::WithAnother, &[A::Cancel], Already, "the driver does not have the trip any more"),
    row(S::WithAnother, ALL_BUT_START_AND_CANCEL, REASSIGNED, "another driver has the trip, and no ride began"),

    row(S::RidingWithAnother, &[A::Start], Refuse(Code::RiderElsewhere), "the rider gave the PIN to another driver"),
    row(S::RidingWithAnother, &[A::Arrive, A::ReachStop, A::LeaveStop, A::Complete, A::Cancel], REASSIGNED, "another driver drives the trip"),

    row(S::GivenBack, &[A::Cancel], Already, "the driver does not have the trip any more"),
    row(S::GivenBack, ALL_BUT_CANCEL, REASSIGNED, "the driver gave the trip back; the own word stands"),

    row(S::NeverHad, ALL_STEPS, Refuse(Code::NotFound), "there is no such trip for this person"),

    row(S::RiderWaits, &[A::Cancel], AsUsual, "the trip is called off"),
    row(S::RiderRides, &[A::Cancel], WRONG_STATE, "the ride began: the fact comes before the wish"),
    row(S::RiderThere, &[A::Cancel], WRONG_STATE, "the ride is over"),
    row(S::RiderWithoutTrip, &[A::Cancel], Already, "the trip is over already"),

    row(S::OfferOpen, &[A::AcceptOffer, A::DeclineOffer], AsUsual, "it happens"),
    row(S::OfferAccepted, &[A::AcceptOffer], Already, "the driver has the trip already"),
    row(S::OfferAccepted, &[A::DeclineOffer], Refuse(Code::OfferClosed), "the driver has the trip and may give it back"),
    row(S::OfferClosed, &[A::AcceptOffer], Refuse(Code::OfferClosed), "the trip is not this driver's"),
    row(S::OfferClosed, &[A::DeclineOffer], Already, "the driver does not get the trip, as was wanted"),
    row(S::OfferUnknown, &[A::AcceptOffer, A::DeclineOffer], Refuse(Code::NotFound), "there is no such offer for this driver"),

    row(S::FareDue, &[A::TakeCash], AsUsual, "the trip is paid"),
    row(S::FareDiffers, &[A::TakeCash], Refuse(Code::WrongAmount), "the driver is told what the trip costs"),
    row(S::CashTaken, &[A::TakeCash], Already, "it is counted once"),
    row(S::PaidOtherwise, &[A::TakeCash], Refuse(Code::AlreadyPaid), "nobody pays twice; the driver gives the money back"),
    row(S::NothingDue, &[A::TakeCash], WRONG_STATE, "there is nothing to pay"),
    row(S::NotTheDriver, &[A::TakeCash], Refuse(Code::NotFound), "there is no such trip for this driver"),

    row(S::NotRated, &[A::Rate], AsUsual, "it counts"),
    row(S::Rated, &[A::Rate], Refuse(Code::AlreadyRated), "the first one stays"),
    row(S::NotRatable, &[A::Rate], WRONG_STATE, "there is nothing to rate"),
    row(S::NotOnTheTrip, &[A::Rate], Refuse(Code::NotFound), "there is no such trip for this person"),

    row(S::MayWork, &[A::GoOnline, A::GoOffline], AsUsual, "it happens"),
    row(S::SaidOtherwiseSince, &[A::GoOnline, A::GoOffline], Already, "the later word counts"),
    row(S::MayNotWork, &[A::GoOnline], Refuse(Code::DriverNotActive), "no offers for a driver who may not work"),
    row(S::MayNotWork, &[A::GoOffline], AsUsual, "it happens"),
];

/// The row for this action in this situation; `None` if the two do not meet.
pub fn row_of(action: ActionKind, situation: Situation) -> Option<&'static Row> {
    TABLE
        .iter()
        .find(|row| row.situation == situation && row.actions.contains(&action))
}

/// What becomes of this action in this situation. Two that do not meet, such as a rating of an offer,
/// are refused as [`ErrorCode::Internal`]: somebody asked nonsense.
pub fn resolution(action: ActionKind, situation: Situation) -> Resolution {
    row_of(action, situation).map_or(Refuse(Code::Internal), |row| row.resolution)
}
