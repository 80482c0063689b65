//! What the engine makes of answers. None of them makes it forget anything that waits.

use super::lane::Kind;
use super::machine::{
    BATCH_LOST_MIN, BATCH_MAX, CHUNK_BYTES_FIRST, CHUNK_BYTES_MAX, CHUNK_BYTES_MIN, Engine,
    IDLE_MAX, Working,
};
use super::pause::{Growth, LONG, SHORT};
use super::{Call, CallId, Effect, Outcome, Pending};
use crate::id::BlobId;
use crate::wire::ErrorCode;

/// A refusal.
#[derive(Debug, Clone, Copy)]
struct Refused {
    status: u16,
    code: Option<ErrorCode>,
    asked_ms: u64,
}

impl Engine {
    /// An answer to a call that nobody waits for any more changes nothing.
    pub(super) fn hear_answer(
        &mut self,
        id: CallId,
        outcome: Outcome,
        pending: Pending,
        effects: &mut Vec<Effect>,
    ) {
        if self.poll.as_ref().is_some_and(|poll| poll.id == id) {
            self.poll = None;
            self.hear_poll(outcome, effects);
        } else if let Some(working) = self.working.filter(|working| working.id == id) {
            self.working = None;
            self.hear_work(working, outcome, pending, effects);
        }
    }

    fn hear_poll(&mut self, outcome: Outcome, effects: &mut Vec<Effect>) {
        match outcome {
            Outcome::Done { more, .. } => {
                self.line.clear();
                self.lanes.get_mut(Kind::News).succeed();
                self.news |= more;
            }
            Outcome::Stuck => self.pause(Kind::News, SHORT, 0),
            Outcome::Lost => self.lose(),
            Outcome::Refused {
                status,
                code,
                retry_after_ms,
            } => {
                let refused = Refused {
                    status,
                    code,
                    asked_ms: retry_after_ms.unwrap_or(0),
                };
                self.hear_refusal(Kind::News, refused, effects);
            }
        }
    }

    fn hear_work(
        &mut self,
        working: Working,
        outcome: Outcome,
        pending: Pending,
        effects: &mut Vec<Effect>,
    ) {
        match outcome {
            Outcome::Done { more, blob } => {
                self.line.clear();
                // Where a file goes on is no success yet: its next piece may be refused again.
                let only_begun = working.call == Call::BeginBlob && blob.is_some();
                if !only_begun {
                    self.lanes.get_mut(working.kind).succeed();
                }
                self.hear_done(working, more, blob);
                self.hear_progress(working, pending);
            }
            Outcome::Stuck => {
                self.undo(working.call);
                self.pause(working.kind, SHORT, 0);
            }
            Outcome::Lost => {
                self.undo(working.call);
                self.shrink_for_line(working.call);
                self.lose();
            }
            Outcome::Refused {
                status,
                code,
                retry_after_ms,
            } => {
                self.line.clear();
                self.undo(working.call);
                let refused = Refused {
                    status,
                    code,
                    asked_ms: retry_after_ms.unwrap_or(0),
                };
                if status == 413 && self.shrink_for_server(working) {
                    return;
                }
                self.hear_refusal(working.kind, refused, effects);
            }
        }
    }

    fn hear_done(&mut self, working: Working, more: bool, blob: Option<BlobId>) {
        match working.call {
            Call::Register => self.register = false,
            Call::Commands { max } => {
                self.batch_max = max.saturating_mul(2).clamp(1, BATCH_MAX);
            }
            Call::Snapshot => {
                self.snapshot = false;
                self.news |= more;
            }
            Call::Changes { .. } => self.news |= more,
            Call::Segment => {}
            Call::BeginBlob => self.blob = blob,
            Call::Chunk { blob, max } => {
                self.blob = more.then_some(blob);
                self.chunk_max = max
                    .saturating_mul(2)
                    .clamp(CHUNK_BYTES_MIN, CHUNK_BYTES_MAX);
            }
        }
    }

    /// A server that takes something again and again without its becoming less is asked less often.
    fn hear_progress(&mut self, working: Working, pending: Pending) {
        let waiting = match working.kind {
            Kind::Commands => pending.commands,
            Kind::Segments => pending.segments,
            Kind::Register | Kind::News | Kind::Files => return,
        };
        let lane = self.lanes.get_mut(working.kind);
        if waiting < working.waiting {
            lane.idle = 0;
            return;
        }
        lane.idle = lane.idle.saturating_add(1);
        if lane.idle >= IDLE_MAX {
            self.pause(working.kind, SHORT, 0);
        }
    }

    fn hear_refusal(&mut self, kind: Kind, refused: Refused, effects: &mut Vec<Effect>) {
        let Refused {
            status,
            code,
            asked_ms,
        } = refused;
        match (status, code) {
            (401, _) => {
                self.signed_in = false;
                self.abandon_poll(effects);
                if let Some(working) = self.working.take() {
                    self.undo(working.call);
                    effects.push(Effect::Abandon(working.id));
                }
                effects.push(Effect::NeedsSignIn);
            }
            (_, Some(ErrorCode::DeviceUnknown)) => {
                self.register = true;
                self.detour(kind, asked_ms);
            }
            (_, Some(ErrorCode::UploadOffset)) => {
                self.blob = None;
                self.detour(kind, asked_ms);
            }
            (408 | 425 | 429 | 500.., _) => self.pause(kind, SHORT, asked_ms),
            _ => self.pause(kind, LONG, asked_ms),
        }
    }

    /// Something else has to be done first. If that did not help before, not at once.
    fn detour(&mut self, kind: Kind, asked_ms: u64) {
        let lane = self.lanes.get_mut(kind);
        if std::mem::replace(&mut lane.detour, true) {
            self.pause(kind, SHORT, asked_ms);
        }
    }

    fn pause(&mut self, kind: Kind, growth: Growth, asked_ms: u64) {
        let lane = self.lanes.get_mut(kind);
        lane.pause
            .fail(self.now, growth, asked_ms, &mut self.jitter);
    }

    fn lose(&mut self) {
        self.line.fail(self.now, SHORT, 0, &mut self.jitter);
    }

    /// A bad line carries small things better.
    fn shrink_for_line(&mut self, call: Call) {
        match call {
            Call::Commands { max } => self.batch_max = (max / 2).max(BATCH_LOST_MIN.min(max)),
            Call::Chunk { max, .. } => {
                self.chunk_max = (max / 2).max(CHUNK_BYTES_FIRST / 4);
            }
            _ => {}
        }
    }

    /// The server wants less at once. Answers whether there is a smaller size to try.
    fn shrink_for_server(&mut self, working: Working) -> bool {
        match working.call {
            Call::Commands { max } => {
                let sent = u64::from(max).min(working.waiting);
                let half = u32::try_from(sent / 2).unwrap_or(BATCH_MAX);
                self.batch_max = half.max(1);
                sent > 1
            }
            Call::Chunk { max, .. } if max > CHUNK_BYTES_MIN => {
                self.chunk_max = (max / 2).max(CHUNK_BYTES_MIN);
                true
            }
            _ => false,
        }
    }
}
