//! `wayfare city bench`: how many routes and tables a pack answers per second, single-threaded.

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use serde_json::{Value, json};
use wayfare_core::city::CityPack;

use super::measure::{PackSpeed, ROUTES, Spread, TABLE_SIZE, Workload, measure};
use super::{Answer, CityFailure};

/// What to measure.
#[derive(Debug, Args)]
pub(super) struct BenchOrder {
    /// Folder of the pack
    #[arg(long, value_name = "DIR")]
    city: PathBuf,
    /// Chooses the pairs; the same number, the same pairs
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

pub(super) fn run(order: &BenchOrder) -> Result<Answer, CityFailure> {
    let started = Instant::now();
    let pack = CityPack::open(&order.city)?;
    let opened_ms = started.elapsed().as_secs_f64() * 1000.0;
    let opened_memory = memory_bytes("VmRSS:");
    let workload = Workload::drawn(&pack.roads, order.seed);
    let speed = measure(&pack.roads, &workload);
    let memory = Memory {
        opened_ms,
        opened_memory,
        peak_memory: memory_bytes("VmHWM:"),
    };
    Ok(Answer {
        json: as_json(order.seed, &speed, &memory),
        words: in_words(order.seed, &speed, &memory),
    })
}

/// What opening and asking cost.
#[derive(Debug)]
struct Memory {
    opened_ms: f64,
    opened_memory: Option<u64>,
    peak_memory: Option<u64>,
}

/// A number of `/proc/self/status`; none where there is no such file.
fn memory_bytes(key: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with(key))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    kilobytes.checked_mul(1024)
}

fn as_json(seed: u64, speed: &PackSpeed, memory: &Memory) -> Value {
    let spread = |spread: &Spread| {
        json!({
            "per_second": spread.per_second(),
            "best_us": spread.best_us,
            "median_us": spread.median_us,
        })
    };
    json!({
        "seed": seed,
        "pairs": ROUTES,
        "route": spread(&speed.route),
        "route_with_steps": spread(&speed.route_with_steps),
        "table_size": TABLE_SIZE,
        "table": spread(&speed.table),
        "opened_ms": memory.opened_ms,
        "opened_memory_bytes": memory.opened_memory,
        "peak_memory_bytes": memory.peak_memory,
    })
}

fn in_words(seed: u64, speed: &PackSpeed, memory: &Memory) -> String {
    let line = |name: String, spread: &Spread| {
        format!(
            "{name:<32} {:>10.0} per second   best {:>9.1} µs   median {:>9.1} µs\n",
            spread.per_second(),
            spread.best_us,
            spread.median_us
        )
    };
    let mut words = format!("{ROUTES} pairs near roads, seed {seed}, one thread\n");
    words += &line("route, length and time".to_owned(), &speed.route);
    words += &line(
        "route, geometry and steps".to_owned(),
        &speed.route_with_steps,
    );
    words += &line(format!("table {TABLE_SIZE} × {TABLE_SIZE}"), &speed.table);
    words += &format!("opened in {:.1} ms", memory.opened_ms);
    if let (Some(opened), Some(peak)) = (memory.opened_memory, memory.peak_memory) {
        let megabytes = |bytes: u64| bytes.div_ceil(1 << 20);
        words += &format!(
            ", {} MB resident then, at most {} MB",
            megabytes(opened),
            megabytes(peak)
        );
    }
    words
}
