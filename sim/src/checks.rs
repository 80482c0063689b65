//! What must hold at the end of every day, each in plain words when it does not.

use wayfare_core::money::{Currency, Money};
use wayfare_core::wire::Integrity;

use crate::tally::Snapshot;

/// Of so many searches for what exists one may find nothing.
const SEARCHES_PER_MISS: u64 = 20;
/// So many may find nothing however few searches there are.
const MISSES: u64 = 1;

/// What the server said before the first and after the last trip.
#[derive(Debug, Clone)]
pub struct Books {
    /// Before.
    pub before: Integrity,
    /// After; `None` when it could not be asked.
    pub after: Option<Integrity>,
}

/// What does not hold. Empty on a good day.
pub fn broken(snapshot: &Snapshot, books: &Books) -> Vec<String> {
    let mut broken = Vec::new();
    if snapshot.double_assignments > 0 {
        broken.push(format!(
            "drivers were given a trip of somebody else, or two at once, {} times",
            snapshot.double_assignments
        ));
    }
    check_fares(snapshot, &mut broken);
    check_proofs(snapshot, &mut broken);
    check_searches(snapshot, &mut broken);
    check_offline(snapshot, &mut broken);
    match &books.after {
        Some(after) => check_server(snapshot, &books.before, after, &mut broken),
        None => broken.push(
            "the backend did not answer at the end, so its books could not be checked".to_owned(),
        ),
    }
    broken
}

fn check_fares(snapshot: &Snapshot, broken: &mut Vec<String>) {
    let fares = snapshot.fares;
    let money = |minor| Money::new(minor, snapshot.currency.unwrap_or(Currency::EUR)).to_string();
    if fares.differing > 0 {
        broken.push(format!(
            "on {} trips the rider and the driver saw different fares",
            fares.differing
        ));
    }
    // With trips under way one side may just not have heard of the end yet.
    let all_over = snapshot.counts.in_progress() == 0 && fares.one_sided == 0;
    if all_over && fares.riders_minor != fares.drivers_minor {
        broken.push(format!(
            "riders paid {} in all, but drivers took {}",
            money(fares.riders_minor),
            money(fares.drivers_minor)
        ));
    }
    if snapshot.counts.open == 0 && fares.one_sided > 0 {
        broken.push(format!(
            "on {} completed trips only one side saw a fare",
            fares.one_sided
        ));
    }
}

fn check_proofs(snapshot: &Snapshot, broken: &mut Vec<String>) {
    if snapshot.proofs.failed > 0 {
        broken.push(format!(
            "{} quotes or receipts do not hold",
            snapshot.proofs.failed
        ));
    }
    // Trips that were interrupted are not paid.
    if snapshot.counts.unproven > 0 {
        broken.push(format!(
            "{} trips were paid without a receipt that holds",
            snapshot.counts.unproven
        ));
    }
}

fn check_searches(snapshot: &Snapshot, broken: &mut Vec<String>) {
    let searches = snapshot.searches;
    if searches.not_found > MISSES.max(searches.searches / SEARCHES_PER_MISS) {
        broken.push(format!(
            "{} of {} searches for streets and places that exist found nothing",
            searches.not_found, searches.searches
        ));
    }
}

fn check_offline(snapshot: &Snapshot, broken: &mut Vec<String>) {
    let offline = snapshot.offline;
    if offline.lost > 0 {
        broken.push(format!(
            "{} things that were done or measured without a network are not on the server",
            offline.lost
        ));
    }
    if offline.fare_mismatches > 0 {
        broken.push(format!(
            "{} rides cost something else than the driver's phone said",
            offline.fare_mismatches
        ));
    }
}

