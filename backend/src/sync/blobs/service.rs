//! Announcing files, taking their pieces, and forgetting those that never became whole.

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use sqlx::{PgConnection, PgPool};
use wayfare_core::id::{BlobId, UserId};
use wayfare_core::sync::ChainHash;
use wayfare_core::wire::{Blob, ErrorCode, FieldProblem, NewBlob};

use super::limits::{self, Announced};
use super::queries::{self, BlobRow};
use crate::app::App;
use crate::platform::clock;
use crate::platform::failure::Failure;
use crate::platform::http::Principal;
use crate::{dispatch, trips};

/// A file that is not whole after this is forgotten. Its device begins anew if it still has it.
pub const KEPT_UNFINISHED_FOR: TimeDelta = TimeDelta::days(7);
const FORGOTTEN_AT_ONCE: i64 = 100;

/// A piece of a file.
#[derive(Debug)]
pub(super) struct Piece {
    /// Where it begins.
    pub(super) offset: u64,
    /// What it is.
    pub(super) bytes: Bytes,
}

/// Announces a file, or answers how much of it is there already.
pub(super) async fn announce(app: &App, user: UserId, new: &NewBlob) -> Result<Blob, Failure> {
    limits::check_kind(new)?;
    let now = clock::now();
    let mut transaction = app.pool.begin().await?;
    let connection = &mut *transaction;
    queries::lock_person(connection, user).await?;
    if let Some(row) = queries::find_blob(connection, new.blob_id).await? {
        return known(&row, user, new);
    }
    check_trip(connection, user, new).await?;
    let insert = queries::insert_blob(connection, user, new, now).await?;
    if !insert {
        // Somebody else was quicker with this id.
        return Err(taken());
    }
    let announced = queries::count_announced(connection, user, now - TimeDelta::days(1)).await?;
    limits::check_amount(Announced {
        files: announced.files,
        bytes: announced.bytes,
    })?;
    transaction.commit().await?;
    Ok(Blob {
        blob_id: new.blob_id,
        size: new.size,
        received: 0,
        complete: false,
    })
}

/// What is answered to an announcement of what is known.
fn known(row: &BlobRow, user: UserId, new: &NewBlob) -> Result<Blob, Failure> {
    let same = row.user_id == user.uuid()
        && u64::try_from(row.size) == Ok(new.size)
        && row.sha256 == new.sha256.bytes()
        && row.media_type == new.media_type
        && row.kind == queries::kind_name(new.kind)
        && row.trip_id == new.trip_id.map(wayfare_core::id::TripId::uuid);
    if same { shown(row) } else { Err(taken()) }
}

fn taken() -> Failure {
    let detail = "this id belongs to another file";
    Failure::refused(ErrorCode::AlreadyExists, detail)
}

/// A file belongs to a trip that the person had part in.
async fn check_trip(
    connection: &mut PgConnection,
    user: UserId,
    new: &NewBlob,
) -> Result<(), Failure> {
    let Some(trip) = new.trip_id else {
        return Ok(());
    };
    let may = trips::own::is_rider_of(connection, trip, user.into()).await?
        || trips::own::was_driver_of(connection, trip, user.into()).await?
        || dispatch::service::was_offered(connection, trip, user.into()).await?;
    if may {
        Ok(())
    } else {
        Err(Failure::not_found("trip"))
    }
}

/// Takes a piece.
pub(super) async fn add_piece(
    app: &App,
    user: UserId,
    blob: BlobId,
    piece: Piece,
) -> Result<Blob, Failure> {
    let mut transaction = app.pool.begin().await?;
    let connection = &mut *transaction;
    let row = queries::find_blob_for_update(connection, blob)
        .await?
        .filter(|row| row.user_id == user.uuid())
        .ok_or_else(|| Failure::not_found("file"))?;
    let Some(received) = place(&row, &piece)? else {
        return shown(&row);
    };
    queries::insert_piece(connection, blob, row.received, &piece.bytes).await?;
    let whole = received == row.size;
    let right = !whole || hash(connection, blob).await?.bytes()[..] == row.sha256;
    if right {
        let completed_at = whole.then(clock::now);
        queries::set_received(connection, blob, received, completed_at).await?;
    } else {
        // Nobody knows which piece is wrong.
        queries::delete_pieces(connection, blob).await?;
        queries::set_received(connection, blob, 0, None).await?;
    }
    transaction.commit().await?;
    if !right {
        let detail =
            "the file is not what was announced: its SHA-256 differs; send it from the start";
        return Err(Failure::refused(ErrorCode::ContentMismatch, detail));
    }
    shown(&BlobRow {
        received,
        completed_at: whole.then(clock::now),
        ..row
    })
}

/// How many bytes there are with this piece; `None` if it is there already.
fn place(row: &BlobRow, piece: &Piece) -> Result<Option<i64>, Failure> {
    let invalid = |detail| Err(Failure::refused(ErrorCode::InvalidRequest, detail));
    if piece.bytes.is_empty() {
        return invalid("a piece has at least one byte".to_owned());
    }
    let length = i64::try_from(piece.bytes.len()).unwrap_or(i64::MAX);
    let offset = i64::try_from(piece.offset).unwrap_or(i64::MAX);
    let end = offset.saturating_add(length);
    if end > row.size {
        return invalid(format!("the file has {} bytes", row.size));
    }
    if end <= row.received {
        return Ok(None);
    }
    if offset == row.received {
        return Ok(Some(end));
    }
    let right = row.received;
    Err(Failure::Invalid {
        code: ErrorCode::UploadOffset,
        detail: format!("the upload goes on at byte {right}").into(),
        errors: vec![FieldProblem {
            field: "Upload-Offset".to_owned(),
            problem: right.to_string(),
        }],
    })
}

async fn hash(connection: &mut PgConnection, blob: BlobId) -> Result<ChainHash, Failure> {
    let mut hash = Sha256::new();
    let mut from = 0;
    while let Some(piece) = queries::find_piece_from(connection, blob, from).await? {
        hash.update(&piece.content);
        from = piece.first_byte.saturating_add(1);
    }
    Ok(ChainHash::from_bytes(hash.finalize().into()))
}

/// How much of a file there is. Its owner may know, and admins.
pub(super) async fn get(
    connection: &mut PgConnection,
    who: Principal,
    blob: BlobId,
) -> Result<BlobRow, Failure> {
    queries::find_blob(connection, blob)
        .await?
        .filter(|row| who.is_admin || row.user_id == who.user.uuid())
        .ok_or_else(|| Failure::not_found("file"))
}

/// How much of a file there is.
pub(super) fn shown(row: &BlobRow) -> Result<Blob, Failure> {
    let bytes = |number| {
        u64::try_from(number)
            .map_err(|error| Failure::broken("reading the length of a file", error))
    };
    Ok(Blob {
        blob_id: BlobId::from_uuid(row.id),
        size: bytes(row.size)?,
        received: bytes(row.received)?,
        complete: row.completed_at.is_some(),
    })
}

/// Removes files that are not whole after [`KEPT_UNFINISHED_FOR`], a limited number at a time. Answers
/// how many.
pub async fn forget_unfinished(pool: &PgPool, now: DateTime<Utc>) -> Result<u64, Failure> {
    let before = now - KEPT_UNFINISHED_FOR;
    Ok(queries::delete_unfinished(pool, before, FORGOTTEN_AT_ONCE).await?)
}
