//! Answers that commands of a batch got before.

use std::collections::HashMap;

use sqlx::PgConnection;
use uuid::Uuid;
use wayfare_core::id::{CommandId, DeviceId};
use wayfare_core::wire::{CommandOutcome, CommandResult, ErrorCode};

use super::batch::{Batch, ReadCommand};
use super::queries;
use crate::platform::failure::Failure;

/// Answers that commands of a batch got before.
#[derive(Debug, Default)]
pub(super) struct Kept {
    answers: HashMap<CommandId, Seen>,
}

#[derive(Debug)]
enum Seen {
    /// From this device.
    Here(Box<CommandResult>),
    /// From another device, whose answer is nobody else's business.
    Elsewhere,
}

impl Kept {
    /// What was answered to commands of this batch until now.
    pub(super) async fn load(
        connection: &mut PgConnection,
        batch: &Batch<'_>,
    ) -> Result<Self, Failure> {
        let ids: Vec<Uuid> = batch
            .commands
            .iter()
            .map(|read| read.command.id.uuid())
            .collect();
        let mut answers = HashMap::new();
        for row in queries::list_kept(connection, &ids).await? {
            let seen = if DeviceId::from_uuid(row.device_id) == batch.device {
                let answer = serde_json::from_value(row.answer);
                Seen::Here(answer.map_err(|error| Failure::broken("reading an answer", error))?)
            } else {
                Seen::Elsewhere
            };
            answers.insert(CommandId::from_uuid(row.id), seen);
        }
        Ok(Self { answers })
    }

    pub(super) fn contains(&self, read: &ReadCommand<'_>) -> bool {
        self.answers.contains_key(&read.command.id)
    }

    /// The answer of then, if the command came before.
    pub(super) fn answer(&self, read: &ReadCommand<'_>) -> Option<CommandResult> {
        Some(match self.answers.get(&read.command.id)? {
            Seen::Here(answer) => CommandResult {
                seq: read.seq(),
                duplicate: true,
                ..answer.as_ref().clone()
            },
            Seen::Elsewhere => CommandResult {
                command_id: read.command.id,
                seq: read.seq(),
                outcome: CommandOutcome::Rejected,
                duplicate: true,
                code: Some(ErrorCode::AlreadyExists),
                detail: Some("another device sent a command of this id".to_owned()),
                trip_version: None,
                counted_at: None,
                fare: None,
                trip: None,
            },
        })
    }
}
