mod ranges;

use std::path::PathBuf;

use super::{Config, ConfigError, DEFAULTS, LogFormat, Problem, Sources};

fn from_env(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::load(&Sources::default().env(variables.iter().copied()))
}

fn from_file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("wayfare.toml");
    std::fs::write(&path, text).unwrap();
    (dir, path)
}

fn problems(result: Result<Config, ConfigError>) -> Vec<Problem> {
    match result {
        Err(ConfigError::Invalid(problems)) => problems,
        other => panic!("expected refused settings, got {other:?}"),
    }
}

#[test]
fn defaults_are_the_numbers_of_the_field() {
    let config = Config::load(&Sources::default()).unwrap();
    assert_eq!(config.server.body_limit_bytes, 262_144);
    assert_eq!(config.dispatch.tick_ms, 2000);
    assert_eq!(config.dispatch.offer_timeout_s, 15);
    assert_eq!(
        (config.dispatch.radius_start_m, config.dispatch.radius_max_m),
        (5000, 7000)
    );
    assert_eq!(config.auth.refresh_ttl_s, 7 * 86_400);
    assert_eq!(config.pricing.timezone, chrono_tz::Europe::Lisbon);
    assert!(!config.fleet.auto_approve_drivers);
    assert!(config.database.url.is_none() && config.auth.jwt_secret.is_none());
}

#[test]
fn environment_wins_over_file_and_file_over_defaults() {
    let (_dir, path) = from_file("[limits]\nwindow_s = 60\nlogin_per_window = 7\n");
    let sources = Sources::default().file(&path).unwrap().env([
        ("WAYFARE_LIMITS__LOGIN_PER_WINDOW", "100000"),
        ("PATH", "/usr/bin"),
    ]);
    let config = Config::load(&sources).unwrap();
    assert_eq!(config.limits.login_per_window, 100_000);
    assert_eq!(config.limits.window_s, 60);
    assert_eq!(config.limits.anonymous_per_window, 100);
}

#[test]
fn own_variable_wins_over_the_conventional_one() {
    let config = from_env(&[
        ("WAYFARE_DATABASE__URL", "postgres://own/db"),
        ("DATABASE_URL", "postgres://conventional/db"),
    ])
    .unwrap();
    assert_eq!(config.database.url.unwrap().expose(), "postgres://own/db");
}

#[test]
fn every_kind_of_value_can_come_from_the_environment() {
    let config = from_env(&[
        ("WAYFARE_SERVER__BIND", "[::1]:0"),
        ("WAYFARE_FLEET__AUTO_APPROVE_DRIVERS", "true"),
        ("WAYFARE_TELEMETRY__LOG_FORMAT", "text"),
        ("WAYFARE_PRICING__TIMEZONE", "America/Sao_Paulo"),
        ("WAYFARE_SERVER__PUBLIC_URL", "https://api.example.org"),
        (
            "WAYFARE_AUTH__JWT_SECRET",
            "01234567890123456789012345678901",
        ),
        ("DATABASE_URL", ""),
    ])
    .unwrap();
    assert_eq!(config.server.bind.port(), 0);
    assert!(config.fleet.auto_approve_drivers);
    assert_eq!(config.telemetry.log_format, LogFormat::Text);
    assert_eq!(config.pricing.timezone, chrono_tz::America::Sao_Paulo);
    assert_eq!(config.auth.jwt_secret.unwrap().expose().len(), 32);
    assert!(
        config.database.url.is_none(),
        "an empty variable counts as not set"
    );
}

#[test]
fn unknown_keys_are_refused_by_name() {
    let (_dir, path) = from_file("[dispatch]\ntick_millis = 5\n");
    let found = problems(Config::load(&Sources::default().file(&path).unwrap()));
    assert_eq!(found[0].key, "dispatch.tick_millis");
    assert!(found[0].message.contains("tick_ms"), "{}", found[0].message);
    assert_eq!(found[0].source.as_deref(), Some(path.to_str().unwrap()));

    let found = problems(from_env(&[("WAYFARE_LIMITS__WINDOW", "9")]));
    assert_eq!(found[0].key, "limits.window");
    assert!(
        found[0]
            .source
            .as_deref()
            .unwrap()
            .contains("WAYFARE_LIMITS__WINDOW")
    );

    let found = problems(from_env(&[("WAYFARE_SHIPPING__PORT", "9")]));
    assert_eq!(found[0].key, "shipping");
}

