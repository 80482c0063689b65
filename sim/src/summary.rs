//! What a day in the city came to: for programs as JSON, for people as a table.

use std::fmt::Write as _;

use serde::Serialize;
use wayfare_core::money::{Currency, Money};
use wayfare_core::wire::Integrity;

use crate::tally::{OfflineCounts, ProofCounts, SearchCounts, Snapshot, Spread};

/// Trips of this run by how they ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Trips {
    /// All.
    pub requested: u64,
    /// The rider is there.
    pub completed: u64,
    /// Called off.
    pub cancelled: u64,
    /// No driver was found.
    pub expired: u64,
    /// Not over.
    pub in_progress: u64,
}

/// From the request, as the server took it, to the offer at the driver's client.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MatchLatency {
    /// Half of all stay under it.
    pub p50: Option<f64>,
    /// 95 of 100.
    pub p95: Option<f64>,
    /// 99 of 100.
    pub p99: Option<f64>,
}

/// From the request to the car at the pickup, in simulated seconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PickupWait {
    /// Half of all stay under it.
    pub p50: Option<f64>,
    /// 95 of 100.
    pub p95: Option<f64>,
}

/// The API as its clients saw it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Api {
    /// Attempts that were sent.
    pub requests: u64,
    /// Answers that nobody expected, and calls that were given up.
    pub errors: u64,
    /// 95 of 100 answers came within this.
    pub p95_ms: Option<f64>,
    /// 99 of 100.
    pub p99_ms: Option<f64>,
}

/// Fares of completed trips.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct FareSum {
    /// Their currency, once there was one.
    pub currency: Option<Currency>,
    /// Their sum.
    pub total_minor: i64,
}

/// The server's ledger; empty when the server could not be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Ledger {
    /// Number of transactions.
    pub transactions: Option<i64>,
    /// How far they are from zero.
    pub imbalance_minor: Option<i64>,
}

/// The whole day.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// Trips of this run.
    pub trips: Trips,
    /// Matching, in real milliseconds.
    pub match_latency_ms: MatchLatency,
    /// Waiting for the car, in simulated seconds.
    pub pickup_wait_s: PickupWait,
    /// The API.
    pub api: Api,
    /// The fares.
    pub fares: FareSum,
    /// The ledger.
    pub ledger: Ledger,
    /// Quotes and receipts that phones checked.
    pub proofs: ProofCounts,
    /// Streets and places that riders looked for.
    pub searches: SearchCounts,
    /// Phones that have no network in parts of the city.
    pub offline: OfflineCounts,
    /// Drivers who shared a trip and trips that shared a driver, counted by both sides.
    pub double_assignments: i64,
    /// Real seconds from the first rider to the end.
    pub wall_s: f64,
    /// Memory of the backend at the end.
    pub backend_rss_bytes: Option<u64>,
    /// Seed of the run.
    pub seed: u64,
    /// Name of the city.
    pub city: String,
    /// Number of drivers.
    pub drivers: u32,
    /// Simulated seconds in a real one.
    pub speed: f64,
}

/// What the summary needs besides the measurements.
#[derive(Debug, Clone)]
pub struct Facts {
    /// What the server says of itself at the end.
    pub integrity: Option<Integrity>,
    /// Real seconds from the first rider to the end.
    pub wall_s: f64,
    /// Memory of the backend at the end.
    pub backend_rss_bytes: Option<u64>,
    /// Seed of the run.
    pub seed: u64,
    /// Name of the city.
    pub city: String,
    /// Number of drivers.
    pub drivers: u32,
    /// Simulated seconds in a real one.
    pub speed: f64,
}

