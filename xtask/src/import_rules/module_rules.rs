//! What a module may use.
//!
//! In core, everything outside `client` and `sync::runner` is free of I/O, clocks and randomness, but for
//! the one file that opens a city pack and the store of a device. In the backend, SQL stands in `queries.rs` files only, and a context never reaches into another
//! context's queries.

use std::path::{Component, Path};

use super::Violation;
use super::paths::{self, NamedPath, Source};

/// Folders of core that may do I/O, wait, and look at clocks.
const CORE_WITH_IO: [&[&str]; 2] = [&["client"], &["sync", "runner"]];

/// Places of core that keep or open files, and what they may use for that.
const CORE_WITH_FILES: [(&[&str], &[&str]); 2] = [
    (&["city", "folder.rs"], &["memmap2", "std::fs"]),
    (&["sync", "store"], &["rusqlite", "std::fs"]),
];

/// Paths that the rest of core may not name, and what each would bring in.
const IMPURE: [(&str, &str); 20] = [
    ("chrono::Local", "the machine's clock and time zone"),
    ("chrono::Utc::now", "a clock"),
    ("getrandom", "randomness"),
    ("memmap2", "files"),
    ("rand", "randomness"),
    ("reqwest", "HTTP"),
    ("rusqlite", "a database"),
    ("sqlx", "a database"),
    ("std::env", "the process environment"),
    ("std::fs", "files"),
    ("std::net", "the network"),
    ("std::process", "processes"),
    ("std::thread", "threads"),
    ("std::time::Instant", "a clock"),
    ("std::time::SystemTime", "a clock"),
    ("tokio", "an async runtime"),
    ("tokio_tungstenite", "the network"),
    ("uuid::Uuid::new_v4", "randomness"),
    ("uuid::Uuid::now_v6", "a clock"),
    ("uuid::Uuid::now_v7", "a clock and randomness"),
];

/// Items of sqlx that carry SQL.
const SQL_ITEMS: [&str; 3] = ["QueryBuilder", "raw_sql", "query"];

/// Checks one file of the workspace; the path is relative to its root.
pub(super) fn check(path: &Path, text: &str) -> Vec<Violation> {
    let parts = parts(path);
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    if parts
        .iter()
        .any(|part| *part == "tests" || *part == "tests.rs")
    {
        return Vec::new();
    }
    match parts.as_slice() {
        ["core", "src", rest @ ..] => check_core(path, rest, &paths::read(text)),
        ["backend", "src", rest @ ..] => check_backend(path, rest, &paths::read(text)),
        _ => Vec::new(),
    }
}

fn parts(path: &Path) -> Vec<String> {
    path.components()
        .filter_map(|part| match part {
            Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
            _ => None,
        })
        .collect()
}

fn check_core(path: &Path, rest: &[&str], source: &Source) -> Vec<Violation> {
    if CORE_WITH_IO.iter().any(|folder| rest.starts_with(folder)) {
        return Vec::new();
    }
    let keeps_files = CORE_WITH_FILES
        .iter()
        .find(|(place, _)| rest.starts_with(place));
    let allowed = keeps_files.map_or(&[] as &[&str], |(_, allowed)| allowed);
    let impure = source.paths.iter().filter_map(|named| {
        let (_, brings) = IMPURE
            .iter()
            .find(|(path, _)| named.reaches(path) && !allowed.contains(path))?;
        let rule = format!(
            "`{}` brings {brings} into core; only core::client and core::sync::runner may. Pass the value in",
            named.spoken()
        );
        Some(Violation::new(path, named.line, rule))
    });
    let waiting = source.async_lines.iter().map(|line| {
        let rule = "async code in core outside core::client and core::sync::runner; the domain never waits";
        Violation::new(path, *line, rule.to_owned())
    });
    impure.chain(waiting).collect()
}