#[test]
fn a_variable_with_one_underscore_too_few_is_refused_in_every_section() {
    let defaults: toml::Table = DEFAULTS.parse().unwrap();
    assert!(defaults.len() >= 12, "the test looks at something");
    for section in defaults.keys() {
        let variable = format!("WAYFARE_{}_WINDOW_S", section.to_uppercase());
        let found = problems(from_env(&[(&variable, "9")]));
        assert_eq!(found[0].key, variable);
    }
}

#[test]
fn values_of_a_wrong_type_are_refused_with_key_and_layer() {
    let cases = [
        ("WAYFARE_LIMITS__WINDOW_S", "soon", "limits.window_s"),
        ("WAYFARE_LIMITS__WINDOW_S", "-3", "limits.window_s"),
        ("WAYFARE_SERVER__BIND", "localhost", "server.bind"),
        ("WAYFARE_NOTIFY__SMS", "pigeon", "notify.sms"),
        (
            "WAYFARE_PRICING__TIMEZONE",
            "Mars/Olympus",
            "pricing.timezone",
        ),
    ];
    for (variable, value, key) in cases {
        let found = problems(from_env(&[(variable, value)]));
        assert_eq!(found[0].key, key);
        assert!(
            found[0].source.as_deref().unwrap().contains(variable),
            "{found:?}"
        );
    }
}

#[test]
fn all_bad_values_are_told_at_once() {
    let found = problems(from_env(&[
        ("WAYFARE_LIMITS__WINDOW_S", "0"),
        ("WAYFARE_LIMITS__PIN_ATTEMPTS", "0"),
    ]));
    assert_eq!(found.len(), 2);
}

#[test]
fn a_named_file_must_exist() {
    let missing = Sources::default().file("/nonexistent/wayfare.toml".as_ref());
    assert!(matches!(missing, Err(ConfigError::NoFile { .. })));
}

#[test]
fn secrets_are_masked_wherever_settings_are_shown() {
    let config = from_env(&[
        (
            "WAYFARE_AUTH__JWT_SECRET",
            "a-very-long-secret-that-nobody-may-see",
        ),
        ("DATABASE_URL", "postgres://wayfare:hunter2@db/wayfare"),
        ("REDIS_URL", "redis://:hunter2@cache"),
        ("WAYFARE_PRICING__SIGNING_KEY", &"c0ffee00".repeat(8)),
    ])
    .unwrap();
    let shown = format!("{}{config:?}", config.to_toml().unwrap());
    assert!(
        !shown.contains("nobody-may-see") && !shown.contains("hunter2"),
        "{shown}"
    );
    assert!(!shown.contains("c0ffee"), "{shown}");
    assert!(shown.contains("jwt_secret = \"********\""), "{shown}");
    assert!(shown.contains("signing_key = \"********\""), "{shown}");
}

#[test]
fn secrets_stay_out_of_error_messages() {
    let short = from_env(&[("WAYFARE_AUTH__JWT_SECRET", "hunter2")]).unwrap_err();
    let url = from_env(&[("DATABASE_URL", "mysql://wayfare:hunter2@db")]).unwrap_err();
    let number = from_env(&[("WAYFARE_AUTH__JWT_SECRET", "7770777")]).unwrap_err();
    let (_dir, path) = from_file("[auth]\njwt_secret = \"hunter2\n");
    let syntax = Config::load(&Sources::default().file(&path).unwrap()).unwrap_err();
    let key = from_env(&[("WAYFARE_PRICING__SIGNING_KEY", "7770777")]).unwrap_err();
    let shown = format!("{short}\n{url}\n{number}\n{syntax}\n{key}");
    assert!(
        !shown.contains("hunter2") && !shown.contains("7770777"),
        "{shown}"
    );
    assert!(
        shown.contains("32 are needed") && shown.contains("line 2"),
        "{shown}"
    );
}

#[test]
fn printed_settings_can_be_read_back() {
    let printed = Config::load(&Sources::default())
        .unwrap()
        .to_toml()
        .unwrap();
    let (_dir, path) = from_file(&printed);
    let again = Config::load(&Sources::default().file(&path).unwrap()).unwrap();
    assert_eq!(again, Config::load(&Sources::default()).unwrap());
}
