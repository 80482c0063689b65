//! Places and cars for tests.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use uuid::Uuid;
use wayfare_core::geo::LatLng;
use wayfare_core::id::{DriverId, VehicleId};
use wayfare_core::vehicle::VehicleClass;

use crate::car::{Capacity, CarProfile, FeatureSet, Fix, Standing};

/// A place on earth; more often one where the mathematics is difficult.
pub(super) fn anywhere() -> impl Strategy<Value = LatLng> {
    let place = |lat_e7, lng_e7| LatLng::from_e7(lat_e7, lng_e7).unwrap();
    prop_oneof![
        4 => (-900_000_000..=900_000_000, -1_800_000_000..=1_800_000_000)
            .prop_map(move |(lat_e7, lng_e7)| place(lat_e7, lng_e7)),
        1 => (899_000_000..=900_000_000, -1_800_000_000..=1_800_000_000)
            .prop_map(move |(lat_e7, lng_e7)| place(lat_e7, lng_e7)),
        1 => (-900_000_000..=-899_000_000, -1_800_000_000..=1_800_000_000)
            .prop_map(move |(lat_e7, lng_e7)| place(lat_e7, lng_e7)),
        1 => (-900_000_000..=900_000_000, prop_oneof![
                1_799_990_000..=1_800_000_000,
                -1_800_000_000..=-1_799_990_000,
            ])
            .prop_map(move |(lat_e7, lng_e7)| place(lat_e7, lng_e7)),
        1 => pentagon(),
    ]
}

/// A place near one of the twelve pentagons of H3.
fn pentagon() -> impl Strategy<Value = LatLng> {
    (0_usize..12, -30_000.0..30_000.0, -30_000.0..30_000.0).prop_map(|(number, north, east)| {
        let mut pentagons = h3o::Resolution::Seven.pentagons();
        let center = h3o::LatLng::from(pentagons.nth(number).unwrap());
        let center = LatLng::from_degrees(center.lat(), center.lng()).unwrap();
        near(center, north, east)
    })
}

/// The place some metres to the north and to the east.
pub(super) fn near(of: LatLng, north_m: f64, east_m: f64) -> LatLng {
    let lat = (of.lat() + north_m / 111_195.0).clamp(-90.0, 90.0);
    let lng = of.lng() + east_m / (111_195.0 * lat.to_radians().cos().max(1e-6));
    let lng = (lng + 540.0).rem_euclid(360.0) - 180.0;
    LatLng::from_degrees(lat, lng).unwrap()
}

pub(super) fn at(lat: f64, lng: f64) -> LatLng {
    LatLng::from_degrees(lat, lng).unwrap()
}

pub(super) fn driver(number: u128) -> DriverId {
    DriverId::from_uuid(Uuid::from_u128(number))
}

pub(super) fn second(second: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(second)
}

pub(super) fn fix(position: LatLng, at: i64) -> Fix {
    Fix {
        position,
        heading_deg: None,
        speed_mps: None,
        at: second(at),
    }
}

pub(super) fn profile() -> CarProfile {
    CarProfile {
        vehicle: VehicleId::from_uuid(Uuid::from_u128(7)),
        vehicle_class: VehicleClass::Standard,
        capacity: Capacity {
            seats: 4,
            load_kg: 200,
        },
        features: FeatureSet::default(),
    }
}

pub(super) fn standing() -> Standing {
    Standing {
        idle_since: second(0),
        rating_milli: None,
        cancel_bps: 0,
        home: None,
        queue: None,
    }
}
