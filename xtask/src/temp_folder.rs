//! A folder of its own under the system's temporary folder, removed when it goes out of scope.
//!
//! Its name carries this process's id and a counter, and creation fails when the name is taken, so
//! that two runs never share one.

use std::env;
use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::failure::Failure;

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A folder that exists as long as this value, or for ever after `keep`.
#[derive(Debug)]
pub(crate) struct TempFolder {
    path: PathBuf,
    keep: bool,
}

impl TempFolder {
    /// Makes a new folder. Other users may pass through it (a database that runs as another user
    /// lives below) but not list it.
    pub(crate) fn create(name: &str) -> Result<Self, Failure> {
        let place = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("{name}-{}-{place}", process::id()));
        DirBuilder::new()
            .mode(0o711)
            .create(&path)
            .map_err(Failure::file("create", &path))?;
        Ok(Self { path, keep: false })
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Leaves the folder on disk when this value goes.
    pub(crate) fn keep(&mut self) {
        self.keep = true;
    }
}

impl Drop for TempFolder {
    fn drop(&mut self) {
        if self.keep {
            return;
        }
        if let Err(error) = fs::remove_dir_all(&self.path) {
            eprintln!("could not remove {}: {error}", self.path.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_goes_with_its_owner_unless_kept() {
        let gone = TempFolder::create("wayfare-xtask-test")
            .unwrap()
            .path()
            .to_owned();
        assert!(!gone.exists());
        let mut kept = TempFolder::create("wayfare-xtask-test").unwrap();
        kept.keep();
        let path = kept.path().to_owned();
        drop(kept);
        assert!(path.exists());
        fs::remove_dir(path).unwrap();
    }
}
