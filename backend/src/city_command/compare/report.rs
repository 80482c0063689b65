//! The comparison as a table for `docs/benchmarks.md`.

use std::fmt::Write as _;

use serde::Serialize;

use super::speed::OsrmSpeed;
use super::statistics::{Agreement, Deviation};
use crate::city_command::measure::{PackSpeed, Spread, TABLE_SIZE};

const DISTANCE_MEDIAN_MAX: f64 = 0.02;
const DURATION_MEDIAN_MAX: f64 = 0.10;
const ONE_ONLY_MAX: f64 = 0.005;

/// All that was found out.
#[derive(Debug, Serialize)]
pub(super) struct Comparison {
    /// What the pack was made of.
    pub(super) name: String,
    pub(super) seed: u64,
    /// Each with what the pairs are.
    pub(super) agreements: Vec<(&'static str, Agreement)>,
    pub(super) ours: PackSpeed,
    pub(super) theirs: OsrmSpeed,
}

impl Comparison {
    /// What is not as good as it has to be; empty if all is.
    pub(super) fn missed(&self) -> Vec<String> {
        let mut missed = Vec::new();
        for (name, agreement) in &self.agreements {
            let too_far = |deviation: &Option<Deviation>, most: f64| {
                deviation.is_none_or(|deviation| deviation.median >= most)
            };
            if too_far(&agreement.distance, DISTANCE_MEDIAN_MAX) {
                missed.push(format!("{name}: the median difference of distance"));
            }
            if too_far(&agreement.duration, DURATION_MEDIAN_MAX) {
                missed.push(format!("{name}: the median difference of duration"));
            }
            if agreement.one_only_share() >= ONE_ONLY_MAX {
                missed.push(format!("{name}: pairs routable in one only"));
            }
        }
        for (what, ours, theirs) in self.speeds() {
            if ours.median_us > theirs.own.median_us {
                missed.push(format!("{what}: slower than OSRM without HTTP"));
            }
        }
        missed
    }

    fn speeds(&self) -> [(String, Spread, Theirs); 3] {
        let (ours, theirs) = (&self.ours, &self.theirs);
        let both = |own, over_http| Theirs { own, over_http };
        [
            (
                "route, length and duration".to_owned(),
                ours.route,
                both(theirs.own_route(), theirs.route),
            ),
            (
                "route, geometry and steps".to_owned(),
                ours.route_with_steps,
                both(theirs.own_route_with_steps(), theirs.route_with_steps),
            ),
            (
                format!("table {TABLE_SIZE} × {TABLE_SIZE}"),
                ours.table,
                both(theirs.own_table(), theirs.table()),
            ),
        ]
    }

    /// Markdown.
    pub(super) fn markdown(&self) -> String {
        let mut text = format!("### {}, seed {}\n\n", self.name, self.seed);
        text += "| pairs | both | only one | distance: median | p90 | p99 | signed | duration: \
                 median | p90 | p99 | signed |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n";
        for (name, agreement) in &self.agreements {
            // Writing into a string cannot fail.
            let _ = writeln!(
                text,
                "| {} {name} | {} | {} + {} ({}) | {} | {} |",
                agreement.pairs,
                agreement.both,
                agreement.only_ours,
                agreement.only_theirs,
                per_cent(agreement.one_only_share()),
                cells(agreement.distance.as_ref()),
                cells(agreement.duration.as_ref()),
            );
        }
        text += "\n| one thread | Wayfare | OSRM without HTTP | OSRM over HTTP | ratio |\n\
                 |---|--:|--:|--:|--:|\n";
        for (what, ours, theirs) in self.speeds() {
            let _ = writeln!(
                text,
                "| {what} | {} | {} | {} | {:.2} |",
                time(&ours),
                time(&theirs.own),
                time(&theirs.over_http),
                ours.median_us / theirs.own.median_us.max(1e-9),
            );
        }
        text += &self.http();
        match self.missed().as_slice() {
            [] => text += "\nEvery limit is met.\n",
            missed => {
                let _ = writeln!(text, "\nNot met: {}.", missed.join("; "));
            }
        }
        text
    }

    /// What was taken out, and the tables it was measured by.
    fn http(&self) -> String {
        let tables = self
            .theirs
            .tables
            .iter()
            .map(|(size, spread)| format!("{size} × {size} {}", time(spread)));
        format!(
            "\nMedians of repeats. Taken out as HTTP: of a route the nearest road ({}), of the table \
             the table of two places, and {} for writing its numbers as JSON. OSRM's tables over \
             HTTP: {}.\n",
            time(&self.theirs.nearest),
            time(&self.theirs.json),
            tables.collect::<Vec<_>>().join(", ")
        )
    }
}

struct Theirs {
    own: Spread,
    over_http: Spread,
}

fn cells(deviation: Option<&Deviation>) -> String {
    let Some(deviation) = deviation else {
        return "– | – | – | –".to_owned();
    };
    let signed = deviation.signed_median * 100.0;
    format!(
        "{} | {} | {} | {signed:+.2} %",
        per_cent(deviation.median),
        per_cent(deviation.p90),
        per_cent(deviation.p99)
    )
}

fn per_cent(share: f64) -> String {
    format!("{:.2} %", share * 100.0)
}

fn time(spread: &Spread) -> String {
    if spread.median_us < 1000.0 {
        format!("{:.0} µs", spread.median_us)
    } else {
        format!("{:.2} ms", spread.median_us / 1000.0)
    }
}

#[cfg(test)]
mod tests;
