//! Kills a real process with SIGKILL while it writes a real file on a real disk, and looks what is left.
//!
//! The [writer](writer) is this program again, under a hidden name. It does step after step
//! ([`steps`]), each in one transaction, and says on its standard output what it sends to the server
//! and, once a step is committed, that it is. At a random instant it is killed. Then the store is opened
//! again and compared with what the steps come to ([`check`]): everything that was acknowledged is
//! there once, what was not is there wholly or not at all, and the chain is whole. The next writer goes
//! on with the same file; after some rounds everything that waits is sent, and the server must have
//! each command, point and file once.
//!
//! The seed decides the steps and the intended instants; where exactly a kill hits is chance.

mod check;
mod server;
mod steps;
mod writer;

#[cfg(test)]
mod tests;

use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use clap::Args;
use rand::RngExt;
use serde::{Deserialize, Serialize};
use wayfare_core::id::UserId;
use wayfare_core::sync::store::{FileKeystore, Vault};

use self::check::Checker;
pub use self::check::Findings;
use self::server::Said;
use self::steps::Plan;
pub use self::writer::{WriterOrder, write_until_killed};
use crate::chance::Chance;

/// After so many kills of one file it is emptied, compared as a whole, and a new one begins.
const KILLS_PER_FILE: u64 = 20;
/// Some kills come so many milliseconds after the process began, at the latest.
const DELAY_MAX_MS: u64 = 60;
/// The others come so many acknowledgements after it began, at the latest.
const STEPS_MAX: u64 = 60;
/// A writer that says nothing for so long is stuck.
const SILENCE_MAX: Duration = Duration::from_secs(60);

/// How often, and where.
#[derive(Debug, Clone, Args)]
pub struct KillOrder {
    /// How often the process is killed.
    #[arg(long, default_value_t = 1000)]
    pub rounds: u64,
    /// Decides what is written and when it is meant to be killed.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// A folder on the disk to be tried; by default one for temporary files.
    #[arg(long, value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// Prints the counts as JSON.
    #[arg(long)]
    pub json: bool,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct KillReport {
    /// How often the process was killed.
    pub kills: u64,
    /// Transactions that it acknowledged.
    pub acknowledged: u64,
    /// Transactions that were committed and that nobody heard of, as the kill came in between.
    pub unheard: u64,
    /// Commands, points, files and notices that were compared.
    pub compared: u64,
    /// Of those that were acknowledged: not there.
    pub lost: u64,
    /// There more than once.
    pub duplicated: u64,
    /// Anything else that is not as it must be: a store that does not open, half a transaction, a
    /// chain that does not fit.
    pub broken: u64,
}

impl KillReport {
    /// Whether nothing went wrong.
    pub const fn holds(&self) -> bool {
        self.lost == 0 && self.duplicated == 0 && self.broken == 0
    }

    fn add(&mut self, findings: &Findings) {
        self.compared += findings.compared;
        self.lost += findings.lost;
        self.duplicated += findings.duplicated;
        self.broken += findings.broken;
    }
}

/// What one writer said before it died.
#[derive(Debug, Default)]
struct LastWords {
    said: Vec<Said>,
    /// Something that is not understood, or a failure of the writer itself.
    unclear: u64,
}

/// Kills as often as wanted. `program` is this program; each failure is told on standard error.
pub fn run(order: &KillOrder, program: &Path) -> io::Result<KillReport> {
    let own = std::env::temp_dir().join(format!("wayfare-offline-kill-{}", std::process::id()));
    let folder = order.folder.clone().unwrap_or(own);
    let mut report = KillReport::default();
    let mut chance: Chance = rand::SeedableRng::seed_from_u64(order.seed);
    let files = order.rounds.div_ceil(KILLS_PER_FILE);
    for file in 0..files {
        let place = Place {
            folder: folder.join(file.to_string()),
            seed: order.seed.wrapping_mul(1_000_003).wrapping_add(file),
        };
        let kills = KILLS_PER_FILE.min(order.rounds - file * KILLS_PER_FILE);
        let before = report;
        one_file(&place, program, kills, &mut chance, &mut report)?;
        let was_good = report.lost + report.duplicated + report.broken
            == before.lost + before.duplicated + before.broken;
        if was_good {
            std::fs::remove_dir_all(&place.folder)?;
        } else {
            eprintln!(
                "wayfare-sim: the file is kept in {}",
                place.folder.display()
            );
        }
    }
    if report.holds() && order.folder.is_none() {
        std::fs::remove_dir_all(&folder)?;
    }
    Ok(report)
}

/// A folder with a vault, and the seed of what is written into it.
#[derive(Debug, Clone)]
struct Place {
    folder: PathBuf,
    seed: u64,
}

impl Place {
    fn vault(&self) -> Vault {
        let keystore = FileKeystore::new(self.folder.join("keys"));
        Vault::new(self.folder.join("stores"), Arc::new(keystore))
    }

