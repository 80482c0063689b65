//! The proof that the core comes to the same bytes natively and in WebAssembly.
//!
//! Builds the crate `parity` for both, lets both write the same trips, and compares the two streams
//! while they are written. The first difference ends the run and is shown with its trip; a program
//! that fails is a failure of its own, whatever it had written.

use std::fmt;
use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::Value;

use crate::command;
use crate::failure::Failure;
use crate::report::spoken_duration;
use crate::setup::wasm;
use crate::streams::{self, Difference};
use crate::workspace;

const PACKAGE: &str = "wayfare-parity";

/// How much is read from a program at once.
const BUFFER_BYTES: usize = 256 * 1024;

/// A long run says this often how far it is.
const PROGRESS_EVERY: Duration = Duration::from_secs(10);

/// Which trips are compared.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct ParityOptions {
    /// How many trips
    #[arg(long, default_value_t = 1_000_000)]
    pub(crate) trips: u64,
    /// Which trips: every number gives others
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
}

/// Builds both programs and compares what they write.
pub(crate) fn run(options: ParityOptions) -> Result<(), Failure> {
    let [native, wasm] = build(options)?;
    let started = Instant::now();
    let mut native = Writer::start(native)?;
    let mut wasm = Writer::start(wasm)?;
    let mut progress = Progress::new(options.trips, started);
    let compared = streams::compare(&mut native.stdout, &mut wasm.stdout, |bytes, line| {
        progress.tell(bytes, line);
    });
    let outcome = compared.map_err(|source| Failure::Network {
        what: "reading what the programs write".to_owned(),
        source,
    })?;
    if let streams::Outcome::Different(difference) = &outcome
        && difference.both_go_on()
    {
        return Err(shown(difference));
    }
    let native = native.finish()?;
    let wasm = wasm.finish()?;
    match outcome {
        streams::Outcome::Different(difference) => Err(shown(&difference)),
        streams::Outcome::Same { bytes } => {
            let summary = Summary {
                options,
                bytes,
                native,
                wasm,
                took: started.elapsed(),
            };
            eprintln!("{summary}");
            Ok(())
        }
    }
}

/// Builds the library for both, and returns the commands that write the trips.
fn build(options: ParityOptions) -> Result<[Command; 2], Failure> {
    let toolchain = wasm::find_toolchain().ok_or_else(|| missing(wasm::TARGET))?;
    let node = command::find_program("node").ok_or_else(|| missing("node"))?;
    eprintln!("Building {PACKAGE} natively and for WebAssembly (a minute the first time) ...");
    command::run(&mut command::cargo(&["build", "--release", "-p", PACKAGE]))?;
    let mut for_wasm: Vec<&str> = toolchain.argument().into_iter().collect();
    for_wasm.extend(["rustc", "--release", "-p", PACKAGE, "--lib"]);
    for_wasm.extend(["--crate-type", "cdylib", "--target", wasm::TARGET]);
    command::run(&mut command::cargo(&for_wasm))?;

    let numbers = [options.seed, 0, options.trips].map(|number| number.to_string());
    let mut native = Command::new(workspace::target_path().join("release").join(PACKAGE));
    native.args(&numbers).arg("--digest");
    let mut wasm = Command::new(node);
    wasm.arg(workspace::root_path().join("parity/run.mjs"))
        .arg(wasm_library_path())
        .args(&numbers);
    Ok([native, wasm])
}

fn wasm_library_path() -> PathBuf {
    let folder = workspace::target_path().join(wasm::TARGET).join("release");
    folder.join(format!("{}.wasm", PACKAGE.replace('-', "_")))
}

fn missing(what: &str) -> Failure {
    Failure::Missing(format!(
        "{what} is missing; run cargo xtask setup --for test"
    ))
}

/// Prints both sides and says which trip it is.
fn shown(difference: &Difference) -> Failure {
    eprintln!("{difference}");
    let trip = difference.lines().find_map(trip_of);
    let trip = trip.map_or_else(|| "a trip".to_owned(), |number| format!("trip {number}"));
    Failure::Check(format!(
        "{trip} is not the same natively and in WebAssembly"
    ))
}

/// The number in `{"trip":17,…`.
fn trip_of(line: &str) -> Option<u64> {
    let number = line.strip_prefix("{\"trip\":")?;
    let end = number.find(|letter: char| !letter.is_ascii_digit())?;
    number.get(..end)?.parse().ok()
}

/// A program that writes trips; it ends with this value.
struct Writer {
    child: Child,
    program: String,
    stdout: BufReader<ChildStdout>,
    report: Option<JoinHandle<Report>>,
}

/// What a program says of itself at its end.
#[derive(Debug, Default)]
struct Report {
    computed: Duration,
    sha256: Option<String>,
}

