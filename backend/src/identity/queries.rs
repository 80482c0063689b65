//! SQL of the schema `identity`.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;
use wayfare_core::id::{ChallengeId, SessionId, UserId};
use wayfare_core::phone::Phone;

pub(super) struct NewChallenge<'a> {
    pub(super) id: ChallengeId,
    pub(super) phone: &'a Phone,
    pub(super) code_hash: &'a [u8],
    pub(super) created_at: DateTime<Utc>,
    pub(super) expires_at: DateTime<Utc>,
}

pub(super) struct ChallengeRow {
    pub(super) phone: String,
    pub(super) code_hash: Vec<u8>,
    pub(super) attempts: i32,
    pub(super) expires_at: DateTime<Utc>,
    pub(super) used_at: Option<DateTime<Utc>>,
    pub(super) void_at: Option<DateTime<Utc>>,
}

/// Lets those who ask for passwords of one phone come one after the other until the transaction
/// ends. There may be no row yet that could be locked.
pub(super) async fn lock_phone(connection: &mut PgConnection, phone: &Phone) -> sqlx::Result<()> {
    sqlx::query!(
        "SELECT pg_advisory_xact_lock(hashtextextended('identity.otp_challenges ' || $1, 0))",
        phone.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) struct RecentChallenges {
    pub(super) count: i64,
    pub(super) first: Option<DateTime<Utc>>,
    pub(super) last: Option<DateTime<Utc>>,
}

/// The passwords that were sent to this phone since a moment.
pub(super) async fn get_recent_challenges(
    connection: &mut PgConnection,
    phone: &Phone,
    since: DateTime<Utc>,
) -> sqlx::Result<RecentChallenges> {
    sqlx::query_as!(
        RecentChallenges,
        r#"SELECT count(*) AS "count!", min(created_at) AS first, max(created_at) AS last
           FROM identity.otp_challenges WHERE phone = $1 AND created_at > $2"#,
        phone.as_str(),
        since,
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn void_open_challenge(
    connection: &mut PgConnection,
    phone: &Phone,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE identity.otp_challenges SET void_at = $2
         WHERE phone = $1 AND used_at IS NULL AND void_at IS NULL",
        phone.as_str(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn insert_challenge(
    connection: &mut PgConnection,
    row: NewChallenge<'_>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO identity.otp_challenges (id, phone, code_hash, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5)",
        row.id.uuid(),
        row.phone.as_str(),
        row.code_hash,
        row.created_at,
        row.expires_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn delete_challenge(
    connection: &mut PgConnection,
    id: ChallengeId,
) -> sqlx::Result<()> {
    sqlx::query!(
        "DELETE FROM identity.otp_challenges WHERE id = $1",
        id.uuid()
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn delete_challenges_before(
    connection: &mut PgConnection,
    before: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "DELETE FROM identity.otp_challenges WHERE created_at < $1",
        before
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// The lock lets attempts on one challenge happen one after the other, so that none goes uncounted.
pub(super) async fn find_challenge_for_update(
    connection: &mut PgConnection,
    id: ChallengeId,
) -> sqlx::Result<Option<ChallengeRow>> {
    sqlx::query_as!(
        ChallengeRow,
        "SELECT phone, code_hash, attempts, expires_at, used_at, void_at
         FROM identity.otp_challenges WHERE id = $1 FOR UPDATE",
        id.uuid(),
    )
    .fetch_optional(connection)
    .await
}

/// Answers how many attempts there were.
pub(super) async fn count_attempt(
    connection: &mut PgConnection,
    id: ChallengeId,
) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        "UPDATE identity.otp_challenges SET attempts = attempts + 1 WHERE id = $1
         RETURNING attempts",
        id.uuid(),
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn set_challenge_used(
    connection: &mut PgConnection,
    id: ChallengeId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE identity.otp_challenges SET used_at = $2 WHERE id = $1",
        id.uuid(),
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) struct UserRow {
    pub(super) id: Uuid,
    pub(super) phone: String,
    pub(super) name: Option<String>,
    pub(super) is_admin: bool,
}

/// The account of a phone, made if there is none.
pub(super) async fn get_or_insert_user(
    connection: &mut PgConnection,
    phone: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<UserRow> {
    // Two statements: the second sees an account that another request made during the first.
    sqlx::query!(
        "INSERT INTO identity.users (id, phone, created_at) VALUES ($1, $2, $3)
         ON CONFLICT (phone) DO NOTHING",
        Uuid::now_v7(),
        phone,
        now,
    )
    .execute(&mut *connection)
    .await?;
    find_user_by_phone(connection, phone)
        .await?
        .ok_or(sqlx::Error::RowNotFound)
}

pub(super) async fn find_user_by_phone(
    connection: &mut PgConnection,
    phone: &str,
) -> sqlx::Result<Option<UserRow>> {
    sqlx::query_as!(
        UserRow,
        "SELECT id, phone, name, is_admin FROM identity.users WHERE phone = $1",
        phone,
    )
    .fetch_optional(connection)
    .await
}

pub(super) async fn get_user(connection: &mut PgConnection, id: Uuid) -> sqlx::Result<UserRow> {
    sqlx::query_as!(
        UserRow,
        "SELECT id, phone, name, is_admin FROM identity.users WHERE id = $1",
        id,
    )
    .fetch_one(connection)
    .await
}

/// The outer `None`: no such account. The inner one: no name.
pub(super) async fn find_user_name(
    connection: &mut PgConnection,
    id: UserId,
) -> sqlx::Result<Option<Option<String>>> {
    sqlx::query_scalar!("SELECT name FROM identity.users WHERE id = $1", id.uuid())
        .fetch_optional(connection)
        .await
}

pub(super) async fn set_user_name(
    connection: &mut PgConnection,
    id: UserId,
    name: &str,
) -> sqlx::Result<UserRow> {
    sqlx::query_as!(
        UserRow,
        "UPDATE identity.users SET name = $2 WHERE id = $1 RETURNING id, phone, name, is_admin",
        id.uuid(),
        name,
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn insert_or_promote_admin(
    connection: &mut PgConnection,
    phone: &Phone,
    name: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<UserId> {
    let id = sqlx::query_scalar!(
        "INSERT INTO identity.users AS u (id, phone, name, is_admin, created_at)
         VALUES ($1, $2, $3, true, $4)
         ON CONFLICT (phone) DO UPDATE SET is_admin = true, name = coalesce(u.name, excluded.name)
         RETURNING id",
        Uuid::now_v7(),
        phone.as_str(),
        name,
        now,
    )
    .fetch_one(connection)
    .await?;
    Ok(UserId::from_uuid(id))
}

pub(super) struct NewSessionRow<'a> {
    pub(super) id: SessionId,
    pub(super) user: Uuid,
    pub(super) device_name: &'a str,
    pub(super) now: DateTime<Utc>,
}

pub(super) async fn insert_session(
    connection: &mut PgConnection,
    row: NewSessionRow<'_>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO identity.sessions (id, user_id, device_name, created_at)
         VALUES ($1, $2, $3, $4)",
        row.id.uuid(),
        row.user,
        row.device_name,
        row.now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) struct SessionUserRow {
    pub(super) user_id: Uuid,
    pub(super) is_admin: bool,
    pub(super) ended_at: Option<DateTime<Utc>>,
}

/// Asked at every request: two look-ups by primary key.
pub(super) async fn find_session_user(
    connection: &mut PgConnection,
    id: SessionId,
) -> sqlx::Result<Option<SessionUserRow>> {
    sqlx::query_as!(
        SessionUserRow,
        "SELECT s.user_id, u.is_admin, s.ended_at
         FROM identity.sessions s JOIN identity.users u ON u.id = s.user_id
         WHERE s.id = $1",
        id.uuid(),
    )
    .fetch_optional(connection)
    .await
}

/// Why a session was ended.
#[derive(Debug, Clone, Copy)]
pub(super) enum EndReason {
    SignedOut,
    TokenReused,
}

impl EndReason {
    const fn as_str(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::TokenReused => "token_reused",
        }
    }
}

/// A session that was ended before keeps its first end.
pub(super) async fn end_session(
    connection: &mut PgConnection,
    id: SessionId,
    reason: EndReason,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE identity.sessions SET ended_at = $3, end_reason = $2
         WHERE id = $1 AND ended_at IS NULL",
        id.uuid(),
        reason.as_str(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) struct NewRefreshTokenRow<'a> {
    pub(super) hash: &'a [u8],
    pub(super) session: SessionId,
    pub(super) previous_hash: Option<&'a [u8]>,
    pub(super) issued_at: DateTime<Utc>,
    pub(super) expires_at: DateTime<Utc>,
}

pub(super) async fn insert_refresh_token(
    connection: &mut PgConnection,
    row: NewRefreshTokenRow<'_>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO identity.refresh_tokens
             (token_hash, session_id, previous_hash, issued_at, expires_at)
         VALUES ($1, $2, $3, $4, $5)",
        row.hash,
        row.session.uuid(),
        row.previous_hash,
        row.issued_at,
        row.expires_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) struct RefreshTokenRow {
    pub(super) session_id: Uuid,
    pub(super) user_id: Uuid,
    pub(super) expires_at: DateTime<Utc>,
    pub(super) used_at: Option<DateTime<Utc>>,
    pub(super) session_ended_at: Option<DateTime<Utc>>,
}

/// Locks token and session, so that two refreshes, or a refresh and a sign-out, come one after the
/// other and the second sees what the first did.
pub(super) async fn find_refresh_token_for_update(
    connection: &mut PgConnection,
    hash: &[u8],
) -> sqlx::Result<Option<RefreshTokenRow>> {
    sqlx::query_as!(
        RefreshTokenRow,
        "SELECT t.session_id, s.user_id, t.expires_at, t.used_at, s.ended_at AS session_ended_at
         FROM identity.refresh_tokens t JOIN identity.sessions s ON s.id = t.session_id
         WHERE t.token_hash = $1
         FOR UPDATE OF t, s",
        hash,
    )
    .fetch_optional(connection)
    .await
}

/// Which token was exchanged for the session's unused one. The outer `None`: there is no unused
/// one. The inner one: it is the first of the session.
pub(super) async fn find_unused_previous_hash(
    connection: &mut PgConnection,
    session: SessionId,
) -> sqlx::Result<Option<Option<Vec<u8>>>> {
    sqlx::query_scalar!(
        "SELECT previous_hash FROM identity.refresh_tokens
         WHERE session_id = $1 AND used_at IS NULL",
        session.uuid(),
    )
    .fetch_optional(connection)
    .await
}

pub(super) async fn set_unused_refresh_token_used(
    connection: &mut PgConnection,
    session: SessionId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE identity.refresh_tokens SET used_at = $2
         WHERE session_id = $1 AND used_at IS NULL",
        session.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn delete_refresh_tokens_before(
    connection: &mut PgConnection,
    before: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "DELETE FROM identity.refresh_tokens WHERE expires_at < $1",
        before
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}
