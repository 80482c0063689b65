//! What both sides think of each other.

use sqlx::PgConnection;
use wayfare_core::id::{TripId, UserId};
use wayfare_core::trip::TripState;
use wayfare_core::wire::{ErrorCode, NewRating, Trip, TripSide};

use super::rows::StoredTrip;
use super::{queries, view};
use crate::dispatch::standing;
use crate::platform::clock;
use crate::platform::failure::{Failure, on_constraint};
use crate::platform::plain_text::clean_note;

/// Keeps what a person thinks of the other side of a completed trip.
pub async fn rate_trip(
    connection: &mut PgConnection,
    trip: TripId,
    user: UserId,
    rating: &NewRating,
) -> Result<Trip, Failure> {
    let rating = &NewRating {
        stars: rating.stars,
        comment: clean_note("comment", rating.comment.as_deref())?,
    };
    let row = queries::find_trip_of(connection, trip, user).await?;
    let stored = StoredTrip::try_from(row.ok_or_else(|| Failure::not_found("trip"))?)?;
    let TripState::Completed { assignment, .. } = stored.trip.state else {
        let detail = "only a completed trip can be rated";
        return Err(Failure::refused(ErrorCode::WrongTripState, detail));
    };
    let side = view::side_of(&stored, user);
    let about: UserId = match side {
        TripSide::Rider => assignment.driver.into(),
        TripSide::Driver => stored.rider().into(),
    };
    let now = clock::now();
    queries::insert_rating(connection, trip, side, about, rating, now)
        .await
        .map_err(|error| {
            on_constraint(error, "ratings_once", || {
                Failure::refused(ErrorCode::AlreadyRated, "you rated this trip before")
            })
        })?;
    if side == TripSide::Rider {
        standing::note_rating(connection, assignment.driver, rating.stars, now).await?;
    }
    view::one(connection, &stored, user).await
}
