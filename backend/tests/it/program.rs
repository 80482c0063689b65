//! The program `wayfare` as an operator runs it: commands that answer, and servers that run until
//! they are told to stop.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// A server that does not end on a signal within this time never will.
const END_MAX: Duration = Duration::from_secs(30);

/// The program, with nothing of the machine's settings.
pub(crate) fn wayfare() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wayfare"));
    for (name, _) in std::env::vars() {
        if name.starts_with("WAYFARE_") || name == "DATABASE_URL" || name == "REDIS_URL" {
            command.env_remove(name);
        }
    }
    command
}

/// Exit status, stdout and stderr.
pub(crate) fn run(command: &mut Command) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

/// A server in a process of its own. Killed when dropped.
#[derive(Debug)]
pub(crate) struct Serving {
    child: Child,
    /// Such as `http://127.0.0.1:8080`.
    pub(crate) address: String,
}

impl Serving {
    /// Starts a command that serves, and waits until it says where.
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line
            .split_whitespace()
            .find(|word| word.starts_with("http://"));
        let address = address
            .unwrap_or_else(|| panic!("no address in {line:?}"))
            .to_owned();
        Self { child, address }
    }

    /// Sends a signal and waits for the end. Answers the exit status; none if the signal killed it.
    pub(crate) fn end(&mut self, signal: Signal) -> Option<i32> {
        let pid = Pid::from_raw(self.child.id().try_into().unwrap());
        kill(pid, signal).unwrap();
        let deadline = Instant::now() + END_MAX;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(
                Instant::now() < deadline,
                "the server does not end on {signal}"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // Fails only if it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
