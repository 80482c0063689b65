//! Logs and metrics.
//!
//! Logs go to stderr, one JSON object a line (or text), UTC. Metrics are kept by the crate
//! `metrics`, whose macros any code can call, and printed in Prometheus' format for `GET /metrics`;
//! the exporter's own listener is left out, as the API already has one.

use std::sync::{Mutex, PoisonError};

use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use metrics_process::Collector;
use poem::{Endpoint, Response, endpoint::make_sync, http::header};
use tracing_subscriber::{EnvFilter, filter::ParseError, util::TryInitError};

use super::config::{LogFormat, TelemetryConfig};

/// Seconds. Around the 2 s batch window of dispatch and the latencies of a healthy API.
const BUCKETS_S: [f64; 14] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 10.0, 30.0,
];

#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    #[error("telemetry.log is not a filter")]
    Filter(#[from] ParseError),
    #[error("logging is already set up in this process")]
    Logging(#[from] TryInitError),
    #[error("metrics could not be set up")]
    Metrics(#[from] BuildError),
}

/// Sets up logging for the process; once, from `main`.
pub fn init_logging(config: &TelemetryConfig) -> Result<(), TelemetryError> {
    use tracing_subscriber::util::SubscriberInitExt;

    let filter = EnvFilter::try_new(&config.log)?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match config.log_format {
        LogFormat::Json => builder
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .finish()
            .try_init()?,
        LogFormat::Text => builder.finish().try_init()?,
    }
    Ok(())
}

/// The process' metrics. Servers of one process (in tests) share them.
#[derive(Debug, Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
    process: Collector,
}

impl Metrics {
    /// Installs the recorder at the first call, and answers the same one afterwards.
    pub fn install() -> Result<Self, TelemetryError> {
        static INSTALLED: Mutex<Option<Metrics>> = Mutex::new(None);
        let mut installed = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(metrics) = &*installed {
            return Ok(metrics.clone());
        }
        let handle = PrometheusBuilder::new()
            .set_buckets(&BUCKETS_S)?
            .install_recorder()?;
        let process = Collector::default();
        process.describe();
        let metrics = Self { handle, process };
        *installed = Some(metrics.clone());
        Ok(metrics)
    }

    /// Everything in Prometheus' text format, with memory, processor time and open files of the
    /// process as of now.
    pub fn render(&self) -> String {
        self.process.collect();
        self.handle.run_upkeep();
        self.handle.render()
    }

    /// `GET /metrics`.
    pub fn endpoint(&self) -> impl Endpoint<Output = Response> + 'static {
        let metrics = self.clone();
        make_sync(move |_| {
            Response::builder()
                .header(
                    header::CONTENT_TYPE,
                    "text/plain; version=0.0.4; charset=utf-8",
                )
                .body(metrics.render())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Metrics;

    fn value(text: &str, name: &str) -> f64 {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap();
        line.rsplit(' ').next().unwrap().parse().unwrap()
    }

    #[test]
    fn metrics_show_what_was_counted_and_what_the_process_uses() {
        Metrics::install().unwrap();
        metrics::counter!("test_things_total", "kind" => "odd").increment(3);
        metrics::histogram!("test_wait_seconds").record(0.02);
        let text = Metrics::install().unwrap().render();
        assert_eq!(value(&text, "test_things_total{kind=\"odd\"}"), 3.0);
        assert_eq!(value(&text, "test_wait_seconds_bucket{le=\"0.01\"}"), 0.0);
        assert_eq!(value(&text, "test_wait_seconds_bucket{le=\"0.025\"}"), 1.0);
        assert!(value(&text, "process_resident_memory_bytes") > 1_000_000.0);
        assert!(value(&text, "process_open_fds") > 2.0);
        assert!(text.contains("process_cpu_seconds_total"));
    }
}
