//! How a rider says where to go: types the name of a street or of a place, and picks it from what
//! the search finds.

use rand::RngExt;
use wayfare_core::geo::LatLng;
use wayfare_core::places::{FoundPlace, PlaceKind};
use wayfare_core::wire::{PlaceSort, PlaceView};

use super::Rider;
use crate::actor::Halt;
use crate::chance::Chance;
use crate::demand::Wish;
use crate::tally::Found;

/// A street or place so near to where the rider wants to go is what the rider looks for.
const NEAR_M: f64 = 250.0;
const NEAR_MAX: usize = 20;
/// What was picked is where the rider goes if it is so near to what the rider had in mind; else the
/// rider moves the pin.
const PIN_M: f64 = 120.0;
/// Riders who go to a street rather than to something in it.
const TO_STREET: f64 = 0.75;
/// How riders type: the beginning, with a slip, without accents; else all of it.
const TYPES_BEGINNING: f64 = 0.45;
const SLIPS: f64 = 0.2;
const PLAIN: f64 = 0.15;
/// Nobody who types a beginning stops before so many letters, or so much of the name.
const LETTERS_MIN: usize = 7;
const BEGINNING: std::ops::Range<f64> = 0.55..0.95;

/// What a rider looks for and types.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Query {
    /// What it is called.
    pub(super) name: String,
    /// Street or something else.
    kind: PlaceKind,
    /// What the rider types first.
    pub(super) typed: String,
}

impl Query {
    /// Draws what the rider calls the place. Always draws the same number of times.
    pub(super) fn draw(chance: &mut Chance, around: &[FoundPlace]) -> Option<Self> {
        let to_street = chance.random::<f64>() < TO_STREET;
        let (style, place) = (chance.random::<f64>(), chance.random::<f64>());
        let of = |wanted: PlaceKind| around.iter().find(|place| place.kind == wanted);
        let (street, poi) = (of(PlaceKind::Street), of(PlaceKind::Poi));
        let found = if to_street {
            street.or(poi)
        } else {
            poi.or(street)
        }?;
        Some(Self {
            name: found.name.clone(),
            kind: found.kind,
            typed: typed(&found.name, style, place),
        })
    }

    fn is_met_by(&self, found: &PlaceView) -> bool {
        let sort = match self.kind {
            PlaceKind::Address => PlaceSort::Address,
            PlaceKind::Street => PlaceSort::Street,
            PlaceKind::Poi => PlaceSort::Poi,
            PlaceKind::Area => PlaceSort::Area,
        };
        found.kind == sort && found.name == self.name
    }
}

/// What is typed for a name; `style` and `place` are from 0 to 1.
fn typed(name: &str, style: f64, place: f64) -> String {
    let letters: Vec<char> = name.chars().collect();
    let share = |part: f64, of: usize| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a position in a name"
        )]
        let position = (part * of as f64) as usize;
        position.min(of.saturating_sub(1))
    };
    if style < TYPES_BEGINNING {
        let part = BEGINNING.start + place * (BEGINNING.end - BEGINNING.start);
        let count = share(part, letters.len()).max(LETTERS_MIN);
        return letters
            .iter()
            .take(count)
            .collect::<String>()
            .to_lowercase();
    }
    if style < TYPES_BEGINNING + SLIPS {
        // The last word is the one that counts; slips in its first letter are rare.
        let last_word = letters.iter().rposition(|letter| *letter == ' ');
        let start = last_word.map_or(1, |space| space + 2);
        let room = letters.len().saturating_sub(start + 1);
        if room >= 3 {
            let slip = start + share(place, room);
            let mut letters = letters;
            letters.swap(slip, slip + 1);
            return letters.into_iter().collect();
        }
    }
    if style > 1.0 - PLAIN {
        return letters.into_iter().map(without_accent).collect();
    }
    name.to_owned()
}

fn without_accent(letter: char) -> char {
    let accented = "áàâãéêíóôõúçÁÀÂÉÍÓÚ".chars();
    let plain = "aaaaeeioooucAAAEIOU".chars();
    let pair = accented.zip(plain).find(|(from, _)| *from == letter);
    pair.map_or(letter, |(_, to)| to)
}

impl Rider {
    /// Draws what the rider will look for: what is near to where the rider wants to go.
    pub(super) fn draw_query(&mut self, wish: &Wish) -> Option<Query> {
        let places = &self.phoned.world.city.places;
        let around = places.reverse(wish.dropoff, NEAR_M, NEAR_MAX);
        Query::draw(&mut self.chance, &around)
    }

    /// Looks for where to go. Gives the place if it was found where the rider had it in mind.
    pub(super) async fn look_for(
        &self,
        wish: &Wish,
        query: &Query,
    ) -> Result<Option<LatLng>, Halt> {
        let tally = &self.phoned.world.tally;
        let name = &self.phoned.name;
        let mut found = self.search(wish, query, &query.typed).await?;
        let mut how = Found::AtOnce;
        if found.is_none() && query.typed != query.name {
            found = self.search(wish, query, &query.name).await?;
            how = Found::Corrected;
        }
        let Some(found) = found else {
            tally.searched(Found::Not);
            tally.event(format!(
                "{name} looks for {} and does not find it",
                query.name
            ));
            return Ok(None);
        };
        tally.searched(how);
        tally.event(format!(
            "{name} types “{}” and picks {}",
            query.typed, found.name
        ));
        let at = LatLng::try_from(found.at).ok();
        Ok(at.filter(|at| at.distance_m(wish.dropoff) < PIN_M))
    }

    async fn search(
        &self,
        wish: &Wish,
        query: &Query,
        text: &str,
    ) -> Result<Option<PlaceView>, Halt> {
        let phoned = &self.phoned;
        let searching = phoned.client.search_places(text, Some(wish.pickup));
        let found = phoned.ask_plainly("searching a place", searching).await?;
        Ok(found.into_iter().find(|place| query.is_met_by(place)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::{Stream, chance};

    fn place(kind: PlaceKind, name: &str) -> FoundPlace {
        FoundPlace {
            kind,
            name: name.to_owned(),
            category: String::new(),
            context: String::new(),
            at: LatLng::from_degrees(41.0, -8.0).unwrap(),
            distance_m: Some(10.0),
        }
    }

    #[test]
    fn riders_type_beginnings_slips_and_plain_letters() {
        let name = "Rua das Camélias";
        assert_eq!(typed(name, 0.1, 0.0), "rua das ");
        assert_eq!(typed(name, 0.1, 0.99), "rua das camélia");
        assert_eq!(typed(name, 0.5, 0.0), "Rua das Cmaélias");
        assert_eq!(typed(name, 0.99, 0.0), "Rua das Camelias");
        assert_eq!(typed(name, 0.8, 0.0), name);
        assert_eq!(typed("Sé", 0.5, 0.9), "Sé", "too short for a slip");
        assert_eq!(typed("", 0.1, 0.9), "");
    }

    #[test]
    fn a_rider_looks_for_a_street_more_often_than_for_a_house() {
        let around = [
            place(PlaceKind::Address, "Rua do Sol 4"),
            place(PlaceKind::Poi, "Café do Sol"),
            place(PlaceKind::Street, "Rua do Sol"),
        ];
        let mut chance = chance(1, Stream::Rider(0));
        let streets = (0..400)
            .filter_map(|_| Query::draw(&mut chance, &around))
            .filter(|query| query.name == "Rua do Sol")
            .count();
        assert!((260..340).contains(&streets), "{streets} of 400");
        assert_eq!(Query::draw(&mut chance, &around[..1]), None);
    }
}
