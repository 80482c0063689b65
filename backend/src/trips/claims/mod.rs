//! What devices computed that rides cost, and what their tracks said of it later.
//!
//! A ride is charged by its device's claim in the transaction that completes it, because its track
//! comes later and a trip that is over stays as it is. When the same points are here, the ride is
//! settled again; if that gives another fare, or the points never come, admins are told.

mod queries;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use sqlx::{PgConnection, PgPool};
use wayfare_core::id::{DriverId, TripId};
use wayfare_core::sync::FareClaim;
use wayfare_core::trip::TripState;
use wayfare_core::wire::SyncFlagKind;

use super::change::to_json;
use super::ending::ride_track;
use super::queries::find_trip;
use super::rows::{StoredTrip, read};
use crate::app::App;
use crate::platform::clock;
use crate::platform::failure::Failure;
use crate::pricing::receipts::{self, RideOver, Verdict};
use crate::sync::flags::{self, NewFlag};

/// A track that was not here after this does not come by itself any more.
const TRACK_AWAITED: TimeDelta = TimeDelta::hours(48);
const GIVEN_UP_AT_ONCE: i64 = 500;

/// A claim to keep.
struct NewClaim<'a> {
    trip: TripId,
    claim: Value,
    status: &'static str,
    detail: Option<&'a str>,
    now: DateTime<Utc>,
}

/// Keeps a claim with what became of it, and tells the admins of one that was refused.
pub(super) async fn keep(
    connection: &mut PgConnection,
    stored: &StoredTrip,
    claim: &FareClaim,
    verdict: &Verdict,
) -> Result<(), Failure> {
    let (status, detail) = match verdict {
        Verdict::Accepted => ("accepted", None),
        Verdict::Verified => ("verified", None),
        Verdict::Refused(reason) => ("refused", Some(reason.as_str())),
    };
    let new = NewClaim {
        trip: stored.id(),
        claim: to_json(claim)?,
        status,
        detail,
        now: clock::now(),
    };
    queries::insert_claim(connection, new).await?;
    count(status);
    match detail {
        Some(reason) => {
            let detail = format!("the fare of the device was not charged: {reason}");
            tell(connection, stored, SyncFlagKind::FareRefused, detail).await
        }
        None => Ok(()),
    }
}

/// Settles the claimed ride again, if the points that it was claimed by are here now. Call it after
/// points of a trip were taken in.
pub async fn check_claim(
    connection: &mut PgConnection,
    app: &App,
    trip: TripId,
) -> Result<(), Failure> {
    let Some(claim) = queries::find_unproven_for_update(connection, trip).await? else {
        return Ok(());
    };
    let claim: FareClaim = read(claim)?;
    let row = find_trip(connection, trip).await?;
    let stored = StoredTrip::try_from(row.ok_or_else(|| Failure::not_found("trip"))?)?;
    let Some(fare) = price_by_track(connection, app, &stored, &claim).await? else {
        return Ok(());
    };
    let now = clock::now();
    if fare == stored.fare {
        count("verified");
        return Ok(queries::set_checked(connection, trip, ("verified", None), now).await?);
    }
    let detail = receipts::other_fare(&stored.fare, &fare);
    let checked = ("differs", Some(detail.as_str()));
    queries::set_checked(connection, trip, checked, now).await?;
    count("differs");
    let detail = format!("the track gives another fare than was charged: {detail}");
    tell(connection, &stored, SyncFlagKind::TrackDiffers, detail).await
}

/// What the ride costs by the points that it was claimed by; `None` while they are not all here.
async fn price_by_track(
    connection: &mut PgConnection,
    app: &App,
    stored: &StoredTrip,
    claim: &FareClaim,
) -> Result<Option<wayfare_core::pricing::Fare>, Failure> {
    let TripState::Completed {
        started_at,
        completed_at,
        ..
    } = stored.trip.state
    else {
        return Ok(None);
    };
    let Some(proof) = claim.track else {
        return Ok(None);
    };
    let track = ride_track(connection, stored.id(), [started_at, completed_at]).await?;
    let over = RideOver {
        trip: &stored.trip,
        quote: stored.quote,
        plan: stored.plan,
        track: &track,
    };
    receipts::price_by_track(connection, app, &over, proof.digest).await
}

/// Tells the admins of rides that were charged by a track that never came. Answers how many.
pub async fn give_up_tracks(pool: &PgPool, now: DateTime<Utc>) -> Result<u32, Failure> {
    let mut transaction = pool.begin().await?;
    let before = now - TRACK_AWAITED;
    let rows = queries::give_up_tracks(&mut transaction, before, now, GIVEN_UP_AT_ONCE).await?;
    for row in &rows {
        let flag = NewFlag {
            kind: SyncFlagKind::TrackMissing,
            user: DriverId::from_uuid(row.driver_id).into(),
            device: None,
            command: None,
            trip: Some(TripId::from_uuid(row.trip_id)),
            detail: "the track that the fare was charged by did not come".into(),
        };
        flags::raise(&mut transaction, flag).await?;
        count("missing");
    }
    transaction.commit().await?;
    Ok(u32::try_from(rows.len()).unwrap_or(u32::MAX))
}

async fn tell(
    connection: &mut PgConnection,
    stored: &StoredTrip,
    kind: SyncFlagKind,
    detail: String,
) -> Result<(), Failure> {
    let Some(assignment) = stored.trip.state.assignment() else {
        return Ok(());
    };
    let flag = NewFlag {
        kind,
        user: assignment.driver.into(),
        device: None,
        command: None,
        trip: Some(stored.id()),
        detail,
    };
    flags::raise(connection, flag).await
}

fn count(status: &'static str) {
    metrics::counter!("wayfare_fare_claims_total", "status" => status).increment(1);
}
