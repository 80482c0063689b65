//! The city while it runs: the simulator in the foreground, the backend under watch.
//!
//! A backend that dies is started again on the same data and port, a bounded number of times. An
//! interrupt ends the simulator first, which then prints its summary.

use std::process::{Child, Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use signal_hook::consts::SIGINT;

use crate::backend_process::{self, BackendProcess, BackendSettings};
use crate::command;
use crate::failure::Failure;
use crate::interrupts::Interrupts;
use crate::workspace;

/// A backend that dies more often than this will not get better.
const RESTARTS_MAX: u32 = 5;

/// After this many interrupts the simulator is killed.
const INTERRUPTS_MAX: u32 = 3;

const POLL: Duration = Duration::from_millis(100);

/// The simulator, which is killed with this value if it still runs.
#[derive(Debug)]
pub(crate) struct City {
    child: Child,
    started: Instant,
}

impl City {
    /// Starts the simulator attached to this terminal.
    pub(crate) fn start(
        settings: &BackendSettings,
        admin_phone: &str,
        arguments: &[String],
    ) -> Result<Self, Failure> {
        let mut command = Command::new(workspace::built_program_path("wayfare-sim"));
        command
            .args([
                "city",
                "--api",
                &settings.url(),
                "--admin-phone",
                admin_phone,
                "--sms-spool",
            ])
            .arg(settings.sms_spool_path())
            .args(arguments);
        let child = command.spawn().map_err(command::start_failure(&command))?;
        Ok(Self {
            child,
            started: Instant::now(),
        })
    }

    fn has_ended(&mut self) -> Result<Option<ExitStatus>, Failure> {
        self.child.try_wait().map_err(|source| Failure::Start {
            program: "wayfare-sim city".to_owned(),
            source,
        })
    }

    /// Hands on an interrupt, unless the terminal sent it to the simulator as well.
    fn interrupt(&self, signal: i32, seen: u32) {
        if seen >= INTERRUPTS_MAX {
            backend_process::send(self.child.id(), Signal::SIGKILL);
        } else if signal != SIGINT || !Interrupts::terminal_reaches_children() {
            backend_process::send(self.child.id(), Signal::SIGTERM);
        }
    }
}

impl Drop for City {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            // It may end by itself at this very moment; the wait covers both.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// A running city and its backend.
#[derive(Debug)]
pub(crate) struct Supervision<'a> {
    city: City,
    backend: &'a mut BackendProcess,
    /// Seconds after the start at which to kill the backend, latest first.
    kills_after_s: Vec<u64>,
    restarts: u32,
    restarting_since: Option<Instant>,
}

impl<'a> Supervision<'a> {
    /// Watches the city and its backend, and kills the backend at each of the given seconds.
    pub(crate) fn new(
        city: City,
        backend: &'a mut BackendProcess,
        mut kills_after_s: Vec<u64>,
    ) -> Self {
        kills_after_s.sort_unstable_by(|one, other| other.cmp(one));
        Self {
            city,
            backend,
            kills_after_s,
            restarts: 0,
            restarting_since: None,
        }
    }

    /// Waits for the city to end and returns the simulator's exit status.
    pub(crate) fn run(mut self, interrupts: &mut Interrupts) -> Result<ExitStatus, Failure> {
        loop {
            if let Some(status) = self.city.has_ended()? {
                self.tell_unused_kills();
                return Ok(status);
            }
            for signal in interrupts.take() {
                self.city.interrupt(signal, interrupts.seen());
            }
            self.kill_when_due()?;
            self.restart_when_dead()?;
            self.tell_when_back()?;
            thread::sleep(POLL);
        }
    }

    fn kill_when_due(&mut self) -> Result<(), Failure> {
        let elapsed_s = self.city.started.elapsed().as_secs();
        if self
            .kills_after_s
            .pop_if(|after_s| elapsed_s >= *after_s)
            .is_none()
        {
            return Ok(());
        }
        eprintln!("Killing the backend now, as asked, and starting it again ...");
        self.backend.kill();
        self.restart()
    }

    fn restart_when_dead(&mut self) -> Result<(), Failure> {
        let Some(status) = self.backend.has_ended()? else {
            return Ok(());
        };
        self.restarts += 1;
        if self.restarts > RESTARTS_MAX {
            let reason = format!(
                "it died {} times, the last time with {status}",
                self.restarts
            );
            return Err(self.backend.failure(&reason));
        }
        eprintln!(
            "The backend died ({status}); restart {} of {RESTARTS_MAX} ...",
            self.restarts
        );
        self.restart()
    }

    fn restart(&mut self) -> Result<(), Failure> {
        self.restarting_since = Some(Instant::now());
        self.backend.restart()
    }

    fn tell_when_back(&mut self) -> Result<(), Failure> {
        let Some(since) = self.restarting_since else {
            return Ok(());
        };
        if self.backend.is_ready() {
            eprintln!(
                "The backend is back after {:.1} s.",
                since.elapsed().as_secs_f64()
            );
            self.restarting_since = None;
        } else if since.elapsed() > backend_process::READY_WAIT_MAX {
            return Err(self
                .backend
                .failure("it did not come back after its restart"));
        }
        Ok(())
    }

    /// A kill that never happened would prove nothing, so it is said.
    fn tell_unused_kills(&self) {
        for after_s in &self.kills_after_s {
            eprintln!("The city ended before second {after_s}: the backend was not killed then.");
        }
    }
}
