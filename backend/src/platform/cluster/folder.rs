//! The folder of a cluster: what lies where, who owns it, and the lock that keeps it to one process.
//!
//! `<data-dir>/postgres/` (mode 0700, owned by the user PostgreSQL runs as) holds `data/`, the
//! socket, `server.log`, `password` (for TCP) and `lock`.

use std::{
    fs::{self, DirBuilder, File, TryLockError},
    io::{self, Read, Seek, SeekFrom},
    os::unix::fs::{DirBuilderExt, chown},
    path::{Path, PathBuf},
};

use super::{ClusterError, account::Account};
use crate::platform::{config::Secret, secrets};

/// What the server writes to its log before it is moved to `server.log.1` at the next start.
const LOG_BYTES_MAX: u64 = 10 * 1024 * 1024;
/// What an error shows of the log.
const LOG_TAIL_BYTES: u64 = 4096;
/// A socket's full path must fit `sockaddr_un` (108 bytes on Linux, 104 on macOS).
const SOCKET_PATH_BYTES_MAX: usize = 100;
pub(super) const SOCKET_PORT: u16 = 5432;

#[derive(Debug, Clone)]
pub(super) struct Folder {
    pub(super) base: PathBuf,
    pub(super) account: Option<Account>,
    /// The server's user may not enter a folder above `base` and reaches it by a descriptor.
    pub(super) hidden: bool,
}

impl Folder {
    /// Creates the folder when it is missing and sets its owner.
    pub(super) fn prepare(data_dir: &Path) -> Result<Self, ClusterError> {
        let account = Account::for_server()?;
        let base = data_dir.join("postgres");
        fs::create_dir_all(data_dir).map_err(ClusterError::io("create", data_dir))?;
        if !base.is_dir() {
            DirBuilder::new()
                .mode(0o700)
                .create(&base)
                .map_err(ClusterError::io("create", &base))?;
        }
        let folder = Self::open(data_dir, account)?;
        folder.give(&folder.base)?;
        folder.give_password()?;
        Ok(folder)
    }

    /// The folder as it is, for a process that only wants to connect.
    pub(super) fn find(data_dir: &Path) -> Result<Self, ClusterError> {
        Self::open(data_dir, Account::for_server()?)
    }

    fn open(data_dir: &Path, account: Option<Account>) -> Result<Self, ClusterError> {
        let base = data_dir.join("postgres");
        let base = fs::canonicalize(&base).map_err(ClusterError::io("open", &base))?;
        let hidden = match (&account, base.parent()) {
            (Some(account), Some(above)) => !account.can_enter(above),
            _ => false,
        };
        if hidden && !cfg!(target_os = "linux") {
            let user = account.map(|account| account.name).unwrap_or_default();
            return Err(ClusterError::Unreachable { folder: base, user });
        }
        Ok(Self {
            base,
            account,
            hidden,
        })
    }

    pub(super) fn data(&self) -> PathBuf {
        self.base.join("data")
    }

    /// Where a new cluster is set up before it gets its name, so that half of one is never used.
    pub(super) fn data_new(&self) -> PathBuf {
        self.base.join("data.new")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.base.join("server.log")
    }

    /// The version that wrote the data; `None` when there is none yet.
    pub(super) fn data_major(&self) -> Option<u32> {
        fs::read_to_string(self.data().join("PG_VERSION"))
            .ok()?
            .trim()
            .parse()
            .ok()
    }

    pub(super) fn password(&self) -> Result<Secret, ClusterError> {
        let path = self.base.join("password");
        secrets::read_or_create(&path)
            .map_err(|source| ClusterError::io("read", path)(io::Error::other(source)))
    }

    fn give_password(&self) -> Result<(), ClusterError> {
        self.password()?;
        self.give(&self.base.join("password"))
    }

    pub(super) fn socket_fits(&self) -> bool {
        let socket = self.base.join(format!(".s.PGSQL.{SOCKET_PORT}"));
        socket.as_os_str().len() <= SOCKET_PATH_BYTES_MAX
    }

    /// Kept by one process; the system takes it back when that process dies in any way.
    pub(super) fn lock(&self) -> Result<File, ClusterError> {
        let path = self.base.join("lock");
        let file = File::create(&path).map_err(ClusterError::io("create", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(ClusterError::InUse {
                folder: self.base.clone(),
            }),
            Err(TryLockError::Error(source)) => Err(ClusterError::io("lock", path)(source)),
        }
    }

    /// Makes the server's user the owner.
    pub(super) fn give(&self, path: &Path) -> Result<(), ClusterError> {
        match &self.account {
            Some(account) => chown(path, Some(account.uid), Some(account.gid))
                .map_err(ClusterError::io("change the owner of", path)),
            None => Ok(()),
        }
    }

    /// The log to append to, and its length now.
    pub(super) fn open_log(&self) -> Result<(File, u64), ClusterError> {
        let path = self.log();
        if fs::metadata(&path).is_ok_and(|meta| meta.len() > LOG_BYTES_MAX) {
            let old = self.base.join("server.log.1");
            fs::rename(&path, &old).map_err(ClusterError::io("rename", &path))?;
        }
        let file = File::options()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(ClusterError::io("open", &path))?;
        let length = file
            .metadata()
            .map_err(ClusterError::io("read", &path))?
            .len();
        Ok((file, length))
    }

    /// The end of what was logged after `start`.
    pub(super) fn log_since(&self, start: u64) -> String {
        let read = || -> io::Result<String> {
            let mut file = File::open(self.log())?;
            let length = file.metadata()?.len();
            file.seek(SeekFrom::Start(
                start.max(length.saturating_sub(LOG_TAIL_BYTES)),
            ))?;
            let mut bytes = Vec::new();
            file.take(LOG_TAIL_BYTES).read_to_end(&mut bytes)?;
            Ok(String::from_utf8_lossy(&bytes).trim_end().to_owned())
        };
        read().unwrap_or_else(|error| format!("(the log could not be read: {error})"))
    }
}
