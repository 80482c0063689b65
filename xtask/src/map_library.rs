//! The map in a browser: MapLibre GL JS and the reader of PMTiles archives, in pinned versions from
//! npm, for the page of `wayfare city serve`.
//!
//! They are fetched into the cache folder and never committed. The folder holds just the files that
//! a page loads: `maplibre-gl.mjs` and what it imports, `maplibre-gl.css`, `pmtiles.js`, and the
//! licence of MapLibre (pmtiles says its own, BSD-3-Clause, in its package only).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command;
use crate::failure::Failure;
use crate::workspace;

const MAPLIBRE: &str = "6.17.0";
const PMTILES: &str = "4.5.0";

/// Files by their place among npm's packages, and their name in the folder.
const FILES: [(&str, &str); 6] = [
    ("maplibre-gl/dist/maplibre-gl.mjs", "maplibre-gl.mjs"),
    (
        "maplibre-gl/dist/maplibre-gl-shared.mjs",
        "maplibre-gl-shared.mjs",
    ),
    (
        "maplibre-gl/dist/maplibre-gl-worker.mjs",
        "maplibre-gl-worker.mjs",
    ),
    ("maplibre-gl/dist/maplibre-gl.css", "maplibre-gl.css"),
    ("maplibre-gl/LICENSE.txt", "maplibre-gl.LICENSE.txt"),
    ("pmtiles/dist/pmtiles.js", "pmtiles.js"),
];

/// Fetches what is missing and returns the folder.
pub(crate) fn ensure() -> Result<PathBuf, Failure> {
    let folder = workspace::cache_path()
        .join("map-library")
        .join(format!("maplibre-gl-{MAPLIBRE}-pmtiles-{PMTILES}"));
    if !is_complete(&folder) {
        fetch(&folder)?;
    }
    Ok(folder)
}

/// Fetches what is missing and prints the folder on standard output.
pub(crate) fn run() -> Result<(), Failure> {
    println!("{}", ensure()?.display());
    Ok(())
}

fn is_complete(folder: &Path) -> bool {
    FILES.iter().all(|(_, name)| folder.join(name).is_file())
}

fn fetch(folder: &Path) -> Result<(), Failure> {
    if command::find_program("npm").is_none() {
        return Err(Failure::Missing(
            "npm is needed to fetch the map library; install Node.js (Debian: `apt install npm`)"
                .to_owned(),
        ));
    }
    eprintln!("Fetching MapLibre GL JS {MAPLIBRE} and pmtiles {PMTILES} from npm ...");
    let packages = folder.join("npm");
    create(&packages)?;
    // npm would otherwise install into a project further up.
    write(&packages.join("package.json"), "{\"private\":true}\n")?;
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--ignore-scripts"])
        .arg("--loglevel=error")
        .arg(format!("maplibre-gl@{MAPLIBRE}"))
        .arg(format!("pmtiles@{PMTILES}"))
        .current_dir(&packages)
        .stdout(std::io::stderr());
    command::run(&mut npm)?;
    for (from, name) in FILES {
        let from = packages.join("node_modules").join(from);
        copy(&from, &folder.join(name))?;
    }
    fs::remove_dir_all(&packages).map_err(failure("remove", &packages))
}

fn create(folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(failure("create", folder))
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text).map_err(failure("write", path))
}

fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::copy(from, to)
        .map(|_| ())
        .map_err(failure("read", from))
}

fn failure(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Failure + use<> {
    let path = path.to_owned();
    move |source| Failure::File {
        action,
        path,
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::temp_folder::TempFolder;

    #[test]
    fn a_folder_that_lacks_a_file_is_fetched_again() {
        let folder = TempFolder::create("wayfare-map-library-test").unwrap();
        for (_, name) in FILES {
            assert!(!is_complete(folder.path()), "complete before {name}");
            write(&folder.path().join(name), "").unwrap();
        }
        assert!(is_complete(folder.path()));
    }
}
