//! The server's processes: how its programs are run, and how a server that a killed process left
//! behind is found and stopped.

use std::{
    fs::{self, File},
    io,
    os::unix::process::{CommandExt, ExitStatusExt},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use nix::{
    errno::Errno,
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use super::{ClusterError, binaries::Binaries, folder::Folder};

const POLL: Duration = Duration::from_millis(20);
/// A fast shutdown writes what is in memory to disk first.
const STOP_FAST: Duration = Duration::from_secs(30);
/// An immediate one writes nothing; the next start replays the log.
const STOP_IMMEDIATE: Duration = Duration::from_secs(10);

/// The shell between us and every program of PostgreSQL. Its stdout is the cluster's folder: as
/// descriptor 9 that folder can be entered also by a user who may not pass the folders above it.
const ENTER: &str = "cd / && exec 9>&1 1>&2 && ";
/// Runs a program to its end.
const RUN: &str = r#"exec "$@""#;
/// Runs the server until it ends or our end of the pipe closes, be it that we were killed.
const SERVE: &str = r#"
exec 8<&0
"$@" </dev/null 8<&- &
server=$!
(read -r line <&8; kill -INT "$server") &
watcher=$!
exec 8<&-
wait "$server"
status=$?
kill "$watcher" 2>/dev/null
exit $status
"#;

impl Folder {
    /// A path inside the folder as the server's user can reach it.
    pub(super) fn seen_by_server(&self, inside: &str) -> PathBuf {
        if self.hidden {
            Path::new("/proc/self/fd/9").join(inside)
        } else {
            self.base.join(inside)
        }
    }

    fn shell(&self, script: &str, program: PathBuf) -> Result<Command, ClusterError> {
        let base = File::open(&self.base).map_err(ClusterError::io("open", &self.base))?;
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", &format!("{ENTER}{script}"), "wayfare-postgres"])
            .arg(program)
            .env_remove("PGDATA")
            .stdout(base)
            // Ctrl-C in the terminal is for us; the server is stopped when we are done with it.
            .process_group(0);
        if let Some(account) = &self.account {
            account.lend_to(&mut command);
        }
        Ok(command)
    }

    /// Runs `initdb` and gives the result its name.
    pub(super) fn initialise(
        &self,
        binaries: &Binaries,
        durable: bool,
    ) -> Result<(), ClusterError> {
        let new = self.data_new();
        if new.exists() {
            fs::remove_dir_all(&new).map_err(ClusterError::io("remove", &new))?;
        }
        let (log, start) = self.open_log()?;
        let mut command = self.shell(RUN, binaries.program("initdb"))?;
        let mut password = std::ffi::OsString::from("--pwfile=");
        password.push(self.seen_by_server("password"));
        command
            .arg("-D")
            .arg(self.seen_by_server("data.new"))
            .arg(password)
            .args([
                "--username=wayfare",
                "--auth-local=trust",
                "--auth-host=scram-sha-256",
                "--encoding=UTF8",
                "--no-locale",
                "--data-checksums",
                "--no-instructions",
            ]);
        if !durable {
            command.arg("--no-sync");
        }
        let status = command
            .stdin(Stdio::null())
            .stderr(log)
            .status()
            .map_err(ClusterError::io("run", binaries.program("initdb")))?;
        if !status.success() {
            let log = format!("{}\n({})", self.log_since(start), describe(status));
            return Err(ClusterError::Initdb {
                folder: self.base.clone(),
                log,
            });
        }
        fs::rename(&new, self.data()).map_err(ClusterError::io("rename", &new))
    }

    /// Starts the server. `keep_alive`: it stops when this reaches its end; without it, when the
    /// answer is dropped.
    pub(super) fn spawn(
        &self,
        binaries: &Binaries,
        settings: &[String],
        keep_alive: Option<File>,
    ) -> Result<Process, ClusterError> {
        let (log, log_start) = self.open_log()?;
        let mut command = self.shell(SERVE, binaries.program("postgres"))?;
        command.arg("-D").arg(self.seen_by_server("data"));
        for setting in settings {
            command.args(["-c", setting]);
        }
        command
            .stdin(keep_alive.map_or_else(Stdio::piped, Stdio::from))
            .stderr(log);
        let mut shell = command
            .spawn()
            .map_err(ClusterError::io("run", binaries.program("postgres")))?;
        let pipe = shell.stdin.take();
        Ok(Process {
            shell,
            pipe,
            log_start,
        })
    }

    /// The server that works on this folder's data, whoever started it.
    pub(super) fn running(&self) -> Option<Pid> {
        let data = self.data();
        let text = fs::read_to_string(data.join("postmaster.pid")).ok()?;
        let pid = Pid::from_raw(text.lines().next()?.trim().parse().ok()?);
        works_in(pid, &data).then_some(pid)
    }

    /// Stops a server that a killed process left behind.
    pub(super) fn stop_leftover(&self) -> Result<(), ClusterError> {
        let Some(pid) = self.running() else {
            return Ok(());
        };
        tracing::warn!(%pid, folder = %self.base.display(), "stopping the PostgreSQL of an earlier run");
        for (signal, patience) in [
            (Signal::SIGINT, STOP_FAST),
            (Signal::SIGQUIT, STOP_IMMEDIATE),
        ] {
            match kill(pid, signal) {
                Ok(()) | Err(Errno::ESRCH) => {}
                Err(errno) => {
                    return Err(ClusterError::io("stop the server in", &self.base)(
                        errno.into(),
                    ));
                }
            }
            if wait_until(patience, || self.running() != Some(pid)) {
                return Ok(());
            }
        }
        Err(ClusterError::DoesNotStop {
            folder: self.base.clone(),
            pid: pid.as_raw(),
        })
    }
}

/// The server we started.
#[derive(Debug)]
pub(super) struct Process {
    shell: Child,
    /// `None` when somebody else's pipe keeps the server alive.
    pipe: Option<ChildStdin>,
    pub(super) log_start: u64,
}

impl Process {
    /// How it ended, when it has.
    pub(super) fn ended(&mut self) -> io::Result<Option<String>> {
        Ok(self.shell.try_wait()?.map(describe))
    }

    /// Closes the pipe, on which the shell stops the server, and waits for that.
    pub(super) fn stop(&mut self, folder: &Folder) -> Result<(), ClusterError> {
        if self.pipe.take().is_none() {
            return Ok(());
        }
        if wait_until(STOP_FAST, || !matches!(self.shell.try_wait(), Ok(None))) {
            return Ok(());
        }
        folder.stop_leftover()
    }
}

fn describe(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("ended with status {code}"),
        (None, Some(signal)) => format!("killed by signal {signal}"),
        (None, None) => "ended".to_owned(),
    }
}

fn wait_until(patience: Duration, mut done: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + patience;
    while !done() {
        if Instant::now() > deadline {
            return false;
        }
        thread::sleep(POLL);
    }
    true
}

/// Whether the process is a PostgreSQL on this data folder: its number may long belong to another.
fn works_in(pid: Pid, data: &Path) -> bool {
    if Path::new("/proc/self").exists() {
        // The server changes into its data folder. A dead process that nobody reaped has none.
        return fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd == data);
    }
    Command::new("ps")
        .args(["-o", "comm=", "-p", &pid.to_string()])
        .output()
        .is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("postgres"))
}
