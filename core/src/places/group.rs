//! House numbers under their streets.

use std::collections::HashMap;

use super::fold::fold;
use super::number::HouseNumber;
use super::position::{Plane, Spot};
use super::words::canonical;
use super::{NewPlace, PlaceKind};

/// A house belongs to the street of its name that is nearest, up to here.
const STREET_REACH_M: f64 = 1_500.0;
/// Houses that are numbered through a village carry its name.
const AREA_REACH_M: f64 = 5_000.0;
/// The same number of one street this near is one house.
const SAME_HOUSE_M: f64 = 60.0;

/// A place that is not a house, with the houses that lie with it.
#[derive(Debug, Clone)]
pub(super) struct Owner {
    pub(super) place: NewPlace,
    pub(super) houses: Vec<(HouseNumber, Spot)>,
    /// Whether only houses tell that there is such a street.
    is_guessed: bool,
}

/// All places but houses, each with its houses. A street that only houses name is added.
pub(super) fn group(places: &[NewPlace]) -> Vec<Owner> {
    let mut owners: Vec<Owner> = places
        .iter()
        .filter(|place| place.kind != PlaceKind::Address)
        .map(|place| Owner {
            place: place.clone(),
            houses: Vec::new(),
            is_guessed: false,
        })
        .collect();
    let mut keys = Keys::default();
    let mut by_key: HashMap<String, Vec<usize>> = HashMap::new();
    for (index, owner) in owners.iter().enumerate() {
        if owner.place.kind != PlaceKind::Poi {
            let key = keys.of(&owner.place.name).to_owned();
            by_key.entry(key).or_default().push(index);
        }
    }
    for place in places {
        let number = place.number.as_deref().map(HouseNumber::of);
        let Some(number) = number.filter(|_| place.kind == PlaceKind::Address) else {
            continue;
        };
        if number.digits.is_none() && number.rest.is_empty() {
            continue;
        }
        let candidates = by_key.entry(keys.of(&place.name).to_owned()).or_default();
        let index = nearest_owner(&owners, candidates, place).unwrap_or_else(|| {
            candidates.push(owners.len());
            owners.push(guessed_street(place));
            owners.len().saturating_sub(1)
        });
        if let Some(owner) = owners.get_mut(index) {
            owner.houses.push((number, Spot::of(place.at)));
        }
    }
    owners.iter_mut().for_each(finish);
    owners
}

/// Names that differ only in accents and in how words are cut short have one key.
#[derive(Default)]
struct Keys {
    by_name: HashMap<String, String>,
}

impl Keys {
    fn of(&mut self, name: &str) -> &str {
        self.by_name.entry(name.to_owned()).or_insert_with(|| {
            let folded = fold(name);
            let words: Vec<&str> = folded.split(' ').map(canonical).collect();
            words.join(" ")
        })
    }
}

fn nearest_owner(owners: &[Owner], candidates: &[usize], house: &NewPlace) -> Option<usize> {
    let plane = Plane::at(Spot::of(house.at));
    candidates
        .iter()
        .filter_map(|index| {
            let owner = owners.get(*index)?;
            let distance_m = distance_to_owner_m(&plane, owner);
            let is_area = owner.place.kind == PlaceKind::Area;
            let reach_m = if is_area {
                AREA_REACH_M
            } else {
                STREET_REACH_M
            };
            let is_spelled_otherwise = owner.place.name != house.name;
            let rank = (is_area, is_spelled_otherwise);
            (distance_m <= reach_m).then_some((rank, distance_m, *index))
        })
        .min_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)))
        .map(|(_, _, index)| index)
}

fn distance_to_owner_m(plane: &Plane, owner: &Owner) -> f64 {
    if owner.is_guessed {
        let first = owner.houses.first().map(|(_, spot)| *spot);
        return first.map_or(f64::INFINITY, |spot| plane.distance_m(spot));
    }
    let at_point = plane.distance_m(Spot::of(owner.place.at));
    owner
        .place
        .shape
        .iter()
        .flat_map(|line| line.iter().zip(line.iter().skip(1)))
        .map(|(a, b)| plane.distance_to_line_m(Spot::of(*a), Spot::of(*b)))
        .fold(at_point, f64::min)
}

