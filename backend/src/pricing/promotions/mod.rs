//! Promo codes: entered by admins, typed by riders, used by trips.
//!
//! A quote shows what a code takes off. The use is counted when the trip is asked for, where the
//! database keeps the limits, and given back when the trip is called off or finds no driver.

mod queries;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use wayfare_core::id::{RiderId, TripId, UserId};
use wayfare_core::pricing::{
    Promo, PromoCode, Promotion, PromotionRefusal, PromotionSpec, PromotionUse,
};
use wayfare_core::vehicle::VehicleClass;
use wayfare_core::wire::{ErrorCode, FieldProblem, NewPromotion, PromotionList, PromotionView};

use self::queries::{NewPromotionRow, PromotionRow};
use super::json::{self, field, fields, from_json, parse, to_json};
use crate::platform::clock;
use crate::platform::failure::{Failure, on_constraint};
use crate::trips;

/// The most promotions that one answer lists.
const LIST_MAX: i64 = 500;

/// A promotion, with what is known of the rider who wants to use it.
#[derive(Debug)]
pub(super) struct Redeemable {
    promotion: Promotion,
    uses: u32,
    uses_by_rider: u32,
    completed_trips: u32,
}

impl Redeemable {
    /// What it takes off a ride that costs so much before tolls and fees.
    pub(super) fn redeem(
        &self,
        vehicle_class: VehicleClass,
        before_fees_minor: i64,
        now: DateTime<Utc>,
    ) -> Result<Promo, Failure> {
        let wanted = PromotionUse {
            now,
            vehicle_class,
            completed_trips: self.completed_trips,
            uses: self.uses,
            uses_by_rider: self.uses_by_rider,
            before_fees_minor,
        };
        self.promotion.redeem(&wanted).map_err(refused)
    }
}

/// Enters a promotion.
pub async fn create_promotion(
    connection: &mut PgConnection,
    admin: UserId,
    wanted: &NewPromotion,
) -> Result<PromotionView, Failure> {
    let spec: PromotionSpec =
        parse(&wanted.rule, "rule").map_err(|problem| invalid(vec![problem]))?;
    let promotion = Promotion::new(spec).map_err(|problems| invalid(fields(&problems)))?;
    let spec = promotion.spec();
    let (code, now) = (spec.code.as_str(), clock::now());
    let row = NewPromotionRow {
        code,
        rule: to_json(spec)?,
        uses_max: spec
            .uses_max
            .map(|uses| count("uses_max", uses))
            .transpose()?,
        uses_per_rider_max: count("uses_per_rider_max", spec.uses_per_rider_max)?,
        created_by: admin,
        now,
    };
    let taken = || {
        let detail = format!("there is a promotion {code} already");
        Failure::refused(ErrorCode::AlreadyExists, detail)
    };
    queries::insert_promotion(connection, row)
        .await
        .map_err(|error| on_constraint(error, "promotions_pkey", taken))?;
    show(PromotionRow {
        rule: to_json(spec)?,
        uses: 0,
        created_at: now,
    })
}

/// All promotions, the newest first.
pub async fn list_promotions(connection: &mut PgConnection) -> Result<PromotionList, Failure> {
    let rows = queries::list_promotions(connection, LIST_MAX).await?;
    Ok(PromotionList {
        promotions: rows.into_iter().map(show).collect::<Result<_, _>>()?,
    })
}

/// A promotion by its code, for a rider.
pub(super) async fn find_redeemable(
    connection: &mut PgConnection,
    code: &PromoCode,
    rider: RiderId,
) -> Result<Redeemable, Failure> {
    let text = code.to_string();
    let row = queries::find_promotion(connection, &text).await?;
    let row = row.ok_or_else(|| {
        Failure::refused(ErrorCode::PromotionRefused, "there is no such promo code")
    })?;
    let by_rider = queries::count_uses_by_rider(connection, &text, rider).await?;
    let completed = trips::service::count_completed(connection, rider).await?;
    Ok(Redeemable {
        promotion: valid(from_json(row.rule)?)?,
        uses: u32::try_from(row.uses).unwrap_or(0),
        uses_by_rider: u32::try_from(by_rider).unwrap_or(u32::MAX),
        completed_trips: u32::try_from(completed).unwrap_or(u32::MAX),
    })
}

/// Counts the use of a code by a trip that was just asked for.
pub async fn use_code(
    connection: &mut PgConnection,
    code: &PromoCode,
    rider: RiderId,
    trip: TripId,
) -> Result<(), Failure> {
    let text = code.to_string();
    queries::add_use(connection, &text).await.map_err(|error| {
        on_constraint(error, "promotions_used_up", || {
            refused(PromotionRefusal::UsedUp)
        })
    })?;
    if queries::insert_use(connection, &text, rider, trip, clock::now()).await? {
        Ok(())
    } else {
        Err(refused(PromotionRefusal::UsedByRider))
    }
}

/// Counts the use of a code again by a trip that takes place after all, if one is left. What the quote
/// promised holds either way. Answers whether it was counted.
pub async fn use_again(
    connection: &mut PgConnection,
    code: &PromoCode,
    rider: RiderId,
    trip: TripId,
) -> Result<bool, Failure> {
    let text = code.to_string();
    if !queries::add_use_if_left(connection, &text).await? {
        return Ok(false);
    }
    if queries::insert_use(connection, &text, rider, trip, clock::now()).await? {
        return Ok(true);
    }
    queries::take_use_back(connection, &text).await?;
    Ok(false)
}

/// Gives back what a trip used that does not take place.
pub async fn release(connection: &mut PgConnection, trip: TripId) -> Result<(), Failure> {
    Ok(queries::release_use(connection, trip).await?)
}

fn valid(spec: PromotionSpec) -> Result<Promotion, Failure> {
    Promotion::new(spec).map_err(|problems| match problems.into_iter().next() {
        Some(problem) => Failure::broken("a promotion in the database is not valid", problem),
        None => Failure::refused(
            ErrorCode::Internal,
            "a promotion in the database is not valid",
        ),
    })
}

fn show(row: PromotionRow) -> Result<PromotionView, Failure> {
    let spec: PromotionSpec = from_json(row.rule.clone())?;
    Ok(PromotionView {
        code: spec.code,
        rule: row.rule,
        uses: u32::try_from(row.uses).unwrap_or(0),
        created_at: row.created_at,
    })
}

fn refused(refusal: PromotionRefusal) -> Failure {
    Failure::refused(ErrorCode::PromotionRefused, refusal.to_string())
}

fn invalid(errors: Vec<FieldProblem>) -> Failure {
    json::invalid(ErrorCode::InvalidRequest, "promotion", errors)
}

fn count(name: &str, number: u32) -> Result<i32, Failure> {
    i32::try_from(number).map_err(|_| invalid(vec![field(name, "is too large")]))
}
