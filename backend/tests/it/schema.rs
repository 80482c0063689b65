//! The rules of the schema: what every migration keeps to.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use sqlx::PgPool;
use wayfare_backend::platform::db;

use crate::harness::TestDb;

/// Columns that point at another table and have no index, with the reason why.
const UNINDEXED_FOREIGN_KEYS: &[(&str, &str)] = &[
    (
        "dispatch.offers(driver_id)",
        "only asked for open offers, by a partial index",
    ),
    (
        "dispatch.offers(vehicle_id)",
        "nobody asks by vehicle, and vehicles are never deleted",
    ),
    (
        "fleet.drivers(id,vehicle_id)",
        "the first column is the primary key",
    ),
    (
        "identity.refresh_tokens(session_id)",
        "only asked for the unused one, by a partial index",
    ),
    (
        "payments.accounts(owner_id)",
        "accounts are found by kind and owner together",
    ),
    (
        "payments.trip_payments(driver_id)",
        "payments are found by trip",
    ),
    (
        "payments.trip_payments(rider_id)",
        "payments are found by trip",
    ),
    (
        "payments.trip_payments(trip_id)",
        "of those that are not void, by a partial index",
    ),
    (
        "pricing.promotion_uses(rider_id)",
        "uses are found by code and rider together",
    ),
    (
        "pricing.promotions(created_by)",
        "promotions are found by code",
    ),
    ("pricing.quotes(rider_id)", "quotes are found by id"),
    (
        "pricing.quotes(tariff_id,tariff_version)",
        "tariffs are never deleted",
    ),
    ("sync.blobs(trip_id)", "most have none: a partial index"),
    (
        "sync.commands(user_id)",
        "commands are found by device or trip",
    ),
    ("sync.flags(device_id)", "flags are found by the open ones"),
    (
        "sync.flags(resolved_by)",
        "flags are found by the open ones",
    ),
    ("sync.flags(trip_id)", "flags are found by the open ones"),
    ("sync.flags(user_id)", "flags are found by the open ones"),
    ("sync.segments(trip_id)", "some have none: a partial index"),
    (
        "trips.trips(vehicle_id)",
        "nobody asks by vehicle, and vehicles are never deleted",
    ),
];

const OURS: &str = "NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'public')";

async fn list(pool: &PgPool, statement: String) -> Vec<String> {
    sqlx::query_scalar(sqlx::AssertSqlSafe(statement))
        .fetch_all(pool)
        .await
        .unwrap()
}

#[tokio::test]
async fn every_table_has_a_primary_key() {
    let db = TestDb::create().await;
    let pool = db.pool().await;
    let without = list(
        &pool,
        format!(
            "SELECT n.nspname || '.' || c.relname FROM pg_class c
             JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind IN ('r', 'p') AND n.nspname {OURS} AND NOT EXISTS
                 (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'p')"
        ),
    )
    .await;
    assert_eq!(without, [""; 0]);
}

#[tokio::test]
async fn a_foreign_key_has_an_index_or_a_reason() {
    let db = TestDb::create().await;
    let pool = db.pool().await;
    // An index serves a foreign key if its first columns are the key's and it holds all rows.
    let without = list(
        &pool,
        "SELECT k.conrelid::regclass::text || '(' || (
             SELECT string_agg(a.attname, ',' ORDER BY u.place)
             FROM unnest(k.conkey) WITH ORDINALITY u (attnum, place)
             JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.attnum
         ) || ')'
         FROM pg_constraint k
         WHERE k.contype = 'f' AND NOT EXISTS (
             SELECT FROM pg_index i
             WHERE i.indrelid = k.conrelid AND i.indpred IS NULL
                 AND (string_to_array(i.indkey::text, ' ')::smallint[])[1:cardinality(k.conkey)]
                     @> k.conkey
         )
         ORDER BY 1"
            .to_owned(),
    )
    .await;
    let known: Vec<&str> = UNINDEXED_FOREIGN_KEYS
        .iter()
        .map(|(column, _)| *column)
        .collect();
    assert_eq!(without, known);
}

#[tokio::test]
async fn times_have_a_zone_and_money_is_whole() {
    let db = TestDb::create().await;
    let pool = db.pool().await;
    let columns = |condition: &str| {
        format!(
            "SELECT table_schema || '.' || table_name || '.' || column_name
             FROM information_schema.columns WHERE table_schema {OURS} AND {condition}"
        )
    };
    let without_zone =
        columns("data_type IN ('timestamp without time zone', 'time with time zone')");
    assert_eq!(list(&pool, without_zone).await, [""; 0]);
    let is_float = "data_type IN ('real', 'double precision', 'numeric', 'money')";
    let in_money_schema = columns(&format!(
        "{is_float} AND table_schema IN ('payments', 'pricing')"
    ));
    assert_eq!(list(&pool, in_money_schema).await, [""; 0]);
    let named_money = columns("column_name ~ '_minor$' AND data_type <> 'bigint'");
    assert_eq!(list(&pool, named_money).await, [""; 0]);
    let some_money = columns("column_name ~ '_minor$'");
    assert!(
        list(&pool, some_money).await.len() >= 3,
        "the rule looks at something"
    );
}

