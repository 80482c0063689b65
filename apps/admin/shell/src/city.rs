//! Asks for the city's numbers while somebody is signed in, and brings them to the page.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tauri::async_runtime::{self, JoinHandle};
use tauri::{AppHandle, Emitter, Runtime};
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use wayfare_core::client::Client;

use crate::failure::CommandFailure;

/// The event that brings the numbers, or why there are none.
const CITY_NOW: &str = "city-now";

/// How often they are asked for.
const REFRESH: Duration = Duration::from_secs(5);

/// The task that asks, if one runs. There is never more than one.
#[derive(Debug, Default)]
pub(crate) struct CityWatch(Mutex<Option<JoinHandle<()>>>);

impl CityWatch {
    /// Asks from now on, in place of whoever asked before.
    pub(crate) fn start<R: Runtime>(&self, app: AppHandle<R>, client: Client) {
        self.put(Some(async_runtime::spawn(watch(app, client))));
    }

    /// Asks no more.
    pub(crate) fn stop(&self) {
        self.put(None);
    }

    fn put(&self, task: Option<JoinHandle<()>>) {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = std::mem::replace(&mut *running, task) {
            before.abort();
        }
    }
}

/// Ends when the session does, or the window.
async fn watch<R: Runtime>(app: AppHandle<R>, client: Client) {
    // The page asks for the first numbers by itself.
    let mut ticks = interval_at(Instant::now() + REFRESH, REFRESH);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let outcome = client.integrity().await.map_err(CommandFailure::from);
        let over = outcome.as_ref().is_err_and(|failure| failure.signed_out);
        if app.emit(CITY_NOW, outcome).is_err() || over {
            return;
        }
    }
}
