//! The user PostgreSQL runs as. It refuses root, so root lends it a user without rights.

use std::{
    fs, os::unix::fs::MetadataExt, os::unix::process::CommandExt, path::Path, process::Command,
};

use nix::unistd::{User, geteuid};

use super::ClusterError;

const CANDIDATES: [&str; 2] = ["postgres", "nobody"];

#[derive(Debug, Clone)]
pub(super) struct Account {
    pub(super) name: String,
    pub(super) uid: u32,
    pub(super) gid: u32,
}

impl Account {
    /// `None`: we are not root and PostgreSQL runs as ourselves.
    pub(super) fn for_server() -> Result<Option<Self>, ClusterError> {
        if !geteuid().is_root() {
            return Ok(None);
        }
        CANDIDATES
            .iter()
            .find_map(|name| User::from_name(name).ok().flatten())
            .map(|user| {
                Some(Self {
                    name: user.name,
                    uid: user.uid.as_raw(),
                    gid: user.gid.as_raw(),
                })
            })
            .ok_or(ClusterError::NoAccount)
    }

    /// Lets a command run as this user. The standard library drops the other groups as well.
    pub(super) fn lend_to(&self, command: &mut Command) {
        command.uid(self.uid).gid(self.gid);
    }

    /// Whether this user may enter a folder and every folder above it, by mode bits.
    pub(super) fn can_enter(&self, folder: &Path) -> bool {
        folder.ancestors().all(|ancestor| {
            fs::metadata(ancestor).is_ok_and(|meta| {
                let needed = if meta.uid() == self.uid {
                    0o100
                } else if meta.gid() == self.gid {
                    0o010
                } else {
                    0o001
                };
                meta.mode() & needed != 0
            })
        })
    }
}
