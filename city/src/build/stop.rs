//! Ends a build from outside: on a signal.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::error::BuildError;

/// The build may just be writing another file into the folder.
const REMOVAL_TRIES: u32 = 20;
const REMOVAL_PAUSE: Duration = Duration::from_millis(20);

/// Ends a build from another thread. Clones end the same build.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    stopped: bool,
    scratch: Option<PathBuf>,
}

impl Stop {
    /// Removes what the build has written so far, and lets it fail at its next step. The process may
    /// end when this returns.
    pub fn stop(&self) {
        let mut state = self.lock();
        state.stopped = true;
        if let Some(scratch) = state.scratch.take() {
            for _ in 0..REMOVAL_TRIES {
                if fs::remove_dir_all(&scratch).is_ok() || !scratch.exists() {
                    break;
                }
                thread::sleep(REMOVAL_PAUSE);
            }
        }
    }

    pub(super) fn check(&self) -> Result<(), BuildError> {
        if self.lock().stopped {
            Err(BuildError::Stopped)
        } else {
            Ok(())
        }
    }

    /// Does something with the scratch folder that a stop must not interrupt: making it, which
    /// `scratch` then names, or giving it away.
    pub(super) fn hand_over<T>(
        &self,
        scratch: Option<&Path>,
        work: impl FnOnce() -> Result<T, BuildError>,
    ) -> Result<T, BuildError> {
        let mut state = self.lock();
        if state.stopped {
            return Err(BuildError::Stopped);
        }
        let done = work()?;
        state.scratch = scratch.map(Path::to_owned);
        Ok(done)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
