//! PostgreSQL's server programs: where they are, and a throw-away cluster to ask about queries.
//!
//! The cluster listens on a socket in its own temporary folder only, and is stopped and removed when
//! it goes out of scope. PostgreSQL refuses to run as root, so root lends it another user.

use std::cmp::Reverse;
use std::env;
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::unistd::{Gid, Uid, User};

use crate::command;
use crate::failure::Failure;
use crate::temp_folder::TempFolder;

/// The oldest major version that Wayfare runs on.
pub(crate) const MAJOR_MIN: u32 = 15;

const PROGRAMS: [&str; 3] = ["initdb", "pg_ctl", "postgres"];

/// Accounts that root may lend to PostgreSQL, best first.
const LENT_USERS: [&str; 2] = ["postgres", "nobody"];

/// The newest installed set of server programs that is new enough.
pub(crate) fn find_server_programs() -> Option<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = program_folders()
        .into_iter()
        .filter(|folder| {
            PROGRAMS
                .iter()
                .all(|program| command::is_executable(&folder.join(program)))
        })
        .filter_map(|folder| Some((major_version(&folder)?, folder)))
        .filter(|(major, _)| *major >= MAJOR_MIN)
        .collect();
    // The sort keeps the order of equals: the system's own folders come before `PATH`.
    found.sort_by_key(|(major, _)| Reverse(*major));
    found.into_iter().next().map(|(_, folder)| folder)
}

fn program_folders() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for (parent, prefix) in [
        ("/usr/lib/postgresql", ""),
        ("/usr", "pgsql-"),
        ("/opt/homebrew/opt", "postgresql"),
        ("/usr/local/opt", "postgresql"),
    ] {
        let Ok(entries) = fs::read_dir(parent) else {
            continue;
        };
        folders.extend(
            entries
                .flatten()
                .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
                .map(|entry| entry.path().join("bin")),
        );
    }
    folders.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    folders
}

fn major_version(folder: &Path) -> Option<u32> {
    let output = Command::new(folder.join("postgres"))
        .arg("--version")
        .output()
        .ok()?;
    parse_major_version(&String::from_utf8_lossy(&output.stdout))
}

/// Reads `15` out of `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn parse_major_version(text: &str) -> Option<u32> {
    let version = text.split("(PostgreSQL)").nth(1)?.trim();
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// A private cluster that lives as long as this value.
#[derive(Debug)]
pub(crate) struct ThrowAwayCluster {
    programs: PathBuf,
    folder: TempFolder,
    owner: Option<Owner>,
}

#[derive(Debug, Clone, Copy)]
struct Owner {
    uid: Uid,
    gid: Gid,
}

impl ThrowAwayCluster {
    /// Makes and starts a cluster with one empty database, `wayfare`.
    pub(crate) fn start() -> Result<Self, Failure> {
        let programs = find_server_programs().ok_or_else(|| {
            Failure::Missing(format!(
                "PostgreSQL {MAJOR_MIN} or newer is not installed. Run `cargo xtask setup`."
            ))
        })?;
        let folder = TempFolder::create("wayfare-postgres")?;
        let owner = lent_owner()?;
        if let Some(owner) = owner {
            chown(
                folder.path(),
                Some(owner.uid.as_raw()),
                Some(owner.gid.as_raw()),
            )
            .map_err(Failure::file("give away", folder.path()))?;
        }
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700))
            .map_err(Failure::file("protect", folder.path()))?;
        let cluster = Self {
            programs,
            folder,
            owner,
        };
        cluster.create()?;
        Ok(cluster)
    }

    fn create(&self) -> Result<(), Failure> {
        let data = self.data_path();
        command::read(
            self.program("initdb")
                .args([
                    "--username=wayfare",
                    "--auth=trust",
                    "--encoding=UTF8",
                    "--no-sync",
                ])
                .args(["--locale=C", "-D"])
                .arg(&data),
        )?;
        let socket = self.folder.path().display();
        let options = format!("-c listen_addresses='' -c fsync=off -k '{socket}'");
        command::read(
            self.program("pg_ctl")
                .args(["--wait", "--silent", "--timeout=60", "-o", &options, "-l"])
                .arg(self.folder.path().join("log"))
                .arg("-D")
                .arg(&data)
                .arg("start"),
        )?;
        command::read(
            self.psql("postgres")
                .args(["-c", "CREATE DATABASE wayfare"]),
        )?;
        Ok(())
    }

    /// The address of the database, for sqlx.
    pub(crate) fn url(&self) -> String {
        let host: String = self
            .folder
            .path()
            .to_string_lossy()
            .bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                    char::from(byte).to_string()
                }
                other => format!("%{other:02X}"),
            })
            .collect();
        format!("postgres://wayfare@{host}/wayfare")
    }

    /// A psql that reads one SQL file or command and stops at the first error.
    pub(crate) fn psql(&self, database: &str) -> Command {
        let mut psql = self.program("psql");
        psql.args([
            "--no-psqlrc",
            "--quiet",
            "--set=ON_ERROR_STOP=1",
            "--username=wayfare",
        ])
        .arg("--host")
        .arg(self.folder.path())
        .arg("--dbname")
        .arg(database);
        psql
    }

    fn data_path(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn program(&self, name: &str) -> Command {
        let mut program = Command::new(self.programs.join(name));
        program.current_dir("/");
        if let Some(owner) = self.owner {
            program.uid(owner.uid.as_raw()).gid(owner.gid.as_raw());
        }
        program
    }
}

impl Drop for ThrowAwayCluster {
    fn drop(&mut self) {
        let data = self.data_path();
        let mut stop = self.program("pg_ctl");
        stop.args(["--wait", "--silent", "--mode=immediate", "-D"])
            .arg(data)
            .arg("stop");
        command::succeeds(&mut stop);
    }
}

/// The account to run as when this process is root.
fn lent_owner() -> Result<Option<Owner>, Failure> {
    if !Uid::effective().is_root() {
        return Ok(None);
    }
    LENT_USERS
        .iter()
        .find_map(|name| User::from_name(name).ok().flatten())
        .map(|user| {
            Some(Owner {
                uid: user.uid,
                gid: user.gid,
            })
        })
        .ok_or_else(|| {
            Failure::Missing(format!(
                "PostgreSQL does not run as root and none of these users exists: {}",
                LENT_USERS.join(", ")
            ))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn major_version_is_read_from_each_vendors_text() {
        let cases = [
            (
                "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n",
                Some(15),
            ),
            ("postgres (PostgreSQL) 17.2 (Homebrew)\n", Some(17)),
            ("postgres (PostgreSQL) 18beta1\n", Some(18)),
            ("postgres: command not found", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_major_version(text), expected, "{text}");
        }
    }
}
