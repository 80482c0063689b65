//! Tables with a partition per day: created ahead of time, dropped as a whole when they are old.
//!
//! Every such table has a default partition, so a row always finds a place: a day whose partition
//! could not be made in time stays in the default one, where old rows are deleted instead. Several
//! processes may do this at once; one works, and the others find it done.

mod queries;

use std::ops::RangeInclusive;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use sqlx::PgPool;

use self::queries::Day;
use super::failure::Failure;

/// Rows that are deleted from the default partition in one statement.
const DELETED_AT_ONCE: i64 = 10_000;
/// How many days of partitions are made in one call, whatever is asked for.
const DAYS_MAX: usize = 60;

/// A table with a partition per day. The names become SQL: they are written in the program, and
/// never come from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DailyPartitions {
    /// The table with its schema, such as `trips.tracks`. A day's partition is named after it:
    /// `trips.tracks_20261122`.
    pub table: &'static str,
    /// The default partition with its schema.
    pub default: &'static str,
    /// The column that tells the day, in UTC.
    pub column: &'static str,
}

impl DailyPartitions {
    /// Makes the partitions of these days that are missing. Answers how many were made. A day of which
    /// the default partition has rows already is left to it.
    pub async fn create(
        &self,
        pool: &PgPool,
        days: RangeInclusive<NaiveDate>,
    ) -> Result<u32, Failure> {
        let (first, last) = days.into_inner();
        let mut made = 0;
        let days = first.iter_days().take_while(|day| *day <= last);
        for day in days.take(DAYS_MAX) {
            if !queries::partition_exists(pool, self, day).await? {
                made += u32::from(self.create_one(pool, day).await?);
            }
        }
        Ok(made)
    }

    async fn create_one(&self, pool: &PgPool, day: NaiveDate) -> Result<bool, Failure> {
        let Some(next) = day.succ_opt() else {
            return Ok(false);
        };
        let span = Day {
            day,
            from: midnight(day),
            to: midnight(next),
        };
        let mut transaction = pool.begin().await?;
        queries::lock(&mut transaction, self).await?;
        if queries::partition_exists(&mut *transaction, self, day).await? {
            return Ok(false);
        }
        match queries::create_partition(&mut transaction, self, span).await {
            Ok(()) => {
                transaction.commit().await?;
                tracing::info!(table = self.table, %day, "a partition was made");
                Ok(true)
            }
            Err(error) if is_occupied(&error) => {
                tracing::info!(table = self.table, %day, "the day stays in the default partition");
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Drops the partitions of the days before `oldest_kept`, and deletes what the default partition
    /// has of them, some thousands of rows at a time. Answers how many partitions were dropped.
    pub async fn drop_before(&self, pool: &PgPool, oldest_kept: NaiveDate) -> Result<u32, Failure> {
        let mut dropped = 0;
        for name in queries::list_partitions(pool, self).await? {
            // What is not named like a day's partition is not ours to drop.
            let Some(day) = self.day_of(&name).filter(|day| *day < oldest_kept) else {
                continue;
            };
            let mut transaction = pool.begin().await?;
            queries::lock(&mut transaction, self).await?;
            queries::drop_partition(&mut transaction, self, day).await?;
            transaction.commit().await?;
            tracing::info!(table = self.table, %day, "a partition was dropped");
            dropped += 1;
        }
        queries::delete_from_default(pool, self, midnight(oldest_kept), DELETED_AT_ONCE).await?;
        Ok(dropped)
    }

    /// The name of a day's partition, with its schema.
    fn name_of(&self, day: NaiveDate) -> String {
        format!("{}_{}", self.table, day.format("%Y%m%d"))
    }

    /// The day of a partition by its name, with or without a schema.
    fn day_of(&self, name: &str) -> Option<NaiveDate> {
        let bare = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
        let name = bare(name);
        let digits = name.strip_prefix(&bare(self.table))?.strip_prefix('_')?;
        let is_day = digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_day.then(|| NaiveDate::parse_from_str(digits, "%Y%m%d").ok())?
    }
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

/// Whether the default partition has rows that would belong to the new one.
fn is_occupied(error: &sqlx::Error) -> bool {
    const CHECK_VIOLATION: &str = "23514";
    error
        .as_database_error()
        .is_some_and(|error| error.code().as_deref() == Some(CHECK_VIOLATION))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACKS: DailyPartitions = DailyPartitions {
        table: "trips.tracks",
        default: "trips.track_points",
        column: "recorded_at",
    };

    #[test]
    fn only_partitions_of_days_are_taken_for_such() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
        assert_eq!(TRACKS.name_of(day), "trips.tracks_20261122");
        assert_eq!(TRACKS.day_of("trips.tracks_20261122"), Some(day));
        assert_eq!(TRACKS.day_of("tracks_20261122"), Some(day));
        for other in [
            "track_points",
            "tracks_2026112",
            "tracks_20261399",
            "tracks_+2026112",
            "other_20261122",
            "tracks_20261122_old",
            "",
        ] {
            assert_eq!(TRACKS.day_of(other), None, "{other}");
        }
    }
}
