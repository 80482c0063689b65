//! What a person did, carried out by the services that do it for everybody.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use wayfare_core::id::{DriverId, TripId, UserId};
use wayfare_core::money::Money;
use wayfare_core::pricing::Fare;
use wayfare_core::sync::conflicts::{Resolution, Situation, resolution, row_of};
use wayfare_core::sync::{ActionKind, DeviceAction};
use wayfare_core::trip::TripStatus;
use wayfare_core::wire::{
    Availability, AvailabilityStatus, ErrorCode, NewRating, PaymentMethod, Trip,
};

use crate::app::App;
use crate::dispatch;
use crate::fleet;
use crate::platform::clock;
use crate::platform::failure::Failure;
use crate::realtime::Feed;
use crate::trips::service::{CashTaken, get_trip, take_cash};
use crate::trips::{Report, rate_trip, report_step};

/// What a person did.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deed<'a> {
    pub(super) user: UserId,
    pub(super) action: &'a DeviceAction,
    /// Not later than now.
    pub(super) at: DateTime<Utc>,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Done {
    /// The trip and its version, if it was about one.
    pub(super) trip: Option<(TripId, u32)>,
    /// When it counts as having happened, if that is not when it was told.
    pub(super) at: Option<DateTime<Utc>>,
    /// What the trip costs, if it is over.
    pub(super) fare: Option<Fare>,
    /// It undid what had been decided meanwhile.
    pub(super) resumed: bool,
    /// It cannot have happened when the device says.
    pub(super) retimed: bool,
    /// This driver is looked for no more.
    pub(super) left: Option<DriverId>,
}

impl Done {
    fn of(trip: &Trip) -> Self {
        Self {
            trip: Some((trip.id, trip.version)),
            ..Self::default()
        }
    }
}

/// Carries it out in the caller's transaction. If it is refused, there may be messages that are not
/// true.
pub(super) async fn carry_out(
    connection: &mut PgConnection,
    app: &App,
    deed: Deed<'_>,
    feed: &mut Feed,
) -> Result<Done, Failure> {
    let (user, driver) = (deed.user, DriverId::from(deed.user));
    match deed.action {
        DeviceAction::GoOnline { vehicle } => {
            let wanted = Availability {
                status: AvailabilityStatus::Online,
                vehicle_id: Some(*vehicle),
            };
            set_availability(connection, deed, &wanted, feed).await
        }
        DeviceAction::GoOffline => {
            let wanted = Availability {
                status: AvailabilityStatus::Offline,
                vehicle_id: None,
            };
            set_availability(connection, deed, &wanted, feed).await
        }
        DeviceAction::AcceptOffer { offer } | DeviceAction::DeclineOffer { offer, .. } => {
            let (offer, kind) = (*offer, deed.action.kind());
            let stands = dispatch::service::offer_situation(connection, offer, driver).await?;
            if !still_counts(kind, stands)? {
                return Ok(Done::default());
            }
            answer_offer(connection, app, deed, feed).await
        }
        DeviceAction::TakeCash { trip, amount } => {
            take_money(connection, (*trip, driver), *amount, feed).await
        }
        DeviceAction::Rate {
            trip,
            stars,
            comment,
        } => {
            let rating = rating(*stars, comment.as_deref())?;
            Ok(Done::of(
                &rate_trip(connection, *trip, user, &rating).await?,
            ))
        }
        DeviceAction::Arrive { trip }
        | DeviceAction::Start { trip, .. }
        | DeviceAction::ReachStop { trip, .. }
        | DeviceAction::LeaveStop { trip }
        | DeviceAction::Complete { trip, .. }
        | DeviceAction::Cancel { trip, .. } => {
            let report = Report {
                trip: *trip,
                action: deed.action,
                user,
                at: deed.at,
            };
            step(connection, app, report, feed).await
        }
    }
}

/// Whether what a person did is still to be done, by the conflict table.
fn still_counts(kind: ActionKind, situation: Situation) -> Result<bool, Failure> {
    match resolution(kind, situation) {
        Resolution::Already => Ok(false),
        Resolution::Refuse(code) => {
            let words = row_of(kind, situation).map(|row| row.words);
            let words = words.unwrap_or("what happened meanwhile forbids it");
            Err(Failure::refused(code, words))
        }
        _ => Ok(true),
    }
}

