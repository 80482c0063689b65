//! SQL of files and their pieces.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;
use wayfare_core::id::{BlobId, TripId, UserId};
use wayfare_core::wire::{BlobKind, NewBlob};

/// A file that was announced.
#[derive(Debug, Clone)]
pub(super) struct BlobRow {
    pub(super) id: Uuid,
    pub(super) user_id: Uuid,
    pub(super) kind: String,
    pub(super) trip_id: Option<Uuid>,
    pub(super) media_type: String,
    pub(super) size: i64,
    pub(super) sha256: Vec<u8>,
    pub(super) received: i64,
    pub(super) completed_at: Option<DateTime<Utc>>,
}

pub(super) struct PieceRow {
    pub(super) first_byte: i64,
    pub(super) content: Vec<u8>,
}

pub(super) struct AnnouncedRow {
    pub(super) files: i64,
    pub(super) bytes: i64,
}

/// What a kind is called in the database.
pub(super) const fn kind_name(kind: BlobKind) -> &'static str {
    match kind {
        BlobKind::Photo => "photo",
        BlobKind::Signature => "signature",
        BlobKind::Document => "document",
    }
}

/// Lets one request at a time announce files of this person: so none passes the limit beside another.
pub(super) async fn lock_person(connection: &mut PgConnection, user: UserId) -> sqlx::Result<()> {
    sqlx::query!(
        r#"SELECT pg_advisory_xact_lock(hashtextextended($1, 0)) AS "locked: String""#,
        format!("blobs of {user}"),
    )
    .fetch_one(connection)
    .await?;
    Ok(())
}

/// Answers whether the id was free.
pub(super) async fn insert_blob(
    connection: &mut PgConnection,
    user: UserId,
    new: &NewBlob,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "INSERT INTO sync.blobs
             (id, user_id, kind, trip_id, media_type, size, sha256, taken_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (id) DO NOTHING",
        new.blob_id.uuid(),
        user.uuid(),
        kind_name(new.kind),
        new.trip_id.map(TripId::uuid),
        new.media_type,
        i64::try_from(new.size).unwrap_or(i64::MAX),
        &new.sha256.bytes()[..],
        new.taken_at,
        now,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

pub(super) async fn find_blob(
    connection: &mut PgConnection,
    blob: BlobId,
) -> sqlx::Result<Option<BlobRow>> {
    sqlx::query_as!(
        BlobRow,
        "SELECT id, user_id, kind, trip_id, media_type, size, sha256, received, completed_at
         FROM sync.blobs WHERE id = $1",
        blob.uuid(),
    )
    .fetch_optional(connection)
    .await
}

pub(super) async fn find_blob_for_update(
    connection: &mut PgConnection,
    blob: BlobId,
) -> sqlx::Result<Option<BlobRow>> {
    sqlx::query_as!(
        BlobRow,
        "SELECT id, user_id, kind, trip_id, media_type, size, sha256, received, completed_at
         FROM sync.blobs WHERE id = $1 FOR UPDATE",
        blob.uuid(),
    )
    .fetch_optional(connection)
    .await
}

/// What a person announced since.
pub(super) async fn count_announced(
    connection: &mut PgConnection,
    user: UserId,
    since: DateTime<Utc>,
) -> sqlx::Result<AnnouncedRow> {
    sqlx::query_as!(
        AnnouncedRow,
        r#"SELECT count(*) AS "files!", coalesce(sum(size), 0)::bigint AS "bytes!"
           FROM sync.blobs WHERE user_id = $1 AND created_at > $2"#,
        user.uuid(),
        since,
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn insert_piece(
    connection: &mut PgConnection,
    blob: BlobId,
    first_byte: i64,
    content: &[u8],
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO sync.blob_pieces (blob_id, first_byte, content) VALUES ($1, $2, $3)",
        blob.uuid(),
        first_byte,
        content,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn set_received(
    connection: &mut PgConnection,
    blob: BlobId,
    received: i64,
    completed_at: Option<DateTime<Utc>>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE sync.blobs SET received = $2, completed_at = $3 WHERE id = $1",
        blob.uuid(),
        received,
        completed_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn delete_pieces(connection: &mut PgConnection, blob: BlobId) -> sqlx::Result<()> {
    sqlx::query!(
        "DELETE FROM sync.blob_pieces WHERE blob_id = $1",
        blob.uuid()
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The first piece that begins here or later.
pub(super) async fn find_piece_from(
    connection: &mut PgConnection,
    blob: BlobId,
    from: i64,
) -> sqlx::Result<Option<PieceRow>> {
    sqlx::query_as!(
        PieceRow,
        "SELECT first_byte, content FROM sync.blob_pieces
         WHERE blob_id = $1 AND first_byte >= $2
         ORDER BY first_byte LIMIT 1",
        blob.uuid(),
        from,
    )
    .fetch_optional(connection)
    .await
}

/// Removes unfinished files of before. One that somebody is just sending is left for the next time.
pub(super) async fn delete_unfinished(
    pool: &PgPool,
    before: DateTime<Utc>,
    limit: i64,
) -> sqlx::Result<u64> {
    let mut transaction = pool.begin().await?;
    let due = sqlx::query_scalar!(
        "SELECT id FROM sync.blobs
         WHERE completed_at IS NULL AND created_at < $1
         ORDER BY created_at LIMIT $2
         FOR UPDATE SKIP LOCKED",
        before,
        limit,
    )
    .fetch_all(&mut *transaction)
    .await?;
    sqlx::query!("DELETE FROM sync.blob_pieces WHERE blob_id = ANY($1)", &due)
        .execute(&mut *transaction)
        .await?;
    let done = sqlx::query!("DELETE FROM sync.blobs WHERE id = ANY($1)", &due)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(done.rows_affected())
}