impl Summary {
    /// The summary of what was measured.
    pub fn new(snapshot: &Snapshot, facts: Facts) -> Self {
        let counts = snapshot.counts;
        let ms = |spread: &Spread, share| spread.quantile_s(share).map(|s| rounded(s * 1000.0));
        let wait = |share| snapshot.pickup_wait.quantile_s(share).map(rounded);
        let server_doubles = facts
            .integrity
            .as_ref()
            .map_or(0, |found| found.double_assignments);
        let seen_doubles = i64::try_from(snapshot.double_assignments).unwrap_or(i64::MAX);
        let ledger = facts.integrity.as_ref().map(|found| &found.ledger);
        Self {
            trips: Trips {
                requested: counts.requested,
                completed: counts.completed,
                cancelled: counts.cancelled,
                expired: counts.expired,
                in_progress: counts.in_progress(),
            },
            match_latency_ms: MatchLatency {
                p50: ms(&snapshot.match_latency, 0.5),
                p95: ms(&snapshot.match_latency, 0.95),
                p99: ms(&snapshot.match_latency, 0.99),
            },
            pickup_wait_s: PickupWait {
                p50: wait(0.5),
                p95: wait(0.95),
            },
            api: Api {
                requests: snapshot.api.requests,
                errors: snapshot.api.errors,
                p95_ms: ms(&snapshot.api.latency, 0.95),
                p99_ms: ms(&snapshot.api.latency, 0.99),
            },
            fares: FareSum {
                currency: snapshot.currency,
                total_minor: snapshot.fares.drivers_minor,
            },
            ledger: Ledger {
                transactions: ledger.map(|ledger| ledger.transactions),
                imbalance_minor: ledger.map(|ledger| ledger.imbalance_minor),
            },
            proofs: snapshot.proofs,
            searches: snapshot.searches,
            offline: snapshot.offline,
            double_assignments: server_doubles.max(seen_doubles),
            wall_s: rounded(facts.wall_s),
            backend_rss_bytes: facts.backend_rss_bytes,
            seed: facts.seed,
            city: facts.city,
            drivers: facts.drivers,
            speed: facts.speed,
        }
    }

    /// The summary as a table.
    pub fn table(&self) -> String {
        let trips = self.trips;
        let fares = self.fares.currency.map_or_else(
            || "none".to_owned(),
            |currency| Money::new(self.fares.total_minor, currency).to_string(),
        );
        let rows = [
            ("city", format!("{}, seed {}", self.city, self.seed)),
            ("drivers", self.drivers.to_string()),
            (
                "time",
                format!("{:.0} s at {} × real time", self.wall_s, self.speed),
            ),
            ("trips requested", trips.requested.to_string()),
            ("  completed", trips.completed.to_string()),
            ("  cancelled", trips.cancelled.to_string()),
            ("  expired", trips.expired.to_string()),
            ("  in progress", trips.in_progress.to_string()),
            (
                "match latency",
                quantiles(&self.match_latency_ms.all(), "ms"),
            ),
            (
                "pickup wait",
                quantiles(&self.pickup_wait_s.all(), "s, simulated"),
            ),
            (
                "API requests",
                format!("{}, {} errors", self.api.requests, self.api.errors),
            ),
            ("API latency", quantiles(&self.api.all(), "ms")),
            ("fares", fares),
            ("ledger", self.ledger.in_words()),
            ("proofs", proofs_in_words(self.proofs)),
            ("searches", searches_in_words(self.searches)),
            ("offline", offline_in_words(self.offline)),
            ("double assignments", self.double_assignments.to_string()),
            ("backend memory", self.memory_in_words()),
        ];
        let mut table = String::new();
        for (name, value) in rows {
            // Writing to a string does not fail.
            let _ = writeln!(table, "  {name:<20} {value}");
        }
        table
    }

    fn memory_in_words(&self) -> String {
        self.backend_rss_bytes.map_or_else(
            || "not known".to_owned(),
            |bytes| format!("{:.0} MB", bytes as f64 / 1e6),
        )
    }
}

