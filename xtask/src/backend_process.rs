//! A running backend: started with its own data folder, watched, stopped by its own process id.
//!
//! The backend stands in a process group of its own, so that Ctrl-C at the terminal reaches the
//! simulator first and the backend only when this program stops it. When this value goes out of
//! scope the backend and the database that it may have left behind are stopped.

use std::fs::{self, OpenOptions};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::command;
use crate::failure::Failure;
use crate::http;
use crate::workspace;

const READY_PATH: &str = "/health/ready";

/// How long a backend may take to become ready.
pub(crate) const READY_WAIT_MAX: Duration = Duration::from_secs(90);
const STOP_WAIT_MAX: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(100);
const LOG_TAIL_LINES: usize = 15;

/// Everything needed to start the same backend again.
#[derive(Debug, Clone)]
pub(crate) struct BackendSettings {
    /// The folder that holds its database, spool and log.
    pub(crate) data_path: PathBuf,
    /// The port on this machine.
    pub(crate) port: u16,
    /// Settings beyond the defaults, as environment variables.
    pub(crate) environment: Vec<(&'static str, String)>,
}

impl BackendSettings {
    /// Settings for a backend that serves many simulated people, who all share one address.
    pub(crate) fn for_simulation(data_path: &Path) -> Result<Self, Failure> {
        let unlimited = "100000000".to_owned();
        Ok(Self {
            data_path: data_path.to_owned(),
            port: free_port()?,
            environment: vec![
                ("WAYFARE_LIMITS__ANONYMOUS_PER_WINDOW", unlimited.clone()),
                ("WAYFARE_LIMITS__LOGIN_PER_WINDOW", unlimited.clone()),
                ("WAYFARE_LIMITS__PER_USER_PER_WINDOW", unlimited),
                // Nobody is there to look at the simulated drivers' papers.
                ("WAYFARE_FLEET__AUTO_APPROVE_DRIVERS", "true".to_owned()),
            ],
        })
    }

    /// The same with a city pack: map, search and roads.
    pub(crate) fn with_city(mut self, pack: &Path) -> Self {
        let pack = pack.display().to_string();
        self.environment.push(("WAYFARE_CITY__PACK", pack));
        self
    }

    /// The address of the API.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Where the backend's JSON log goes.
    pub(crate) fn log_path(&self) -> PathBuf {
        self.data_path.join("backend.log")
    }

    /// Where text messages go when no provider is configured.
    pub(crate) fn sms_spool_path(&self) -> PathBuf {
        self.data_path.join("spool/sms")
    }

    /// Creates an administrator in the backend's database, which the command starts and stops.
    pub(crate) fn create_admin(&self, phone: &str, name: &str) -> Result<(), Failure> {
        let mut command = self.command();
        command.args(["admin", "create", "--phone", phone, "--name", name]);
        command.arg("--data-dir").arg(&self.data_path);
        match command::read_with_errors_to(self.log_output()?, &mut command) {
            Ok(_) => Ok(()),
            Err(failure) => {
                stop_left_database(&self.data_path);
                Err(self.failure(&failure.to_string()))
            }
        }
    }

    /// A failure of the backend that says why, with the end of its log.
    fn failure(&self, reason: &str) -> Failure {
        let log = self.log_path();
        Failure::Backend(format!(
            "the backend failed: {reason}. The end of {}:\n{}",
            log.display(),
            tail(&fs::read_to_string(&log).unwrap_or_default())
        ))
    }

    fn command(&self) -> Command {
        let mut command = Command::new(workspace::built_program_path("wayfare"));
        // Always a private database: never one that the environment happens to name.
        command.env_remove("DATABASE_URL").env_remove("REDIS_URL");
        command.envs(
            self.environment
                .iter()
                .map(|(name, value)| (*name, value.as_str())),
        );
        command.stdin(Stdio::null());
        command
    }

