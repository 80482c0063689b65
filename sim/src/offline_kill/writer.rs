//! The process that is killed.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use rand::{Rng, SeedableRng};
use wayfare_core::sync::store::{
    NewCommand, StateKey, Store, StoreError, StoredCommand, Tx, VaultError,
};
use wayfare_core::wire::{CommandOutcome, CommandResult};

use super::Place;
use super::server::Said;
use super::steps::{self, CHUNK_BYTES, Plan, SEGMENT_POINTS, Step};
use crate::chance::Chance;

/// Where to write what.
#[derive(Debug, Clone, Args)]
pub struct WriterOrder {
    /// The folder of the store and its keys.
    #[arg(long, value_name = "DIR")]
    pub folder: PathBuf,
    /// Decides what is written.
    #[arg(long)]
    pub seed: u64,
}

/// Why a writer stopped by itself, which it must not.
#[derive(Debug, thiserror::Error)]
pub enum WriterError {
    /// The store does not open.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The store does not take a step.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nobody hears it any more.
    #[error("nobody listens")]
    Unheard(#[from] io::Error),
}

/// Goes on with the steps of this place until somebody kills it. Its failure is said on standard
/// output as well.
pub fn write_until_killed(order: &WriterOrder) -> Result<(), WriterError> {
    let place = Place {
        folder: order.folder.clone(),
        seed: order.seed,
    };
    let written = write(&place, u64::MAX, &mut say);
    written.inspect_err(|error| {
        let words = format!("{error}: {error:?}");
        // Whoever listens may be gone.
        let _ = say(&Said::Failed { words });
    })
}

/// Hears what a writer says.
type Listener<'a> = dyn FnMut(&Said) -> io::Result<()> + 'a;

/// Goes on with the steps up to this one.
pub(super) fn write(place: &Place, last: u64, say: &mut Listener<'_>) -> Result<(), WriterError> {
    let mut chance = Chance::seed_from_u64(place.seed);
    let (mut store, _) = place
        .vault()
        .open(place.user(), &mut |bytes| chance.fill_bytes(bytes))?;
    let plan = Plan::new(place.seed);
    let done: u64 = store.state(StateKey::Cursor)?.unwrap_or(0);
    for step in done + 1..=last {
        take(&mut store, plan, step, say)?;
        say(&Said::Done { step })?;
    }
    Ok(())
}

fn say(said: &Said) -> io::Result<()> {
    let mut line = serde_json::to_string(said)?;
    line.push('\n');
    io::stdout().lock().write_all(line.as_bytes())
}

/// One step. What is sent is said first, as a server would have it before the device knows.
fn take(
    store: &mut Store,
    plan: Plan,
    step: u64,
    say: &mut Listener<'_>,
) -> Result<(), WriterError> {
    let mut heard = Vec::new();
    let (mut segment, mut photo) = (None, None);
    match plan.step(step) {
        Step::Hear(count) => heard = store.waiting_commands(count)?,
        Step::SendTrack => segment = store.next_segment()?,
        Step::SendPhoto => photo = store.next_blob()?,
        _ => {}
    }
    for command in &heard {
        say(&command.into())?;
    }
    if let Some(segment) = &segment {
        say(&segment.into())?;
    }
    let mut up_to = 0;
    if let Some(photo) = &photo {
        let chunk = store.blob_bytes(photo.blob.blob_id, photo.sent, CHUNK_BYTES)?;
        let bytes = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        up_to = photo.sent + bytes;
        say(&Said::chunk(photo, bytes))?;
    }
    store.write(|tx| {
        do_locally(tx, plan, step)?;
        for command in &heard {
            tx.settle(&answer(command))?;
        }
        if let Some(segment) = &segment {
            tx.segment_sent(segment.sha256)?;
        }
        if let Some(photo) = &photo {
            tx.set_blob_sent(photo.blob.blob_id, up_to)?;
        }
        tx.set_state(StateKey::Cursor, &step)
    })?;
    Ok(())
}

fn do_locally(tx: &mut Tx<'_>, plan: Plan, step: u64) -> Result<(), StoreError> {
    let (commands, points, photo) = plan.added(step);
    for part in 0..commands {
        append(tx, step, part)?;
    }
    if commands > 0 {
        tx.put_notice(&step)?;
    }
    if points > 0 {
        tx.put_points(steps::trip(step), &steps::points(step, points))?;
    }
    if photo > 0 {
        let content = plan.photo(step);
        tx.put_blob(&steps::blob(step, &content), &content)?;
    }
    match plan.step(step) {
        Step::Pack(all) => tx.seal_points(SEGMENT_POINTS, all).map(|_| ()),
        Step::Forget => tx.forget_before(steps::forgotten(step)),
        Step::Read => match tx.notices::<u64>()?.first() {
            Some((oldest, _)) => tx.notice_seen(*oldest),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

fn append(tx: &mut Tx<'_>, step: u64, part: u64) -> Result<(), StoreError> {
    let chain = tx.chain()?;
    let (id, text) = steps::command(step, part);
    tx.append(&NewCommand {
        id,
        seq: chain.next_seq,
        hash: chain.head.after(&text),
        text,
        trip: steps::trip(step),
        kind: "go_offline",
        occurred_at: steps::at(step),
    })
}

/// What the server answers: now and then that it does not count.
pub(super) fn answer(command: &StoredCommand) -> CommandResult {
    let outcome = if command.seq.is_multiple_of(7) {
        CommandOutcome::Rejected
    } else {
        CommandOutcome::Applied
    };
    CommandResult {
        command_id: command.id,
        seq: command.seq,
        outcome,
        duplicate: false,
        code: None,
        detail: None,
        trip_version: None,
        counted_at: None,
        fare: None,
        trip: None,
    }
}
