//! Which trip is offered to which driver. Pure: requests and drivers in, pairs out.

use std::collections::HashSet;

use wayfare_core::geo::LatLng;
use wayfare_core::id::{DriverId, TripId, VehicleId};
use wayfare_core::vehicle::VehicleClass;

/// A trip that looks for a driver.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) trip: TripId,
    pub(super) pickup: LatLng,
    pub(super) vehicle_class: VehicleClass,
    /// How far a driver may be away, in metres.
    pub(super) radius_m: u64,
    /// Drivers who are not asked: they did not want this trip, or it is their own.
    pub(super) excluded: HashSet<DriverId>,
}

/// A driver who is free.
#[derive(Debug, Clone, Copy)]
pub(super) struct FreeDriver {
    pub(super) driver: DriverId,
    pub(super) vehicle: VehicleId,
    pub(super) vehicle_class: VehicleClass,
    pub(super) position: LatLng,
}

/// A trip and the driver who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) trip: TripId,
    pub(super) driver: DriverId,
    pub(super) vehicle: VehicleId,
    pub(super) distance_m: u64,
}

/// Pairs each trip with the nearest free driver, the shortest distance of all first. No trip and no
/// driver appears twice. The same input gives the same pairs in every order of its elements.
pub(super) fn plan_offers(requests: &[Request], drivers: &[FreeDriver]) -> Vec<Pair> {
    let mut candidates: Vec<Pair> = requests
        .iter()
        .flat_map(|request| {
            drivers
                .iter()
                .filter_map(|driver| candidate(request, driver))
        })
        .collect();
    candidates.sort_by_key(|pair| (pair.distance_m, pair.trip, pair.driver));
    let mut trips = HashSet::new();
    let mut busy = HashSet::new();
    candidates.retain(|pair| {
        let free = !trips.contains(&pair.trip) && !busy.contains(&pair.driver);
        if free {
            trips.insert(pair.trip);
            busy.insert(pair.driver);
        }
        free
    });
    candidates
}

fn candidate(request: &Request, driver: &FreeDriver) -> Option<Pair> {
    if driver.vehicle_class != request.vehicle_class || request.excluded.contains(&driver.driver) {
        return None;
    }
    let distance_m = driver.position.distance_mm(request.pickup) / 1000;
    (distance_m <= request.radius_m).then_some(Pair {
        trip: request.trip,
        driver: driver.driver,
        vehicle: driver.vehicle,
        distance_m,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn request(number: u128, lat: f64) -> Request {
        Request {
            trip: TripId::from_uuid(Uuid::from_u128(number)),
            pickup: LatLng::from_degrees(lat, 0.0).unwrap(),
            vehicle_class: VehicleClass::Standard,
            radius_m: 5000,
            excluded: HashSet::new(),
        }
    }

    fn driver(number: u128, lat: f64) -> FreeDriver {
        FreeDriver {
            driver: DriverId::from_uuid(Uuid::from_u128(number)),
            vehicle: VehicleId::from_uuid(Uuid::from_u128(number)),
            vehicle_class: VehicleClass::Standard,
            position: LatLng::from_degrees(lat, 0.0).unwrap(),
        }
    }

    fn pairs(requests: &[Request], drivers: &[FreeDriver]) -> Vec<(u128, u128)> {
        let pairs = plan_offers(requests, drivers);
        let number = |pair: &Pair| (pair.trip.uuid().as_u128(), pair.driver.uuid().as_u128());
        pairs.iter().map(number).collect()
    }

    #[test]
    fn the_nearest_driver_is_asked_first() {
        let drivers = [driver(1, 0.02), driver(2, 0.01), driver(3, 0.03)];
        assert_eq!(pairs(&[request(9, 0.0)], &drivers), [(9, 2)]);
    }

    #[test]
    fn nobody_is_asked_twice_and_no_trip_is_offered_twice() {
        let drivers = [driver(1, 0.01), driver(2, 0.02)];
        let requests = [request(8, 0.0), request(9, 0.009), request(7, 0.03)];
        assert_eq!(pairs(&requests, &drivers), [(9, 1), (7, 2)]);
    }

    #[test]
    fn drivers_too_far_of_another_class_or_excluded_are_not_asked() {
        let near = driver(1, 0.001);
        let xl = FreeDriver {
            vehicle_class: VehicleClass::Xl,
            ..driver(2, 0.001)
        };
        let far = driver(3, 0.05);
        let excluded = Request {
            excluded: HashSet::from([near.driver]),
            ..request(9, 0.0)
        };
        assert_eq!(pairs(&[excluded], &[near, xl, far]), []);
        assert_eq!(
            pairs(
                &[Request {
                    radius_m: 6000,
                    ..request(9, 0.0)
                }],
                &[far]
            ),
            [(9, 3)]
        );
    }

    #[test]
    fn the_order_of_the_input_does_not_matter() {
        let mut drivers = [driver(1, 0.01), driver(2, 0.01), driver(3, -0.01)];
        let mut requests = [request(8, 0.0), request(9, 0.0)];
        let before = pairs(&requests, &drivers);
        drivers.reverse();
        requests.reverse();
        assert_eq!(pairs(&requests, &drivers), before);
        assert_eq!(before, [(8, 1), (9, 2)]);
    }
}
