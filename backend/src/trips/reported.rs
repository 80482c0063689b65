//! Steps of trips that a device reports, maybe long after they happened.
//!
//! What a step means when the world went on meanwhile is decided by the conflict table of the core;
//! what follows from it is what follows from every change of a trip.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use wayfare_core::id::{DriverId, RiderId, TripId, UserId};
use wayfare_core::sync::DeviceAction;
use wayfare_core::sync::conflicts::{Earlier, Told, Verdict, judge, row_for};
use wayfare_core::trip::{Actor, Command, Event, Versioned};
use wayfare_core::wire::ErrorCode;

use super::change::{Change, change_trip, lock, refused};
use super::queries;
use super::rows::{StoredTrip, broken};
use super::service::rules;
use crate::app::App;
use crate::platform::failure::Failure;
use crate::platform::plain_text::clean_note;
use crate::realtime::Feed;

/// A step of a trip, as a person's device tells it.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// The trip.
    pub trip: TripId,
    /// The step: arrive, start, stops, complete or cancel.
    pub action: &'a DeviceAction,
    /// Who says it.
    pub user: UserId,
    /// When it happened: not later than now.
    pub at: DateTime<Utc>,
}

/// What became of a step.
#[derive(Debug)]
pub struct Reported {
    /// The trip after it.
    pub stored: StoredTrip,
    /// When it counts as having happened.
    pub at: DateTime<Utc>,
    /// It undid what had been decided meanwhile.
    pub resumed: bool,
    /// It cannot have happened when the device says; the nearest possible time was taken.
    pub retimed: bool,
}

/// Keeps the rider's other trips as they are until the transaction ends. A transaction in which a ride
/// is started by a device calls it before it locks the trip.
pub async fn hold_rider(connection: &mut PgConnection, trip: TripId) -> Result<(), Failure> {
    if let Some(rider) = queries::find_rider_of(connection, trip).await? {
        queries::lock_rider(connection, RiderId::from_uuid(rider)).await?;
    }
    Ok(())
}

/// Takes a step that a device reports. Messages are added to `feed`; if the step is refused, some may
/// have been added that are not true.
pub async fn report_step(
    connection: &mut PgConnection,
    app: &App,
    report: Report<'_>,
    feed: &mut Feed,
) -> Result<Reported, Failure> {
    let stored = lock(connection, report.trip).await?;
    let told = told(connection, &stored, report).await?;
    let verdict = judge(&stored.trip, report.action, told, rules(app));
    let (events, resumed, retimed) = match verdict {
        Verdict::Apply {
            events,
            resumed,
            retimed,
        } => (events, resumed, retimed),
        Verdict::Refuse { code, refusal } => {
            let words = row_for(&stored.trip, report.action, &told).map(|row| row.words);
            return Err(refusal.map_or_else(|| said_no(code, words), refused));
        }
    };
    let (note, claim) = match report.action {
        DeviceAction::Cancel { note, .. } => (clean_note("note", note.as_deref())?, None),
        DeviceAction::Complete { claim, .. } => (None, claim.as_deref()),
        _ => (None, None),
    };
    let (mut stored, mut at) = (stored, report.at);
    for event in &events {
        at = event.at();
        let change = Change {
            note: note.as_deref(),
            at: Some(at),
            claim,
            ..Change::now(report.trip, command(event, report.action)?, told.actor)
        };
        stored = change_trip(connection, app, change, feed).await?;
    }
    Ok(Reported {
        stored,
        at,
        resumed,
        retimed,
    })
}

/// Who says it, and how that person had the trip. A stranger does not learn that it exists.
async fn told(
    connection: &mut PgConnection,
    stored: &StoredTrip,
    report: Report<'_>,
) -> Result<Told, Failure> {
    let rider = RiderId::from(report.user);
    let driver = DriverId::from(report.user);
    let is_rider = stored.rider() == rider;
    let has_it = stored.trip.state.assignment().map(|has| has.driver) == Some(driver);
    let earlier = if is_rider || has_it {
        Earlier::Never
    } else {
        let earlier = earlier(connection, report.trip, driver).await?;
        if earlier == Earlier::Never {
            return Err(Failure::not_found("trip"));
        }
        earlier
    };
    Ok(Told {
        actor: if is_rider {
            Actor::Rider(rider)
        } else {
            Actor::Driver(driver)
        },
        at: report.at,
        earlier,
    })
}

async fn earlier(
    connection: &mut PgConnection,
    trip: TripId,
    driver: DriverId,
) -> Result<Earlier, Failure> {
    let mut events = Vec::new();
    for payload in queries::list_handovers(connection, trip).await? {
        let event: Versioned<Event> = Versioned::from_value(payload).map_err(broken)?;
        events.push(event.0);
    }
    Ok(Earlier::of(driver, &events))
}

/// The command that brings this event about: what the table decided goes the way of every change.
fn command(event: &Event, action: &DeviceAction) -> Result<Command, Failure> {
    Ok(match (event, action) {
        (Event::Arrived { .. }, _) => Command::Arrive,
        (Event::Started { .. }, DeviceAction::Start { pin, .. }) => Command::Start { pin: *pin },
        (
            Event::Resumed {
                assignment,
                arrived_at,
                ..
            },
            DeviceAction::Start { pin, .. },
        ) => Command::Resume {
            pin: *pin,
            assignment: *assignment,
            arrived_at: *arrived_at,
        },
        (Event::StopReached { .. }, _) => Command::ReachStop,
        (Event::StopLeft { .. }, _) => Command::LeaveStop,
        (Event::Completed { .. }, _) => Command::Complete,
        (Event::Cancelled { .. } | Event::Released { .. }, DeviceAction::Cancel { reason, .. }) => {
            Command::Cancel { reason: *reason }
        }
        _ => {
            let step = NoStep {
                action: action.as_str(),
                event: event.kind(),
            };
            return Err(Failure::broken("taking a step of a trip", step));
        }
    })
}

#[derive(Debug, thiserror::Error)]
#[error("`{event}` does not follow from `{action}`")]
struct NoStep {
    action: &'static str,
    event: &'static str,
}

/// What people are told of a refusal that no rule of the trip alone makes.
fn said_no(code: ErrorCode, words: Option<&'static str>) -> Failure {
    match code {
        // A stranger does not learn that it exists.
        ErrorCode::NotFound => Failure::not_found("trip"),
        _ => Failure::refused(code, words.unwrap_or("what happened meanwhile forbids it")),
    }
}
