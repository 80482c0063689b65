//! Runs the fuzz targets: one after another, each a given number of executions.
//!
//! Needs a nightly compiler and cargo-fuzz, and says how to get them; set-up does not install them,
//! because no check of a change needs them. The first input that breaks a promise ends the run, and
//! the failure names its file.

use std::fmt;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};

use crate::command;
use crate::failure::Failure;
use crate::report::spoken_duration;
use crate::workspace;

/// How the compiler and the tool are installed.
const REMEDY: &str = "rustup toolchain install nightly && cargo install cargo-fuzz --locked";

/// What to fuzz and how long.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct FuzzOptions {
    /// How many inputs each target is given
    #[arg(long, default_value_t = 10_000_000)]
    executions: u64,
    /// Which target
    #[arg(long, value_enum, default_value_t = Choice::All)]
    target: Choice,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Choice {
    /// One after another.
    All,
    /// Tariffs.
    Tariff,
    /// Facts of trips.
    Facts,
    /// Tracks.
    Track,
}

impl Choice {
    /// The names of the chosen targets.
    const fn targets(self) -> &'static [&'static str] {
        match self {
            Self::All => &["tariff", "facts", "track"],
            Self::Tariff => &["tariff"],
            Self::Facts => &["facts"],
            Self::Track => &["track"],
        }
    }
}

/// Runs the chosen targets.
pub(crate) fn run(options: FuzzOptions) -> Result<(), Failure> {
    check_tools()?;
    let mut results = Vec::new();
    for target in options.target.targets() {
        eprintln!("\nFuzzing {target}: {} executions ...", options.executions);
        let result = run_target(target, options.executions)?;
        results.push(format!("{target:<8}{result}"));
    }
    eprintln!("\nNo input broke a promise.\n{}", results.join("\n"));
    Ok(())
}

fn check_tools() -> Result<(), Failure> {
    let mut missing = Vec::new();
    let toolchains = command::read(Command::new("rustup").args(["toolchain", "list"]));
    if !toolchains.is_ok_and(|list| list.lines().any(|name| name.starts_with("nightly"))) {
        missing.push("a nightly compiler");
    }
    if command::find_program("cargo-fuzz").is_none() {
        missing.push("cargo-fuzz");
    }
    if missing.is_empty() {
        return Ok(());
    }
    Err(Failure::Missing(format!(
        "fuzzing needs {}, which are not installed. Run: {REMEDY}",
        missing.join(" and ")
    )))
}

/// The folders of one target, outside the checkout.
struct Folders {
    /// Inputs that reached something new; kept from run to run.
    corpus: PathBuf,
    /// Inputs that broke a promise.
    artifacts: PathBuf,
}

impl Folders {
    fn create(target: &str) -> Result<Self, Failure> {
        let root = workspace::cache_path().join("fuzz");
        let folders = Self {
            corpus: root.join("corpus").join(target),
            artifacts: root.join("artifacts").join(target),
        };
        for folder in [&folders.corpus, &folders.artifacts] {
            fs::create_dir_all(folder).map_err(Failure::file("create", folder))?;
        }
        Ok(folders)
    }
}

fn run_target(target: &str, executions: u64) -> Result<Statistics, Failure> {
    let folders = Folders::create(target)?;
    let mut fuzz = fuzz_command(target, executions, &folders);
    let started = Instant::now();
    let mut child = fuzz
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(command::start_failure(&fuzz))?;
    let mut statistics = Statistics::default();
    if let Some(stderr) = child.stderr.take() {
        for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            statistics.read(&line);
            if !is_chatter(&line) {
                eprintln!("{line}");
            }
        }
    }
    let status = child.wait().map_err(command::start_failure(&fuzz))?;
    statistics.took = started.elapsed();
    match (&statistics.broken_by, status.success()) {
        (Some(input), _) => Err(Failure::Check(format!(
            "an input breaks {target}: {input}. Once more: {}",
            once_more(target, input)
        ))),
        (None, false) => Err(Failure::Check(format!(
            "fuzzing {target} ended with {status}"
        ))),
        (None, true) => Ok(statistics),
    }
}

/// The core is safe Rust, where the address sanitizer finds nothing and halves the speed; debug
/// assertions and overflow checks stay on.
fn fuzz_command(target: &str, executions: u64, folders: &Folders) -> Command {
    let mut fuzz = command::cargo(&["+nightly", "fuzz", "run", "--sanitizer", "none"]);
    fuzz.arg("--fuzz-dir").arg(workspace::fuzz_path());
    fuzz.arg("--target-dir").arg(build_path());
    fuzz.arg(target).arg(&folders.corpus);
    fuzz.args(seed_folders(&workspace::root_path(), target));
    fuzz.arg("--").args([
        format!("-runs={executions}"),
        format!("-artifact_prefix={}/", folders.artifacts.display()),
        format!(
            "-dict={}",
            workspace::fuzz_path().join("words.dict").display()
        ),
        "-print_final_stats=1".to_owned(),
    ]);
    fuzz
}

