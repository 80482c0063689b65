//! What a call asks, read from the store when it is sent.

use super::{Device, DeviceError, Request};
use crate::id::{BlobId, TripId};
use crate::signing::Purpose;
use crate::sync::ChainHash;
use crate::sync::clock::DeviceTime;
use crate::sync::engine::Call;
use crate::sync::store::StoredCommand;
use crate::wire::{BATCH_COMMANDS_MAX, BatchSeal, CommandBatch, Jwk, NewDevice, SentAt};

/// The most bytes of the commands of a batch; a single command may have more.
const BATCH_BYTES_MAX: usize = 512 * 1024;

/// A call that the engine waits for, and what was asked.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) call: Call,
    /// When, and what; absent until somebody asked.
    pub(super) sent: Option<(DeviceTime, What)>,
}

/// What was asked.
#[derive(Debug, Clone)]
pub(super) enum What {
    Register,
    Commands {
        first_seq: u64,
        last_seq: u64,
    },
    Snapshot,
    Changes {
        cursor: i64,
    },
    Segment {
        sha256: ChainHash,
        trip: Option<TripId>,
    },
    BeginBlob {
        blob: BlobId,
    },
    Chunk {
        blob: BlobId,
        offset: u64,
    },
}

impl Asked {
    pub(super) const fn not_yet(call: Call) -> Self {
        Self { call, sent: None }
    }
}

impl Device {
    /// What to send for a call, as it is now. `None`: there is nothing to send any more, or nobody
    /// waits for the call; then the call has ended with `Outcome::Done`.
    pub fn request(&mut self, call: Call, now: DeviceTime) -> Result<Option<Request>, DeviceError> {
        self.refresh()?;
        let waits = |asked: &Asked| asked.call == call;
        if !self.calls.values().any(waits) {
            return Ok(None);
        }
        let Some((what, request)) = self.prepare(call, now)? else {
            return Ok(None);
        };
        // Two calls under way are never the same.
        if let Some(asked) = self.calls.values_mut().rev().find(|asked| waits(asked)) {
            asked.sent = Some((now, what));
        }
        Ok(Some(request))
    }

    fn prepare(&self, call: Call, now: DeviceTime) -> Result<Option<(What, Request)>, DeviceError> {
        Ok(match call {
            Call::Register => Some((What::Register, Request::Register(self.registration()))),
            Call::Commands { max } => self.batch(max, now)?,
            Call::Snapshot => Some((What::Snapshot, Request::Snapshot)),
            Call::Changes { wait_s } => self.memory.cursor.map(|cursor| {
                let request = Request::Changes { cursor, wait_s };
                (What::Changes { cursor }, request)
            }),
            Call::Segment => self.store.next_segment()?.map(|segment| {
                let (sha256, trip) = (segment.sha256, segment.trip);
                let bytes = segment.bytes;
                let request = Request::Segment {
                    trip,
                    sha256,
                    bytes,
                };
                (What::Segment { sha256, trip }, request)
            }),
            Call::BeginBlob => self.store.next_blob()?.map(|next| {
                let blob = next.blob.blob_id;
                (What::BeginBlob { blob }, Request::BeginBlob(next.blob))
            }),
            Call::Chunk { blob, max } => self.chunk(blob, max)?,
        })
    }

    fn registration(&self) -> NewDevice {
        let key = Jwk::from(&self.keys.signing.public());
        NewDevice {
            device_id: self.owner().device,
            name: self.name.clone(),
            // The key of this curve always has this part.
            public_key: key.x.unwrap_or_default(),
        }
    }

    fn chunk(&self, blob: BlobId, max: u32) -> Result<Option<(What, Request)>, DeviceError> {
        let Some(kept) = self.store.blob(blob)? else {
            return Ok(None);
        };
        let offset = kept.sent;
        let bytes = self.store.blob_bytes(blob, offset, max)?;
        if bytes.is_empty() {
            return Ok(None);
        }
        let request = Request::Chunk {
            blob,
            offset,
            bytes,
        };
        Ok(Some((What::Chunk { blob, offset }, request)))
    }

    fn batch(&self, max: u32, now: DeviceTime) -> Result<Option<(What, Request)>, DeviceError> {
        let most = u32::try_from(BATCH_COMMANDS_MAX).unwrap_or(u32::MAX);
        let max = max.clamp(1, most);
        let mut commands = match self.resend_from {
            Some(seq) => self.store.commands_from(seq, max)?,
            None => self.store.waiting_commands(max)?,
        };
        keep_gapless(&mut commands);
        let (Some(first), Some(last)) = (commands.first(), commands.last()) else {
            return Ok(None);
        };
        let what = What::Commands {
            first_seq: first.seq,
            last_seq: last.seq,
        };
        let device_id = self.owner().device;
        let seal = BatchSeal {
            device_id,
            last_seq: last.seq,
            head: last.before.after(&last.text),
        };
        let signed = self.keys.signing.sign(Purpose::DeviceBatch, &seal);
        let batch = CommandBatch {
            device_id,
            oldest_seq: self.store.chain()?.oldest_seq,
            prev_hash: first.before,
            seal: signed.map_err(DeviceError::Seal)?.as_str().to_owned(),
            sent: SentAt {
                at: self.time(now),
                boot: now.boot,
                monotonic_ms: now.monotonic_ms,
            },
            commands: commands.into_iter().map(|command| command.text).collect(),
        };
        Ok(Some((what, Request::Commands(batch))))
    }
}

/// A batch is a piece of the chain of bounded size.
fn keep_gapless(commands: &mut Vec<StoredCommand>) {
    let mut next_seq = commands.first().map_or(0, |first| first.seq);
    let (mut bytes, mut count) = (0_usize, 0_usize);
    for command in commands.iter() {
        bytes = bytes.saturating_add(command.text.len());
        if command.seq != next_seq || (count > 0 && bytes > BATCH_BYTES_MAX) {
            break;
        }
        next_seq = next_seq.saturating_add(1);
        count = count.saturating_add(1);
    }
    commands.truncate(count);
}
