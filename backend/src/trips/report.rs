//! What a device tells of a trip, perhaps long after it happened.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use wayfare_core::id::TripId;
use wayfare_core::sync::DeviceAction;
use wayfare_core::sync::conflicts::{Earlier, Told, Verdict, driver_of, judge};
use wayfare_core::trip::{Actor, Refusal};
use wayfare_core::wire::ErrorCode;

use super::change::{Afterwards, Decided, lock, refused};
use super::resume::{earlier_assignment, lock_rider_of};
use super::rows::StoredTrip;
use super::service;
use crate::app::App;
use crate::platform::clock;
use crate::platform::failure::Failure;
use crate::platform::plain_text::clean_note;
use crate::realtime::Feed;

/// A step of a trip that a device tells.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// The trip.
    pub trip: TripId,
    /// What was done: arrive, start, stops, complete or cancel.
    pub action: &'a DeviceAction,
    /// Who did it.
    pub actor: Actor,
    /// When it happened. A time to come counts as now.
    pub at: DateTime<Utc>,
}

/// What came of it.
#[derive(Debug)]
pub struct Reported {
    /// The trip after it.
    pub stored: StoredTrip,
    /// What the server had decided meanwhile was undone.
    pub resumed: bool,
    /// The time that was told is not possible, and the nearest one that is was taken.
    pub retimed: bool,
}

/// Does in the caller's transaction what the conflict table says of a step, with everything that
/// follows from it. A step that is done already changes nothing and is no failure. Messages are added
/// to `feed`, and none if the step is refused.
pub async fn report_step(
    connection: &mut PgConnection,
    app: &App,
    report: Report<'_>,
    feed: &mut Feed,
) -> Result<Reported, Failure> {
    let is_start = matches!(report.action, DeviceAction::Start { .. });
    if is_start {
        check_pin_attempts(app, &report)?;
        // Only a start can bring back a trip.
        lock_rider_of(connection, report.trip).await?;
    }
    let stored = lock(connection, report.trip).await?;
    let told = Told {
        actor: report.actor,
        at: report.at.min(clock::now()),
        earlier: earlier(connection, &stored, report.actor).await?,
    };
    match judge(&stored.trip, report.action, told, service::rules(app)) {
        Verdict::Refuse { code, refusal } => {
            if is_start && code == ErrorCode::WrongPin {
                app.pin_attempts.check(&pin_key(&report));
            }
            Err(why(code, refusal))
        }
        Verdict::Apply {
            events,
            resumed,
            retimed,
        } => {
            let stored = if events.is_empty() {
                stored
            } else {
                carry_out(connection, app, (stored, events), report, feed).await?
            };
            Ok(Reported {
                stored,
                resumed,
                retimed,
            })
        }
    }
}

async fn carry_out(
    connection: &mut PgConnection,
    app: &App,
    (stored, events): (StoredTrip, Vec<wayfare_core::trip::Event>),
    report: Report<'_>,
    feed: &mut Feed,
) -> Result<StoredTrip, Failure> {
    let note = match report.action {
        DeviceAction::Cancel { note, .. } => clean_note("note", note.as_deref())?,
        _ => None,
    };
    let claim = match report.action {
        DeviceAction::Complete { claim, .. } => claim.as_deref(),
        _ => None,
    };
    let decided = Decided {
        stored,
        events,
        actor: report.actor,
        note: note.as_deref(),
        ahead: false,
        claim,
        afterwards: Afterwards::Free,
    };
    decided.carry_out(connection, app, feed).await
}

/// How the driver who tells had the trip, if it is somebody else's or nobody's now.
async fn earlier(
    connection: &mut PgConnection,
    stored: &StoredTrip,
    actor: Actor,
) -> Result<Earlier, Failure> {
    match driver_of(actor) {
        Some(driver) => earlier_assignment(connection, stored.id(), driver).await,
        None => Ok(Earlier::Never),
    }
}

/// Ten thousand PINs are quickly tried; a driver gets only a few wrong ones.
fn check_pin_attempts(app: &App, report: &Report<'_>) -> Result<(), Failure> {
    if app.pin_attempts.is_used_up(&pin_key(report)) {
        let detail = "too many attempts with this trip's PIN";
        return Err(Failure::refused(ErrorCode::RateLimited, detail));
    }
    Ok(())
}

fn pin_key(report: &Report<'_>) -> String {
    match driver_of(report.actor) {
        Some(driver) => format!("{} {}", report.trip, wayfare_core::id::UserId::from(driver)),
        None => report.trip.to_string(),
    }
}

fn why(code: ErrorCode, refusal: Option<Refusal>) -> Failure {
    if let Some(refusal) = refusal {
        return match refused(refusal) {
            failure if failure.code() == code => failure,
            _ => Failure::refused(code, refusal.to_string()),
        };
    }
    Failure::refused(
        code,
        match code {
            ErrorCode::TripReassigned => "the trip was given to another driver",
            ErrorCode::RiderElsewhere => "the rider is in another car",
            ErrorCode::NotFound => return Failure::not_found("trip"),
            _ => "the trip went on without this",
        },
    )
}
