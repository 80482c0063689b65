//! Vehicles of a driver.

use uuid::Uuid;
use wayfare_core::id::{DriverId, VehicleId};
use wayfare_core::vehicle::{VehicleClass, VehicleFeature, first_double};
use wayfare_core::wire::{ErrorCode, NewVehicle, Vehicle};
use wayfare_dispatch::Capacity;

use super::queries::{self, VehicleRow};
use super::service::no_profile;
use crate::app::App;
use crate::platform::clock;
use crate::platform::failure::{Failure, on_constraint};
use crate::platform::idempotency::{Asked, Begun, Work};
use crate::platform::plain_text::clean_line;

const VEHICLES_MAX: i64 = 10;
const PLATE_LENGTH_MAX: usize = 16;
const WORD_LENGTH_MAX: usize = 40;

/// Registers a vehicle.
pub(super) async fn create_vehicle(
    app: &App,
    driver: DriverId,
    wanted: &NewVehicle,
    key: Option<&str>,
) -> Result<Vehicle, Failure> {
    let row = checked(wanted)?;
    let asked = Asked {
        user: driver.into(),
        operation: "create_vehicle".to_owned(),
        key,
    };
    let mut work = match Work::begin(&app.pool, asked, wanted).await? {
        Begun::New(work) => work,
        Begun::Replayed(vehicle) => return Ok(vehicle),
    };
    let connection = work.connection();
    // The lock keeps two requests from both being the tenth.
    queries::find_driver_status_for_update(connection, driver)
        .await?
        .ok_or_else(no_profile)?;
    if queries::count_vehicles(connection, driver).await? >= VEHICLES_MAX {
        let detail = format!("a driver has at most {VEHICLES_MAX} vehicles");
        return Err(Failure::refused(ErrorCode::DriverProfile, detail));
    }
    queries::insert_vehicle(connection, driver, &row, clock::now())
        .await
        .map_err(|error| on_constraint(error, "vehicles_plate_key", plate_taken))?;
    let vehicle = work.commit(vehicle_from(row)?).await?;
    tracing::info!(driver = %driver, vehicle = %vehicle.id, "vehicle registered");
    Ok(vehicle)
}

fn checked(wanted: &NewVehicle) -> Result<VehicleRow, Failure> {
    let plate = clean_line("plate", &wanted.plate, PLATE_LENGTH_MAX)?;
    let mut features = wanted.features.clone();
    features.sort_unstable();
    if let Some(feature) = first_double(&features) {
        let detail = format!("features: `{}` is named more than once", feature.as_str());
        return Err(Failure::refused(ErrorCode::InvalidRequest, detail));
    }
    let load_kg = wanted.load_kg.map(i32::try_from).transpose();
    Ok(VehicleRow {
        id: Uuid::now_v7(),
        // Again, since a letter in upper case may be two.
        plate: clean_line("plate", &plate.to_uppercase(), PLATE_LENGTH_MAX)?,
        make: clean_line("make", &wanted.make, WORD_LENGTH_MAX)?,
        model: clean_line("model", &wanted.model, WORD_LENGTH_MAX)?,
        colour: clean_line("colour", &wanted.colour, WORD_LENGTH_MAX)?,
        vehicle_class: wanted.vehicle_class.as_str().to_owned(),
        features: features.iter().map(|f| f.as_str().to_owned()).collect(),
        seats: wanted.seats.map(i16::from),
        load_kg: load_kg
            .map_err(|_| Failure::refused(ErrorCode::InvalidRequest, "load_kg: it is too large"))?,
    })
}

fn plate_taken() -> Failure {
    Failure::refused(ErrorCode::PlateTaken, "another vehicle has this plate")
}

pub(super) fn vehicle_from(row: VehicleRow) -> Result<Vehicle, Failure> {
    let class = vehicle_class(&row.vehicle_class)?;
    Ok(Vehicle {
        id: VehicleId::from_uuid(row.id),
        plate: row.plate,
        make: row.make,
        model: row.model,
        colour: row.colour,
        vehicle_class: class,
        features: features(&row.features)?,
        seats: Some(seats(class, row.seats)?),
        load_kg: row.load_kg.map(u32::try_from).transpose().map_err(broken)?,
    })
}

/// How much a vehicle takes. Who did not say how many it seats drives one that is usual for its
/// class; who did not say what it carries drives no freight.
pub(super) fn capacity(
    class: VehicleClass,
    known_seats: Option<i16>,
    load_kg: Option<i32>,
) -> Result<Capacity, Failure> {
    Ok(Capacity {
        seats: seats(class, known_seats)?,
        load_kg: u32::try_from(load_kg.unwrap_or(0)).map_err(broken)?,
    })
}

fn seats(class: VehicleClass, known: Option<i16>) -> Result<u8, Failure> {
    known.map_or(Ok(class.seats()), |seats| {
        u8::try_from(seats).map_err(broken)
    })
}

pub(super) fn features(texts: &[String]) -> Result<Vec<VehicleFeature>, Failure> {
    texts
        .iter()
        .map(|text| text.parse().map_err(broken))
        .collect()
}

pub(super) fn vehicle_class(text: &str) -> Result<VehicleClass, Failure> {
    text.parse().map_err(broken)
}

fn broken(error: impl std::error::Error + Send + Sync + 'static) -> Failure {
    Failure::broken("reading a vehicle", error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vehicle(plate: &str) -> NewVehicle {
        NewVehicle {
            plate: plate.to_owned(),
            make: " Dacia ".to_owned(),
            model: "Jogger".to_owned(),
            colour: "blue".to_owned(),
            vehicle_class: VehicleClass::Xl,
            features: Vec::new(),
            seats: None,
            load_kg: None,
        }
    }

    #[test]
    fn a_feature_is_named_once() {
        let mut wanted = vehicle("AA-00-BB");
        wanted.features = vec![VehicleFeature::Pets, VehicleFeature::Wheelchair];
        assert_eq!(checked(&wanted).unwrap().features, ["wheelchair", "pets"]);
        wanted.features.push(VehicleFeature::Pets);
        let failure = checked(&wanted).err().unwrap();
        assert_eq!(failure.code(), ErrorCode::InvalidRequest);
    }

    #[test]
    fn a_vehicle_seats_what_is_usual_unless_its_driver_knows_better() {
        let seats = |class, known| capacity(class, known, None).unwrap().seats;
        assert_eq!(seats(VehicleClass::Standard, None), 4);
        assert_eq!(seats(VehicleClass::Xl, None), 6);
        assert_eq!(seats(VehicleClass::Xl, Some(8)), 8);
    }

    #[test]
    fn plates_are_kept_in_one_spelling() {
        let row = checked(&vehicle(" aa-00-bb ")).unwrap();
        assert_eq!(
            (row.plate.as_str(), row.make.as_str()),
            ("AA-00-BB", "Dacia")
        );
    }

    #[test]
    fn a_plate_that_grows_too_long_in_upper_case_is_refused() {
        assert_eq!(
            checked(&vehicle(&"ß".repeat(8))).unwrap().plate,
            "SS".repeat(8)
        );
        let failure = checked(&vehicle(&"ß".repeat(9))).err().unwrap();
        assert_eq!(failure.code(), ErrorCode::InvalidRequest);
    }
}
