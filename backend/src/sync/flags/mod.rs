//! What admins should look at.
//!
//! A flag is raised in the transaction of what it is about, so there is none of what did not happen.
//! It tells in words and numbers what was seen, and no personal data.

pub mod api;
mod queries;

use sqlx::PgConnection;
use wayfare_core::id::{CommandId, DeviceId, TripId, UserId};
use wayfare_core::wire::{SyncFlag, SyncFlagKind, SyncFlagPage};

use self::queries::{FlagRow, Wanted};
use crate::platform::clock;
use crate::platform::failure::Failure;

/// The longest words of a flag, in characters.
const DETAIL_CHARACTERS_MAX: usize = 500;

/// What an admin should look at.
#[derive(Debug, Clone)]
pub struct NewFlag {
    /// What it is.
    pub kind: SyncFlagKind,
    /// Whose device.
    pub user: UserId,
    /// Which device, if it is about one. It must be registered.
    pub device: Option<DeviceId>,
    /// Which command, if it is about one.
    pub command: Option<CommandId>,
    /// Which trip, if it is about one. It must exist.
    pub trip: Option<TripId>,
    /// In words, without personal data; longer than 500 characters it is cut.
    pub detail: String,
}

/// Tells the admins in the caller's transaction.
pub async fn raise(connection: &mut PgConnection, flag: NewFlag) -> Result<(), Failure> {
    let flag = cut(flag);
    queries::insert_flag(connection, &flag, clock::now()).await?;
    count(&flag);
    Ok(())
}

/// Tells the admins, unless a flag of this kind and device waits for them already: what comes again
/// and again by itself is told once.
pub async fn raise_once(connection: &mut PgConnection, flag: NewFlag) -> Result<(), Failure> {
    let flag = cut(flag);
    if queries::insert_flag_once(connection, &flag, clock::now()).await? {
        count(&flag);
    }
    Ok(())
}

fn cut(mut flag: NewFlag) -> NewFlag {
    if let Some((end, _)) = flag.detail.char_indices().nth(DETAIL_CHARACTERS_MAX) {
        flag.detail.truncate(end);
    }
    flag
}

fn count(flag: &NewFlag) {
    metrics::counter!("wayfare_sync_flags_total", "kind" => flag.kind.as_str()).increment(1);
}

/// A page of flags, newest first; those that wait, those that do not, or all.
async fn list(
    connection: &mut PgConnection,
    cursor: Option<i64>,
    open: Option<bool>,
    limit: usize,
) -> Result<SyncFlagPage, Failure> {
    let wanted = Wanted {
        older_than: cursor,
        open,
        // One more than wanted tells whether there is a next page.
        limit: i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX),
    };
    let mut rows = queries::list_flags(connection, wanted).await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().map(|row| row.id);
    Ok(SyncFlagPage {
        flags: rows.into_iter().map(flag).collect::<Result<_, _>>()?,
        next_cursor: last.filter(|_| more),
    })
}

/// An admin is done with a flag. Saying so again changes nothing.
async fn resolve(
    connection: &mut PgConnection,
    id: i64,
    admin: UserId,
) -> Result<SyncFlag, Failure> {
    queries::resolve_flag(connection, id, admin, clock::now()).await?;
    let row = queries::find_flag(connection, id).await?;
    flag(row.ok_or_else(|| Failure::not_found("flag"))?)
}

fn flag(row: FlagRow) -> Result<SyncFlag, Failure> {
    let kind = SyncFlagKind::ALL
        .into_iter()
        .find(|kind| kind.as_str() == row.kind)
        .ok_or(UnknownKind(row.kind))
        .map_err(|error| Failure::broken("reading a flag", error))?;
    Ok(SyncFlag {
        id: row.id,
        kind,
        user_id: UserId::from_uuid(row.user_id),
        device_id: row.device_id.map(DeviceId::from_uuid),
        command_id: row.command_id.map(CommandId::from_uuid),
        trip_id: row.trip_id.map(TripId::from_uuid),
        detail: row.detail,
        created_at: row.created_at,
        resolved_at: row.resolved_at,
    })
}

#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no kind of flag")]
struct UnknownKind(String);

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn words_are_cut_between_characters() {
        let flag = |detail: String| {
            cut(NewFlag {
                kind: SyncFlagKind::ClockJump,
                user: UserId::from_uuid(Uuid::nil()),
                device: None,
                command: None,
                trip: None,
                detail,
            })
        };
        assert_eq!(flag("é".repeat(501)).detail, "é".repeat(500));
        assert_eq!(flag("é".repeat(500)).detail, "é".repeat(500));
    }
}
