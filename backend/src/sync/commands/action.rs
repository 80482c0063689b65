//! What a person did, carried out by the services that do it for everybody.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use wayfare_core::id::{DriverId, TripId, UserId, VehicleId};
use wayfare_core::pricing::Fare;
use wayfare_core::sync::DeviceAction;
use wayfare_core::trip::TripStatus;
use wayfare_core::wire::{Availability, AvailabilityStatus, ErrorCode, NewRating, Trip};

use crate::app::App;
use crate::dispatch;
use crate::fleet;
use crate::platform::clock;
use crate::platform::failure::Failure;
use crate::realtime::Feed;
use crate::trips::service::{CashTaken, take_cash};
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
        DeviceAction::GoOnline { vehicle } => go_online(connection, driver, *vehicle).await,
        DeviceAction::GoOffline => go_offline(connection, driver, feed).await,
        DeviceAction::AcceptOffer { offer } => {
            let offer = *offer;
            let stored =
                dispatch::service::take_offer(connection, app, offer, driver, feed).await?;
            Ok(Done {
                trip: Some((stored.id(), stored.trip.version)),
                ..Done::default()
            })
        }
        DeviceAction::DeclineOffer { offer, reason } => {
            let asked = (*offer, driver);
            let refused = dispatch::service::refuse_offer(connection, asked, *reason, feed).await;
            match refused {
                // What nobody asks any more needs no answer.
                Err(failure) if failure.code() == ErrorCode::OfferClosed => Ok(Done::default()),
                other => other.map(|()| Done::default()),
            }
        }
        DeviceAction::TakeCash { trip, amount } => {
            let cash = CashTaken {
                trip: *trip,
                driver,
                amount: *amount,
                // Booked when it is told, as every transaction of the ledger is.
                at: clock::now(),
            };
            Ok(Done::of(&take_cash(connection, cash, feed).await?))
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

async fn go_online(
    connection: &mut PgConnection,
    driver: DriverId,
    vehicle: VehicleId,
) -> Result<Done, Failure> {
    let wanted = Availability {
        status: AvailabilityStatus::Online,
        vehicle_id: Some(vehicle),
    };
    fleet::change_availability(connection, driver, &wanted).await?;
    Ok(Done::default())
}

async fn go_offline(
    connection: &mut PgConnection,
    driver: DriverId,
    feed: &mut Feed,
) -> Result<Done, Failure> {
    let wanted = Availability {
        status: AvailabilityStatus::Offline,
        vehicle_id: None,
    };
    fleet::change_availability(connection, driver, &wanted).await?;
    dispatch::service::keep_nothing(connection, driver, feed).await?;
    Ok(Done {
        left: Some(driver),
        ..Done::default()
    })
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
