//! A batch from its checks to its answer.

use std::time::{Duration, Instant};

use wayfare_core::id::{DeviceId, UserId};
use wayfare_core::wire::{BatchAnswer, CommandBatch, ErrorCode, SyncFlagKind};

use super::batch::Batch;
use super::run::{self, Progress, Source};
use crate::app::App;
use crate::platform::clock;
use crate::platform::failure::Failure;
use crate::sync::devices::{self, KnownDevice};
use crate::sync::flags::{self, NewFlag};

/// Takes a batch of commands of a person's device.
pub(super) async fn take_batch(
    app: &App,
    user: UserId,
    sent: &CommandBatch,
) -> Result<BatchAnswer, Failure> {
    let began = Instant::now();
    let device = get_device(app, user, sent.device_id).await?;
    let batch = Batch::read(sent)?;
    let next_seq = device.last_seq.saturating_add(1);
    if batch.first_seq() > next_seq && batch.oldest_seq <= next_seq {
        return Ok(answer(Progress::before(next_seq)));
    }
    check_seal(app, user, &device, &batch).await?;
    let source = Source {
        app,
        user,
        batch: &batch,
    };
    let mut progress = Progress::before(next_seq);
    while progress.results.len() < batch.commands.len() {
        // Whoever waits longer gets nothing at all.
        if began.elapsed() > patience(app) && !progress.results.is_empty() {
            break;
        }
        if let Err(failure) = take_run(&source, &mut progress).await {
            let told: &dyn std::error::Error = &failure;
            tracing::error!(error = told, device = %batch.device, "a batch stopped in the middle");
            if progress.results.is_empty() {
                return Err(come_again());
            }
            break;
        }
    }
    Ok(answer(progress))
}

/// Two transactions that waited for each other are told apart by trying once more.
async fn take_run(source: &Source<'_>, progress: &mut Progress) -> Result<(), Failure> {
    match run::take(source, progress).await {
        Err(failure) if failure.code() == ErrorCode::Unavailable => {
            run::take(source, progress).await
        }
        other => other,
    }
}

fn answer(progress: Progress) -> BatchAnswer {
    BatchAnswer {
        results: progress.results,
        next_seq: progress.next_seq,
        server_time: clock::now(),
    }
}

/// Most of what a request may take.
fn patience(app: &App) -> Duration {
    Duration::from_secs(app.config.server.request_timeout_s) * 2 / 3
}

/// The commands are not lost: the device keeps them until they are answered.
fn come_again() -> Failure {
    Failure::Refused {
        code: ErrorCode::Unavailable,
        detail: "the server could not take the commands; send them again".into(),
        retry_after_s: Some(1),
    }
}

async fn get_device(app: &App, user: UserId, device: DeviceId) -> Result<KnownDevice, Failure> {
    let mut connection = app.pool.acquire().await?;
    let known = devices::find(&mut connection, user, device).await?;
    known.ok_or_else(unknown_device)
}

/// Somebody else's device is as unknown as any.
pub(super) fn unknown_device() -> Failure {
    let detail = "register this device first";
    Failure::refused(ErrorCode::DeviceUnknown, detail)
}

async fn check_seal(
    app: &App,
    user: UserId,
    device: &KnownDevice,
    batch: &Batch<'_>,
) -> Result<(), Failure> {
    let Err(error) = batch.check_seal(&device.keys) else {
        return Ok(());
    };
    let flag = NewFlag {
        kind: SyncFlagKind::SignatureInvalid,
        user,
        device: Some(device.id),
        command: None,
        trip: None,
        detail: format!("a batch from {} on: {error}", batch.first_seq()),
    };
    flags::raise_once(&mut *app.pool.acquire().await?, flag).await?;
    let detail = format!("`seal`: {error}");
    Err(Failure::refused(ErrorCode::SignatureInvalid, detail))
}
