//! Values that are read and still refused.

use super::{from_env, problems};

#[test]
fn values_out_of_range_are_refused_with_the_range() {
    let cases = [
        (
            "WAYFARE_SERVER__BODY_LIMIT_BYTES",
            "10",
            "server.body_limit_bytes",
            "1024",
        ),
        (
            "WAYFARE_DATABASE__MAX_CONNECTIONS",
            "0",
            "database.max_connections",
            "2 and 1000",
        ),
        (
            "WAYFARE_DISPATCH__TICK_MS",
            "1",
            "dispatch.tick_ms",
            "50 and 60000",
        ),
        (
            "WAYFARE_DISPATCH__RADIUS_START_M",
            "9000",
            "dispatch.radius_start_m",
            "radius_max_m",
        ),
        (
            "WAYFARE_PRICING__CURRENCY",
            "euro",
            "pricing.currency",
            "ISO 4217",
        ),
        (
            "WAYFARE_PRICING__DETOUR_BPS",
            "9999",
            "pricing.detour_bps",
            "10000 and 50000",
        ),
        (
            "WAYFARE_TELEMETRY__LOG",
            "wayfare=loud",
            "telemetry.log",
            "loud",
        ),
        (
            "WAYFARE_SERVER__PUBLIC_URL",
            "ftp://x",
            "server.public_url",
            "http",
        ),
        (
            "WAYFARE_OSRM_URL",
            "localhost:5000",
            "city.osrm_url",
            "http",
        ),
        (
            "WAYFARE_LIMITS__CITY_FILES_PER_WINDOW",
            "0",
            "limits.city_files_per_window",
            "1 and 100000000",
        ),
        (
            "WAYFARE_AUTH__OTP_TTL_S",
            "5",
            "auth.otp_ttl_s",
            "30 and 3600",
        ),
    ];
    refuses(&cases);
}

/// Variable, value, the setting that is refused, and a part of the reason.
type Refused = (&'static str, &'static str, &'static str, &'static str);

fn refuses(cases: &[Refused]) {
    for (variable, value, key, hint) in cases {
        let found = problems(from_env(&[(variable, value)]));
        assert_eq!(found[0].key, *key);
        assert!(
            found[0].message.contains(hint),
            "{key}: {}",
            found[0].message
        );
    }
}

#[test]
fn bad_rules_of_trips_are_refused() {
    refuses(&[
        (
            "WAYFARE_TRIPS__NO_SHOW_AFTER_S",
            "3601",
            "trips.no_show_after_s",
            "0 and 3600",
        ),
        (
            "WAYFARE_TRIPS__STOP_CHANGES_MAX",
            "101",
            "trips.stop_changes_max",
            "0 and 100",
        ),
        (
            "WAYFARE_TRIPS__SCHEDULE_AHEAD_MIN_S",
            "59",
            "trips.schedule_ahead_min_s",
            "60 and",
        ),
        (
            "WAYFARE_TRIPS__SCHEDULE_AHEAD_MAX_S",
            "7776001",
            "trips.schedule_ahead_max_s",
            "7776000",
        ),
        (
            "WAYFARE_TRIPS__SCHEDULE_AHEAD_MAX_S",
            "899",
            "trips.schedule_ahead_min_s",
            "ahead_max_s",
        ),
        (
            "WAYFARE_TRIPS__SCHEDULE_SEARCH_S",
            "30",
            "trips.schedule_search_s",
            "60 and 86400",
        ),
        (
            "WAYFARE_TRIPS__OPEN_PER_RIDER_MAX",
            "0",
            "trips.open_per_rider_max",
            "1 and 100",
        ),
        (
            "WAYFARE_TRIPS__OPEN_PER_RIDER_MAX",
            "many",
            "trips.open_per_rider_max",
            "expected u32",
        ),
        (
            "WAYFARE_TRIPS__NO_SHOW",
            "300",
            "trips.no_show",
            "no_show_after_s",
        ),
    ]);
}

#[test]
fn bad_rules_of_surge_are_refused() {
    refuses(&[
        (
            "WAYFARE_SURGE__ENABLED",
            "perhaps",
            "surge.enabled",
            "expected a boolean",
        ),
        ("WAYFARE_SURGE__EVERY_S", "0", "surge.every_s", "1 and 300"),
        (
            "WAYFARE_SURGE__EVERY_S",
            "301",
            "surge.every_s",
            "1 and 300",
        ),
        (
            "WAYFARE_SURGE__WINDOW_S",
            "9",
            "surge.window_s",
            "10 and 86400",
        ),
        (
            "WAYFARE_SURGE__CAP_BPS",
            "9999",
            "surge.cap_bps",
            "10000 and 100000",
        ),
        (
            "WAYFARE_SURGE__DEMAND_MIN",
            "0",
            "surge.demand_min",
            "1 and 10000",
        ),
        (
            "WAYFARE_SURGE__FREE_RATIO_MILLI",
            "0",
            "surge.free_ratio_milli",
            "1 and 100000",
        ),
        (
            "WAYFARE_SURGE__SLOPE_BPS",
            "100001",
            "surge.slope_bps",
            "0 and 100000",
        ),
        (
            "WAYFARE_SURGE__SMOOTHING_BPS",
            "0",
            "surge.smoothing_bps",
            "100 and 10000",
        ),
        (
            "WAYFARE_SURGE__NEIGHBOUR_WEIGHT_BPS",
            "10001",
            "surge.neighbour_weight_bps",
            "0 and 10000",
        ),
        (
            "WAYFARE_SURGE__STEP_BPS",
            "0",
            "surge.step_bps",
            "1 and 10000",
        ),
        (
            "WAYFARE_SURGE__STEP_BPS",
            "800",
            "surge.step_bps",
            "hysteresis_bps",
        ),
        (
            "WAYFARE_SURGE__HYSTERESIS_BPS",
            "499",
            "surge.step_bps",
            "hysteresis_bps",
        ),
        (
            "WAYFARE_SURGE__HYSTERESIS_BPS",
            "10001",
            "surge.hysteresis_bps",
            "1 and 10000",
        ),
        ("WAYFARE_SURGE__CAP", "20000", "surge.cap", "cap_bps"),
    ]);
}

#[test]
fn a_signing_key_is_64_hexadecimal_digits() {
    let key = "0123456789ABCDEFabcdef0123456789".repeat(2);
    let digits = "1".repeat(64);
    for good in [&key, &digits] {
        let config = from_env(&[("WAYFARE_PRICING__SIGNING_KEY", good)]).unwrap();
        assert_eq!(config.pricing.signing_key.unwrap().expose(), good);
    }
    let wrong = [
        "hunter2",
        &key[1..],
        &format!("{key}0"),
        &format!("g{}", &key[1..]),
    ];
    for value in wrong {
        let found = problems(from_env(&[("WAYFARE_PRICING__SIGNING_KEY", value)]));
        assert_eq!(found[0].key, "pricing.signing_key");
        assert!(
            found[0].message.contains("64 hexadecimal digits"),
            "{found:?}"
        );
        assert!(!found[0].message.contains(value), "{found:?}");
    }
}
