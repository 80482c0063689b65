//! The files of a pack, as its manifest describes them.

use std::fs;
use std::path::Path;

use wayfare_core::city::PackFile;

use super::error::BuildError;
use super::source::hash_file;

/// All files in a folder and below it by name, but for those with a dot before their name.
pub(super) fn describe(folder: &Path) -> Result<Vec<PackFile>, BuildError> {
    let mut files = Vec::new();
    collect(folder, "", &mut files)?;
    files.sort();
    Ok(files)
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<PackFile>) -> Result<(), BuildError> {
    let failed = |source| BuildError::write(folder, source);
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        let name = format!("{prefix}{name}");
        if entry.file_type().map_err(failed)?.is_dir() {
            collect(&entry.path(), &format!("{name}/"), files)?;
            continue;
        }
        let (bytes, sha256) = hash_file(&entry.path()).map_err(failed)?;
        files.push(PackFile {
            name,
            bytes,
            sha256,
        });
    }
    Ok(())
}
