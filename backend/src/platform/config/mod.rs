//! The settings of a Wayfare process: one struct, validated before anything starts.
//!
//! Layers, later ones win: `wayfare.defaults.toml` (embedded) < `wayfare.toml` < environment.
//! Loading fails when a key is unknown, a value has the wrong type or lies outside its range; the
//! error names every such key, its value (unless it is a secret) and what is allowed.
//!
//! `figment` does the layering because it remembers which layer a value came from, so that an
//! error can name the file or the variable to correct.

mod error;
mod secret;
mod sources;
#[cfg(test)]
mod tests;
mod validate;

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use self::{
    error::{ConfigError, Problem},
    secret::Secret,
    sources::Sources,
};

pub(crate) const DEFAULTS: &str = include_str!("../../../wayfare.defaults.toml");

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub server: ServerConfig,
    pub database: DatabaseConfig,
    #[serde(default)]
    pub redis: RedisConfig,
    pub auth: AuthConfig,
    pub limits: LimitsConfig,
    pub fleet: FleetConfig,
    pub dispatch: DispatchConfig,
    pub trips: TripsConfig,
    pub pricing: PricingConfig,
    #[serde(default)]
    pub city: CityConfig,
    pub surge: SurgeConfig,
    pub notify: NotifyConfig,
    pub telemetry: TelemetryConfig,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerConfig {
    pub bind: SocketAddr,
    pub body_limit_bytes: usize,
    pub request_timeout_s: u64,
    pub shutdown_grace_s: u64,
    pub public_url: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseConfig {
    pub url: Option<Secret>,
    pub max_connections: u32,
    pub acquire_timeout_s: u64,
    pub migrate_on_start: bool,
    /// Whether PostgreSQL may be downloaded when none is installed.
    pub may_fetch: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedisConfig {
    pub url: Option<Secret>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthConfig {
    /// Absent: see [`crate::platform::secrets::jwt_secret`].
    pub jwt_secret: Option<Secret>,
    pub access_ttl_s: u32,
    pub refresh_ttl_s: u32,
    pub otp_ttl_s: u32,
    pub otp_max_attempts: u32,
    pub otp_resend_after_s: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsConfig {
    pub anonymous_per_window: u32,
    pub login_per_window: u32,
    pub per_user_per_window: u32,
    pub city_files_per_window: u32,
    pub window_s: u32,
    pub pin_attempts: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FleetConfig {
    pub auto_approve_drivers: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DispatchConfig {
    pub market: String,
    pub tick_ms: u64,
    pub lease_ttl_ms: u64,
    pub mode: DispatchMode,
    pub offer_timeout_s: u32,
    pub waves_max: u32,
    pub broadcast_offers: u32,
    pub broadcast_waves_max: u32,
    pub radius_start_m: u32,
    pub radius_step_m: u32,
    pub radius_max_m: u32,
    pub search_timeout_s: u32,
    pub driver_fresh_s: u32,
    pub max_reassignments: u32,
    pub candidates_max: u32,
    pub forward_within_s: u32,
    pub idle_weight_bps: u32,
    pub idle_counts_for_s: u32,
    pub star_cost_s: u32,
    pub cancel_cost_s: u32,
    pub waiting_weight_bps: u32,
    pub home_left_bps: u32,
    pub home_uses_per_day: u32,
    pub queue_away_s: u32,
    pub decisions_kept_days: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DispatchMode {
    /// The best driver is asked, then the next best.
    Sequential,
    /// Several drivers are asked at once; the first to accept gets the trip.
    Broadcast,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PricingConfig {
    /// ISO 4217.
    pub currency: String,
    pub timezone: chrono_tz::Tz,
    pub quote_ttl_s: u32,
    pub detour_bps: u32,
    pub planned_speed_kmh: u32,
    /// Absent: see [`crate::platform::secrets::signing_seed`].
    pub signing_key: Option<Secret>,
}

/// Without either, rides are planned along straight lines.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CityConfig {
    /// Folder of the city pack.
    pub pack: Option<PathBuf>,
    /// An OSRM server that finds the ways instead of the pack.
    pub osrm_url: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TripsConfig {
    pub no_show_after_s: u32,
    pub arrived_radius_m: u32,
    pub stop_changes_max: u32,
    pub schedule_ahead_min_s: u32,
    pub schedule_ahead_max_s: u32,
    pub schedule_search_s: u32,
    pub open_per_rider_max: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SurgeConfig {
    pub enabled: bool,
    pub every_s: u32,
    pub window_s: u32,
    pub cap_bps: u32,
    pub demand_min: u32,
    pub free_ratio_milli: u32,
    pub slope_bps: u32,
    pub smoothing_bps: u32,
    pub neighbour_weight_bps: u32,
    pub step_bps: u32,
    pub hysteresis_bps: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotifyConfig {
    pub sms: SmsSender,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmsSender {
    /// A JSON file per message in the data folder.
    Spool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TelemetryConfig {
    pub log: String,
    pub log_format: LogFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    Json,
    Text,
}

impl Config {
    /// Reads all layers, checks every value, and answers the effective settings.
    pub fn load(sources: &Sources) -> Result<Self, ConfigError> {
        let config: Self = sources.figment()?.extract().map_err(error::from_figment)?;
        config.validate()?;
        Ok(config)
    }

    /// The effective settings as TOML with secrets masked.
    pub fn to_toml(&self) -> Result<String, ConfigError> {
        toml::to_string(self).map_err(ConfigError::Print)
    }
}