impl Writer {
    fn start(mut command: Command) -> Result<Self, Failure> {
        let program = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(command::start_failure(&command))?;
        let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
            return Err(Failure::Missing(format!("{program} has no output")));
        };
        Ok(Self {
            child,
            program,
            stdout: BufReader::with_capacity(BUFFER_BYTES, stdout),
            report: Some(thread::spawn(|| read_report(stderr))),
        })
    }

    /// Waits for its end.
    fn finish(mut self) -> Result<Report, Failure> {
        // What nobody reads any more must not keep it from ending.
        let _ = io::copy(&mut self.stdout, &mut io::sink());
        let status = self.child.wait().map_err(|source| Failure::Start {
            program: self.program.clone(),
            source,
        })?;
        let report = self.report.take().and_then(|thread| thread.join().ok());
        if status.success() {
            Ok(report.unwrap_or_default())
        } else {
            Err(Failure::Program {
                program: self.program.clone(),
                status,
            })
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // It has ended already, or nobody wants to read it any more.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The report that a program writes to standard error; everything else goes to the terminal.
fn read_report(stderr: ChildStderr) -> Report {
    let mut report = Report::default();
    for line in BufReader::new(stderr).lines().map_while(Result::ok) {
        match parse_report(&line) {
            Some(found) => report = found,
            None => eprintln!("{line}"),
        }
    }
    report
}

fn parse_report(line: &str) -> Option<Report> {
    let json: Value = serde_json::from_str(line).ok()?;
    Some(Report {
        computed: Duration::from_millis(json.get("computed_ms")?.as_u64()?),
        sha256: json
            .get("sha256")
            .and_then(Value::as_str)
            .map(str::to_owned),
    })
}

/// Says now and then how far a long run is.
struct Progress {
    trips: u64,
    told: Instant,
}

impl Progress {
    fn new(trips: u64, started: Instant) -> Self {
        Self {
            trips,
            told: started,
        }
    }

    fn tell(&mut self, bytes: u64, line: &[u8]) {
        if self.told.elapsed() < PROGRESS_EVERY {
            return;
        }
        let Some(trip) = trip_of(&String::from_utf8_lossy(line)) else {
            return;
        };
        self.told = Instant::now();
        eprintln!(
            "  {trip} of {} trips, {} MB the same",
            self.trips,
            bytes / 1_000_000
        );
    }
}

/// How a run ended in which nothing differed.
struct Summary {
    options: ParityOptions,
    bytes: u64,
    native: Report,
    wasm: Report,
    took: Duration,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ParityOptions { trips, seed } = self.options;
        writeln!(
            f,
            "{trips} trips of seed {seed}: {} bytes, the same natively and in WebAssembly",
            self.bytes
        )?;
        let digest = self.native.sha256.as_deref().unwrap_or("unknown");
        writeln!(f, "SHA-256   {digest}")?;
        write!(
            f,
            "computed  natively in {}, in WebAssembly in {}; {} in all",
            spoken_duration(self.native.computed),
            spoken_duration(self.wasm.computed),
            spoken_duration(self.took)
        )
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn the_trip_is_read_from_the_start_of_a_line() {
        assert_eq!(trip_of("{\"trip\":17,\"fare\":{}}"), Some(17));
        assert_eq!(trip_of("{\"trip\":1"), None);
        assert_eq!(trip_of("\"trip\":17,"), None);
        assert_eq!(trip_of(""), None);
    }

    #[test]
    fn a_difference_is_told_with_its_trip() {
        let difference = Difference {
            column: 9,
            left: Some("{\"trip\":4,\"fare\":1}".to_owned()),
            right: None,
        };
        let told = shown(&difference).to_string();
        assert_eq!(told, "trip 4 is not the same natively and in WebAssembly");
    }

    #[test]
    fn a_report_is_told_from_other_lines() {
        let report = parse_report("{\"computed_ms\":1500,\"sha256\":\"ab\"}").unwrap();
        assert_eq!(report.computed, Duration::from_millis(1500));
        assert_eq!(report.sha256.as_deref(), Some("ab"));
        assert!(parse_report("thread main panicked").is_none());
        assert!(parse_report("{}").is_none());
    }

    #[test]
    fn a_program_that_fails_is_a_failure_even_if_it_wrote() {
        let mut shell = Command::new("sh");
        shell.args(["-c", "echo one; exit 3"]);
        let failure = Writer::start(shell).unwrap().finish().unwrap_err();
        assert!(matches!(failure, Failure::Program { .. }), "{failure}");
    }

    #[test]
    fn what_a_program_reports_is_known_after_its_end() {
        let mut shell = Command::new("sh");
        shell.args(["-c", "echo out; echo '{\"computed_ms\":7}' >&2"]);
        let mut writer = Writer::start(shell).unwrap();
        let mut text = String::new();
        writer.stdout.read_to_string(&mut text).unwrap();
        assert_eq!(text, "out\n");
        assert_eq!(writer.finish().unwrap().computed, Duration::from_millis(7));
    }
}
