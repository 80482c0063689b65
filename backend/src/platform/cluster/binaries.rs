//! Finds the newest PostgreSQL installed, and asks every candidate for its version: a program
//! named `postgres` on the PATH may be anything.

use std::{
    env, fmt, fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{ClusterError, account::Account, fetch};

pub(super) const MAJOR_MIN: u32 = 15;

/// Folders whose sub-folders hold a version each: (parent, path from the sub-folder to `bin`).
const VERSIONED: [(&str, &str); 6] = [
    ("/usr/lib/postgresql", "bin"), // Debian, Ubuntu
    ("/usr", "bin"),                // RHEL, Fedora: /usr/pgsql-17/bin
    ("/usr/libexec", ""),           // Alpine: /usr/libexec/postgresql17
    ("/opt/homebrew/opt", "bin"),   // macOS, Apple silicon
    ("/usr/local/opt", "bin"),      // macOS, Intel
    ("/Applications/Postgres.app/Contents/Versions", "bin"),
];

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binaries {
    pub(super) folder: PathBuf,
    pub(super) major: u32,
}

impl fmt::Display for Binaries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgreSQL {} in {}", self.major, self.folder.display())
    }
}

impl Binaries {
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// Which binaries are acceptable.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// The user who must be able to run them.
    pub(super) account: Option<&'a Account>,
    /// The version that wrote the data, when there is data: no other can read it.
    pub(super) major: Option<u32>,
}

impl Wanted<'_> {
    fn fits(&self, binaries: &Binaries) -> bool {
        binaries.major >= MAJOR_MIN
            && self.major.is_none_or(|major| major == binaries.major)
            && self
                .account
                .is_none_or(|account| account.can_enter(&binaries.folder))
    }

    /// The newest of what is installed; else one is fetched.
    pub(super) async fn find_or_fetch(&self, may_fetch: bool) -> Result<Binaries, ClusterError> {
        let mut installed = installed();
        installed.extend(fetch::fetched());
        if let Some(found) = self.newest(&installed) {
            return Ok(found.clone());
        }
        let found: Vec<String> = installed.iter().map(ToString::to_string).collect();
        let found = if found.is_empty() {
            "none".to_owned()
        } else {
            found.join(", ")
        };
        let wanted = self.major.map_or_else(
            || format!("{MAJOR_MIN} or newer"),
            |major| format!("{major}, which wrote the data,"),
        );
        if !may_fetch {
            return Err(ClusterError::NoBinaries {
                wanted,
                found,
                source: None,
            });
        }
        let refuse = |source| ClusterError::NoBinaries {
            wanted,
            found,
            source,
        };
        match fetch::fetch(self.major).await {
            Ok(folder) => match version_of(&folder) {
                Some(major) => Ok(Binaries { folder, major }),
                None => Err(refuse(None)),
            },
            Err(source) => Err(refuse(Some(source))),
        }
    }

    fn newest<'b>(&self, candidates: &'b [Binaries]) -> Option<&'b Binaries> {
        candidates
            .iter()
            .filter(|candidate| self.fits(candidate))
            .max_by_key(|c| c.major)
    }
}

fn installed() -> Vec<Binaries> {
    let mut folders: Vec<PathBuf> = VERSIONED
        .iter()
        .filter_map(|(parent, bin)| Some((fs::read_dir(parent).ok()?, bin)))
        .flat_map(|(entries, bin)| {
            entries
                .filter_map(Result::ok)
                .map(move |entry| entry.path().join(bin))
        })
        .collect();
    if let Some(path) = env::var_os("PATH") {
        folders.extend(env::split_paths(&path));
    }
    among(&folders)
}

/// Those of the folders that hold a PostgreSQL, each once.
pub(super) fn among(folders: &[PathBuf]) -> Vec<Binaries> {
    let mut found: Vec<Binaries> = Vec::new();
    for folder in folders {
        // /usr/local/bin/postgres may be a link into the folder of a version; initdb looks for its
        // siblings there, so take the real folder.
        let Ok(real) = fs::canonicalize(folder.join("initdb")) else {
            continue;
        };
        let Some(folder) = real.parent() else {
            continue;
        };
        if found.iter().any(|known| known.folder == folder) {
            continue;
        }
        if let Some(major) = version_of(folder) {
            found.push(Binaries {
                folder: folder.to_owned(),
                major,
            });
        }
    }
    found
}

fn version_of(folder: &Path) -> Option<u32> {
    let output = Command::new(folder.join("postgres"))
        .arg("--version")
        .output()
        .ok()?;
    parse_version(&String::from_utf8_lossy(&output.stdout))
}

/// `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)` → 15; also `17beta2` → 17.
fn parse_version(text: &str) -> Option<u32> {
    let (_, version) = text.split_once("(PostgreSQL) ")?;
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::{Binaries, Wanted, among, parse_version};

    fn fake(parent: &std::path::Path, name: &str, answer: &str) -> std::path::PathBuf {
        let folder = parent.join(name);
        std::fs::create_dir(&folder).unwrap();
        for program in ["postgres", "initdb"] {
            let path = folder.join(program);
            std::fs::write(&path, format!("#!/bin/sh\necho '{answer}'\n")).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        std::fs::canonicalize(folder).unwrap()
    }

    #[test]
    fn versions_are_read_from_what_postgres_prints() {
        let cases = [
            (
                "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n",
                Some(15),
            ),
            ("postgres (PostgreSQL) 17beta2", Some(17)),
            ("postgres (PostgreSQL) 9.6.24", Some(9)),
            ("something else 16.1", None),
            ("", None),
        ];
        for (text, major) in cases {
            assert_eq!(parse_version(text), major, "{text:?}");
        }
    }

    #[test]
    fn the_newest_that_is_new_enough_is_taken() {
        let dir = tempfile::tempdir().unwrap();
        let folders = [
            fake(dir.path(), "old", "postgres (PostgreSQL) 9.6.24"),
            fake(dir.path(), "good", "postgres (PostgreSQL) 16.2"),
            fake(dir.path(), "fine", "postgres (PostgreSQL) 15.1"),
            fake(dir.path(), "other", "MyServer 99"),
            dir.path().join("missing"),
        ];
        let found = among(&folders);
        assert_eq!(found.len(), 3);
        let any = Wanted {
            account: None,
            major: None,
        };
        let good = Binaries {
            folder: folders[1].clone(),
            major: 16,
        };
        assert_eq!(any.newest(&found), Some(&good));
        let of_15 = Wanted {
            account: None,
            major: Some(15),
        };
        assert_eq!(of_15.newest(&found).map(|b| b.major), Some(15));
        let of_14 = Wanted {
            account: None,
            major: Some(14),
        };
        assert_eq!(of_14.newest(&found), None);
    }
}
