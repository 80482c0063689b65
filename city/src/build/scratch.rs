//! Where a pack is to be, and the folder beside it in which it is built.

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process;

use wayfare_core::city::{MANIFEST_FILE, Manifest, ManifestError};

use super::error::BuildError;
use super::stop::Stop;

/// Held by the build that works in a folder, as long as it lives.
const LOCK_FILE: &str = ".lock";

/// Where a pack is to be.
#[derive(Debug)]
pub(super) struct Target {
    path: PathBuf,
    parent: PathBuf,
    name: String,
}

impl Target {
    /// Refuses what is there unless it is nothing, an empty folder, or a pack.
    pub(super) fn check(out: &Path) -> Result<Self, BuildError> {
        // A link to a folder stays, and `.` gets its name.
        let path = fs::canonicalize(out)
            .or_else(|_| std::path::absolute(out))
            .map_err(|source| BuildError::write(out, source))?;
        let occupied = |problem| {
            let path = path.clone();
            Err(BuildError::Occupied { path, problem })
        };
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return occupied("is no folder that can be replaced");
        };
        if let Ok(found) = fs::symlink_metadata(&path) {
            if !found.is_dir() {
                return occupied("is a file");
            }
            if let Some(problem) = not_replaceable(&path)? {
                return occupied(problem);
            }
        }
        Ok(Self {
            parent: parent.to_owned(),
            name: name.to_string_lossy().into_owned(),
            path,
        })
    }
}

/// Why a folder must not be replaced: something would be lost that is no pack.
fn not_replaceable(folder: &Path) -> Result<Option<&'static str>, BuildError> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(|source| BuildError::write(folder, source))? {
        let entry = entry.map_err(|source| BuildError::write(folder, source))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    if names.is_empty() {
        return Ok(None);
    }
    let Ok(json) = fs::read(folder.join(MANIFEST_FILE)) else {
        return Ok(Some("is not empty and no city pack"));
    };
    let manifest = match Manifest::parse(&json) {
        Ok(manifest) => manifest,
        // A pack that another version of this program built.
        Err(ManifestError::Format { .. }) => return Ok(None),
        Err(_) => return Ok(Some("is not empty and no city pack")),
    };
    let is_known = |name: &String| {
        let below = |file: &str| file.split('/').next() == Some(name.as_str());
        [MANIFEST_FILE, LOCK_FILE].contains(&name.as_str())
            || manifest.files.iter().any(|file| below(&file.name))
    };
    if names.iter().all(is_known) {
        Ok(None)
    } else {
        Ok(Some("is a city pack with other files in it"))
    }
}

/// A folder in which a pack is built. It is removed unless it becomes the pack.
#[derive(Debug)]
pub(super) struct Scratch {
    path: PathBuf,
    stop: Stop,
    _lock: File,
}

impl Scratch {
    /// Makes a folder beside the target, on the same disk, and removes those that builds left which
    /// were killed.
    pub(super) fn create(target: &Target, stop: &Stop) -> Result<Self, BuildError> {
        let failed = |source| BuildError::write(&target.path, source);
        fs::create_dir_all(&target.parent).map_err(failed)?;
        let prefix = format!(".{}.building-", target.name);
        let path = target.parent.join(format!("{prefix}{}", process::id()));
        // One build at a time looks for what others left and makes a folder of its own. Some file
        // systems have no locks; there, two builds of one pack at once are not guarded.
        let turn = File::open(&target.parent).map_err(failed)?;
        let _ = turn.lock();
        remove_abandoned(&target.parent, &prefix);
        let lock = stop.hand_over(Some(&path), || {
            fs::create_dir(&path).map_err(failed)?;
            let lock = File::create(path.join(LOCK_FILE)).map_err(|error| {
                let _ = fs::remove_dir_all(&path);
                failed(error)
            })?;
            let _ = lock.try_lock();
            Ok(lock)
        })?;
        Ok(Self {
            path,
            stop: stop.clone(),
            _lock: lock,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file, safe from a loss of power.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), BuildError> {
        let path = self.path.join(name);
        let written = File::create(&path).and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        });
        written.map_err(|source| BuildError::write(&path, source))
    }

    /// Puts the folder into its place. Answers whether there was a pack.
    pub(super) fn replace(self, target: &Target) -> Result<bool, BuildError> {
        let failed = |source| BuildError::write(&target.path, source);
        self.stop.hand_over(None, || {
            let was_pack = target.path.join(MANIFEST_FILE).exists();
            if target.path.exists() {
                exchange(&self.path, &target.path).map_err(failed)?;
            } else {
                fs::rename(&self.path, &target.path).map_err(failed)?;
            }
            // The pack is there. If this fails, a file too many is in it, and it may be gone after a
            // loss of power.
            let _ = fs::remove_file(target.path.join(LOCK_FILE));
            let _ = File::open(&target.parent).and_then(|folder| folder.sync_all());
            Ok(was_pack)
        })
        // Dropping it removes what is at its path: nothing, or the older pack.
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next build.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Lets two folders change places, in one step where the system can.
fn exchange(new: &Path, old: &Path) -> std::io::Result<()> {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};
        if renameat2(AT_FDCWD, new, AT_FDCWD, old, RenameFlags::RENAME_EXCHANGE).is_ok() {
            return Ok(());
        }
    }
    // In three steps: for a moment, there is nothing at the place.
    let aside = new.with_extension("old");
    fs::rename(old, &aside)?;
    if let Err(error) = fs::rename(new, old) {
        fs::rename(&aside, old)?;
        return Err(error);
    }
    fs::rename(&aside, new)
}

/// Removes the folders of builds whose process is gone.
fn remove_abandoned(parent: &Path, prefix: &str) {
    let Ok(entries) = fs::read_dir(parent) else {
        return;
    };
    for entry in entries.flatten() {
        if !entry.file_name().to_string_lossy().starts_with(prefix) {
            continue;
        }
        let in_use = match File::open(entry.path().join(LOCK_FILE)) {
            Ok(lock) => matches!(lock.try_lock(), Err(TryLockError::WouldBlock)),
            Err(_) => false,
        };
        if !in_use {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests;
