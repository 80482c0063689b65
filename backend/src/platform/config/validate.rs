//! The allowed range of every setting, in one table, and the rules between settings.

use std::{fmt::Display, ops::RangeInclusive};

use super::{Config, ConfigError, Problem};

/// A secret for HS256 shorter than its hash can be guessed.
const JWT_SECRET_BYTES_MIN: usize = 32;
/// An Ed25519 seed is 32 bytes.
const SIGNING_KEY_DIGITS: usize = 64;
const DAY_S: u32 = 86_400;

impl Config {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        let mut checks = Checks::default();
        self.check_server(&mut checks);
        self.check_database(&mut checks);
        self.check_redis(&mut checks);
        self.check_auth(&mut checks);
        self.check_limits(&mut checks);
        self.check_dispatch(&mut checks);
        self.check_trips(&mut checks);
        self.check_pricing(&mut checks);
        self.check_city(&mut checks);
        self.check_surge(&mut checks);
        self.check_telemetry(&mut checks);
        if checks.problems.is_empty() {
            Ok(())
        } else {
            Err(ConfigError::Invalid(checks.problems))
        }
    }

    fn check_server(&self, checks: &mut Checks) {
        let s = &self.server;
        checks.range(
            "server.body_limit_bytes",
            s.body_limit_bytes,
            1024..=16 * 1024 * 1024,
        );
        checks.range("server.request_timeout_s", s.request_timeout_s, 1..=600);
        checks.range("server.shutdown_grace_s", s.shutdown_grace_s, 0..=600);
        if let Some(url) = &s.public_url {
            checks.web_address("server.public_url", url);
        }
    }

    fn check_city(&self, checks: &mut Checks) {
        if let Some(url) = &self.city.osrm_url {
            checks.web_address("city.osrm_url", url);
        }
    }

    fn check_database(&self, checks: &mut Checks) {
        let d = &self.database;
        checks.range("database.max_connections", d.max_connections, 2..=1000);
        checks.range("database.acquire_timeout_s", d.acquire_timeout_s, 1..=120);
        if let Some(url) = &d.url {
            let url = url.expose();
            let is_postgres = url.starts_with("postgres://") || url.starts_with("postgresql://");
            if !is_postgres || url.parse::<sqlx::postgres::PgConnectOptions>().is_err() {
                checks.refuse(
                    "database.url",
                    "the value (not shown) is not of the form postgres://user:password@host/name",
                );
            }
        }
    }

    fn check_redis(&self, checks: &mut Checks) {
        let Some(url) = &self.redis.url else {
            return;
        };
        // The client would take other schemes and then not connect.
        let url = url.expose();
        if !url.starts_with("redis://") || redis::Client::open(url.as_str()).is_err() {
            checks.refuse(
                "redis.url",
                "the value (not shown) is not of the form redis://user:password@host:port/0",
            );
        }
    }

    fn check_auth(&self, checks: &mut Checks) {
        let a = &self.auth;
        if let Some(secret) = &a.jwt_secret {
            let length = secret.expose().len();
            if length < JWT_SECRET_BYTES_MIN {
                checks.refuse(
                    "auth.jwt_secret",
                    format!("it has {length} bytes; at least {JWT_SECRET_BYTES_MIN} are needed"),
                );
            }
        }
        checks.range("auth.access_ttl_s", a.access_ttl_s, 10..=DAY_S);
        checks.range("auth.refresh_ttl_s", a.refresh_ttl_s, 60..=90 * DAY_S);
        checks.range("auth.otp_ttl_s", a.otp_ttl_s, 30..=3600);
        checks.range("auth.otp_max_attempts", a.otp_max_attempts, 1..=20);
        checks.range("auth.otp_resend_after_s", a.otp_resend_after_s, 0..=3600);
        checks.order(
            ("auth.access_ttl_s", a.access_ttl_s),
            ("auth.refresh_ttl_s", a.refresh_ttl_s),
        );
    }

    fn check_limits(&self, checks: &mut Checks) {
        let l = &self.limits;
        let counts = 1..=100_000_000;
        checks.range(
            "limits.anonymous_per_window",
            l.anonymous_per_window,
            counts.clone(),
        );
        checks.range(
            "limits.login_per_window",
            l.login_per_window,
            counts.clone(),
        );
        checks.range(
            "limits.per_user_per_window",
            l.per_user_per_window,
            counts.clone(),
        );
        checks.range(
            "limits.city_files_per_window",
            l.city_files_per_window,
            counts,
        );
        checks.range("limits.window_s", l.window_s, 1..=DAY_S);
        checks.range("limits.pin_attempts", l.pin_attempts, 1..=20);
    }

    fn check_dispatch(&self, checks: &mut Checks) {
        let d = &self.dispatch;
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
        if !(1..=40).contains(&d.market.len()) || !d.market.chars().all(is_name) {
            let message = format!("{:?} is not 1 to 40 of a-z, 0-9, - and _", d.market);
            checks.refuse("dispatch.market", message);
        }
        checks.range("dispatch.tick_ms", d.tick_ms, 50..=60_000);
        checks.range("dispatch.offer_timeout_s", d.offer_timeout_s, 1..=300);
        checks.range("dispatch.radius_start_m", d.radius_start_m, 100..=200_000);
        checks.range("dispatch.radius_step_m", d.radius_step_m, 50..=50_000);
        checks.range("dispatch.radius_max_m", d.radius_max_m, 100..=200_000);
        checks.range("dispatch.search_timeout_s", d.search_timeout_s, 1..=3600);
        checks.range("dispatch.driver_fresh_s", d.driver_fresh_s, 1..=3600);
        checks.range("dispatch.max_reassignments", d.max_reassignments, 0..=100);
        checks.range("dispatch.lease_ttl_ms", d.lease_ttl_ms, 500..=60_000);
        checks.range("dispatch.waves_max", d.waves_max, 1..=100);
        checks.range("dispatch.broadcast_offers", d.broadcast_offers, 1..=50);
        checks.range(
            "dispatch.broadcast_waves_max",
            d.broadcast_waves_max,
            1..=100,
        );
        checks.range("dispatch.candidates_max", d.candidates_max, 1..=100);
        checks.range("dispatch.forward_within_s", d.forward_within_s, 0..=3600);
        checks.range("dispatch.idle_weight_bps", d.idle_weight_bps, 0..=100_000);
        checks.range(
            "dispatch.idle_counts_for_s",
            d.idle_counts_for_s,
            0..=86_400,
        );
        checks.range("dispatch.star_cost_s", d.star_cost_s, 0..=3600);
        checks.range("dispatch.cancel_cost_s", d.cancel_cost_s, 0..=36_000);
        checks.range(
            "dispatch.waiting_weight_bps",
            d.waiting_weight_bps,
            0..=100_000,
        );
        checks.range("dispatch.home_left_bps", d.home_left_bps, 0..=10_000);
        checks.range("dispatch.home_uses_per_day", d.home_uses_per_day, 0..=100);
        checks.range("dispatch.queue_away_s", d.queue_away_s, 0..=86_400);
        checks.range(
            "dispatch.decisions_kept_days",
            d.decisions_kept_days,
            1..=365,
        );
        checks.order(
            ("dispatch.radius_start_m", d.radius_start_m),
            ("dispatch.radius_max_m", d.radius_max_m),
        );
        checks.order(
            ("dispatch.offer_timeout_s", d.offer_timeout_s),
            ("dispatch.search_timeout_s", d.search_timeout_s),
        );
    }

    fn check_pricing(&self, checks: &mut Checks) {
        let p = &self.pricing;
        if p.currency.len() != 3 || !p.currency.bytes().all(|b| b.is_ascii_uppercase()) {
            checks.refuse(
                "pricing.currency",
                format!("{:?} is not an ISO 4217 code such as \"EUR\"", p.currency),
            );
        }
        checks.range("pricing.quote_ttl_s", p.quote_ttl_s, 10..=3600);
        checks.range("pricing.detour_bps", p.detour_bps, 10_000..=50_000);
        checks.range("pricing.planned_speed_kmh", p.planned_speed_kmh, 1..=200);
        if let Some(key) = &p.signing_key {
            let key = key.expose();
            if key.len() != SIGNING_KEY_DIGITS || !key.bytes().all(|b| b.is_ascii_hexdigit()) {
                checks.refuse(
                    "pricing.signing_key",
                    "the value (not shown) is not 64 hexadecimal digits",
                );
            }
        }
    }

    fn check_trips(&self, checks: &mut Checks) {
        let t = &self.trips;
        checks.range("trips.no_show_after_s", t.no_show_after_s, 0..=3600);
        checks.range("trips.arrived_radius_m", t.arrived_radius_m, 10..=5000);
        checks.range("trips.stop_changes_max", t.stop_changes_max, 0..=100);
        let ahead = 60..=90 * DAY_S;
        checks.range(
            "trips.schedule_ahead_min_s",
            t.schedule_ahead_min_s,
            ahead.clone(),
        );
        checks.range("trips.schedule_ahead_max_s", t.schedule_ahead_max_s, ahead);
        checks.range("trips.schedule_search_s", t.schedule_search_s, 60..=DAY_S);
        checks.range("trips.open_per_rider_max", t.open_per_rider_max, 1..=100);
        checks.order(
            ("trips.schedule_ahead_min_s", t.schedule_ahead_min_s),
            ("trips.schedule_ahead_max_s", t.schedule_ahead_max_s),
        );
    }

    fn check_surge(&self, checks: &mut Checks) {
        let s = &self.surge;
        // A count is good for ten minutes, see `pricing::surge`.
        checks.range("surge.every_s", s.every_s, 1..=300);
        checks.range("surge.window_s", s.window_s, 10..=DAY_S);
        checks.range("surge.cap_bps", s.cap_bps, 10_000..=100_000);
        checks.range("surge.demand_min", s.demand_min, 1..=10_000);
        checks.range("surge.free_ratio_milli", s.free_ratio_milli, 1..=100_000);
        checks.range("surge.slope_bps", s.slope_bps, 0..=100_000);
        checks.range("surge.smoothing_bps", s.smoothing_bps, 100..=10_000);
        checks.range(
            "surge.neighbour_weight_bps",
            s.neighbour_weight_bps,
            0..=10_000,
        );
        checks.range("surge.step_bps", s.step_bps, 1..=10_000);
        checks.range("surge.hysteresis_bps", s.hysteresis_bps, 1..=10_000);
        checks.order(
            ("surge.step_bps", s.step_bps),
            ("surge.hysteresis_bps", s.hysteresis_bps),
        );
    }

    fn check_telemetry(&self, checks: &mut Checks) {
        if let Err(error) = tracing_subscriber::EnvFilter::try_new(&self.telemetry.log) {
            checks.refuse(
                "telemetry.log",
                format!("{:?}: {error}", self.telemetry.log),
            );
        }
    }
}

#[derive(Default)]
struct Checks {
    problems: Vec<Problem>,
}

impl Checks {
    fn refuse(&mut self, key: &str, message: impl Into<String>) {
        self.problems.push(Problem {
            key: key.to_owned(),
            message: message.into(),
            source: None,
        });
    }

    fn range<N: PartialOrd + Display>(&mut self, key: &str, value: N, allowed: RangeInclusive<N>) {
        if !allowed.contains(&value) {
            let (low, high) = allowed.into_inner();
            self.refuse(key, format!("{value} is not between {low} and {high}"));
        }
    }

    fn web_address(&mut self, key: &str, url: &str) {
        let is_http = url.starts_with("http://") || url.starts_with("https://");
        let has_host = url
            .parse::<poem::http::Uri>()
            .is_ok_and(|uri| uri.host().is_some());
        if !is_http || !has_host {
            self.refuse(key, format!("{url:?} is not an http(s) address"));
        }
    }

    /// The first must not be larger than the second.
    fn order(&mut self, small: (&str, u32), large: (&str, u32)) {
        if small.1 > large.1 {
            let message = format!("{} is more than {} ({})", small.1, large.0, large.1);
            self.refuse(small.0, message);
        }
    }
}
