//! Those who want to go somewhere.

use std::collections::BTreeMap;

use uuid::Uuid;
use wayfare_core::id::{DriverId, TripId};
use wayfare_dispatch::Exclusion;

/// What a rider is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Has not asked yet.
    Expected,
    /// Asked, and nobody is asked for the trip at the moment.
    Looking,
    /// A driver is asked.
    Offered,
    /// A driver comes, or drives the rider.
    Taken,
    /// Got there, gave up or was told that nobody comes.
    Gone,
}

/// Somebody who wants to go somewhere.
#[derive(Debug)]
pub(super) struct Rider {
    pub(super) stage: Stage,
    /// Offers made so far.
    pub(super) offers: u32,
    pub(super) excluded: BTreeMap<DriverId, Exclusion>,
}

impl Rider {
    pub(super) fn expected() -> Self {
        Self {
            stage: Stage::Expected,
            offers: 0,
            excluded: BTreeMap::new(),
        }
    }
}

/// The id of the trip that a rider wants.
pub(super) fn trip_id(rider: usize) -> TripId {
    TripId::from_uuid(uuid(rider))
}

/// The number of the rider who wants a trip.
pub(super) fn rider_of(trip: TripId) -> Option<usize> {
    number(trip.uuid())
}

/// The id of a car's driver.
pub(super) fn driver_id(car: usize) -> DriverId {
    DriverId::from_uuid(uuid(car))
}

/// The number of a driver's car.
pub(super) fn car_of(driver: DriverId) -> Option<usize> {
    number(driver.uuid())
}

/// A UUID that names a number: from 1, as nil stands for nobody.
pub(super) fn uuid(number: usize) -> Uuid {
    Uuid::from_u128(
        u128::try_from(number)
            .unwrap_or(u128::MAX)
            .saturating_add(1),
    )
}

fn number(uuid: Uuid) -> Option<usize> {
    usize::try_from(uuid.as_u128().checked_sub(1)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_lead_back_to_their_numbers() {
        for number in [0, 1, 7_699, 1 << 33] {
            assert_eq!(rider_of(trip_id(number)), Some(number));
            assert_eq!(car_of(driver_id(number)), Some(number));
        }
        assert_eq!(rider_of(TripId::from_uuid(Uuid::nil())), None);
    }
}
