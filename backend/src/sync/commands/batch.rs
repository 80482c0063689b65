//! A batch as its device wrote it: read and checked without the database.

use std::collections::HashSet;

use wayfare_core::id::DeviceId;
use wayfare_core::signing::{Jws, KeyRing, Purpose, SignatureError};
use wayfare_core::sync::{ChainHash, DeviceCommand, command};
use wayfare_core::wire::{
    BATCH_COMMANDS_MAX, BatchSeal, COMMAND_BYTES_MAX, CommandBatch, ErrorCode, SentAt,
};

use crate::platform::failure::Failure;

/// PostgreSQL counts that far.
const SEQ_MAX: u64 = i64::MAX.unsigned_abs();

/// A command with its place in the chain.
#[derive(Debug)]
pub(super) struct ReadCommand<'a> {
    /// As it was first written.
    pub(super) text: &'a str,
    /// What it says.
    pub(super) command: DeviceCommand,
    /// The link of the chain before it, if what the batch says of it is right.
    pub(super) before: ChainHash,
    /// The link after it.
    pub(super) after: ChainHash,
}

impl ReadCommand<'_> {
    pub(super) const fn seq(&self) -> u64 {
        self.command.seq
    }
}

/// A batch whose texts are commands of one device, one after the other.
#[derive(Debug)]
pub(super) struct Batch<'a> {
    pub(super) device: DeviceId,
    pub(super) oldest_seq: u64,
    pub(super) sent: SentAt,
    /// Never empty.
    pub(super) commands: Vec<ReadCommand<'a>>,
    seal: &'a str,
}

/// Why a batch is not what its device sealed.
#[derive(Debug, thiserror::Error)]
pub(super) enum SealError {
    /// No signature of this device.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// Sealed, but it is another batch.
    #[error("the seal is of another batch")]
    OtherBatch,
}

impl<'a> Batch<'a> {
    /// Reads all texts. The first one that is wrong is named, without what it says: it may hold a PIN.
    pub(super) fn read(batch: &'a CommandBatch) -> Result<Self, Failure> {
        let count = batch.commands.len();
        if !(1..=BATCH_COMMANDS_MAX).contains(&count) {
            let detail = format!("a batch has 1 to {BATCH_COMMANDS_MAX} commands, not {count}");
            return Err(Failure::refused(ErrorCode::InvalidRequest, detail));
        }
        let mut commands: Vec<ReadCommand<'a>> = Vec::with_capacity(count);
        let (mut before, mut ids) = (batch.prev_hash, HashSet::with_capacity(count));
        for (index, text) in batch.commands.iter().enumerate() {
            let command = parse(text).map_err(|what| wrong(index, &what))?;
            let expected = commands.last().map(|last| last.seq().saturating_add(1));
            check(&command, batch.device_id, expected).map_err(|what| wrong(index, &what))?;
            if !ids.insert(command.id) {
                return Err(wrong(
                    index,
                    "its `id` is that of another one in this batch",
                ));
            }
            let after = before.after(text);
            commands.push(ReadCommand {
                text,
                command,
                before,
                after,
            });
            before = after;
        }
        Ok(Self {
            device: batch.device_id,
            oldest_seq: batch.oldest_seq,
            sent: batch.sent,
            commands,
            seal: &batch.seal,
        })
    }

    /// Place of the first command.
    pub(super) fn first_seq(&self) -> u64 {
        self.commands.first().map_or(0, ReadCommand::seq)
    }

    /// Whether one of these keys sealed exactly this.
    pub(super) fn check_seal(&self, keys: &KeyRing) -> Result<(), SealError> {
        let seal: Jws = self.seal.parse()?;
        let told: BatchSeal = keys.verify(Purpose::DeviceBatch, &seal)?;
        let wanted = self.commands.last().map(|last| BatchSeal {
            device_id: self.device,
            last_seq: last.seq(),
            head: last.after,
        });
        if Some(told) == wanted {
            Ok(())
        } else {
            Err(SealError::OtherBatch)
        }
    }
}

fn parse(text: &str) -> Result<DeviceCommand, String> {
    if text.len() > COMMAND_BYTES_MAX {
        return Err(format!("it has more than {COMMAND_BYTES_MAX} bytes"));
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let command = serde_path_to_error::deserialize(&mut json)
        .map_err(|error| format!("it is no command; see `{}`", error.path()))?;
    json.end()
        .map_err(|_| "there is more after it".to_owned())?;
    Ok(command)
}

fn check(
    command: &DeviceCommand,
    device: DeviceId,
    expected_seq: Option<u64>,
) -> Result<(), String> {
    let (seq, version) = (command.seq, command.v);
    if version != command::VERSION {
        return Err(format!("version {version} of commands is not known"));
    }
    if command.device != device {
        return Err("it was given on another device".to_owned());
    }
    if !(1..=SEQ_MAX).contains(&seq) {
        return Err(format!("`seq` must be 1 to {SEQ_MAX}"));
    }
    match expected_seq {
        Some(expected) if expected != seq => Err(format!("its `seq` is {seq}, not {expected}")),
        _ => Ok(()),
    }
}

fn wrong(index: usize, what: &str) -> Failure {
    let detail = format!("`commands[{index}]`: {what}");
    Failure::refused(ErrorCode::InvalidRequest, detail)
}

#[cfg(test)]
mod tests;