    fn log_output(&self) -> Result<Stdio, Failure> {
        let path = self.log_path();
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .map(Stdio::from)
            .map_err(Failure::file("write", path))
    }
}

/// A backend that this program started.
#[derive(Debug)]
pub(crate) struct BackendProcess {
    settings: BackendSettings,
    child: Child,
}

impl BackendProcess {
    /// Starts the backend and returns at once; see [`Self::wait_until_ready`].
    pub(crate) fn start(settings: &BackendSettings) -> Result<Self, Failure> {
        Ok(Self {
            settings: settings.clone(),
            child: spawn(settings)?,
        })
    }

    /// Waits until the backend says that it is ready, asking `cancelled` between tries.
    pub(crate) fn wait_until_ready(&mut self, cancelled: impl Fn() -> bool) -> Result<(), Failure> {
        let deadline = Instant::now() + READY_WAIT_MAX;
        let mut last = "it did not answer".to_owned();
        while Instant::now() < deadline {
            if cancelled() {
                return Err(Failure::Backend(
                    "stopped before the backend was ready".to_owned(),
                ));
            }
            if let Some(status) = self.has_ended()? {
                return Err(self.failure(&format!("it ended before it was ready ({status})")));
            }
            match http::get_status(self.settings.port, READY_PATH) {
                Ok(200) => return Ok(()),
                Ok(status) => last = format!("{READY_PATH} answered {status}"),
                Err(error) => last = format!("{READY_PATH}: {error}"),
            }
            thread::sleep(POLL);
        }
        let waited_s = READY_WAIT_MAX.as_secs();
        Err(self.failure(&format!("it was not ready within {waited_s} s: {last}")))
    }

    /// Starts the backend again on the same data and port after it ended.
    pub(crate) fn restart(&mut self) -> Result<(), Failure> {
        self.child = spawn(&self.settings)?;
        Ok(())
    }

    /// Whether the backend says at this moment that it is ready.
    pub(crate) fn is_ready(&self) -> bool {
        http::get_status(self.settings.port, READY_PATH).is_ok_and(|status| status == 200)
    }

    /// A failure that says why, with the end of the log.
    pub(crate) fn failure(&self, reason: &str) -> Failure {
        self.settings.failure(reason)
    }

    /// How the backend ended, if it has.
    pub(crate) fn has_ended(&mut self) -> Result<Option<ExitStatus>, Failure> {
        self.child.try_wait().map_err(|source| Failure::Start {
            program: "wayfare serve".to_owned(),
            source,
        })
    }

