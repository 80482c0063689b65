//! People who do not want to meet again.
//!
//! A rider or a driver wishes it after a trip of theirs, an admin for any two people. The dispatcher
//! keeps the two apart as long as one such wish stands. Nobody is told of another one's wish, neither
//! by a message nor by an answer of the API; a trip that is under way goes on.

pub(super) mod api;
mod queries;

use std::collections::HashMap;

use sqlx::PgConnection;
use uuid::Uuid;
use wayfare_core::id::{BlockId, DriverId, RiderId, TripId, UserId};
use wayfare_core::wire::{
    BlockPage, BlockView, ErrorCode, NewPairBlock, PairBlock, PairBlockPage, TripSide, WishedBy,
};

use self::queries::{BlockRow, NewBlock, Wanted};
use crate::platform::clock;
use crate::platform::failure::Failure;
use crate::{fleet, identity, trips};

/// More people nobody may block.
const WISHES_MAX: i64 = 200;

/// The drivers whom each of these riders does not meet, whoever of the two wished it.
pub(super) async fn list(
    connection: &mut PgConnection,
    riders: &[RiderId],
) -> Result<HashMap<RiderId, Vec<DriverId>>, Failure> {
    let riders: Vec<Uuid> = riders.iter().map(|rider| rider.uuid()).collect();
    let mut blocked: HashMap<RiderId, Vec<DriverId>> = HashMap::new();
    for pair in queries::list_pairs(connection, &riders).await? {
        let drivers = blocked.entry(RiderId::from_uuid(pair.rider_id));
        let driver = DriverId::from_uuid(pair.driver_id);
        drivers.or_default().push(driver);
    }
    Ok(blocked)
}

/// A person does not want to meet the other one of a trip again. Doing it again changes nothing.
async fn block_other(
    connection: &mut PgConnection,
    trip: TripId,
    user: UserId,
) -> Result<(), Failure> {
    let people = trips::service::get_people(connection, trip, user).await?;
    let wished_by = match people.side {
        TripSide::Rider => WishedBy::Rider,
        TripSide::Driver => WishedBy::Driver,
    };
    queries::lock_wishes(connection, user).await?;
    let (rider, driver) = (people.rider, people.driver);
    let known = queries::find_block(connection, rider, driver, wished_by).await?;
    if known.is_some() {
        return Ok(());
    }
    if queries::count_wished(connection, user).await? >= WISHES_MAX {
        let detail = format!("nobody blocks more than {WISHES_MAX} people; unblock somebody first");
        return Err(Failure::refused(ErrorCode::TooMany, detail));
    }
    let block = NewBlock {
        id: BlockId::from_uuid(Uuid::now_v7()),
        rider,
        driver,
        wished_by,
        called: people.other_name.as_deref().and_then(first_name),
        now: clock::now(),
    };
    queries::insert_block(connection, &block).await?;
    tracing::info!(wished_by = wished_by.as_str(), "two people are kept apart");
    Ok(())
}

/// The first of somebody's names.
fn first_name(name: &str) -> Option<&str> {
    name.split_whitespace().next()
}

/// A page of what a person wished, newest first.
async fn list_own(
    connection: &mut PgConnection,
    user: UserId,
    cursor: Option<BlockId>,
    limit: usize,
) -> Result<BlockPage, Failure> {
    let rows = queries::list_wished(connection, user, cursor, one_more(limit)).await?;
    let (rows, next_cursor) = page(rows, limit);
    let view = |row: BlockRow| BlockView {
        id: BlockId::from_uuid(row.id),
        first_name: row.called,
        since: row.created_at,
    };
    Ok(BlockPage {
        blocks: rows.into_iter().map(view).collect(),
        next_cursor,
    })
}

/// A person takes a wish back.
async fn unblock(connection: &mut PgConnection, user: UserId, id: BlockId) -> Result<(), Failure> {
    if queries::delete_wished(connection, user, id).await? {
        Ok(())
    } else {
        Err(Failure::not_found("block"))
    }
}

/// A page of all blocks that are wanted, newest first.
async fn list_pairs(
    connection: &mut PgConnection,
    wanted: Wanted,
    limit: usize,
) -> Result<PairBlockPage, Failure> {
    let wanted = Wanted {
        limit: one_more(limit),
        ..wanted
    };
    let rows = queries::list_blocks(connection, wanted).await?;
    let (rows, next_cursor) = page(rows, limit);
    Ok(PairBlockPage {
        blocks: rows.into_iter().map(pair).collect::<Result<_, _>>()?,
        next_cursor,
    })
}

/// An admin keeps two people apart. Doing it again changes nothing.
async fn block_pair(
    connection: &mut PgConnection,
    wanted: &NewPairBlock,
) -> Result<PairBlock, Failure> {
    let (rider, driver) = (wanted.rider_id, wanted.driver_id);
    if UserId::from(rider) == UserId::from(driver) {
        let detail = "`rider_id` and `driver_id` are the same person";
        return Err(Failure::refused(ErrorCode::InvalidRequest, detail));
    }
    if !identity::service::user_exists(connection, rider.into()).await? {
        return Err(Failure::not_found("rider"));
    }
    if !fleet::service::driver_exists(connection, driver.into()).await? {
        return Err(Failure::not_found("driver"));
    }
    let block = NewBlock {
        id: BlockId::from_uuid(Uuid::now_v7()),
        rider,
        driver,
        wished_by: WishedBy::Admin,
        called: None,
        now: clock::now(),
    };
    queries::insert_block(connection, &block).await?;
    queries::find_block(connection, rider, driver, WishedBy::Admin)
        .await?
        .ok_or_else(|| Failure::not_found("block"))
        .and_then(pair)
}

/// An admin lets two people meet again as far as this block goes, whoever wished it.
async fn unblock_pair(connection: &mut PgConnection, id: BlockId) -> Result<(), Failure> {
    if queries::delete_block(connection, id).await? {
        Ok(())
    } else {
        Err(Failure::not_found("block"))
    }
}

/// One more than wanted tells whether there is a next page.
fn one_more(limit: usize) -> i64 {
    i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX)
}

fn page(mut rows: Vec<BlockRow>, limit: usize) -> (Vec<BlockRow>, Option<BlockId>) {
    let more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().map(|row| BlockId::from_uuid(row.id));
    (rows, last.filter(|_| more))
}

fn pair(row: BlockRow) -> Result<PairBlock, Failure> {
    let wished_by = WishedBy::ALL
        .into_iter()
        .find(|side| side.as_str() == row.wished_by);
    Ok(PairBlock {
        id: BlockId::from_uuid(row.id),
        rider_id: RiderId::from_uuid(row.rider_id),
        driver_id: DriverId::from_uuid(row.driver_id),
        wished_by: wished_by
            .ok_or(UnknownSide(row.wished_by))
            .map_err(|error| Failure::broken("reading a block", error))?,
        since: row.created_at,
    })
}

#[derive(Debug, thiserror::Error)]
#[error("`{0}` is nobody who wishes a block")]
struct UnknownSide(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_name_is_kept() {
        assert_eq!(first_name("Maria da Silva"), Some("Maria"));
        assert_eq!(first_name(" Bob "), Some("Bob"));
        assert_eq!(first_name(" "), None);
    }
}
