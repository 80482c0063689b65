//! Keeping what a round decided.

use chrono::{DateTime, Days, TimeDelta, Utc};
use sqlx::{PgConnection, PgPool};
use wayfare_core::id::DriverId;
use wayfare_core::wire::RoundOutcome;
use wayfare_dispatch::{Car, Decision, Outcome, Verdict};

use super::queries::{self, NewDecisions};
use super::sightings::{Clock, Sightings};
use crate::app::App;
use crate::platform::failure::Failure;
use crate::platform::partitions::DailyPartitions;

/// So many of the nearest cars find a decision again for their drivers. Each is an entry in an index.
const FINDABLE_NEAREST: usize = 40;

/// Partitions are made so many days ahead.
const DAYS_AHEAD: u64 = 2;

/// The tables of the record.
const TABLES: [DailyPartitions; 2] = [
    DailyPartitions {
        table: "dispatch.decisions",
        default: "dispatch.decisions_other",
        column: "at",
    },
    DailyPartitions {
        table: "dispatch.sightings",
        default: "dispatch.sightings_other",
        column: "at",
    },
];

/// Keeps what a round decided, and where the cars were that moved since the round before. In the
/// round's transaction, so that there is no offer without its reason.
///
/// One statement for all decisions and one for all cars. A round without requests writes nothing, and
/// need not be told: after a silence the cars are all written again.
pub async fn keep(
    connection: &mut PgConnection,
    app: &App,
    decisions: &[Decision],
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    // The round was a little before it is kept, and this is what the cars did then.
    let Some(at) = decisions.iter().map(|decision| decision.at).max() else {
        app.sightings.pass(now);
        return Ok(());
    };
    let config = &app.config.dispatch;
    keep_decisions(connection, &config.market, decisions).await?;
    let fresh_for = TimeDelta::seconds(config.driver_fresh_s.into());
    let clock = Clock { now: at, fresh_for };
    keep_sightings(connection, &app.sightings, &app.index.all(), clock).await
}

/// Keeps what a round decided.
pub async fn keep_decisions(
    connection: &mut PgConnection,
    market: &str,
    decisions: &[Decision],
) -> Result<(), Failure> {
    queries::insert_decisions(connection, market, &columns(decisions)).await?;
    Ok(())
}

/// Keeps where the cars were in a round, as far as that is news.
pub async fn keep_sightings(
    connection: &mut PgConnection,
    sightings: &Sightings,
    cars: &[Car],
    clock: Clock,
) -> Result<(), Failure> {
    if let Some((driver, at)) = sightings.sample()
        && !queries::sighting_exists(connection, driver, at).await?
    {
        sightings.forget();
    }
    let rows = sightings.take(cars, clock);
    if !rows.is_empty() {
        queries::insert_sightings(connection, clock.now, &rows).await?;
    }
    Ok(())
}

/// Makes room for the next days, and drops the days that are older than the record is kept for.
///
/// Not for today: a round that is being written while its day gets a partition would fail. A day that
/// began without one stays in the default partition.
pub async fn tidy(pool: &PgPool, kept_days: u32, now: DateTime<Utc>) -> Result<(), Failure> {
    let today = now.date_naive();
    let days = today + Days::new(1)..=today + Days::new(DAYS_AHEAD);
    let oldest_kept = today - Days::new(kept_days.into());
    for table in TABLES {
        table.create(pool, days.clone()).await?;
        table.drop_before(pool, oldest_kept).await?;
    }
    Ok(())
}

fn columns(decisions: &[Decision]) -> NewDecisions {
    let mut new = NewDecisions::default();
    for decision in decisions {
        new.at.push(decision.at);
        new.trip_ids.push(decision.trip.uuid());
        new.waves
            .push(i32::try_from(decision.waves).unwrap_or(i32::MAX));
        new.radius_m.push(decision.radius_m.into());
        new.outcomes.push(round_outcome(decision.outcome).as_str());
        new.left_out.push(decision.left_out.into());
        new.considered.push(decision.considered_to_bytes());
        new.drivers.push(drivers_array(decision));
    }
    new
}

/// The drivers who can find this decision later, as PostgreSQL writes arrays: those who could have
/// been asked, and the nearest ones whatever they were doing.
fn drivers_array(decision: &Decision) -> String {
    let nearest = decision.considered.iter().enumerate();
    let found = nearest.filter(|(place, one)| {
        *place < FINDABLE_NEAREST || !matches!(one.verdict, Verdict::Dropped(_))
    });
    let bits: Vec<String> = found
        .map(|(_, one)| driver_bits(one.driver).to_string())
        .collect();
    format!("{{{}}}", bits.join(","))
}

/// The last 32 bits of an id, which are random in the ids that we make.
pub(super) fn driver_bits(driver: DriverId) -> i32 {
    let [.., a, b, c, d] = driver.uuid().into_bytes();
    i32::from_be_bytes([a, b, c, d])
}

/// The outcome as it is written.
pub(super) const fn round_outcome(outcome: Outcome) -> RoundOutcome {
    match outcome {
        Outcome::Asked => RoundOutcome::Asked,
        Outcome::NobodyFits => RoundOutcome::NobodyFits,
        Outcome::PassedOver => RoundOutcome::PassedOver,
    }
}
