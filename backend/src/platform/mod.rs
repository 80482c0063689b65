//! What every context stands on: settings, database, logs and metrics, limits, health, secrets.
//! It knows nothing of trips or drivers and imports no context.

pub mod clock;
pub mod cluster;
pub mod config;
pub mod db;
pub mod exchange;
pub mod failure;
pub mod health;
pub mod http;
pub mod idempotency;
pub mod limits;
pub mod misfit;
pub mod partitions;
pub mod plain_text;
mod queries;
pub mod secrets;
pub mod shutdown;
pub mod telemetry;
