//! Answers of the server: stored first, and only then told to the engine.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};

use super::memory::Memory;
use super::requests::What;
use super::{Answer, Device, DeviceError, Notice};
use crate::id::BlobId;
use crate::sync::ChainHash;
use crate::sync::clock::{DeviceTime, Exchange};
use crate::sync::engine::{CallId, Effect, Input, Outcome};
use crate::sync::pin_check::PinKey;
use crate::sync::store::StateKey;
use crate::wire::{self, Blob, ErrorCode, Problem};

/// Answered, and there is no more of it.
pub(super) const DONE: Outcome = Outcome::Done {
    more: false,
    blob: None,
};

/// What was asked, when, and when the answer was there.
#[derive(Debug, Clone)]
pub(super) struct Heard {
    pub(super) what: What,
    pub(super) sent: DeviceTime,
    pub(super) now: DeviceTime,
}

/// A refusal.
#[derive(Debug, Clone, Copy)]
struct Refusal {
    status: u16,
    code: Option<ErrorCode>,
    retry_after_ms: Option<u64>,
}

impl Refusal {
    const fn outcome(self) -> Outcome {
        Outcome::Refused {
            status: self.status,
            code: self.code,
            retry_after_ms: self.retry_after_ms,
        }
    }

    /// Whether it says something of this request, and not of the moment or of the session.
    const fn is_about_content(self) -> bool {
        let of_the_moment = matches!(self.status, 401 | 408 | 425 | 429 | 500..);
        let elsewhere = matches!(
            self.code,
            Some(ErrorCode::DeviceUnknown | ErrorCode::UploadOffset)
        );
        !of_the_moment && !elsewhere
    }
}

impl Device {
    /// Takes the answer to a call, stores what it says, and says what to do next. An answer to a call
    /// that nobody waits for changes nothing.
    ///
    /// If this fails the call is still open: tell [`input`](Device::input) that its answer was lost.
    pub fn answer(
        &mut self,
        id: CallId,
        answer: Answer,
        now: DeviceTime,
    ) -> Result<Vec<Effect>, DeviceError> {
        self.refresh()?;
        let Some(asked) = self.calls.get(&id).cloned() else {
            return self.input(Input::Tick, now);
        };
        let outcome = match asked.sent {
            Some((sent, what)) => self.take_answer(Heard { what, sent, now }, answer)?,
            None => Outcome::Lost,
        };
        self.calls.remove(&id);
        Ok(self.step(Input::Answered { call: id, outcome }, now))
    }

    fn take_answer(&mut self, heard: Heard, answer: Answer) -> Result<Outcome, DeviceError> {
        match (heard.what.clone(), answer) {
            (_, Answer::Lost) => Ok(Outcome::Lost),
            (
                what,
                Answer::Refused {
                    status,
                    problem,
                    retry_after_ms,
                },
            ) => {
                let code = problem.map(|problem: Problem| problem.code);
                let refusal = Refusal {
                    status,
                    code,
                    retry_after_ms,
                };
                self.take_refusal(&what, refusal, heard.now)
            }
            (What::Register, Answer::Registered(device)) => self.take_registration(&heard, &device),
            (What::Commands { .. }, Answer::Batch(batch)) => self.take_batch(&heard, &batch),
            (What::Snapshot, Answer::Snapshot(snapshot)) => self.take_snapshot(&heard, &snapshot),
            (What::Changes { cursor }, Answer::Changes(page)) => {
                self.take_changes(&heard, cursor, &page)
            }
            (What::Segment { sha256, .. }, Answer::Segment(_)) => self.take_segment(sha256),
            (What::BeginBlob { blob } | What::Chunk { blob, .. }, Answer::Blob(kept))
                if kept.blob_id == blob =>
            {
                self.take_blob(&heard, &kept)
            }
            // Something else than was asked for. Asking again may help.
            _ => Ok(Outcome::Stuck),
        }
    }

    /// The memory with the server's time in it.
    pub(super) fn draft_at(&self, heard: &Heard, server: DateTime<Utc>) -> Memory {
        let mut draft = self.memory.clone();
        draft.clock.heard_server(&Exchange {
            sent: heard.sent,
            received: heard.now,
            server,
        });
        draft
    }