fn guessed_street(house: &NewPlace) -> Owner {
    Owner {
        place: NewPlace {
            kind: PlaceKind::Street,
            also: Vec::new(),
            number: None,
            category: "street".to_owned(),
            ..house.clone()
        },
        houses: Vec::new(),
        is_guessed: true,
    }
}

/// Sorts the houses, takes out those that come twice, and puts a guessed street among its houses.
fn finish(owner: &mut Owner) {
    owner.houses.sort();
    let mut kept: Vec<(HouseNumber, Spot)> = Vec::new();
    for (number, spot) in owner.houses.drain(..) {
        let plane = Plane::at(spot);
        let is_known = kept
            .iter()
            .rev()
            .take_while(|(other, _)| *other == number)
            .any(|(_, other)| plane.distance_m(*other) <= SAME_HOUSE_M);
        if !is_known {
            kept.push((number, spot));
        }
    }
    owner.houses = kept;
    if owner.is_guessed {
        let middle = owner.houses.len() / 2;
        if let Some(at) = owner.houses.get(middle).and_then(|(_, s)| s.position()) {
            owner.place.at = at;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::LatLng;

    fn at(north_m: f64, east_m: f64) -> LatLng {
        LatLng::from_degrees(41.0 + north_m / 111_195.0, -8.0 + east_m / 83_900.0).unwrap()
    }

    fn street(name: &str, at: LatLng) -> NewPlace {
        NewPlace {
            kind: PlaceKind::Street,
            name: name.to_owned(),
            also: Vec::new(),
            number: None,
            category: "street".to_owned(),
            context: String::new(),
            importance: 10,
            at,
            shape: Vec::new(),
        }
    }

    fn house(name: &str, number: &str, at: LatLng) -> NewPlace {
        NewPlace {
            kind: PlaceKind::Address,
            number: Some(number.to_owned()),
            ..street(name, at)
        }
    }

    fn shown(owners: &[Owner]) -> Vec<(String, Vec<u32>)> {
        owners
            .iter()
            .map(|owner| {
                let digits = owner
                    .houses
                    .iter()
                    .map(|(number, _)| number.digits.unwrap());
                (owner.place.name.clone(), digits.collect())
            })
            .collect()
    }

    #[test]
    fn a_house_lies_with_the_nearest_street_of_its_name() {
        let owners = group(&[
            street("Main Street", at(0.0, 0.0)),
            street("Main Street", at(2_000.0, 0.0)),
            house("Main St", "7", at(1_700.0, 0.0)),
            house("main street", "3", at(100.0, 0.0)),
        ]);
        assert_eq!(
            shown(&owners),
            [
                ("Main Street".to_owned(), vec![3]),
                ("Main Street".to_owned(), vec![7])
            ]
        );
    }

    #[test]
    fn a_street_that_only_houses_name_is_added_among_them() {
        let owners = group(&[
            house("Elm Street", "1", at(0.0, 0.0)),
            house("Elm Street", "3", at(50.0, 0.0)),
            house("Elm Street", "5", at(100.0, 0.0)),
            house("Elm Street", "9", at(9_000.0, 0.0)),
        ]);
        assert_eq!(
            shown(&owners),
            [
                ("Elm Street".to_owned(), vec![1, 3, 5]),
                ("Elm Street".to_owned(), vec![9])
            ]
        );
        assert!(owners[0].place.at.distance_m(at(50.0, 0.0)) < 1.0);
    }

    #[test]
    fn the_same_number_twice_is_one_house_unless_it_is_far() {
        let owners = group(&[
            street("Elm", at(0.0, 0.0)),
            house("Elm", "1", at(0.0, 0.0)),
            house("Elm", "1", at(20.0, 0.0)),
            house("Elm", "1", at(500.0, 0.0)),
        ]);
        assert_eq!(shown(&owners), [("Elm".to_owned(), vec![1, 1])]);
    }

    #[test]
    fn houses_of_a_village_without_streets_lie_with_the_village() {
        let village = NewPlace {
            kind: PlaceKind::Area,
            ..street("Mauren", at(0.0, 0.0))
        };
        let owners = group(&[village, house("Mauren", "12", at(3_000.0, 0.0))]);
        assert_eq!(shown(&owners), [("Mauren".to_owned(), vec![12])]);
    }
}
