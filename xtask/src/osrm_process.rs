//! A running OSRM server with the roads of one extract, started for a comparison and stopped with
//! everything that it started.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::backend_process::{free_port, tail};
use crate::command;
use crate::failure::Failure;
use crate::http;
use crate::interrupts::Interrupts;
use crate::workspace;

/// The program that prepares an extract and serves it: `osrm serve FILE PORT`. It stands beside the
/// checkout.
pub(crate) const SCRIPT: &str = "../shared/tools/osrm";

/// Preparing the roads of a large city takes minutes.
const READY_WAIT_MAX: Duration = Duration::from_secs(1800);
const STOP_WAIT_MAX: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(200);

/// A server that this program started, in a process group of its own.
#[derive(Debug)]
pub(crate) struct OsrmProcess {
    port: u16,
    child: Child,
}

/// The program that starts OSRM, if it is there.
pub(crate) fn script() -> Option<PathBuf> {
    let path = workspace::root_path().join(SCRIPT);
    command::is_executable(&path).then_some(path)
}

impl OsrmProcess {
    /// Starts a server and waits until it answers. Its log goes into a folder.
    pub(crate) fn start(script: &Path, extract: &Path, folder: &Path) -> Result<Self, Failure> {
        let interrupts = Interrupts::listen()?;
        let port = free_port()?;
        let log_path = folder.join("osrm.log");
        let log = File::create(&log_path).map_err(Failure::file("write", &log_path))?;
        let errors = log.try_clone().map_err(Failure::file("write", &log_path))?;
        eprintln!("Starting OSRM on port {port}; the first time it prepares the roads.");
        let mut command = Command::new(script);
        command
            .arg("serve")
            .arg(extract)
            .arg(port.to_string())
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .process_group(0);
        let child = command.spawn().map_err(command::start_failure(&command))?;
        let mut osrm = Self { port, child };
        osrm.wait_until_ready(&log_path, || interrupts.any_seen())?;
        Ok(osrm)
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn wait_until_ready(
        &mut self,
        log_path: &Path,
        cancelled: impl Fn() -> bool,
    ) -> Result<(), Failure> {
        let failure = |reason: &str| {
            let log = fs::read_to_string(log_path).unwrap_or_default();
            Failure::Check(format!(
                "OSRM {reason}. The end of its log:\n{}",
                tail(&log)
            ))
        };
        let deadline = Instant::now() + READY_WAIT_MAX;
        while Instant::now() < deadline {
            if cancelled() {
                return Err(failure("was stopped before it was ready"));
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(failure(&format!("ended before it was ready ({status})")));
            }
            // Any answer of HTTP will do: the place that is asked for need not be in the extract.
            if http::get_status(self.port, "/nearest/v1/driving/0,0").is_ok() {
                return Ok(());
            }
            thread::sleep(POLL);
        }
        Err(failure("did not become ready"))
    }

    /// Sends a signal to the server and to what prepares the roads for it.
    fn signal(&self, signal: Signal) {
        if let Ok(group) = i32::try_from(self.child.id()) {
            // The processes may be gone already, which is what the caller wants.
            let _ = killpg(Pid::from_raw(group), signal);
        }
    }
}

impl Drop for OsrmProcess {
    fn drop(&mut self) {
        self.signal(Signal::SIGTERM);
        let deadline = Instant::now() + STOP_WAIT_MAX;
        while Instant::now() < deadline {
            if let Ok(Some(_)) = self.child.try_wait() {
                return;
            }
            thread::sleep(POLL);
        }
        self.signal(Signal::SIGKILL);
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::temp_folder::TempFolder;

    fn program(folder: &Path, content: &str) -> PathBuf {
        let path = folder.join("osrm");
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    #[test]
    fn a_server_that_ends_at_once_is_reported_with_its_log() {
        let folder = TempFolder::create("wayfare-xtask-osrm").unwrap();
        let script = program(folder.path(), "#!/bin/sh\necho no such graph >&2\nexit 4\n");
        let failure = OsrmProcess::start(&script, Path::new("town.osm.pbf"), folder.path());
        let failure = failure.unwrap_err().to_string();
        assert!(failure.contains("exit status: 4"), "{failure}");
        assert!(failure.contains("no such graph"), "{failure}");
    }
}
