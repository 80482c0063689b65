//! Accounts, and who a request comes from.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;
use sqlx::{PgConnection, PgPool};
use wayfare_core::id::{SessionId, UserId};
use wayfare_core::phone::Phone;
use wayfare_core::wire::{ErrorCode, Role, UpdateMe, User};

use super::queries::{self, UserRow};
use crate::app::App;
use crate::fleet;
use crate::platform::clock;
use crate::platform::failure::Failure;
use crate::platform::http::{AccessCheck, Principal};
use crate::platform::plain_text::clean_line;

const NAME_LENGTH_MAX: usize = 60;
/// How long used and void passwords, and refresh tokens past their end, are kept.
const STALE_AFTER: TimeDelta = TimeDelta::days(1);

/// Checks access tokens for the HTTP edge.
pub struct SessionCheck(Arc<App>);

impl SessionCheck {
    /// Checks against the app's keys and sessions.
    pub const fn new(app: Arc<App>) -> Self {
        Self(app)
    }
}

impl std::fmt::Debug for SessionCheck {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionCheck")
    }
}

impl AccessCheck for SessionCheck {
    fn check<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Principal, Failure>> {
        Box::pin(authenticate(&self.0, token))
    }
}

/// Who an access token was given to, if it is good and the session was not ended.
pub async fn authenticate(app: &App, token: &str) -> Result<Principal, Failure> {
    let claims = app.tokens.check_access_token(token, clock::now())?;
    let mut connection = app.pool.acquire().await?;
    let row = queries::find_session_user(&mut connection, claims.sid).await?;
    match row {
        Some(row) if row.user_id == claims.sub.uuid() => match row.ended_at {
            None => Ok(Principal {
                user: claims.sub,
                session: claims.sid,
                is_admin: row.is_admin,
            }),
            Some(_) => Err(Failure::refused(
                ErrorCode::SessionEnded,
                "this session was ended; sign in again",
            )),
        },
        // Signed by us, but for another database.
        _ => Err(Failure::refused(
            ErrorCode::Unauthenticated,
            "this access token is not valid",
        )),
    }
}

/// Whether a session was not ended.
pub async fn is_session_open(app: &App, session: SessionId) -> Result<bool, Failure> {
    let mut connection = app.pool.acquire().await?;
    let row = queries::find_session_user(&mut connection, session).await?;
    Ok(row.is_some_and(|row| row.ended_at.is_none()))
}

/// The person's account.
pub async fn get_me(app: &App, user: UserId) -> Result<User, Failure> {
    let mut connection = app.pool.acquire().await?;
    let row = queries::get_user(&mut connection, user.uuid()).await?;
    user_with_roles(&mut connection, row).await
}

/// Changes the person's account.
pub async fn update_me(app: &App, user: UserId, change: &UpdateMe) -> Result<User, Failure> {
    let name = clean_line("name", &change.name, NAME_LENGTH_MAX)?;
    let mut connection = app.pool.acquire().await?;
    let row = queries::set_user_name(&mut connection, user, &name).await?;
    user_with_roles(&mut connection, row).await
}

/// What a person wants to be called on a trip, if they said so.
pub async fn find_name(
    connection: &mut PgConnection,
    user: UserId,
) -> Result<Option<String>, Failure> {
    Ok(queries::find_user_name(connection, user).await?.flatten())
}

/// Whether there is such an account.
pub async fn user_exists(connection: &mut PgConnection, user: UserId) -> Result<bool, Failure> {
    let name = queries::find_user_name(connection, user).await?;
    Ok(name.is_some())
}

/// The account of a phone number.
pub async fn find_user_by_phone(
    connection: &mut PgConnection,
    phone: &Phone,
) -> Result<Option<UserId>, Failure> {
    let row = queries::find_user_by_phone(connection, phone.as_str()).await?;
    Ok(row.map(|row| UserId::from_uuid(row.id)))
}

/// Makes somebody an admin. The account is made if the phone has none; a name that the person chose
/// stays. Doing it again changes nothing.
pub async fn create_admin(pool: &PgPool, phone: &Phone, name: &str) -> Result<UserId, Failure> {
    let name = clean_line("name", name, NAME_LENGTH_MAX)?;
    let mut connection = pool.acquire().await?;
    let id = queries::insert_or_promote_admin(&mut connection, phone, &name, clock::now()).await?;
    tracing::info!(user = %id, "made an admin");
    Ok(id)
}

/// Forgets passwords and tokens that are of no use any more. Answers how many.
pub async fn delete_stale(pool: &PgPool, now: DateTime<Utc>) -> Result<u64, Failure> {
    let mut connection = pool.acquire().await?;
    let before = now - STALE_AFTER;
    let challenges = queries::delete_challenges_before(&mut connection, before).await?;
    let tokens = queries::delete_refresh_tokens_before(&mut connection, before).await?;
    Ok(challenges + tokens)
}

/// An account as its owner sees it. Everybody is a rider.
pub(super) async fn user_with_roles(
    connection: &mut PgConnection,
    row: UserRow,
) -> Result<User, Failure> {
    let id = UserId::from_uuid(row.id);
    let phone = row
        .phone
        .parse()
        .map_err(|error| Failure::broken("reading an account", error))?;
    let mut roles = vec![Role::Rider];
    if fleet::service::driver_exists(connection, id).await? {
        roles.push(Role::Driver);
    }
    if row.is_admin {
        roles.push(Role::Admin);
    }
    Ok(User {
        id,
        phone,
        name: row.name,
        roles,
    })
}
