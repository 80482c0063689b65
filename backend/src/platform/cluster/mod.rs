//! A private PostgreSQL: its data in a folder, its life bound to ours.
//!
//! - Programs: the newest installed (15 or newer; for existing data, the version that wrote it),
//!   else fetched once from Maven Central.
//! - Run by root, the server runs as the user `postgres`, else `nobody`.
//! - It listens on a socket in its folder, which only its user (and root) can enter, and on no
//!   port. Where the socket's path would be too long it listens on a free port of 127.0.0.1 with a
//!   generated password.
//! - It stops when [`Cluster`] is dropped or when this process ends in whatever way: a shell
//!   between us holds the other end of a pipe. A server that is left all the same is stopped by the
//!   next start, and what it had committed is there.
//! - Two processes cannot use one folder: the second gets [`ClusterError::InUse`]. It may
//!   [`Cluster::attach`] instead.

mod account;
mod binaries;
mod error;
mod fetch;
mod folder;
mod process;
#[cfg(test)]
mod tests;

use std::{
    fs::File,
    io,
    net::TcpListener,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use sqlx::{
    ConnectOptions, Connection, PgConnection,
    postgres::{PgConnectOptions, PgSslMode},
};
use tokio::task::spawn_blocking;

use self::{
    binaries::{Binaries, Wanted},
    folder::{Folder, SOCKET_PORT},
    process::Process,
};
pub use self::{error::ClusterError, fetch::FetchError};
use super::config::Secret;

const USER: &str = "wayfare";
const DATABASE: &str = "wayfare";
/// Replaying the log after a crash can take its time; a server that ends is noticed at once.
const START_PATIENCE: Duration = Duration::from_secs(120);
const START_POLL: Duration = Duration::from_millis(30);
/// A port may be taken between choosing and using it; memory of a killed server may linger.
const START_ATTEMPTS: u32 = 5;

#[derive(Debug)]
pub struct ClusterOptions {
    /// `false` turns off what makes commits survive a power cut. For tests only.
    pub durable: bool,
    pub max_connections: u32,
    /// Whether PostgreSQL may be downloaded when none is installed.
    pub may_fetch: bool,
    /// The server lives until this reaches its end, instead of until the [`Cluster`] is dropped.
    pub keep_alive: Option<File>,
}

impl Default for ClusterOptions {
    fn default() -> Self {
        Self {
            durable: true,
            max_connections: 100,
            may_fetch: true,
            keep_alive: None,
        }
    }
}

/// A running server, and the lock on its folder.
#[derive(Debug)]
pub struct Cluster {
    folder: Folder,
    process: Option<Process>,
    url: Secret,
    _lock: Option<File>,
}

impl Cluster {
    /// Starts the server on `<data_dir>/postgres`, setting it up when it is new.
    pub async fn start(data_dir: &Path) -> Result<Self, ClusterError> {
        Self::start_with(data_dir, ClusterOptions::default()).await
    }

    pub async fn start_with(
        data_dir: &Path,
        mut options: ClusterOptions,
    ) -> Result<Self, ClusterError> {
        let began = Instant::now();
        let folder = Folder::prepare(data_dir)?;
        let lock = folder.lock()?;
        let (folder, stopped) = blocking(folder, Folder::stop_leftover).await?;
        stopped?;
        let wanted = Wanted {
            account: folder.account.as_ref(),
            major: folder.data_major(),
        };
        let binaries = wanted.find_or_fetch(options.may_fetch).await?;
        let folder = set_up(folder, &binaries, options.durable).await?;

        let mut cluster = Self {
            folder,
            process: None,
            url: Secret::new(String::new()),
            _lock: Some(lock),
        };
        let listen = cluster.run(&binaries, &mut options).await?;
        create_database(&listen)
            .await
            .map_err(ClusterError::Refused)?;
        cluster.url = Secret::new(url_of(&listen));
        tracing::info!(
            folder = %cluster.folder.base.display(),
            programs = %binaries,
            as_user = cluster.folder.account.as_ref().map(|account| account.name.as_str()),
            took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
            "the private PostgreSQL is running"
        );
        Ok(cluster)
    }

    /// Connects to the server another process runs on this folder; that one decides when it stops.
    pub async fn attach(data_dir: &Path) -> Result<Self, ClusterError> {
        let folder = Folder::find(data_dir)?;
        let not_running = || ClusterError::NotRunning {
            folder: folder.base.clone(),
        };
        folder.running().ok_or_else(not_running)?;
        let listen = folder.connect_options(folder.port_in_use().ok_or_else(not_running)?)?;
        ping(&listen).await.map_err(ClusterError::Refused)?;
        Ok(Self {
            url: Secret::new(url_of(&listen)),
            folder,
            process: None,
            _lock: None,
        })
    }

    /// Stops what may run on this folder and deletes its data. For tests.
    pub async fn discard(data_dir: &Path) -> Result<(), ClusterError> {
        let folder = Folder::prepare(data_dir)?;
        let _lock = folder.lock()?;
        let (folder, stopped) = blocking(folder, Folder::stop_leftover).await?;
        stopped?;
        std::fs::remove_dir_all(&folder.base).map_err(ClusterError::io("remove", &folder.base))
    }

    /// `postgres://…`, for this process and for `psql`.
    pub fn url(&self) -> &Secret {
        &self.url
    }

    /// Where the data is.
    pub fn folder(&self) -> PathBuf {
        self.folder.data()
    }

    /// Stops the server and waits for it. A server that was attached to, or that something else
    /// keeps alive, goes on.
    pub async fn stop(mut self) -> Result<(), ClusterError> {
        let Some(mut process) = self.process.take() else {
            return Ok(());
        };
        let folder = self.folder.clone();
        // The lock is kept until the server is gone.
        spawn_blocking(move || process.stop(&folder))
            .await
            .map_err(ClusterError::Interrupted)?
    }

    /// Starts the server and waits until it accepts connections.
    async fn run(
        &mut self,
        binaries: &Binaries,
        options: &mut ClusterOptions,
    ) -> Result<PgConnectOptions, ClusterError> {
        let mut log = String::new();
        for attempt in 1..=START_ATTEMPTS {
            let port = if self.folder.socket_fits() {
                SOCKET_PORT
            } else {
                free_port()?
            };
            let listen = self.folder.connect_options(port)?;
            let settings = settings(&self.folder, port, options);
            let keep_alive = match &options.keep_alive {
                Some(file) => Some(
                    file.try_clone()
                        .map_err(ClusterError::io("open", &self.folder.base))?,
                ),
                None => None,
            };
            let process = self.folder.spawn(binaries, &settings, keep_alive)?;
            let process = self.process.insert(process);
            match wait_ready(process, &listen).await? {
                Ready::Yes => return Ok(listen),
                Ready::Ended(status) => {
                    log = format!("{}\n({status})", self.folder.log_since(process.log_start));
                }
                Ready::TooLate => {
                    let log = self.folder.log_since(process.log_start);
                    return Err(ClusterError::DidNotStart {
                        folder: self.folder.base.clone(),
                        log,
                    });
                }
            }
            self.process = None;
            if !may_pass(&log) {
                break;
            }
            tracing::warn!(attempt, log, "PostgreSQL did not start; trying again");
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        Err(ClusterError::DidNotStart {
            folder: self.folder.base.clone(),
            log,
        })
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take()
            && let Err(error) = process.stop(&self.folder)
        {
            tracing::error!(%error, "the private PostgreSQL could not be stopped");
        }
    }
}

enum Ready {
    Yes,
    Ended(String),
    TooLate,
}

async fn wait_ready(
    process: &mut Process,
    listen: &PgConnectOptions,
) -> Result<Ready, ClusterError> {
    let deadline = Instant::now() + START_PATIENCE;
    while Instant::now() < deadline {
        if let Some(status) = process
            .ended()
            .map_err(ClusterError::io("wait for", "the server"))?
        {
            return Ok(Ready::Ended(status));
        }
        if ping(listen).await.is_ok() {
            return Ok(Ready::Yes);
        }
        tokio::time::sleep(START_POLL).await;
    }
    Ok(Ready::TooLate)
}

/// Whether a failed start is one that may go better the next time.
fn may_pass(log: &str) -> bool {
    [
        "Address already in use",
        "pre-existing shared memory",
        "is another postmaster",
    ]
    .iter()
    .any(|sign| log.contains(sign))
}

fn settings(folder: &Folder, port: u16, options: &ClusterOptions) -> Vec<String> {
    let mut settings = vec![
        format!("port={port}"),
        format!("max_connections={}", options.max_connections),
        "timezone=UTC".to_owned(),
        "log_timezone=UTC".to_owned(),
    ];
    if folder.socket_fits() {
        let socket = folder.seen_by_server("");
        settings.push("listen_addresses=".to_owned());
        settings.push(format!("unix_socket_directories={}", quote(&socket)));
    } else {
        settings.push("listen_addresses=127.0.0.1".to_owned());
        settings.push("unix_socket_directories=".to_owned());
    }
    if !options.durable {
        settings.extend(
            [
                "fsync=off",
                "synchronous_commit=off",
                "full_page_writes=off",
            ]
            .map(str::to_owned),
        );
    }
    settings
}

/// The setting is a list: a comma or quote in the path must not part it.
fn quote(path: &Path) -> String {
    format!(
        "\"{}\"",
        path.display()
            .to_string()
            .trim_end_matches('/')
            .replace('"', "\"\"")
    )
}

impl Folder {
    fn connect_options(&self, port: u16) -> Result<PgConnectOptions, ClusterError> {
        let options = PgConnectOptions::new_without_pgpass()
            .username(USER)
            .port(port)
            .ssl_mode(PgSslMode::Disable);
        Ok(if self.socket_fits() {
            options.socket(&self.base)
        } else {
            options
                .host("127.0.0.1")
                .password(self.password()?.expose())
        })
    }

    /// The port of the running server: line 4 of its lock file.
    fn port_in_use(&self) -> Option<u16> {
        let text = std::fs::read_to_string(self.data().join("postmaster.pid")).ok()?;
        text.lines().nth(3)?.trim().parse().ok()
    }
}

fn url_of(listen: &PgConnectOptions) -> String {
    let mut url = listen.clone().database(DATABASE).to_url_lossy();
    url.set_query(None);
    url.to_string()
}

fn free_port() -> Result<u16, ClusterError> {
    TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(ClusterError::io("find a free port on", "127.0.0.1"))
}

async fn ping(listen: &PgConnectOptions) -> Result<(), sqlx::Error> {
    let attempt = async {
        PgConnection::connect_with(&listen.clone().database("postgres"))
            .await?
            .close()
            .await
    };
    tokio::time::timeout(Duration::from_secs(5), attempt)
        .await
        .unwrap_or_else(|_| Err(sqlx::Error::Io(io::ErrorKind::TimedOut.into())))
}

async fn create_database(listen: &PgConnectOptions) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect_with(&listen.clone().database("postgres")).await?;
    let exists: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = 'wayfare')")
            .fetch_one(&mut connection)
            .await?;
    if !exists {
        sqlx::query("CREATE DATABASE wayfare")
            .execute(&mut connection)
            .await?;
    }
    connection.close().await
}

async fn set_up(
    folder: Folder,
    binaries: &Binaries,
    durable: bool,
) -> Result<Folder, ClusterError> {
    if folder.data_major().is_some() {
        return Ok(folder);
    }
    tracing::info!(folder = %folder.base.display(), "setting up a new database");
    let binaries = binaries.clone();
    let (folder, done) =
        blocking(folder, move |folder| folder.initialise(&binaries, durable)).await?;
    done?;
    Ok(folder)
}

/// Runs what waits for processes or disks off the async threads.
async fn blocking<T: Send + 'static>(
    folder: Folder,
    work: impl FnOnce(&Folder) -> T + Send + 'static,
) -> Result<(Folder, T), ClusterError> {
    spawn_blocking(move || {
        let answer = work(&folder);
        (folder, answer)
    })
    .await
    .map_err(ClusterError::Interrupted)
}
