//! Tables with a partition per day.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sqlx::PgPool;
use uuid::Uuid;
use wayfare_backend::platform::partitions::DailyPartitions;

use crate::harness::TestDb;

const DECISIONS: DailyPartitions = DailyPartitions {
    table: "dispatch.decisions",
    default: "dispatch.decisions_other",
    column: "at",
};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

async fn decides(pool: &PgPool, at: &str) {
    let at: DateTime<Utc> = at.parse().unwrap();
    sqlx::query(
        "INSERT INTO dispatch.decisions
             (market, at, trip_id, waves, radius_m, outcome, left_out, considered)
         VALUES ('main', $1, $2, 1, 5000, 'asked', 0, '')",
    )
    .bind(at)
    .bind(Uuid::now_v7())
    .execute(pool)
    .await
    .unwrap();
}

/// How many rows each partition has.
async fn held(pool: &PgPool) -> Vec<(String, i64)> {
    sqlx::query_as(
        "SELECT tableoid::regclass::text, count(*) FROM dispatch.decisions GROUP BY 1 ORDER BY 1",
    )
    .fetch_all(pool)
    .await
    .unwrap()
}

#[tokio::test]
async fn a_day_goes_to_its_own_partition_and_leaves_with_it() {
    let db = TestDb::create().await;
    let pool = db.pool().await;
    let days = day("2026-03-01")..=day("2026-03-03");
    assert_eq!(DECISIONS.create(&pool, days.clone()).await.unwrap(), 3);
    assert_eq!(DECISIONS.create(&pool, days).await.unwrap(), 0, "once");
    for at in [
        "2026-03-01T00:00:00Z",
        "2026-03-01T23:59:59.999999Z",
        "2026-03-02T00:00:00Z",
        "2026-02-28T23:59:59Z",
        "2026-03-04T00:00:00Z",
    ] {
        decides(&pool, at).await;
    }
    let in_partition = |name: &str, rows| (format!("dispatch.{name}"), rows);
    assert_eq!(
        held(&pool).await,
        [
            in_partition("decisions_20260301", 2),
            in_partition("decisions_20260302", 1),
            in_partition("decisions_other", 2),
        ]
    );
    let dropped = DECISIONS.drop_before(&pool, day("2026-03-02")).await;
    assert_eq!(dropped.unwrap(), 1);
    assert_eq!(
        held(&pool).await,
        [
            in_partition("decisions_20260302", 1),
            in_partition("decisions_other", 1),
        ],
        "what was old in the default partition is gone as well"
    );
    let again = DECISIONS.drop_before(&pool, day("2026-03-02")).await;
    assert_eq!(again.unwrap(), 0);
}

#[tokio::test]
async fn a_day_that_the_default_partition_has_rows_of_stays_there() {
    let db = TestDb::create().await;
    let pool = db.pool().await;
    decides(&pool, "2026-03-02T12:00:00Z").await;
    let days = day("2026-03-01")..=day("2026-03-03");
    assert_eq!(DECISIONS.create(&pool, days).await.unwrap(), 2);
    decides(&pool, "2026-03-02T13:00:00Z").await;
    assert_eq!(
        held(&pool).await,
        [("dispatch.decisions_other".to_owned(), 2)]
    );
}

#[tokio::test]
async fn several_processes_may_make_the_same_days() {
    let db = TestDb::create().await;
    let pool = db.pool().await;
    let days = || day("2026-03-01")..=day("2026-03-05");
    let (one, two) = tokio::join!(
        DECISIONS.create(&pool, days()),
        DECISIONS.create(&pool, days())
    );
    assert_eq!(one.unwrap() + two.unwrap(), 5);
}

#[tokio::test]
async fn a_table_that_is_in_use_is_tried_again_later_and_loses_nothing() {
    let db = TestDb::create().await;
    let pool = db.pool().await;
    let first = day("2026-03-01");
    DECISIONS.create(&pool, first..=first).await.unwrap();
    decides(&pool, "2026-03-01T12:00:00Z").await;
    let mut reader = pool.begin().await.unwrap();
    sqlx::query("SELECT FROM dispatch.decisions")
        .execute(&mut *reader)
        .await
        .unwrap();
    let oldest_kept = first + TimeDelta::days(1);
    let refused = DECISIONS.drop_before(&pool, oldest_kept).await;
    refused.expect_err("somebody reads");
    assert_eq!(held(&pool).await.len(), 1);
    reader.commit().await.unwrap();
    let dropped = DECISIONS.drop_before(&pool, oldest_kept).await;
    assert_eq!(dropped.unwrap(), 1);
}