/// Build products of the targets, outside the checkout.
fn build_path() -> PathBuf {
    workspace::target_path().join("fuzz")
}

/// What a person types in the checkout to see one input break the target again.
fn once_more(target: &str, input: &str) -> String {
    let build = build_path();
    format!(
        "cargo +nightly fuzz run -s none --target-dir {} {target} {input}",
        build.display()
    )
}

/// Inputs to begin with: the committed ones and the documented examples.
fn seed_folders(root: &Path, target: &str) -> [PathBuf; 2] {
    [
        root.join("fuzz/seeds").join(target),
        root.join("docs/examples"),
    ]
}

/// Lines about single inputs, thousands of them, and the words that libFuzzer learned.
fn is_chatter(line: &str) -> bool {
    let event = line.split_whitespace().nth(1);
    let about_input = line.starts_with('#') && matches!(event, Some("NEW" | "REDUCE" | "RELOAD"));
    about_input
        || ["\tNEW_FUNC", "\"", "######"]
            .iter()
            .any(|start| line.starts_with(start))
}

/// What libFuzzer says of a run.
#[derive(Debug, Default, PartialEq, Eq)]
struct Statistics {
    executions: u64,
    per_second: u64,
    edges: u64,
    took: Duration,
    broken_by: Option<String>,
}

impl Statistics {
    fn read(&mut self, line: &str) {
        if let Some(number) = number_after(line, "stat::number_of_executed_units:") {
            self.executions = number;
        } else if let Some(number) = number_after(line, "stat::average_exec_per_sec:") {
            self.per_second = number;
        } else if let Some((_, path)) = line.split_once("Test unit written to ") {
            self.broken_by = Some(path.trim().to_owned());
        } else if line.starts_with('#')
            && let Some(number) = number_after(line, " cov:")
        {
            self.edges = number;
        }
    }
}

impl fmt::Display for Statistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} executions in {}, {} a second, {} edges covered",
            self.executions,
            spoken_duration(self.took),
            self.per_second,
            self.edges
        )
    }
}

fn number_after(line: &str, label: &str) -> Option<u64> {
    let (_, rest) = line.split_once(label)?;
    rest.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Statistics {
        let mut statistics = Statistics::default();
        for line in lines {
            statistics.read(line);
        }
        statistics
    }

    #[test]
    fn the_last_numbers_of_a_run_are_kept() {
        let statistics = read(&[
            "#65536\tpulse  cov: 1200 ft: 3000 corp: 200/20Kb exec/s: 30000 rss: 60Mb",
            "#100000\tDONE   cov: 1234 ft: 3100 corp: 210/21Kb lim: 4096 exec/s: 33333 rss: 61Mb",
            "stat::number_of_executed_units: 100000",
            "stat::average_exec_per_sec:     33333",
        ]);
        assert_eq!(statistics.executions, 100_000);
        assert_eq!(statistics.per_second, 33_333);
        assert_eq!(statistics.edges, 1234);
        assert_eq!(statistics.broken_by, None);
    }

    #[test]
    fn the_input_that_breaks_a_promise_is_named() {
        let line = "artifact_prefix='/c/'; Test unit written to /c/crash-0123";
        assert_eq!(read(&[line]).broken_by.as_deref(), Some("/c/crash-0123"));
    }

    #[test]
    fn an_input_is_tried_once_more_with_what_was_built() {
        let line = once_more("track", "/c/crash-0123");
        let build = format!("--target-dir {}", build_path().display());
        assert!(line.contains(&build), "{line}");
        assert!(line.ends_with(" track /c/crash-0123"), "{line}");
    }

    #[test]
    fn lines_about_single_inputs_are_not_shown() {
        assert!(is_chatter("#12\tNEW    cov: 5 ft: 6 corp: 2/3b"));
        assert!(is_chatter("#12\tREDUCE cov: 5 ft: 6 corp: 2/3b"));
        assert!(is_chatter("\tNEW_FUNC[1/2]: 0x5629e3cb5851"));
        assert!(is_chatter("\"\\265\\007\" # Uses: 143"));
        assert!(!is_chatter("#12\tpulse  cov: 5 ft: 6 corp: 2/3b"));
        assert!(!is_chatter("thread panicked at NEW"));
    }

    #[test]
    fn every_target_has_committed_seeds() {
        for target in Choice::All.targets() {
            for folder in seed_folders(&workspace::root_path(), target) {
                let files = fs::read_dir(&folder).map(Iterator::count).unwrap_or(0);
                assert!(files > 0, "{} is empty", folder.display());
            }
        }
    }
}