fn check_backend(path: &Path, rest: &[&str], source: &Source) -> Vec<Violation> {
    let module = module_path(rest);
    let holds_sql = rest.first() == Some(&"platform")
        || rest
            .iter()
            .any(|part| *part == "queries" || *part == "queries.rs");
    let mut found = Vec::new();
    for named in &source.paths {
        if !holds_sql && is_sql(named) {
            let rule = format!(
                "`{}`: SQL belongs into the context's queries.rs",
                named.spoken()
            );
            found.push(Violation::new(path, named.line, rule));
        }
        if let Some(other) = foreign_queries(&module, named) {
            let rule = format!(
                "`{}` reaches into the queries of {other}; go through its service",
                named.spoken()
            );
            found.push(Violation::new(path, named.line, rule));
        }
    }
    found
}

/// `["trips", "service.rs"]` is the module `trips::service`.
fn module_path(rest: &[&str]) -> Vec<String> {
    rest.iter()
        .map(|part| part.strip_suffix(".rs").unwrap_or(part))
        .filter(|part| !["lib", "main", "mod"].contains(part))
        .map(str::to_owned)
        .collect()
}

fn is_sql(named: &NamedPath) -> bool {
    let starts_like_sql = |item: &String| SQL_ITEMS.iter().any(|sql| item.starts_with(sql));
    match named.segments.as_slice() {
        [krate, item, ..] if krate == "sqlx" => starts_like_sql(item),
        [item] if named.is_macro => item == "query" || item.starts_with("query_"),
        _ => false,
    }
}

/// The other context whose queries the path reaches into.
fn foreign_queries(module: &[String], named: &NamedPath) -> Option<String> {
    let absolute = absolute(module, &named.segments)?;
    let (context, below) = absolute.split_first()?;
    let reaches_queries = below.iter().any(|segment| segment == "queries");
    (reaches_queries && Some(context) != module.first()).then(|| context.clone())
}

