//! Where things are: the checkout, the cache folder and the build products.
//!
//! Build products stand outside the checkout, so that a fresh clone on the same machine builds fast.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

/// The root of the checkout.
pub(crate) fn root_path() -> PathBuf {
    let manifest_dir = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    manifest_dir
        .parent()
        .map(PathBuf::from)
        .unwrap_or(manifest_dir)
}

/// The project's cache folder: `$XDG_CACHE_HOME/wayfare`, else `~/.cache/wayfare`.
pub(crate) fn cache_path() -> PathBuf {
    cache_path_from(env::var_os("XDG_CACHE_HOME"), env::var_os("HOME"))
}

fn cache_path_from(xdg_cache_home: Option<OsString>, home: Option<OsString>) -> PathBuf {
    let set = |value: Option<OsString>| value.filter(|text| !text.is_empty()).map(PathBuf::from);
    set(xdg_cache_home)
        .or_else(|| set(home).map(|home| home.join(".cache")))
        .unwrap_or_else(env::temp_dir)
        .join("wayfare")
}

/// Where cargo puts what it builds: `CARGO_TARGET_DIR` when set, else a folder in the cache.
pub(crate) fn target_path() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR")
        .filter(|text| !text.is_empty())
        .map_or_else(|| cache_path().join("target"), |dir| root_path().join(dir))
}

/// The folder of the cargo tools that set-up installs for this project only.
pub(crate) fn tools_path() -> PathBuf {
    cache_path().join("tools")
}

/// The Tauri shell's workspace, which has a lock file of its own.
pub(crate) fn shell_path() -> PathBuf {
    root_path().join("apps/admin/shell")
}

/// The workspace of the fuzz targets, which has a lock file of its own.
pub(crate) fn fuzz_path() -> PathBuf {
    root_path().join("fuzz")
}

/// A program that the workspace builds, in the dev profile.
pub(crate) fn built_program_path(name: &str) -> PathBuf {
    target_path().join("debug").join(name)
}

/// A program that the workspace builds, in the release profile.
pub(crate) fn release_program_path(name: &str) -> PathBuf {
    target_path().join("release").join(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cache_follows_xdg_then_home_and_ignores_empty_values() {
        let xdg = Some(OsString::from("/x"));
        let home = Some(OsString::from("/h"));
        assert_eq!(
            cache_path_from(xdg, home.clone()),
            PathBuf::from("/x/wayfare")
        );
        assert_eq!(
            cache_path_from(Some(OsString::new()), home),
            PathBuf::from("/h/.cache/wayfare")
        );
    }

    #[test]
    fn root_holds_the_workspace_manifest() {
        assert!(root_path().join("Cargo.toml").is_file());
        assert!(root_path().join("xtask/Cargo.toml").is_file());
    }
}