fn check_server(
    snapshot: &Snapshot,
    before: &Integrity,
    after: &Integrity,
    broken: &mut Vec<String>,
) {
    if after.ledger.imbalance_minor != 0 {
        broken.push(format!(
            "the ledger is off balance by {} minor units",
            after.ledger.imbalance_minor
        ));
    }
    if after.double_assignments != 0 {
        broken.push(format!(
            "the server counts {} double assignments",
            after.double_assignments
        ));
    }
    if after.unbooked_trips != 0 {
        broken.push(format!(
            "{} completed trips are not in the ledger",
            after.unbooked_trips
        ));
    }
    let on_server = after.trips.completed - before.trips.completed;
    let counts = snapshot.counts;
    let seen = signed(counts.completed + counts.others_completed);
    // The end of a trip that was under way may not have reached the sim any more.
    let at_most = seen + signed(counts.in_progress() + counts.others_open);
    if !(seen..=at_most).contains(&on_server) {
        broken.push(format!(
            "riders and drivers saw {seen} trips completed, the server counts {on_server}"
        ));
    }
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SimClock;
    use crate::tally::{Fares, Tally};
    use wayfare_core::wire::{LedgerIntegrity, TripCounts};

    fn integrity(completed: i64) -> Integrity {
        Integrity {
            ledger: LedgerIntegrity {
                transactions: 2 * completed,
                imbalance_minor: 0,
            },
            double_assignments: 0,
            unbooked_trips: 0,
            trips: TripCounts {
                completed,
                ..TripCounts::default()
            },
        }
    }

    fn good_day() -> (Snapshot, Books) {
        let tally = Tally::new(SimClock::start(10.0)).unwrap();
        let mut snapshot = tally.snapshot();
        snapshot.counts.completed = 5;
        snapshot.counts.paid = 5;
        snapshot.fares = Fares {
            riders_minor: 3000,
            drivers_minor: 3000,
            ..Fares::default()
        };
        (
            snapshot,
            Books {
                before: integrity(10),
                after: Some(integrity(15)),
            },
        )
    }

    #[tokio::test]
    async fn a_good_day_breaks_nothing() {
        let (snapshot, books) = good_day();
        assert_eq!(broken(&snapshot, &books), Vec::<String>::new());
    }

    #[tokio::test]
    async fn each_broken_promise_is_named() {
        type Break = fn(&mut Snapshot, &mut Integrity);
        let cases: [(Break, &str); 12] = [
            (
                |_, after| after.ledger.imbalance_minor = 3,
                "ledger is off balance by 3",
            ),
            (
                |_, after| after.double_assignments = 1,
                "server counts 1 double",
            ),
            (
                |_, after| after.unbooked_trips = 2,
                "2 completed trips are not in the ledger",
            ),
            (
                |_, after| after.trips.completed = 14,
                "saw 5 trips completed, the server counts 4",
            ),
            (
                |_, after| after.trips.completed = 16,
                "saw 5 trips completed, the server counts 6",
            ),
            (
                |snapshot, _| snapshot.double_assignments = 1,
                "two at once, 1 times",
            ),
            (
                |snapshot, _| snapshot.fares.riders_minor = 2990,
                "paid 29.90 EUR in all",
            ),
            (
                |snapshot, _| snapshot.fares.differing = 1,
                "different fares",
            ),
            (
                |snapshot, _| snapshot.proofs.failed = 2,
                "2 quotes or receipts do not hold",
            ),
            (
                |snapshot, _| snapshot.counts.unproven = 1,
                "1 trips were paid without a receipt",
            ),
            (
                |snapshot, _| {
                    snapshot.searches.searches = 119;
                    snapshot.searches.not_found = 6;
                },
                "6 of 119 searches",
            ),
            (
                |snapshot, _| {
                    snapshot.searches.searches = 4;
                    snapshot.searches.not_found = 2;
                },
                "2 of 4 searches",
            ),
        ];
        for (breaks, says) in cases {
            let (mut snapshot, mut books) = good_day();
            breaks(&mut snapshot, books.after.as_mut().unwrap());
            let broken = broken(&snapshot, &books);
            assert_eq!(broken.len(), 1, "{says}: {broken:?}");
            assert!(broken[0].contains(says), "{says}: {broken:?}");
        }
    }

    #[tokio::test]
    async fn one_search_in_twenty_may_find_nothing() {
        for (searches, not_found) in [(1, 1), (20, 1), (120, 6)] {
            let (mut snapshot, books) = good_day();
            snapshot.searches.searches = searches;
            snapshot.searches.not_found = not_found;
            assert_eq!(broken(&snapshot, &books), Vec::<String>::new());
        }
    }

    #[tokio::test]
    async fn a_backend_that_is_gone_cannot_be_checked() {
        let (snapshot, mut books) = good_day();
        books.after = None;
        assert!(broken(&snapshot, &books)[0].contains("did not answer"));
    }

    #[tokio::test]
    async fn an_interrupted_trip_may_end_unseen() {
        let (mut snapshot, mut books) = good_day();
        snapshot.counts.riding = 1;
        snapshot.counts.open = 1;
        books.after = Some(integrity(16));
        assert_eq!(broken(&snapshot, &books), Vec::<String>::new());
    }
}