impl MatchLatency {
    fn all(self) -> [(&'static str, Option<f64>); 3] {
        [("p50", self.p50), ("p95", self.p95), ("p99", self.p99)]
    }
}

impl PickupWait {
    fn all(self) -> [(&'static str, Option<f64>); 2] {
        [("p50", self.p50), ("p95", self.p95)]
    }
}

impl Api {
    fn all(self) -> [(&'static str, Option<f64>); 2] {
        [("p95", self.p95_ms), ("p99", self.p99_ms)]
    }
}

impl Ledger {
    fn in_words(self) -> String {
        match (self.transactions, self.imbalance_minor) {
            (Some(transactions), Some(imbalance)) => {
                format!("{transactions} transactions, off balance by {imbalance}")
            }
            _ => "not known: the backend did not answer".to_owned(),
        }
    }
}

fn proofs_in_words(proofs: ProofCounts) -> String {
    let ProofCounts {
        quotes,
        receipts,
        by_quote,
        by_meter,
        replanned,
        cancellations,
        failed,
    } = proofs;
    format!(
        "{quotes} quotes, {receipts} receipts ({by_quote} by quote, {by_meter} by meter, \
         {replanned} replanned, {cancellations} cancellations), {failed} failed"
    )
}

fn searches_in_words(searches: SearchCounts) -> String {
    let SearchCounts {
        searches,
        found,
        not_found,
        corrected,
    } = searches;
    format!("{searches}: {found} found ({corrected} at the second try), {not_found} not found")
}

fn offline_in_words(offline: OfflineCounts) -> String {
    if offline.drivers == 0 {
        return "no phone has dead zones".to_owned();
    }
    format!(
        "{} phones with dead zones: {} commands ({} without a network), {} refused, {} points, {} \
         rides; {} lost, {} fares differ",
        offline.drivers,
        offline.commands,
        offline.commands_offline,
        offline.refused,
        offline.points,
        offline.rides,
        offline.lost,
        offline.fare_mismatches
    )
}

fn quantiles(all: &[(&str, Option<f64>)], unit: &str) -> String {
    let known: Vec<String> = all
        .iter()
        .filter_map(|(name, value)| value.map(|value| format!("{name} {value:.0}")))
        .collect();
    if known.is_empty() {
        "none".to_owned()
    } else {
        format!("{} {unit}", known.join(" · "))
    }
}

/// A tenth is finer than anything that is measured here.
fn rounded(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SimClock;
    use crate::tally::Tally;
    use wayfare_core::wire::{LedgerIntegrity, TripCounts};

    fn facts(integrity: Option<Integrity>) -> Facts {
        Facts {
            integrity,
            wall_s: 61.26,
            backend_rss_bytes: Some(123_400_000),
            seed: 7,
            city: "Vila Clara".to_owned(),
            drivers: 20,
            speed: 10.0,
        }
    }

    #[tokio::test]
    async fn the_json_has_the_fields_that_others_read() {
        let tally = Tally::new(SimClock::start(10.0)).unwrap();
        let integrity = Integrity {
            ledger: LedgerIntegrity {
                transactions: 12,
                imbalance_minor: 0,
            },
            double_assignments: 0,
            unbooked_trips: 0,
            trips: TripCounts::default(),
        };
        let summary = Summary::new(&tally.snapshot(), facts(Some(integrity)));
        assert_eq!(
            serde_json::to_value(&summary).unwrap(),
            serde_json::json!({
                "trips": {
                    "requested": 0, "completed": 0, "cancelled": 0, "expired": 0,
                    "in_progress": 0,
                },
                "match_latency_ms": {"p50": null, "p95": null, "p99": null},
                "pickup_wait_s": {"p50": null, "p95": null},
                "api": {"requests": 0, "errors": 0, "p95_ms": null, "p99_ms": null},
                "fares": {"currency": null, "total_minor": 0},
                "ledger": {"transactions": 12, "imbalance_minor": 0},
                "proofs": {
                    "quotes": 0, "receipts": 0, "by_quote": 0, "by_meter": 0, "replanned": 0,
                    "cancellations": 0, "failed": 0,
                },
                "searches": {"searches": 0, "found": 0, "not_found": 0, "corrected": 0},
                "offline": {
                    "drivers": 0, "commands": 0, "commands_offline": 0, "refused": 0, "points": 0,
                    "rides": 0, "lost": 0, "fare_mismatches": 0,
                },
                "double_assignments": 0,
                "wall_s": 61.3,
                "backend_rss_bytes": 123_400_000,
                "seed": 7,
                "city": "Vila Clara",
                "drivers": 20,
                "speed": 10.0,
            })
        );
    }

    #[tokio::test]
    async fn the_table_is_aligned_and_says_what_is_not_known() {
        let tally = Tally::new(SimClock::start(10.0)).unwrap();
        let table = Summary::new(&tally.snapshot(), facts(None)).table();
        assert!(table.contains("ledger               not known"), "{table}");
        assert!(table.contains("backend memory       123 MB"), "{table}");
        assert!(
            table.lines().all(|line| line.chars().nth(22) == Some(' ')),
            "{table}"
        );
    }
}