#[tokio::test]
async fn every_constraint_of_ours_that_a_caller_can_break_has_a_name_of_ours() {
    let db = TestDb::create().await;
    let pool = db.pool().await;
    let unnamed = list(
        &pool,
        format!(
            "SELECT conrelid::regclass::text || ' ' || conname FROM pg_constraint k
             JOIN pg_namespace n ON n.oid = k.connamespace
             WHERE contype IN ('c', 'x') AND n.nspname {OURS} AND conname ~ '_check[0-9]*$'"
        ),
    )
    .await;
    assert_eq!(unnamed, [""; 0]);
}

/// The contexts that have SQL, by their folders, with all of it.
fn contexts() -> BTreeMap<String, String> {
    let folders = folders_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let with_sql = folders.into_iter().filter_map(|folder| {
        let queries = queries_below(&folder);
        let name = folder.file_name()?.to_str()?.to_owned();
        (!queries.is_empty()).then_some((name, queries))
    });
    with_sql.collect()
}

/// The text of `queries.rs` of a folder and of those in it.
fn queries_below(folder: &Path) -> String {
    let own = fs::read_to_string(folder.join("queries.rs")).unwrap_or_default();
    let parts = folders_in(folder);
    parts
        .iter()
        .fold(own, |all, part| all + &queries_below(part))
}

fn folders_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.filter(|path| path.is_dir()).collect()
}

#[tokio::test]
async fn each_context_has_a_schema_of_its_own_name() {
    let db = TestDb::create().await;
    let pool = db.pool().await;
    let schemas = list(
        &pool,
        format!(
            "SELECT nspname::text FROM pg_namespace WHERE nspname {OURS} AND nspname !~ '^pg_'"
        ),
    )
    .await;
    let schemas: BTreeSet<String> = schemas.into_iter().collect();
    assert_eq!(schemas, contexts().into_keys().collect());
    let in_public = list(
        &pool,
        "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'".to_owned(),
    )
    .await;
    assert_eq!(in_public, ["_sqlx_migrations"]);
}

#[test]
fn a_context_asks_only_its_own_tables() {
    let contexts = contexts();
    let mut looked_at = 0;
    for (context, queries) in &contexts {
        for other in contexts.keys() {
            for word in ["FROM", "INTO", "UPDATE", "JOIN", "USING"] {
                let named = queries.contains(&format!("{word} {other}."));
                looked_at += u32::from(named);
                assert!(
                    !named || other == context,
                    "{context} asks for {word} {other}.…"
                );
            }
        }
    }
    assert!(looked_at >= 10, "the rule looks at something: {looked_at}");
}

fn migrations() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations");
    let names = fs::read_dir(folder).unwrap();
    names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn migrations_are_named_by_time_and_verb_and_every_up_has_its_down() {
    let files = migrations();
    let ups: Vec<&str> = files
        .iter()
        .filter_map(|name| name.strip_suffix(".up.sql"))
        .collect();
    assert!(!ups.is_empty());
    assert_eq!(files.len(), ups.len() * 2, "{files:?}");
    for up in ups {
        assert!(files.contains(&format!("{up}.down.sql")), "{up}");
        let (time, words) = up.split_once('_').unwrap();
        assert!(
            time.len() == 14 && time.bytes().all(|b| b.is_ascii_digit()),
            "{up}"
        );
        assert!(words.contains('_'), "{up} needs a verb and a noun");
    }
}

#[tokio::test]
async fn the_way_down_leaves_no_schema_function_or_type() {
    let db = TestDb::create().await;
    let pool = db.pool().await;
    let left = "SELECT n.nspname || '.' || p.proname FROM pg_proc p
             JOIN pg_namespace n ON n.oid = p.pronamespace
             WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
         UNION ALL
         SELECT 'schema ' || nspname FROM pg_namespace
             WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public')
         UNION ALL
         SELECT 'type ' || t.typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
             WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
                 AND t.typname !~ '^_' AND t.typrelid = 0";
    assert!(list(&pool, left.to_owned()).await.len() > 5);
    let undone = db::migrate_down(&pool, 1000).await.unwrap();
    assert_eq!(undone, migrations().len() / 2);
    assert_eq!(list(&pool, left.to_owned()).await, [""; 0]);
}
