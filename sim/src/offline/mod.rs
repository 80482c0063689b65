//! Shifts without a network, played in virtual time: drivers with the program of a real device and its
//! real store, a server in memory that decides by the same core, and between them everything that
//! goes wrong. A seed chooses all of it, so that a failure can be played again:
//! `wayfare-sim offline --seeds N..M --log`.
//!
//! When every network works again and everything is quiet, whatever was done on a device has to be at
//! the server, once, and whoever was refused was told. `docs/offline/simulation.md` says more.

mod agenda;
mod backend;
mod calls;
mod car;
mod checks;
mod driver;
mod hands;
mod mishaps;
mod phone;
mod protections;
mod report;
mod server;
mod town;
mod trouble;
mod world;

#[cfg(test)]
mod tests;

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use clap::Args;

pub use self::backend::{
    Backend, Charged, Deed, Glimpse, KeptCommand, KeptPoint, Refused, Rest, Truth,
};
use self::protections::Protections;
pub use self::report::Report;
use self::report::{Seen, Tally};
use self::server::Server;
pub use self::trouble::Faults;
use self::world::{Play, World};
use crate::chance::{Stream, chance};
use crate::races::Seeds;

/// How many folders this process has made.
static FOLDERS: AtomicU64 = AtomicU64::new(0);

/// So many seeds can be logged at once.
const LOGGED_MAX: u64 = 10;

/// Which shifts.
#[derive(Debug, Clone, Args)]
pub struct OfflineOrder {
    /// The seeds, from the first up to but not including the last; each is a few shifts.
    #[arg(long, value_name = "A..B", default_value = "0..1000")]
    pub seeds: Seeds,
    /// Prints the counts as JSON.
    #[arg(long)]
    pub json: bool,
    /// Plays so many seeds at a time; as many as there are processors without it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=64))]
    pub jobs: Option<u64>,
    /// Prints every step to the standard error; for at most ten seeds.
    #[arg(long)]
    pub log: bool,
}

/// Why nothing was played.
#[derive(Debug, thiserror::Error)]
pub enum OfflineError {
    /// A log of so many seeds is of no use.
    #[error("--log is for at most {LOGGED_MAX} seeds, and these are {0}")]
    TooManyLogged(u64),
    /// There is no place for the stores of the devices.
    #[error("there is no folder for the stores of the devices")]
    Folder(#[source] std::io::Error),
}

/// Plays the seeds.
pub fn run(order: &OfflineOrder) -> Result<Report, OfflineError> {
    let seeds = order.seeds.0.clone();
    let count = seeds.end - seeds.start;
    if order.log && count > LOGGED_MAX {
        return Err(OfflineError::TooManyLogged(count));
    }
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let processors = u64::try_from(processors).unwrap_or(1);
    let jobs = if order.log {
        1
    } else {
        order.jobs.unwrap_or(processors)
    };
    let game = Game {
        protections: Protections::default(),
        logged: order.log,
        jobs,
    };
    game.play_all(&seeds)
}

/// How seeds are played.
#[derive(Debug, Clone, Copy)]
struct Game {
    protections: Protections,
    logged: bool,
    jobs: u64,
}

impl Game {
    fn play_all(self, seeds: &Range<u64>) -> Result<Report, OfflineError> {
        let folder = Folder::new()?;
        let some = |first: u64| {
            let mut tally = Tally::default();
            let mut seed = seeds.start.saturating_add(first);
            while seed < seeds.end {
                tally.add(seed, self.play(seed, &folder.0));
                seed = seed.saturating_add(self.jobs);
            }
            tally
        };
        let tallies = std::thread::scope(|scope| {
            let some = &some;
            let threads: Vec<_> = (0..self.jobs)
                .map(|first| scope.spawn(move || some(first)))
                .collect();
            let tallies = threads.into_iter().map(|thread| match thread.join() {
                Ok(tally) => tally,
                Err(panic) => std::panic::resume_unwind(panic),
            });
            tallies.fold(Tally::default(), Tally::and)
        });
        Ok(tallies.report())
    }

    fn play(self, seed: u64, folder: &Path) -> Result<Seen, String> {
        let folder = folder.join(seed.to_string());
        std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let play = Play {
            seed,
            protections: self.protections,
            logged: self.logged,
        };
        let played = catch_unwind(AssertUnwindSafe(|| {
            let server = Server::new(chance(seed, Stream::Fleet), self.protections);
            let server = server.map_err(|error| error.to_string())?;
            Ok(World::new(play, server, &folder).run())
        }));
        // What is left behind is removed with the folder of all.
        let _left = std::fs::remove_dir_all(&folder);
        played.unwrap_or_else(|panic| Err(words_of(&*panic)))
    }
}

fn words_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("without words").to_owned()
}

/// A folder for the stores, in memory where the system offers that; removed at the end.
#[derive(Debug)]
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self, OfflineError> {
        let memory = Path::new("/dev/shm");
        let base = if memory.is_dir() {
            memory.to_owned()
        } else {
            std::env::temp_dir()
        };
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let name = format!("wayfare-offline-{}-{number}", std::process::id());
        let folder = base.join(name);
        std::fs::create_dir_all(&folder).map_err(OfflineError::Folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _left = std::fs::remove_dir_all(&self.0);
    }
}

/// The report in lines.
pub fn to_text(report: &Report) -> String {
    let Report {
        seeds,
        shifts,
        commands,
        points,
        lost,
        duplicated,
        diverged,
        fare_mismatches,
        ledger_imbalance,
        converge_ms_p99,
        commands_ms_p99,
        untold,
        unsettled,
        wrong_times,
        panics,
        blobs,
        completed,
        claimed,
        corrected,
        fares_compared,
        unaware,
        rejected,
        refused_here,
        resumed,
        virtual_hours,
        faults,
        first_failing_seed: _,
        first_failures,
    } = report;
    let mut text = format!(
        "{seeds} seeds, {shifts} shifts, {virtual_hours} hours: {commands} commands ({rejected} \
         refused by the server, {refused_here} more by the device), {points} points, {blobs} files, \
         {completed} trips completed ({claimed} with a fare of the device, {corrected} corrected, \
         {unaware} without knowing of other stops, {fares_compared} compared; {resumed} resumed).\n\
         Lost: {lost}. Duplicated: {duplicated}. Diverged: {diverged}. Fare mismatches: \
         {fare_mismatches}. Ledger imbalance: {ledger_imbalance}. Not told: {untold}. Not quiet: \
         {unsettled}. Wrong times: {wrong_times}. Panics: {panics}.\n\
         After the network healed, in 99 of 100: every command answered in {:.1} s, quiet in \
         {:.1} s.\n\
         What went wrong on purpose: {faults:?}.",
        std::time::Duration::from_millis(*commands_ms_p99).as_secs_f64(),
        std::time::Duration::from_millis(*converge_ms_p99).as_secs_f64(),
    );
    for failure in first_failures {
        text.push_str("\n! ");
        text.push_str(failure);
    }
    text
}

/// How to see what went wrong, if anything did.
pub fn how_to_replay(report: &Report) -> Option<String> {
    let seed = report.first_failing_seed?;
    let next = seed.saturating_add(1);
    Some(format!(
        "seed {seed} fails; replay it with: wayfare-sim offline --seeds {seed}..{next} --log"
    ))
}
