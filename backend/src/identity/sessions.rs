//! Sessions: a device signs in with a one-time password, refreshes its tokens, signs out.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;
use uuid::Uuid;
use wayfare_core::id::SessionId;
use wayfare_core::wire::{ErrorCode, NewSession, RefreshRequest, Session};

use super::queries::{self, ChallengeRow, EndReason, UserRow};
use super::service::user_with_roles;
use super::tokens::{NewRefreshToken, refresh_token_hash};
use crate::app::App;
use crate::platform::failure::Failure;
use crate::platform::http::Principal;
use crate::platform::plain_text::clean_line;

const DEVICE_NAME_LENGTH_MAX: usize = 60;
/// How long a used refresh token may be shown again by a device that did not get the answer.
const LOST_ANSWER_FOR: TimeDelta = TimeDelta::seconds(60);

/// Signs a device in. A wrong password counts as an attempt although the request is refused.
pub(super) async fn create_session(
    app: &App,
    wanted: &NewSession,
    now: DateTime<Utc>,
) -> Result<Session, Failure> {
    let device_name = clean_line("device_name", &wanted.device_name, DEVICE_NAME_LENGTH_MAX)?;
    let attempts_max = app.config.auth.otp_max_attempts;
    let mut transaction = app.pool.begin().await?;
    let challenge = queries::find_challenge_for_update(&mut transaction, wanted.challenge_id)
        .await?
        .filter(|challenge| is_open(challenge, attempts_max, now))
        .ok_or_else(otp_expired)?;
    if !app
        .tokens
        .otp_key()
        .matches(wanted.challenge_id, &wanted.code, &challenge.code_hash)
    {
        let attempts = queries::count_attempt(&mut transaction, wanted.challenge_id).await?;
        transaction.commit().await?;
        return Err(wrong_otp(left(attempts_max, attempts)));
    }
    queries::set_challenge_used(&mut transaction, wanted.challenge_id, now).await?;
    let user = queries::get_or_insert_user(&mut transaction, &challenge.phone, now).await?;
    let id = SessionId::from_uuid(Uuid::now_v7());
    let row = queries::NewSessionRow {
        id,
        user: user.id,
        device_name: &device_name,
        now,
    };
    queries::insert_session(&mut transaction, row).await?;
    let token = app.tokens.refresh_token(now);
    insert_refresh_token(&mut transaction, id, &token, None, now).await?;
    let session = answer(app, &mut transaction, id, user, token, now).await?;
    transaction.commit().await?;
    tracing::info!(session = %id, user = %session.user.id, "signed in");
    Ok(session)
}

/// Exchanges a refresh token for new tokens; see the module's rules for one that comes back.
pub(super) async fn refresh_session(
    app: &App,
    wanted: &RefreshRequest,
    now: DateTime<Utc>,
) -> Result<Session, Failure> {
    let hash = refresh_token_hash(&wanted.refresh_token);
    let mut transaction = app.pool.begin().await?;
    let presented = queries::find_refresh_token_for_update(&mut transaction, &hash).await?;
    let Some(presented) = presented else {
        let detail = "this refresh token is not valid; sign in again";
        return Err(Failure::refused(ErrorCode::Unauthenticated, detail));
    };
    let id = SessionId::from_uuid(presented.session_id);
    if presented.session_ended_at.is_some() {
        return Err(Failure::refused(
            ErrorCode::SessionEnded,
            "this session was ended; sign in again",
        ));
    }
    match presented.used_at {
        None if presented.expires_at <= now => {
            let detail = "this session was not used for too long; sign in again";
            return Err(Failure::refused(ErrorCode::SessionEnded, detail));
        }
        None => {}
        Some(used_at) => {
            let successor = queries::find_unused_previous_hash(&mut transaction, id).await?;
            let successor_unused = successor.flatten().as_deref() == Some(hash.as_slice());
            if !(successor_unused && now - used_at < LOST_ANSWER_FOR) {
                queries::end_session(&mut transaction, id, EndReason::TokenReused, now).await?;
                transaction.commit().await?;
                tracing::warn!(session = %id, "a refresh token came back; the session was ended");
                return Err(Failure::refused(
                    ErrorCode::RefreshTokenReused,
                    "this refresh token was used before; the session was ended, sign in again",
                ));
            }
            tracing::info!(session = %id, "the answer to a refresh was lost; answering again");
        }
    }
    // Either the token itself, or the successor that its device never got.
    queries::set_unused_refresh_token_used(&mut transaction, id, now).await?;
    let token = app.tokens.refresh_token(now);
    insert_refresh_token(&mut transaction, id, &token, Some(&hash), now).await?;
    let user = queries::get_user(&mut transaction, presented.user_id).await?;
    let session = answer(app, &mut transaction, id, user, token, now).await?;
    transaction.commit().await?;
    Ok(session)
}

/// Signs the device out that asks.
pub(super) async fn end_session(
    app: &App,
    caller: Principal,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let mut connection = app.pool.acquire().await?;
    queries::end_session(&mut connection, caller.session, EndReason::SignedOut, now).await?;
    tracing::info!(session = %caller.session, user = %caller.user, "signed out");
    Ok(())
}

fn is_open(challenge: &ChallengeRow, attempts_max: u32, now: DateTime<Utc>) -> bool {
    challenge.used_at.is_none()
        && challenge.void_at.is_none()
        && now < challenge.expires_at
        && left(attempts_max, challenge.attempts) > 0
}

/// How many more passwords may be tried.
fn left(attempts_max: u32, attempts: i32) -> u32 {
    attempts_max.saturating_sub(attempts.unsigned_abs())
}

fn otp_expired() -> Failure {
    Failure::refused(
        ErrorCode::OtpExpired,
        "this password is too old, was used, was replaced by a newer one, or was typed wrong too \
         often; ask for a new one",
    )
}

fn wrong_otp(left: u32) -> Failure {
    let detail = match left {
        0 => "the password is wrong; ask for a new one".into(),
        1 => "the password is wrong; it may be tried once more".into(),
        left => format!("the password is wrong; it may be tried {left} times more"),
    };
    Failure::refused(ErrorCode::WrongOtp, detail)
}

async fn insert_refresh_token(
    connection: &mut PgConnection,
    session: SessionId,
    token: &NewRefreshToken,
    previous_hash: Option<&[u8]>,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let row = queries::NewRefreshTokenRow {
        hash: &token.hash,
        session,
        previous_hash,
        issued_at: now,
        expires_at: token.expires_at,
    };
    Ok(queries::insert_refresh_token(connection, row).await?)
}

async fn answer(
    app: &App,
    connection: &mut PgConnection,
    id: SessionId,
    user: UserRow,
    refresh: NewRefreshToken,
    now: DateTime<Utc>,
) -> Result<Session, Failure> {
    let user = user_with_roles(connection, user).await?;
    let access = app.tokens.access_token(user.id, id, now)?;
    Ok(Session {
        session_id: id,
        access_token: access.token,
        access_expires_at: access.expires_at,
        refresh_token: refresh.token,
        refresh_expires_at: refresh.expires_at,
        user,
    })
}
