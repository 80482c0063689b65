//! Names, numbers and cars of the people in the city: the same person for the same number.

use wayfare_core::phone::{Phone, PhoneError};
use wayfare_core::vehicle::VehicleClass;
use wayfare_core::wire::{NewVehicle, Passenger};

use crate::login::DriverPapers;

const FIRST_NAMES: [&str; 40] = [
    "Ana", "Rui", "Marta", "João", "Inês", "Tiago", "Sofia", "Pedro", "Beatriz", "Luís", "Clara",
    "Nuno", "Lara", "Hugo", "Rita", "Bruno", "Diana", "Paulo", "Elsa", "Vasco", "Joana", "Miguel",
    "Carla", "André", "Teresa", "Filipe", "Alice", "Jorge", "Helena", "Duarte", "Olga", "Simão",
    "Vera", "Artur", "Noémia", "César", "Lúcia", "Mário", "Iris", "Gaspar",
];
const LAST_NAMES: [&str; 29] = [
    "Almeida",
    "Barros",
    "Carvalho",
    "Dias",
    "Esteves",
    "Faria",
    "Gomes",
    "Henriques",
    "Ivo",
    "Jardim",
    "Lopes",
    "Matos",
    "Neves",
    "Oliveira",
    "Pinto",
    "Queirós",
    "Rocha",
    "Sousa",
    "Teixeira",
    "Vaz",
    "Xavier",
    "Zagalo",
    "Antunes",
    "Brito",
    "Coelho",
    "Duarte",
    "Fonseca",
    "Guerra",
    "Leal",
];
const CARS: [(&str, &str); 8] = [
    ("Toyota", "Corolla"),
    ("Renault", "Mégane"),
    ("Škoda", "Octavia"),
    ("Dacia", "Logan"),
    ("Peugeot", "308"),
    ("Tesla", "Model 3"),
    ("Opel", "Astra"),
    ("Hyundai", "Ioniq"),
];
const VANS: [(&str, &str); 3] = [
    ("Ford", "Galaxy"),
    ("Citroën", "SpaceTourer"),
    ("Dacia", "Jogger"),
];
const COLOURS: [&str; 7] = ["white", "silver", "black", "blue", "red", "grey", "green"];
/// Passengers have the names of riders so many numbers later.
const PASSENGERS_AFTER: usize = 517;
/// One car in so many is large.
const XL_EVERY: usize = 6;

/// The name of a driver. Two share one only after 1,160 others.
pub fn driver_name(index: usize) -> String {
    format!(
        "{} {}",
        pick(&FIRST_NAMES, index),
        pick(
            &LAST_NAMES,
            index
                .wrapping_mul(7)
                .wrapping_add(index / FIRST_NAMES.len())
        )
    )
}

/// The name of a rider: the same names in another order, so that few drivers ride under theirs.
pub fn rider_name(index: usize) -> String {
    let first = index.wrapping_mul(11).wrapping_add(5);
    let last = index
        .wrapping_mul(3)
        .wrapping_add(13)
        .wrapping_add(index / FIRST_NAMES.len());
    format!("{} {}", pick(&FIRST_NAMES, first), pick(&LAST_NAMES, last))
}

/// The number of a driver.
pub fn driver_phone(index: usize) -> Result<Phone, PhoneError> {
    format!("+351911{index:06}").parse()
}

/// The number of a rider.
pub fn rider_phone(index: usize) -> Result<Phone, PhoneError> {
    format!("+351921{index:06}").parse()
}

/// Whom a rider asks for a trip for, now and then: somebody with a number of their own.
pub fn passenger(index: usize) -> Result<Passenger, PhoneError> {
    Ok(Passenger {
        name: rider_name(index.wrapping_add(PASSENGERS_AFTER)),
        phone: format!("+351931{index:06}").parse()?,
    })
}

/// The papers of a driver.
pub fn papers(index: usize) -> DriverPapers {
    let is_xl = index % XL_EVERY == XL_EVERY - 1;
    let (make, model) = if is_xl {
        pick(&VANS, index / XL_EVERY)
    } else {
        pick(&CARS, index)
    };
    DriverPapers {
        name: driver_name(index),
        vehicle: NewVehicle {
            plate: format!("WF-{:02}-{:03}", index / 1000, index % 1000),
            make: make.to_owned(),
            model: model.to_owned(),
            colour: pick(&COLOURS, index / 3).to_owned(),
            vehicle_class: if is_xl {
                VehicleClass::Xl
            } else {
                VehicleClass::Standard
            },
            features: Vec::new(),
            seats: None,
            load_kg: None,
        },
    }
}

fn pick<T: Copy, const N: usize>(list: &[T; N], index: usize) -> T {
    const { assert!(N > 0) };
    #[expect(
        clippy::indexing_slicing,
        reason = "the list is not empty and the index below N"
    )]
    list[index % N]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn people_and_plates_are_told_apart() {
        let plates: HashSet<String> = (0..2500).map(|i| papers(i).vehicle.plate).collect();
        assert_eq!(plates.len(), 2500);
        for names in [driver_name, rider_name] {
            let different: HashSet<String> = (0..1000).map(names).collect();
            assert!(different.len() > 990, "{}", different.len());
        }
        let same = (0..120)
            .filter(|i| driver_name(*i) == rider_name(*i))
            .count();
        assert!(same < 5, "{same}");
        let phones = [
            driver_phone(7).unwrap(),
            rider_phone(7).unwrap(),
            passenger(7).unwrap().phone,
        ];
        assert_eq!(HashSet::from(phones).len(), 3);
        assert_ne!(passenger(7).unwrap().name, rider_name(7));
        let large = (0..120).filter(|i| papers(*i).vehicle.vehicle_class == VehicleClass::Xl);
        assert_eq!(large.count(), 20);
    }
}
