//! The city pack beside OSRM: builds a pack of an extract, starts a real OSRM with the same extract,
//! and lets `wayfare city compare-osrm` ask both.
//!
//! Prints a table in Markdown, for `docs/benchmarks.md`. Everything is built in release, and both
//! run on this machine one after the other, so that their times can be compared.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use crate::command;
use crate::failure::Failure;
use crate::osrm_process::{self, OsrmProcess};
use crate::temp_folder::TempFolder;
use crate::workspace;

const URL_VARIABLE: &str = "WAYFARE_OSRM_URL";

/// What to compare.
#[derive(Debug, Args)]
pub(crate) struct CompareOsrmOptions {
    /// An OpenStreetMap extract
    #[arg(value_name = "FILE.osm.pbf")]
    extract: PathBuf,
    /// How many pairs of each kind: anywhere, and near roads
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pairs: u32,
    /// Chooses the pairs; the same number, the same pairs
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Also print everything as JSON, with the pairs that differ most
    #[arg(long)]
    json: bool,
}

/// Builds, starts and compares.
pub(crate) fn run(options: &CompareOsrmOptions) -> Result<(), Failure> {
    if !options.extract.is_file() {
        let file = options.extract.display();
        return Err(Failure::Missing(format!("there is no file {file}")));
    }
    let source = OsrmSource::find(env::var_os(URL_VARIABLE), osrm_process::script())?;
    command::run(&mut command::cargo(&[
        "build",
        "--release",
        "-p",
        "wayfare-backend",
    ]))?;
    let folder = TempFolder::create("wayfare-compare-osrm")?;
    let city = folder.path().join("city");
    let mut build = wayfare(&["city", "build"]);
    build.arg("--osm").arg(&options.extract);
    build.arg("--out").arg(&city);
    command::run(&mut build)?;
    match source {
        OsrmSource::Url(url) => compare(options, &city, &url),
        OsrmSource::Script(script) => {
            let osrm = OsrmProcess::start(&script, &options.extract, folder.path())?;
            compare(options, &city, &osrm.url())
        }
    }
}

fn compare(options: &CompareOsrmOptions, city: &Path, url: &str) -> Result<(), Failure> {
    let mut compare = wayfare(&["city", "compare-osrm", "--osrm-url", url]);
    compare.args(["--pairs", &options.pairs.to_string()]);
    compare.args(["--seed", &options.seed.to_string()]);
    compare.arg("--city").arg(city);
    if options.json {
        compare.arg("--json");
    }
    command::run(&mut compare)
}

fn wayfare(args: &[&str]) -> Command {
    let mut command = Command::new(workspace::release_program_path("wayfare"));
    command.args(args);
    command
}

/// Where OSRM comes from.
#[derive(Debug, PartialEq, Eq)]
enum OsrmSource {
    /// It runs already.
    Url(String),
    /// A program starts it.
    Script(PathBuf),
}

impl OsrmSource {
    /// A server that is named goes before one that could be started.
    fn find(url: Option<OsString>, script: Option<PathBuf>) -> Result<Self, Failure> {
        let url = url.filter(|url| !url.is_empty());
        if let Some(url) = url {
            return Ok(Self::Url(url.to_string_lossy().into_owned()));
        }
        script.map(Self::Script).ok_or_else(|| {
            Failure::Missing(format!(
                "there is no OSRM to compare with: set {URL_VARIABLE} to the address of an OSRM \
                 server with the same extract (http://HOST:PORT), or put a program that starts one \
                 at {}",
                osrm_process::SCRIPT
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_server_goes_before_one_that_could_be_started() {
        let script = Some(PathBuf::from("/tools/osrm"));
        let url = Some(OsString::from("http://127.0.0.1:5000"));
        assert_eq!(
            OsrmSource::find(url, script.clone()).unwrap(),
            OsrmSource::Url("http://127.0.0.1:5000".to_owned())
        );
        assert_eq!(
            OsrmSource::find(Some(OsString::new()), script).unwrap(),
            OsrmSource::Script(PathBuf::from("/tools/osrm"))
        );
    }

    #[test]
    fn without_osrm_the_failure_says_what_to_do() {
        let failure = OsrmSource::find(None, None).unwrap_err().to_string();
        assert!(failure.contains(URL_VARIABLE), "{failure}");
        assert!(failure.contains("shared/tools/osrm"), "{failure}");
    }
}
