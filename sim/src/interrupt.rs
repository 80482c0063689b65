//! The person wants it to end: Ctrl-C, SIGTERM, or the key `q` on the live screen.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

/// One wish may come as two signals: to the whole process group, and handed on by whoever started
/// this program. What comes so soon after the first is no second wish.
const SAME_WISH: Duration = Duration::from_secs(2);

/// Whether somebody asked for the end.
#[derive(Debug, Clone)]
pub struct Interrupt(Arc<watch::Sender<bool>>);

impl Interrupt {
    /// Listens to the signals of the system. The second one ends the program at once.
    pub fn listen() -> Self {
        let interrupt = Self(Arc::new(watch::Sender::new(false)));
        let told = interrupt.clone();
        tokio::spawn(async move {
            signal().await;
            told.ask_for_end();
            tokio::time::sleep(SAME_WISH).await;
            signal().await;
            ratatui::restore();
            std::process::exit(130);
        });
        interrupt
    }

    /// The end is wanted.
    pub fn ask_for_end(&self) {
        self.0.send_replace(true);
    }

    /// Waits until the end is wanted.
    pub async fn asked(&self) {
        // The sender lives in `self`, so this waits for nothing else.
        drop(self.0.subscribe().wait_for(|asked| *asked).await);
    }
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}

#[cfg(not(unix))]
async fn signal() {
    drop(tokio::signal::ctrl_c().await);
}
