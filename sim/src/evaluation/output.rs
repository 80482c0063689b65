//! The figures for people to read.

use super::figures::Figures;

/// The figures, a line each.
pub fn to_text(figures: &Figures) -> String {
    let share = 100.0 * figures.served as f64 / figures.trips.max(1) as f64;
    let (wait, idle, batch) = (figures.wait_s, figures.idle_s, figures.batch_ms);
    let lines = [
        format!(
            "{:?}: {} cars, {} trips in {} hours ({} left out)",
            figures.policy, figures.fleet, figures.trips, figures.hours, figures.left_out
        ),
        format!(
            "served {} ({share:.1} %), gave up {}, expired {}",
            figures.served, figures.gave_up, figures.expired
        ),
        format!(
            "wait p50 {} s, p95 {} s, mean {} s",
            number(wait.p50),
            number(wait.p95),
            number(wait.mean)
        ),
        format!(
            "to the pickup on average {} m, {} s",
            number(figures.pickup_m_mean),
            number(figures.pickup_s_mean)
        ),
        format!(
            "utilisation {:.1} %, idle p50 {} s, p95 {} s, unevenness {:.3}",
            100.0 * figures.utilisation,
            number(idle.p50),
            number(idle.p95),
            figures.riding_gini
        ),
        format!(
            "offers {}, declined {}, forward {}",
            figures.offers, figures.declined, figures.forward
        ),
        format!(
            "{} rounds, p50 {} ms, p99 {} ms",
            figures.rounds,
            precise(batch.p50),
            precise(batch.p99)
        ),
    ];
    lines.join("\n")
}

fn number(number: Option<f64>) -> String {
    number.map_or_else(|| "–".to_owned(), |number| format!("{number:.0}"))
}

fn precise(number: Option<f64>) -> String {
    number.map_or_else(|| "–".to_owned(), |number| format!("{number:.2}"))
}