    /// Kills the backend without warning, as a power cut would.
    pub(crate) fn kill(&mut self) {
        // It may have ended by itself a moment ago; the wait below tells in both cases.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks the backend to stop and waits; kills it when it takes too long.
    pub(crate) fn stop(&mut self) -> Option<ExitStatus> {
        if let Ok(Some(status)) = self.child.try_wait() {
            return Some(status);
        }
        send(self.child.id(), Signal::SIGTERM);
        let deadline = Instant::now() + STOP_WAIT_MAX;
        while Instant::now() < deadline {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Some(status);
            }
            thread::sleep(POLL);
        }
        eprintln!(
            "The backend did not stop within {} s; killing it.",
            STOP_WAIT_MAX.as_secs()
        );
        self.kill();
        None
    }
}

fn spawn(settings: &BackendSettings) -> Result<Child, Failure> {
    let mut command = settings.command();
    command
        .args([
            "serve",
            "--bind",
            &format!("127.0.0.1:{}", settings.port),
            "--data-dir",
        ])
        .arg(&settings.data_path)
        .stdout(settings.log_output()?)
        .stderr(settings.log_output()?)
        .process_group(0);
    command.spawn().map_err(command::start_failure(&command))
}

impl Drop for BackendProcess {
    fn drop(&mut self) {
        self.stop();
        stop_left_database(&self.settings.data_path);
    }
}

/// Stops the private database of a backend that was killed and could not stop it itself.
fn stop_left_database(data_path: &Path) {
    let Some(pid) = database_pid(data_path) else {
        return;
    };
    send(pid, Signal::SIGINT);
    let deadline = Instant::now() + STOP_WAIT_MAX;
    while Instant::now() < deadline && database_pid(data_path) == Some(pid) {
        thread::sleep(POLL);
    }
}

/// The process id in the lock file that a running database keeps in its data folder.
fn database_pid(data_path: &Path) -> Option<u32> {
    let folder = data_path.join("postgres");
    [folder.clone(), folder.join("data")]
        .iter()
        .find_map(|folder| {
            let text = fs::read_to_string(folder.join("postmaster.pid")).ok()?;
            let pid = text.lines().next()?.trim().parse().ok()?;
            is_alive(pid).then_some(pid)
        })
}

fn is_alive(pid: u32) -> bool {
    i32::try_from(pid).is_ok_and(|pid| pid > 1 && kill(Pid::from_raw(pid), None).is_ok())
}

/// Sends a signal to one process that this program answers for.
pub(crate) fn send(pid: u32, signal: Signal) {
    if let Ok(pid) = i32::try_from(pid) {
        // The process may be gone already, which is what the caller wants.
        let _ = kill(Pid::from_raw(pid), signal);
    }
}

/// A port of this machine that nobody listens on.
pub(crate) fn free_port() -> Result<u16, Failure> {
    let what = "finding a free port".to_owned();
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|source| Failure::Network { what, source })
}

/// The last lines of a log, indented.
pub(crate) fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let start = lines.len().saturating_sub(LOG_TAIL_LINES);
    lines
        .iter()
        .skip(start)
        .map(|line| format!("  {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::temp_folder::TempFolder;

    #[test]
    fn the_tail_is_the_end_of_the_log() {
        let log: String = (1..=40).map(|line| format!("line {line}\n")).collect();
        let tail = tail(&log);
        assert_eq!(tail.lines().count(), LOG_TAIL_LINES);
        assert!(tail.ends_with("  line 40"));
        assert!(!tail.contains("line 25\n"));
    }

    #[test]
    fn a_database_is_left_over_only_while_its_process_lives() {
        let folder = TempFolder::create("wayfare-xtask-pid").unwrap();
        assert_eq!(database_pid(folder.path()), None);
        let data = folder.path().join("postgres/data");
        fs::create_dir_all(&data).unwrap();
        let own = std::process::id();
        fs::write(data.join("postmaster.pid"), format!("{own}\n/data\n")).unwrap();
        assert_eq!(database_pid(folder.path()), Some(own));
        fs::write(data.join("postmaster.pid"), "4000000\n/data\n").unwrap();
        assert_eq!(database_pid(folder.path()), None);
    }

    #[test]
    fn a_backend_that_ends_at_once_is_reported_with_its_log() {
        let folder = TempFolder::create("wayfare-xtask-backend").unwrap();
        let settings = BackendSettings::for_simulation(folder.path()).unwrap();
        fs::write(settings.log_path(), "no such table\n").unwrap();
        let child = Command::new("sh").args(["-c", "exit 7"]).spawn().unwrap();
        let mut backend = BackendProcess { settings, child };
        let failure = backend.wait_until_ready(|| false).unwrap_err().to_string();
        assert!(failure.contains("exit status: 7"), "{failure}");
        assert!(failure.contains("no such table"), "{failure}");
    }

    #[test]
    fn stopping_ends_the_process() {
        let folder = TempFolder::create("wayfare-xtask-backend").unwrap();
        let settings = BackendSettings::for_simulation(folder.path()).unwrap();
        let child = Command::new("sleep").arg("60").spawn().unwrap();
        let pid = child.id();
        let mut backend = BackendProcess { settings, child };
        assert!(backend.stop().is_some());
        assert!(!is_alive(pid));
    }
}
