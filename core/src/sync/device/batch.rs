//! The server's answers to commands: final, one by one.

use std::collections::BTreeSet;

use super::act::read_command;
use super::answers::{DONE, Heard};
use super::feed::rebase;
use super::requests::What;
use super::{Device, DeviceError, Notice};
use crate::sync::command::{DeviceAction, DeviceCommand};
use crate::sync::engine::Outcome;
use crate::sync::store::{StoreError, Tx};
use crate::wire::{BatchAnswer, CommandOutcome, CommandResult};

impl Device {
    pub(super) fn take_batch(
        &mut self,
        heard: &Heard,
        answer: &BatchAnswer,
    ) -> Result<Outcome, DeviceError> {
        let draft = self.draft_at(heard, answer.server_time);
        let settled = self.commit(draft, |tx, draft, before| {
            let mut trips = BTreeSet::new();
            let mut settled = 0_usize;
            for result in &answer.results {
                let Some(command) = settle(tx, result)? else {
                    continue;
                };
                settled = settled.saturating_add(1);
                trips.extend(draft.replica.answered(&command, result));
                if let Some(notice) = notice_of(&command, result) {
                    tx.put_notice(&notice)?;
                }
            }
            rebase(tx, draft, before, &trips)?;
            Ok(settled)
        })?;
        self.held.forget(b"commands");
        self.catch_up();
        self.go_on_from(heard, answer, settled)
    }

    /// From where the next batch begins.
    fn go_on_from(
        &mut self,
        heard: &Heard,
        answer: &BatchAnswer,
        settled: usize,
    ) -> Result<Outcome, DeviceError> {
        let What::Commands { first_seq, .. } = heard.what else {
            return Ok(Outcome::Stuck);
        };
        let chain = self.store.chain()?;
        let wanted = answer.next_seq.max(chain.oldest_seq);
        let before = self.resend_from;
        if wanted < first_seq {
            // It lost what it had, and wants it again.
            self.resend_from = Some(wanted);
        } else if before.is_some() {
            let done = answer.results.iter().map(|result| result.seq).max();
            let next = done.map(|seq| seq.saturating_add(1)).or(before);
            let waiting = self.store.waiting_commands(1)?;
            let oldest = waiting.first().map_or(chain.next_seq, |first| first.seq);
            self.resend_from = next.filter(|next| *next < oldest);
        }
        let went_on = settled > 0 || self.resend_from != before;
        Ok(if went_on { DONE } else { Outcome::Stuck })
    }
}

/// Keeps the answer, if the command waited for one.
fn settle(tx: &mut Tx<'_>, result: &CommandResult) -> Result<Option<DeviceCommand>, StoreError> {
    let Some(stored) = tx.command(result.command_id)? else {
        return Ok(None);
    };
    // An answer to another command of the same place says nothing of this one.
    if stored.seq != result.seq || !tx.settle(result)? {
        return Ok(None);
    }
    read_command(&stored).map(Some)
}

/// What the person is told of an answer.
fn notice_of(command: &DeviceCommand, result: &CommandResult) -> Option<Notice> {
    if result.outcome == CommandOutcome::Rejected {
        return Some(Notice::CommandRejected {
            command: command.id,
            action: command.action.as_str().to_owned(),
            trip: command.action.trip(),
            code: result.code,
            detail: result.detail.clone(),
        });
    }
    let DeviceAction::Complete {
        trip,
        claim: Some(claim),
    } = &command.action
    else {
        return None;
    };
    let charged = result.fare.as_ref().filter(|fare| **fare != claim.fare)?;
    Some(Notice::FareCorrected {
        trip: *trip,
        shown: claim.fare.clone(),
        charged: charged.clone(),
    })
}
