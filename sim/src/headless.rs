//! The city without a screen: one aligned line each few seconds.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use wayfare_core::money::Money;

use crate::fleet::CarState;
use crate::tally::Snapshot;
use crate::world::{Phase, World};

const LINE_EVERY: Duration = Duration::from_secs(3);
/// The meaning of the columns is repeated after so many lines.
const HEADER_EVERY: u32 = 20;
const HEADER: &str = "   time  asked  search  coming  riding   paid  cancel  expire  match s  busy %  \
                         fares       ledger  req/s  errors";

/// Prints lines until the day is over.
pub async fn report(world: Arc<World>) {
    let mut requests_before = 0;
    let mut line = 0_u32;
    loop {
        tokio::select! {
            () = tokio::time::sleep(LINE_EVERY) => {}
            () = world.reached(Phase::Stopping) => return,
        }
        if world.tally.wall().is_zero() {
            println!(
                "{} of {} drivers are at work.",
                world.tally.at_work(),
                world.fleet.len()
            );
            continue;
        }
        if line.is_multiple_of(HEADER_EVERY) {
            println!("{HEADER}");
        }
        let snapshot = world.tally.snapshot();
        let requests = snapshot.api.requests - requests_before;
        requests_before = snapshot.api.requests;
        let per_s = requests as f64 / LINE_EVERY.as_secs_f64();
        line = line.wrapping_add(1);
        println!(
            "{}",
            line_of(&snapshot, world.tally.wall(), busy_share(&world), per_s)
        );
    }
}

/// Share of the cars at work that are on the way to or with a rider.
pub fn busy_share(world: &World) -> f64 {
    let states: Vec<CarState> = world
        .fleet
        .look()
        .into_iter()
        .map(|(state, _)| state)
        .collect();
    let at_work = states
        .iter()
        .filter(|state| **state != CarState::Offline)
        .count();
    let free = states
        .iter()
        .filter(|state| **state == CarState::Free)
        .count();
    if at_work == 0 {
        0.0
    } else {
        1.0 - free as f64 / at_work as f64
    }
}

fn line_of(snapshot: &Snapshot, wall: Duration, busy: f64, requests_per_s: f64) -> String {
    let counts = snapshot.counts;
    let seconds = wall.as_secs();
    let matched = snapshot
        .match_latency
        .quantile_s(0.5)
        .map_or_else(|| "-".to_owned(), |seconds| format!("{seconds:.1}"));
    let fares = snapshot.currency.map_or_else(
        || "-".to_owned(),
        |currency| Money::new(snapshot.fares.drivers_minor, currency).to_string(),
    );
    let ledger = snapshot.integrity.as_ref().map_or_else(
        || "-".to_owned(),
        |found| found.ledger.imbalance_minor.to_string(),
    );
    let mut line = format!("{:>4}:{:02}", seconds / 60, seconds % 60);
    // Writing to a string does not fail.
    let _ = write!(
        line,
        "  {:>5}  {:>6}  {:>6}  {:>6}  {:>5}  {:>6}  {:>6}",
        counts.requested,
        counts.searching,
        counts.assigned + counts.arrived,
        counts.riding,
        counts.paid,
        counts.cancelled,
        counts.expired
    );
    let _ = write!(
        line,
        "  {matched:>7}  {:>6.0}  {fares:<12}{ledger:>6}  {requests_per_s:>5.0}  {:>6}",
        busy * 100.0,
        snapshot.api.errors
    );
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SimClock;
    use crate::tally::Tally;
    use wayfare_core::money::Currency;

    #[tokio::test]
    async fn lines_stand_under_their_header() {
        let mut snapshot = Tally::new(SimClock::start(10.0)).unwrap().snapshot();
        snapshot.counts.requested = 38;
        snapshot.counts.paid = 12;
        snapshot.currency = Some(Currency::EUR);
        snapshot.fares.drivers_minor = 123_456;
        let line = line_of(&snapshot, Duration::from_secs(75), 0.614, 52.4);
        assert_eq!(
            line.chars().count(),
            HEADER.chars().count(),
            "{HEADER}\n{line}"
        );
        let ends_under = |name: &str, value: &str| {
            let end = HEADER.find(name).unwrap() + name.len();
            assert!(line[..end].ends_with(value), "{name}\n{HEADER}\n{line}");
        };
        for (name, value) in [
            ("time", "1:15"),
            ("asked", "38"),
            ("paid", "12"),
            ("match s", "-"),
            ("busy %", "61"),
            ("req/s", "52"),
            ("errors", "0"),
        ] {
            ends_under(name, value);
        }
        assert!(line.contains("1234.56 EUR"), "{line}");
    }
}
