//! Vehicles of a driver.

use uuid::Uuid;
use wayfare_core::id::{DriverId, VehicleId};
use wayfare_core::vehicle::VehicleClass;
use wayfare_core::wire::{ErrorCode, NewVehicle, Vehicle};

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
    Ok(VehicleRow {
        id: Uuid::now_v7(),
        // Again, since a letter in upper case may be two.
        plate: clean_line("plate", &plate.to_uppercase(), PLATE_LENGTH_MAX)?,
        make: clean_line("make", &wanted.make, WORD_LENGTH_MAX)?,
        model: clean_line("model", &wanted.model, WORD_LENGTH_MAX)?,
        colour: clean_line("colour", &wanted.colour, WORD_LENGTH_MAX)?,
        vehicle_class: wanted.vehicle_class.as_str().to_owned(),
    })
}

fn plate_taken() -> Failure {
    Failure::refused(ErrorCode::PlateTaken, "another vehicle has this plate")
}

pub(super) fn vehicle_from(row: VehicleRow) -> Result<Vehicle, Failure> {
    Ok(Vehicle {
        id: VehicleId::from_uuid(row.id),
        plate: row.plate,
        make: row.make,
        model: row.model,
        colour: row.colour,
        vehicle_class: vehicle_class(&row.vehicle_class)?,
    })
}

pub(super) fn vehicle_class(text: &str) -> Result<VehicleClass, Failure> {
    text.parse()
        .map_err(|error| Failure::broken("reading a vehicle", error))
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
        }
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