/// The path from the crate's root; none for a path of another crate.
fn absolute(module: &[String], segments: &[String]) -> Option<Vec<String>> {
    let (first, mut rest) = segments.split_first()?;
    let mut base = match first.as_str() {
        "crate" | "wayfare_backend" => Vec::new(),
        "self" => module.to_vec(),
        "super" => module
            .split_last()
            .map_or_else(Vec::new, |(_, above)| above.to_vec()),
        _ => return None,
    };
    while let Some((next, after)) = rest.split_first().filter(|(next, _)| *next == "super") {
        debug_assert_eq!(next, "super");
        base.pop();
        rest = after;
    }
    base.extend(rest.iter().cloned());
    Some(base)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(path: &str, text: &str) -> Vec<String> {
        check(Path::new(path), text)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn core_refuses_each_source_of_impurity() {
        for (path, brings) in IMPURE {
            let text = format!("\nfn f() {{ {path}::x(); }}\n");
            let found = rules("core/src/trip/mod.rs", &text);
            assert_eq!(found.len(), 1, "{path}: {found:?}");
            assert!(
                found[0].starts_with("core/src/trip/mod.rs:2: "),
                "{found:?}"
            );
            assert!(found[0].contains(brings), "{found:?}");
        }
    }

    #[test]
    fn core_refuses_impurity_through_imports_and_aliases() {
        let cases = [
            "use std::time::{Duration, Instant};",
            "use std::time; fn f() { time::SystemTime::now(); }",
            "use chrono::Utc; fn f() { Utc::now(); }",
            "use std::time::*;",
            "use uuid::Uuid as Id; fn f() { Id::now_v7(); }",
        ];
        for text in cases {
            assert_eq!(rules("core/src/money.rs", text).len(), 1, "{text}");
        }
    }

    #[test]
    fn core_refuses_async_outside_the_client() {
        let text = "pub async fn fetch() {}";
        assert_eq!(rules("core/src/pricing/mod.rs", text).len(), 1);
        assert_eq!(rules("core/src/client/http.rs", text).len(), 0);
    }

    #[test]
    fn the_road_graph_does_no_io_either() {
        assert_eq!(
            rules("core/src/roads/load.rs", "use std::fs::File;").len(),
            1
        );
    }

    #[test]
    fn one_file_opens_the_files_of_a_pack_and_does_no_more_than_that() {
        let opens = "use std::fs::File; use memmap2::Mmap;";
        let pack_folder = "core/src/city/folder.rs";
        assert_eq!(rules(pack_folder, opens), Vec::<String>::new());
        for elsewhere in ["core/src/city/manifest.rs", "core/src/roads/folder.rs"] {
            assert_eq!(rules(elsewhere, opens).len(), 2, "{elsewhere}");
        }
        for more in [
            "use std::net::TcpStream;",
            "use std::time::Instant;",
            "use std::thread;",
        ] {
            assert_eq!(rules(pack_folder, more).len(), 1, "{more}");
        }
    }

    #[test]
    fn the_store_of_a_device_keeps_files_and_only_its_runner_waits() {
        let keeps = "use std::fs::File; use rusqlite::Connection;";
        let waits = "async fn f() { tokio::time::sleep(x).await; }";
        let none = Vec::<String>::new();
        assert_eq!(rules("core/src/sync/store/open.rs", keeps), none);
        assert_eq!(rules("core/src/sync/runner/mod.rs", waits), none);
        assert_eq!(rules("core/src/sync/device/mod.rs", keeps).len(), 2);
        assert_eq!(rules("core/src/sync/store/open.rs", waits).len(), 2);
        assert_eq!(rules("core/src/sync/engine/mod.rs", waits).len(), 2);
    }

    #[test]
    fn core_may_use_values_of_time_and_its_client_may_do_io() {
        let pure = "use std::time::Duration; use chrono::{DateTime, Utc}; use uuid::Uuid;";
        assert_eq!(rules("core/src/trip/mod.rs", pure), Vec::<String>::new());
        let client = "use tokio::time::sleep; use std::time::Instant;";
        assert_eq!(
            rules("core/src/client/mod.rs", client),
            Vec::<String>::new()
        );
    }

    #[test]
    fn tests_of_core_may_read_fixtures() {
        let text = "#[cfg(test)]\nmod tests { use std::fs; }";
        assert_eq!(rules("core/src/trip/mod.rs", text), Vec::<String>::new());
        assert_eq!(
            rules("core/src/trip/tests.rs", "use std::fs;"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn sql_outside_queries_is_refused_in_every_form() {
        let cases = [
            "fn f() { sqlx::query!(\"SELECT 1\"); }",
            "fn f() { sqlx::query(\"SELECT 1\"); }",
            "fn f() { sqlx::query_as::<_, Row>(\"SELECT 1\"); }",
            "fn f() { query_scalar!(\"SELECT 1\"); }",
            "use sqlx::{PgPool, query_as};",
            "use sqlx::QueryBuilder;",
            "fn f() { sqlx::raw_sql(\"SELECT 1\"); }",
        ];
        for text in cases {
            let found = rules("backend/src/trips/service.rs", text);
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert!(found[0].contains("queries.rs"), "{found:?}");
        }
    }

    #[test]
    fn sql_is_welcome_in_queries_in_the_platform_and_in_tests() {
        let text = "fn f() { sqlx::query!(\"SELECT 1\"); }";
        for path in [
            "backend/src/trips/queries.rs",
            "backend/src/trips/queries/history.rs",
            "backend/src/platform/db.rs",
            "backend/tests/it/trips.rs",
        ] {
            assert_eq!(rules(path, text), Vec::<String>::new(), "{path}");
        }
    }

    #[test]
    fn another_contexts_queries_are_out_of_reach() {
        let cases = [
            "use crate::fleet::queries;",
            "use crate::fleet::queries::find_driver;",
            "use crate::{fleet, trips}; fn f() { fleet::queries::find_driver(); }",
            "fn f() { super::super::fleet::queries::find_driver(); }",
            "use super::super::fleet::{queries, service};",
        ];
        for text in cases {
            let found = rules("backend/src/trips/service.rs", text);
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert!(found[0].contains("queries of fleet"), "{found:?}");
        }
    }

    #[test]
    fn a_context_uses_its_own_queries_and_the_services_of_others() {
        let cases = [
            "use super::queries; fn f() { queries::find_trip(); }",
            "use crate::trips::queries::find_trip;",
            "use crate::fleet::service::find_driver;",
        ];
        for text in cases {
            assert_eq!(
                rules("backend/src/trips/service.rs", text),
                Vec::<String>::new(),
                "{text}"
            );
        }
    }
}