async fn set_availability(
    connection: &mut PgConnection,
    deed: Deed<'_>,
    wanted: &Availability,
    feed: &mut Feed,
) -> Result<Done, Failure> {
    let driver = DriverId::from(deed.user);
    if fleet::said_otherwise_since(connection, driver, deed.at).await?
        && !still_counts(deed.action.kind(), Situation::SaidOtherwiseSince)?
    {
        return Ok(Done::default());
    }
    let change = fleet::change_availability(connection, driver, wanted, deed.at).await?;
    if change.online.is_some() {
        return Ok(Done::default());
    }
    dispatch::service::keep_nothing(connection, driver, feed).await?;
    Ok(Done {
        left: Some(driver),
        ..Done::default()
    })
}

async fn answer_offer(
    connection: &mut PgConnection,
    app: &App,
    deed: Deed<'_>,
    feed: &mut Feed,
) -> Result<Done, Failure> {
    let driver = DriverId::from(deed.user);
    match deed.action {
        DeviceAction::AcceptOffer { offer } => {
            let stored =
                dispatch::service::take_offer(connection, app, *offer, driver, feed).await?;
            Ok(Done {
                trip: Some((stored.id(), stored.trip.version)),
                ..Done::default()
            })
        }
        DeviceAction::DeclineOffer { offer, reason } => {
            let asked = (*offer, driver);
            dispatch::service::refuse_offer(connection, asked, *reason, feed).await?;
            Ok(Done::default())
        }
        _ => Ok(Done::default()),
    }
}

async fn take_money(
    connection: &mut PgConnection,
    (trip, driver): (TripId, DriverId),
    amount: Money,
    feed: &mut Feed,
) -> Result<Done, Failure> {
    let cash = CashTaken {
        trip,
        driver,
        amount,
        // Booked when it is told, as every transaction of the ledger is.
        at: clock::now(),
    };
    let failure = match take_cash(connection, cash, feed).await {
        Ok(trip) => return Ok(Done::of(&trip)),
        Err(failure) => failure,
    };
    let situation = match failure.code() {
        ErrorCode::Forbidden => Situation::NotTheDriver,
        ErrorCode::AlreadyPaid if took_it(connection, cash).await? => Situation::CashTaken,
        _ => return Err(failure),
    };
    if still_counts(ActionKind::TakeCash, situation)? {
        return Err(failure);
    }
    let trip = get_trip(connection, trip, driver.into()).await?;
    Ok(Done::of(&trip))
}

/// Whether the trip is paid by just this.
async fn took_it(connection: &mut PgConnection, cash: CashTaken) -> Result<bool, Failure> {
    let trip = get_trip(connection, cash.trip, cash.driver.into()).await?;
    Ok(trip.payment.is_some_and(|payment| {
        payment.method == PaymentMethod::Cash && payment.amount == cash.amount
    }))
}

async fn step(
    connection: &mut PgConnection,
    app: &App,
    report: Report<'_>,
    feed: &mut Feed,
) -> Result<Done, Failure> {
    let reported = report_step(connection, app, report, feed).await?;
    let stored = &reported.stored;
    let completes = matches!(report.action, DeviceAction::Complete { .. });
    let over = stored.trip.state.status() == TripStatus::Completed;
    Ok(Done {
        trip: Some((stored.id(), stored.trip.version)),
        at: (reported.at != report.at).then_some(reported.at),
        fare: (completes && over).then(|| stored.fare.clone()),
        resumed: reported.resumed,
        retimed: reported.retimed,
        left: None,
    })
}

fn rating(stars: u8, comment: Option<&str>) -> Result<NewRating, Failure> {
    if !(1..=5).contains(&stars) {
        let detail = "`stars` must be 1 to 5";
        return Err(Failure::refused(ErrorCode::InvalidRequest, detail));
    }
    Ok(NewRating {
        stars,
        comment: comment.map(str::to_owned),
    })
}
