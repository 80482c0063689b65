//! Why a driver was asked for a trip or not.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;
use wayfare_core::geo::LatLng;
use wayfare_core::id::{DriverId, TripId};
use wayfare_core::wire::{
    DispatchExplanation, ErrorCode, ExplainedCar, ExplainedRound, RoundOutcome,
};
use wayfare_dispatch::{Decision, Outcome};

use super::queries::{self, DecisionRow, DecisionsUntil, OfferRow};
use super::views::UnknownName;
use super::{unseen, views, words};
use crate::app::App;
use crate::platform::failure::Failure;
use crate::{fleet, trips};

/// The most rounds that are explained at once.
const ROUNDS_MAX: usize = 50;
/// The most offers of a trip that are looked at.
const OFFERS_MAX: i64 = 1000;

/// What an admin wants to know.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question {
    /// About which trip.
    pub(super) trip: TripId,
    /// About which driver; about all cars of one round if about none.
    pub(super) driver: Option<DriverId>,
    /// Only rounds until then.
    pub(super) until: Option<DateTime<Utc>>,
}

/// Answers the question from what is kept.
pub(super) async fn explain(
    connection: &mut PgConnection,
    app: &App,
    question: Question,
    now: DateTime<Utc>,
) -> Result<DispatchExplanation, Failure> {
    let trip = question.trip;
    let searches = trips::service::list_searches(connection, &[trip]).await?;
    let search = searches
        .get(&trip)
        .ok_or_else(|| Failure::not_found("trip"))?;
    if let Some(driver) = question.driver
        && !fleet::service::driver_exists(connection, driver.into()).await?
    {
        return Err(Failure::not_found("driver"));
    }
    let rounds_max = question.driver.map_or(1, |_| ROUNDS_MAX);
    let (decisions, more_before) = list(connection, question, rounds_max).await?;
    if decisions.is_empty() {
        let kept_days = app.config.dispatch.decisions_kept_days;
        if search.began_by < now - TimeDelta::days(kept_days.into()) {
            let detail = format!("decisions are kept for {kept_days} days; this trip is older");
            return Err(Failure::refused(ErrorCode::RecordGone, detail));
        }
    }
    let offers = queries::list_offers(connection, trip, OFFERS_MAX).await?;
    let (rounds, summary) = match question.driver {
        Some(driver) => {
            let seen = Seen {
                driver,
                pickup: search.pickup,
            };
            let rounds = about_driver(connection, seen, &decisions, &offers).await?;
            let summary = words::summary_of_driver(&rounds, more_before);
            (rounds, summary)
        }
        None => {
            let rounds = about_all(&decisions, &offers)?;
            let summary = words::summary_of_round(rounds.first());
            (rounds, summary)
        }
    };
    Ok(DispatchExplanation {
        trip_id: trip,
        driver_id: question.driver,
        summary,
        rounds,
        more_before,
    })
}

/// The decisions that are asked about, newest first, and whether there are older ones.
async fn list(
    connection: &mut PgConnection,
    question: Question,
    rounds_max: usize,
) -> Result<(Vec<Decision>, bool), Failure> {
    let wanted = DecisionsUntil {
        trip: question.trip,
        until: question.until,
        limit: i64::try_from(rounds_max + 1).unwrap_or(i64::MAX),
    };
    let mut rows = queries::list_decisions(connection, wanted).await?;
    let more_before = rows.len() > rounds_max;
    rows.truncate(rounds_max);
    let decisions: Result<Vec<Decision>, Failure> = rows.into_iter().map(decision).collect();
    Ok((decisions?, more_before))
}

/// Reads a kept decision.
pub(super) fn decision(row: DecisionRow) -> Result<Decision, Failure> {
    let considered = Decision::considered_from_bytes(&row.considered)
        .map_err(|error| Failure::broken("reading a decision", error))?;
    let outcome = RoundOutcome::ALL
        .into_iter()
        .find(|outcome| outcome.as_str() == row.outcome)
        .ok_or_else(|| Failure::broken("reading a decision", UnknownName(row.outcome)))?;
    Ok(Decision {
        trip: TripId::from_uuid(row.trip_id),
        at: row.at,
        radius_m: u32::try_from(row.radius_m).unwrap_or(u32::MAX),
        waves: u32::try_from(row.waves).unwrap_or_default(),
        outcome: match outcome {
            RoundOutcome::Asked => Outcome::Asked,
            RoundOutcome::NobodyFits => Outcome::NobodyFits,
            RoundOutcome::PassedOver => Outcome::PassedOver,
        },
        considered,
        left_out: u32::try_from(row.left_out).unwrap_or(u32::MAX),
    })
}

/// A driver, and where the rider waited.
#[derive(Debug, Clone, Copy)]
struct Seen {
    driver: DriverId,
    pickup: LatLng,
}

async fn about_driver(
    connection: &mut PgConnection,
    seen: Seen,
    decisions: &[Decision],
    offers: &[OfferRow],
) -> Result<Vec<ExplainedRound>, Failure> {
    let looked_at = |decision: &&Decision| decision.verdict_of(seen.driver).is_none();
    let moments: Vec<DateTime<Utc>> = decisions
        .iter()
        .filter(looked_at)
        .map(|decision| decision.at)
        .collect();
    let sightings = queries::list_last_sightings(connection, seen.driver, &moments).await?;
    let sightings: HashMap<DateTime<Utc>, _> =
        sightings.iter().map(|row| (row.before, row)).collect();
    let explained = |decision: &Decision| {
        let mut considered = decision.considered.iter();
        let car = match considered.find(|one| one.driver == seen.driver) {
            Some(one) => views::car(decision, one, offers)?,
            None => {
                let row = sightings.get(&decision.at);
                let sighting = row
                    .map(|row| unseen::sighting(row, seen.pickup))
                    .transpose()?;
                unseen::car(seen.driver, decision, sighting)
            }
        };
        Ok(views::round(decision, vec![car]))
    };
    decisions.iter().map(explained).collect()
}

fn about_all(decisions: &[Decision], offers: &[OfferRow]) -> Result<Vec<ExplainedRound>, Failure> {
    let explained = |decision: &Decision| {
        let considered = decision.considered.iter();
        let cars: Result<Vec<ExplainedCar>, Failure> = considered
            .map(|one| views::car(decision, one, offers))
            .collect();
        Ok(views::round(decision, cars?))
    };
    decisions.iter().map(explained).collect()
}