    fn take_registration(
        &mut self,
        heard: &Heard,
        device: &wire::Device,
    ) -> Result<Outcome, DeviceError> {
        let key = BASE64_URL_SAFE_NO_PAD.decode(&device.pin_key).ok();
        let key: Option<[u8; 32]> = key.and_then(|key| key.try_into().ok());
        let (Some(key), true) = (key, device.device_id == self.owner().device) else {
            return Ok(Outcome::Stuck);
        };
        let draft = self.draft_at(heard, device.server_time);
        self.commit(draft, |tx, _, _| tx.set_state(StateKey::Registered, &true))?;
        self.keys.pin = Some(PinKey::from_bytes(key));
        Ok(DONE)
    }

    fn take_segment(&mut self, sha256: ChainHash) -> Result<Outcome, DeviceError> {
        self.write(|tx| tx.segment_sent(sha256))?;
        Ok(DONE)
    }

    fn take_blob(&mut self, heard: &Heard, kept: &Blob) -> Result<Outcome, DeviceError> {
        let id = kept.blob_id;
        let Some(own) = self.store.blob(id)? else {
            return Ok(DONE);
        };
        // A server that has everything and does not call it complete will not do so later.
        let sent = if kept.complete {
            own.blob.size
        } else {
            kept.received.min(own.blob.size.saturating_sub(1))
        };
        self.write(|tx| tx.set_blob_sent(id, sent))?;
        let went_on = match heard.what {
            What::Chunk { offset, .. } => kept.complete || kept.received > offset,
            _ => true,
        };
        Ok(if went_on {
            Outcome::Done {
                more: !kept.complete,
                blob: (!kept.complete).then_some(id),
            }
        } else {
            Outcome::Stuck
        })
    }

    fn take_refusal(
        &mut self,
        what: &What,
        refusal: Refusal,
        now: DeviceTime,
    ) -> Result<Outcome, DeviceError> {
        if !refusal.is_about_content() {
            return Ok(refusal.outcome());
        }
        let Refusal { status, code, .. } = refusal;
        match *what {
            What::Segment { sha256, trip } => {
                let notice = Notice::TrackHeld { trip, code };
                let told = self.held.is_told(sha256.bytes());
                self.write(|tx| {
                    tx.segment_refused(sha256, code.unwrap_or(ErrorCode::InvalidRequest))?;
                    if !told {
                        tx.put_notice(&notice)?;
                    }
                    Ok(())
                })?;
                self.held.hold(sha256.bytes(), now.monotonic_ms);
                Ok(DONE)
            }
            What::BeginBlob { blob } => self.hold_blob(blob, code, now),
            What::Chunk { .. } if status == 413 => Ok(refusal.outcome()),
            // The server forgot that the file was announced.
            What::Chunk { .. } if matches!(status, 404 | 410) => Ok(Outcome::Refused {
                status: 409,
                code: Some(ErrorCode::UploadOffset),
                retry_after_ms: refusal.retry_after_ms,
            }),
            What::Chunk { blob, .. } => self.hold_blob(blob, code, now),
            What::Commands {
                first_seq,
                last_seq,
            } => {
                if status != 413 || first_seq == last_seq {
                    self.tell_once("commands", &Notice::CommandsHeld { code })?;
                }
                Ok(refusal.outcome())
            }
            What::Register => {
                self.tell_once("device", &Notice::DeviceHeld { code })?;
                Ok(refusal.outcome())
            }
            // The server no longer knows where the device stands.
            What::Changes { .. } if matches!(status, 400 | 410) => {
                self.engine.must_snapshot();
                Ok(Outcome::Stuck)
            }
            What::Changes { .. } | What::Snapshot => Ok(refusal.outcome()),
        }
    }

    fn hold_blob(
        &mut self,
        blob: BlobId,
        code: Option<ErrorCode>,
        now: DeviceTime,
    ) -> Result<Outcome, DeviceError> {
        let name = *blob.uuid().as_bytes();
        let told = self.held.is_told(&name);
        self.write(|tx| {
            tx.blob_refused(blob, code.unwrap_or(ErrorCode::InvalidRequest))?;
            if !told {
                tx.put_notice(&Notice::FileHeld { blob, code })?;
            }
            Ok(())
        })?;
        self.held.hold(&name, now.monotonic_ms);
        Ok(DONE)
    }

    /// Keeps a notice of something that will happen again and again, once in a run of the program.
    fn tell_once(&mut self, name: &str, notice: &Notice) -> Result<(), DeviceError> {
        if !self.held.is_told(name.as_bytes()) {
            self.write(|tx| tx.put_notice(notice))?;
            self.held.tell(name.as_bytes());
        }
        Ok(())
    }
}
