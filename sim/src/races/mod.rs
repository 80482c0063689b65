//! The races of offers, tried out: drivers accept, decline, stay silent, go offline and give trips
//! back, riders call trips off, two processes make rounds and one of them does not know that it was
//! replaced, answers get lost and are asked for again, and processes die; all of it step by step, in
//! an order that a seed chooses.
//!
//! The actors do what the server does, statement by statement, on a database in memory that waits,
//! refuses and forgets as PostgreSQL does. What happens to a trip is decided by the core. After every
//! commit, and when everybody has come to rest, everything that must hold is checked. A seed that
//! fails is a case to replay: `wayfare-sim races --seeds N..N+1 --trace`.

mod change;
mod checks;
mod database;
mod people;
mod protections;
mod report;
mod requests;
mod rounds;
mod rows;
mod session;
mod trace;
mod world;

#[cfg(test)]
mod tests;

use std::ops::Range;
use std::str::FromStr;

use clap::Args;

use self::protections::Protections;
pub use self::report::Report;

/// Which interleavings.
#[derive(Debug, Clone, Args)]
pub struct RacesOrder {
    /// The seeds, from the first up to but not including the last; each is an interleaving.
    #[arg(long, value_name = "A..B", default_value = "0..1000000")]
    pub seeds: Seeds,
    /// Prints the counts as JSON.
    #[arg(long)]
    pub json: bool,
    /// Prints every step; for a few seeds.
    #[arg(long)]
    pub trace: bool,
}

/// A range of seeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seeds(pub Range<u64>);

/// A text is no range of seeds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("seeds are two numbers like 0..1000, the first one less than the second")]
pub struct SeedsError;

impl FromStr for Seeds {
    type Err = SeedsError;

    fn from_str(text: &str) -> Result<Self, SeedsError> {
        let (first, end) = text.split_once("..").ok_or(SeedsError)?;
        let number = |text: &str| text.parse::<u64>().map_err(|_| SeedsError);
        let seeds = number(first)?..number(end)?;
        if seeds.is_empty() {
            return Err(SeedsError);
        }
        Ok(Self(seeds))
    }
}

/// Runs the interleavings, on all processors unless steps are printed.
pub fn run(order: &RacesOrder) -> Report {
    run_seeds(&order.seeds.0, Protections::default(), order.trace)
}

fn run_seeds(seeds: &Range<u64>, protections: Protections, traced: bool) -> Report {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = if traced { 1 } else { threads };
    let every = u64::try_from(threads).unwrap_or(1);
    let some = |first: u64| {
        let mut report = Report::default();
        let mut seed = seeds.start.saturating_add(first);
        while seed < seeds.end {
            report = report.and(world::run(seed, protections, traced).report);
            seed = seed.saturating_add(every);
        }
        report
    };
    std::thread::scope(|scope| {
        let some = &some;
        let threads: Vec<_> = (0..every)
            .map(|first| scope.spawn(move || some(first)))
            .collect();
        let reports = threads.into_iter().map(|thread| match thread.join() {
            Ok(report) => report,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        reports.fold(Report::default(), Report::and)
    })
}

/// The report in lines, with what to do about a failure.
pub fn to_text(report: &Report) -> String {
    let Report {
        interleavings,
        steps,
        accepted,
        taken_ahead,
        declined,
        timed_out,
        cancelled,
        reassigned,
        double_assignments,
        lost_trips,
        deadlocks,
        other_violations,
        first_failing_seed: _,
    } = report;
    format!(
        "{interleavings} interleavings of {steps} steps: {accepted} offers accepted, {taken_ahead} \
         of them ahead of another trip's end, {declined} declined, {timed_out} timed out; {cancelled} trips called off, {reassigned} given back.\n\
         Double assignments: {double_assignments}. Lost trips: {lost_trips}. Deadlocks: \
         {deadlocks}. Other violations: {other_violations}.",
    )
}

/// How to see what went wrong, if anything did.
pub fn how_to_replay(report: &Report) -> Option<String> {
    let seed = report.first_failing_seed?;
    let next = seed.saturating_add(1);
    Some(format!(
        "seed {seed} fails; replay it with: wayfare-sim races --seeds {seed}..{next} --trace"
    ))
}
