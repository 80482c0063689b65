//! The outbox: what the person did, chained, until the server has answered each for good.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row};

use super::column::{bytes_of, link, maybe_uuid, moment, number, uuid, whole};
use super::error::StoreError;
use super::limits::{COMMANDS_MAX, Limit};
use super::state::{from_json, to_json};
use super::{Reads, Tx};
use crate::id::{CommandId, TripId};
use crate::sync::chain::ChainHash;
use crate::wire::{COMMAND_BYTES_MAX, CommandOutcome, CommandResult, ErrorCode};

/// A command to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCommand {
    /// The command.
    pub id: CommandId,
    /// Its place in the chain: [`Chain::next_seq`].
    pub seq: u64,
    /// Its JSON text, which never changes any more.
    pub text: String,
    /// The link of the chain after it.
    pub hash: ChainHash,
    /// The trip that it is about, if it is about one.
    pub trip: Option<TripId>,
    /// [`DeviceAction::as_str`](crate::sync::DeviceAction::as_str).
    pub kind: &'static str,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
}

/// A command as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCommand {
    /// Its place in the chain.
    pub seq: u64,
    /// The command.
    pub id: CommandId,
    /// Its JSON text.
    pub text: String,
    /// The link of the chain before it.
    pub before: ChainHash,
    /// The trip that it is about, if it is about one.
    pub trip: Option<TripId>,
}

/// Where the chain goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chain {
    /// The place of the next command.
    pub next_seq: u64,
    /// The link after the last command.
    pub head: ChainHash,
    /// The oldest command that is still here; `next_seq` if there is none.
    pub oldest_seq: u64,
}

/// A command and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueItem {
    /// Its place in the chain.
    pub seq: u64,
    /// The command.
    pub id: CommandId,
    /// What was done, as [`DeviceAction::as_str`](crate::sync::DeviceAction::as_str) says.
    pub kind: String,
    /// The trip that it is about, if it is about one.
    pub trip: Option<TripId>,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// What became of it.
    pub state: QueueState,
}

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueueState {
    /// The server has not answered.
    Waiting,
    /// It happened.
    Applied,
    /// It does not count, for good.
    Rejected {
        /// For programs.
        code: Option<ErrorCode>,
        /// For people.
        detail: Option<String>,
    },
}

const COLUMNS: &str = "SELECT seq, id, body, before, trip FROM commands";

