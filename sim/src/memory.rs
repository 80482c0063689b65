//! How much memory the backend takes, as it says itself on `/metrics`.

use std::time::Duration;

use url::Url;

const METRIC: &str = "process_resident_memory_bytes";
const ANSWER_MAX: Duration = Duration::from_secs(10);

/// Resident memory of the backend in bytes, if it says.
pub async fn of_backend(api: &Url) -> Option<u64> {
    let http = reqwest::Client::builder()
        .timeout(ANSWER_MAX)
        .build()
        .ok()?;
    let answer = http.get(api.join("/metrics").ok()?).send().await.ok()?;
    read(&answer.text().await.ok()?)
}

fn read(metrics: &str) -> Option<u64> {
    let value = metrics
        .lines()
        .find_map(|line| line.strip_prefix(METRIC)?.strip_prefix(' '))?;
    let bytes: f64 = value.trim().parse().ok()?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "no machine has 2^53 bytes of memory, and none has less than 0"
    )]
    (bytes >= 0.0).then_some(bytes as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_metric_is_found_among_others() {
        let metrics = "# TYPE process_resident_memory_bytes gauge\n\
                       process_resident_memory_bytes_peak 9\n\
                       process_resident_memory_bytes 71565312\nup 1\n";
        assert_eq!(read(metrics), Some(71_565_312));
        assert_eq!(
            read("process_resident_memory_bytes 7.1e7"),
            Some(71_000_000)
        );
        assert_eq!(read("up 1\n"), None);
    }
}
