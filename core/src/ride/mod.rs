//! What a ride costs when it is over, from everything that is known of it: the same on a phone and on
//! the server.
//!
//! A completed trip, its quote, its tariff and its track say what happened ([`Ridden`]); the city's
//! [`Ground`] bridges the gaps of the track and knows tolls, zones and ways; [`price()`] puts it
//! together. A phone sends the result as a [`FareClaim`]; [`check_claim`] is what the server can say
//! of one before it has the track.

mod check;
mod fees;
mod ground;
mod over;
#[cfg(feature = "routing")]
mod pack_ground;
mod price;
mod straight;
#[cfg(test)]
mod tests;

pub use check::{ClaimRefusal, check_claim};
pub use fees::{known_tolls, known_zones};
pub use ground::{DrivenWay, Found, Ground, NoGround};
pub use over::{Ridden, RideOver, places_reached};
#[cfg(feature = "routing")]
pub use pack_ground::PackGround;
pub use price::{RideError, RidePrice, price, price_found};
pub use straight::StraightPlan;

use crate::sync::FareClaim;

/// The device's own settlement of a ride that is over, for the server to charge by.
pub fn claim<G: Ground + ?Sized>(over: &RideOver<'_>, ground: &G) -> Result<FareClaim, RideError> {
    let RidePrice {
        driven,
        track,
        settlement,
    } = price(over, ground)?;
    Ok(FareClaim {
        driven,
        track,
        basis: settlement.basis,
        fare: settlement.fare,
    })
}
