//! Keeping pieces, and taking their points in.

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use sqlx::{Connection, PgConnection};
use wayfare_core::id::{DriverId, TripId};
use wayfare_core::sync::ChainHash;
use wayfare_core::track::segment::{SegmentError, SegmentPoint, read_segment, span};
use wayfare_core::wire::{ErrorCode, SegmentKept};

use super::queries::{self, NewSegment};
use crate::app::App;
use crate::platform::clock;
use crate::platform::failure::Failure;
use crate::trips::{self, StoredPoint, TrackOwner};
use crate::{dispatch, fleet};

/// So many new pieces a driver may send within a day. A long shift has some tens of them.
pub const SEGMENTS_PER_DAY_MAX: i64 = 5_000;
/// When somebody who sent too many may come back.
const COME_BACK_AFTER_S: u32 = 3600;
/// When a device of a newer version may try again: this server is about to be replaced.
const UPGRADE_AFTER_S: u32 = 600;
/// A point further ahead of the server's clock is in no track: its device's clock is wrong.
const AHEAD_MAX: TimeDelta = TimeDelta::days(1);
/// Pieces that are read at once when a trip comes back to a driver.
const TAKEN_IN_AT_ONCE: i64 = 50;

/// A piece as it came.
#[derive(Debug)]
pub(super) struct Piece {
    /// The trip that it is of, if it is of one.
    pub(super) trip: Option<TripId>,
    /// What it is called.
    pub(super) name: ChainHash,
    /// What it is.
    pub(super) bytes: Bytes,
}

/// Keeps a piece, and takes its points in if the trip is the driver's.
pub(super) async fn put(app: &App, driver: DriverId, piece: Piece) -> Result<SegmentKept, Failure> {
    if ChainHash::from_bytes(Sha256::digest(&piece.bytes).into()) != piece.name {
        let detail = "the name of a segment is the SHA-256 of its bytes; these bytes have another";
        return Err(Failure::refused(ErrorCode::ContentMismatch, detail));
    }
    let points = read(&piece.bytes)?;
    let now = clock::now();
    let mut transaction = app.pool.begin().await?;
    let connection = &mut *transaction;
    // The trip first: everybody who needs it and other things takes it first.
    let owner = find_place(connection, driver, piece.trip).await?;
    let is_new =
        queries::insert_segment(connection, new_segment(driver, &piece, &points, now)).await?;
    if is_new {
        check_count(connection, driver, now).await?;
        if let Some(owner) = owner {
            let new = keep_points(connection, driver, owner, &points, now).await?;
            if new > 0 {
                check_claim(connection, app, owner.trip).await?;
            }
        }
    }
    transaction.commit().await?;
    Ok(SegmentKept {
        points: u32::try_from(points.len()).unwrap_or(u32::MAX),
        duplicate: !is_new,
    })
}

/// Takes in what a driver sent of a trip before it came to them, or while it was somebody else's. The
/// caller holds the trip and gave it to the driver already. Answers how many points are new.
pub async fn take_in(
    connection: &mut PgConnection,
    trip: TripId,
    driver: DriverId,
) -> Result<usize, Failure> {
    let now = clock::now();
    let owner = trips::lock_track(connection, trip)
        .await?
        .ok_or_else(|| Failure::not_found("trip"))?;
    let mut after = Vec::new();
    let mut new = 0;
    loop {
        let pieces =
            queries::list_segments_of(connection, trip, driver, &after, TAKEN_IN_AT_ONCE).await?;
        let Some(last) = pieces.last() else {
            return Ok(new);
        };
        after.clone_from(&last.sha256);
        for piece in &pieces {
            let points = read_segment(&piece.content)
                .map_err(|error| Failure::broken("reading a segment", error))?;
            new += keep_points(connection, driver, owner, &points, now).await?;
        }
    }
}