    fn user(&self) -> UserId {
        UserId::from_uuid(uuid::Uuid::from_u128(7))
    }
}

fn one_file(
    place: &Place,
    program: &Path,
    kills: u64,
    chance: &mut Chance,
    report: &mut KillReport,
) -> io::Result<()> {
    std::fs::create_dir_all(&place.folder)?;
    let mut checker = Checker::new(Plan::new(place.seed));
    for _ in 0..kills {
        let words = one_life(place, program, chance)?;
        report.kills += 1;
        report.broken += words.unclear;
        let acknowledged = checker.hear(words.said);
        report.acknowledged += acknowledged;
        let findings = checker.compare(&place.vault(), place.user());
        report.unheard += findings.unheard;
        report.add(&findings);
    }
    let findings = checker.send_all(&place.vault(), place.user());
    report.add(&findings);
    Ok(())
}

/// Starts a writer, kills it, and answers what it said.
fn one_life(place: &Place, program: &Path, chance: &mut Chance) -> io::Result<LastWords> {
    let mut child = Command::new(program)
        .arg("offline-kill-writer")
        .arg("--folder")
        .arg(&place.folder)
        .arg("--seed")
        .arg(place.seed.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let stdout = child.stdout.take();
    let lines = stdout.map(listen);
    let mut words = LastWords::default();
    if chance.random_bool(0.5) {
        thread::sleep(Duration::from_micros(
            chance.random_range(0..=DELAY_MAX_MS * 1_000),
        ));
    } else if let Some(lines) = &lines {
        wait_for_steps(chance.random_range(1..=STEPS_MAX), lines, &mut words);
    }
    kill(&mut child, &mut words)?;
    for line in lines.iter().flatten() {
        words.take(&line);
    }
    Ok(words)
}

/// SIGKILL, which no process can catch. A writer does not end by itself.
fn kill(child: &mut Child, words: &mut LastWords) -> io::Result<()> {
    if let Some(status) = child.try_wait()? {
        eprintln!("wayfare-sim: a writer ended by itself: {status}");
        words.unclear += 1;
    }
    child.kill()?;
    child.wait()?;
    Ok(())
}

fn wait_for_steps(steps: u64, lines: &Receiver<String>, words: &mut LastWords) {
    let mut done = 0;
    while done < steps {
        match lines.recv_timeout(SILENCE_MAX) {
            Ok(line) => done += u64::from(words.take(&line)),
            Err(_) => return,
        }
    }
}

/// Reads what a writer says, so that it never waits for a reader.
fn listen(stdout: ChildStdout) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

impl LastWords {
    /// Takes a line; answers whether it acknowledges a step.
    fn take(&mut self, line: &str) -> bool {
        match serde_json::from_str(line) {
            Ok(Said::Failed { words }) => {
                eprintln!("wayfare-sim: a writer failed: {words}");
                self.unclear += 1;
                false
            }
            Ok(said) => {
                let is_done = matches!(said, Said::Done { .. });
                self.said.push(said);
                is_done
            }
            // The kill came within the line.
            Err(error) if error.is_eof() => false,
            Err(error) => {
                eprintln!("wayfare-sim: a writer said what is not understood: {error}");
                self.unclear += 1;
                false
            }
        }
    }
}

/// The report in lines.
pub fn to_text(report: &KillReport) -> String {
    let KillReport {
        kills,
        acknowledged,
        unheard,
        compared,
        lost,
        duplicated,
        broken,
    } = report;
    format!(
        "{kills} kills; {acknowledged} transactions acknowledged, {unheard} committed unheard; \
         {compared} commands, points, files and notices compared.\n\
         Lost: {lost}. Duplicated: {duplicated}. Broken: {broken}."
    )
}
