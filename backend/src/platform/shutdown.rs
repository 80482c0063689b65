//! When to stop: SIGINT and SIGTERM cancel a token that everything long-lived watches. A second
//! signal ends the process at once; the private PostgreSQL notices and stops by itself.

use std::{io, process};

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// What shells report for a process ended by SIGINT.
const EXIT_FORCED: i32 = 130;

/// Starts to listen for signals; call it within a runtime.
pub fn on_signals() -> io::Result<CancellationToken> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let token = CancellationToken::new();
    let stop = token.clone();
    tokio::spawn(async move {
        let name = next(&mut interrupt, &mut terminate).await;
        tracing::info!(
            signal = name,
            "stopping; a second signal ends the process at once"
        );
        stop.cancel();
        let name = next(&mut interrupt, &mut terminate).await;
        tracing::warn!(signal = name, "ended at once");
        process::exit(EXIT_FORCED);
    });
    Ok(token)
}

async fn next(interrupt: &mut Signal, terminate: &mut Signal) -> &'static str {
    tokio::select! {
        _ = interrupt.recv() => "SIGINT",
        _ = terminate.recv() => "SIGTERM",
    }
}