impl Reads {
    /// The oldest commands that the server has not answered, oldest first.
    pub fn waiting_commands(&self, limit: u32) -> Result<Vec<StoredCommand>, StoreError> {
        let sql = format!("{COLUMNS} WHERE outcome IS NULL ORDER BY seq LIMIT ?1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([limit], stored)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What waits of a trip, oldest first.
    pub fn waiting_of_trip(&self, trip: TripId) -> Result<Vec<StoredCommand>, StoreError> {
        let sql = format!("{COLUMNS} WHERE outcome IS NULL AND trip = ?1 ORDER BY seq");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([bytes_of!(trip)], stored)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What waits and is of no trip, oldest first.
    pub fn waiting_without_trip(&self) -> Result<Vec<StoredCommand>, StoreError> {
        let sql = format!("{COLUMNS} WHERE outcome IS NULL AND trip IS NULL ORDER BY seq");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([], stored)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Commands from this place on, answered or not: for a server that lost what it had.
    pub fn commands_from(&self, seq: u64, limit: u32) -> Result<Vec<StoredCommand>, StoreError> {
        let sql = format!("{COLUMNS} WHERE seq >= ?1 ORDER BY seq LIMIT ?2");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map((number(seq)?, limit), stored)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// A command, answered or not, if it is still here.
    pub fn command(&self, id: CommandId) -> Result<Option<StoredCommand>, StoreError> {
        let sql = format!("{COLUMNS} WHERE id = ?1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_row([bytes_of!(id)], stored).optional()?)
    }

    /// Where the chain goes on.
    pub fn chain(&self) -> Result<Chain, StoreError> {
        let sql =
            "SELECT next_seq, ifnull((SELECT min(seq) FROM commands), next_seq), head FROM chain";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([], |row| {
            Ok(Chain {
                next_seq: whole(row, 0)?,
                oldest_seq: whole(row, 1)?,
                head: link(row, "head")?,
            })
        })?)
    }

    /// Commands and what became of them, newest first.
    pub fn queue(&self, limit: u32) -> Result<Vec<QueueItem>, StoreError> {
        let sql = "SELECT seq, id, trip, kind, occurred_ms, answer FROM commands
            ORDER BY seq DESC LIMIT ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([limit], |row| {
            let item = QueueItem {
                seq: whole(row, 0)?,
                id: CommandId::from_uuid(uuid(row, "id")?),
                kind: row.get("kind")?,
                trip: maybe_uuid(row, "trip")?.map(TripId::from_uuid),
                occurred_at: moment(row, "occurred_ms")?,
                state: QueueState::Waiting,
            };
            Ok((item, row.get("answer")?))
        })?;
        rows.map(|row| {
            let (item, answer): (_, Option<String>) = row?;
            let state = became(answer.as_deref())?;
            Ok(QueueItem { state, ..item })
        })
        .collect()
    }
}

impl Tx<'_> {
    /// Keeps a command. It has to be the next one of the chain.
    pub fn append(&mut self, command: &NewCommand) -> Result<(), StoreError> {
        let chain = self.chain()?;
        if command.seq != chain.next_seq || command.hash != chain.head.after(&command.text) {
            return Err(StoreError::Chain {
                next_seq: chain.next_seq,
            });
        }
        let bytes = u64::try_from(command.text.len()).unwrap_or(u64::MAX);
        let bytes_max = u64::try_from(COMMAND_BYTES_MAX).unwrap_or(u64::MAX);
        Limit::check("bytes of a command", bytes, bytes_max)?;
        self.check_room(&chain)?;
        let sql = "INSERT INTO commands (seq, id, trip, kind, body, before, after, occurred_ms)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        self.connection.prepare_cached(sql)?.execute((
            number(command.seq)?,
            bytes_of!(command.id),
            command.trip.map(|trip| bytes_of!(trip)),
            command.kind,
            &command.text,
            chain.head.bytes(),
            command.hash.bytes(),
            command.occurred_at.timestamp_millis(),
        ))?;
        let sql = "UPDATE chain SET next_seq = next_seq + 1, head = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute([command.hash.bytes()])?;
        Ok(())
    }

    /// Keeps the server's answer to a command. Answers whether the command waited for one: it may be
    /// answered already, or forgotten.
    pub fn settle(&mut self, result: &CommandResult) -> Result<bool, StoreError> {
        let outcome = match result.outcome {
            CommandOutcome::Applied => "applied",
            CommandOutcome::Rejected => "rejected",
        };
        // The trip is kept as such, and not with each command.
        let answer = CommandResult {
            trip: None,
            ..result.clone()
        };
        let sql = "UPDATE commands SET outcome = ?2, answer = ?3 WHERE id = ?1 AND outcome IS NULL";
        let mut statement = self.connection.prepare_cached(sql)?;
        let id = bytes_of!(result.command_id);
        let changed = statement.execute((id, outcome, to_json("answer", &answer)?))?;
        Ok(changed > 0)
    }

    fn check_room(&self, chain: &Chain) -> Result<(), StoreError> {
        // What lies between the oldest one and the next is at least as many, and known at once.
        if chain.next_seq.saturating_sub(chain.oldest_seq) < COMMANDS_MAX {
            return Ok(());
        }
        let waiting = self.pending()?.commands;
        Ok(Limit::check(
            "commands that wait",
            waiting.saturating_add(1),
            COMMANDS_MAX,
        )?)
    }
}

fn stored(row: &Row<'_>) -> rusqlite::Result<StoredCommand> {
    Ok(StoredCommand {
        seq: whole(row, 0)?,
        id: CommandId::from_uuid(uuid(row, "id")?),
        text: row.get("body")?,
        before: link(row, "before")?,
        trip: maybe_uuid(row, "trip")?.map(TripId::from_uuid),
    })
}

fn became(answer: Option<&str>) -> Result<QueueState, StoreError> {
    let Some(text) = answer else {
        return Ok(QueueState::Waiting);
    };
    let result: CommandResult = from_json("answer", text)?;
    Ok(match result.outcome {
        CommandOutcome::Applied => QueueState::Applied,
        CommandOutcome::Rejected => QueueState::Rejected {
            code: result.code,
            detail: result.detail,
        },
    })
}