/// Checks the fare that was charged before the track was here, now that there is more of it. Whatever
/// goes wrong with that, the points are kept.
async fn check_claim(
    connection: &mut PgConnection,
    app: &App,
    trip: TripId,
) -> Result<(), Failure> {
    let mut attempt = connection.begin().await?;
    match trips::check_claim(&mut attempt, app, trip).await {
        Ok(()) => attempt.commit().await?,
        Err(error) => {
            attempt.rollback().await?;
            let error: &dyn std::error::Error = &error;
            tracing::error!(error, %trip, "a claimed fare cannot be checked");
        }
    }
    Ok(())
}

fn read(bytes: &[u8]) -> Result<Vec<SegmentPoint>, Failure> {
    read_segment(bytes).map_err(|error| match error {
        // It is read when the server is as new as the device; until then the device must keep it.
        SegmentError::TooNew => Failure::Refused {
            code: ErrorCode::Unavailable,
            detail: "this segment is of a newer version than this server; try again later".into(),
            retry_after_s: Some(UPGRADE_AFTER_S),
        },
        error => Failure::refused(ErrorCode::InvalidRequest, error.to_string()),
    })
}

/// Whose the trip's track is, if the piece is of a trip that the driver has or had, or was asked to
/// take: somebody without a network may have driven on the strength of that.
async fn find_place(
    connection: &mut PgConnection,
    driver: DriverId,
    trip: Option<TripId>,
) -> Result<Option<TrackOwner>, Failure> {
    let Some(trip) = trip else {
        if fleet::service::driver_exists(connection, driver.into()).await? {
            return Ok(None);
        }
        let detail = "only drivers send tracks";
        return Err(Failure::refused(ErrorCode::DriverProfile, detail));
    };
    let unknown = || Failure::not_found("trip");
    let owner = trips::lock_track(connection, trip)
        .await?
        .ok_or_else(unknown)?;
    let may = owner.driver == Some(driver)
        || trips::own::was_driver_of(connection, trip, driver).await?
        || dispatch::service::was_offered(connection, trip, driver).await?;
    if may { Ok(Some(owner)) } else { Err(unknown()) }
}

fn new_segment<'a>(
    driver: DriverId,
    piece: &'a Piece,
    points: &[SegmentPoint],
    now: DateTime<Utc>,
) -> NewSegment<'a> {
    // A device whose clock is wrong by ages says times that a database does not hold.
    let (first, last) = span(points).unwrap_or((now, now));
    let held = DateTime::UNIX_EPOCH..=now + TimeDelta::days(36_500);
    let within = |at: DateTime<Utc>| at.clamp(*held.start(), *held.end());
    NewSegment {
        driver,
        name: piece.name,
        trip: piece.trip,
        content: &piece.bytes,
        points: i32::try_from(points.len()).unwrap_or(i32::MAX),
        first_at: within(first),
        last_at: within(last),
        now,
    }
}

async fn check_count(
    connection: &mut PgConnection,
    driver: DriverId,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let since = now - TimeDelta::days(1);
    let limit = SEGMENTS_PER_DAY_MAX.saturating_add(1);
    let sent = queries::count_segments_since(connection, driver, since, limit).await?;
    if sent <= SEGMENTS_PER_DAY_MAX {
        return Ok(());
    }
    Err(Failure::Refused {
        code: ErrorCode::RateLimited,
        detail: format!("{SEGMENTS_PER_DAY_MAX} segments a day are the most").into(),
        retry_after_s: Some(COME_BACK_AFTER_S),
    })
}

async fn keep_points(
    connection: &mut PgConnection,
    driver: DriverId,
    owner: TrackOwner,
    points: &[SegmentPoint],
    now: DateTime<Utc>,
) -> Result<usize, Failure> {
    if owner.driver != Some(driver) {
        return Ok(0);
    }
    let points = points.iter().map(StoredPoint::from);
    trips::keep_late(connection, owner, points, now + AHEAD_MAX).await
}
