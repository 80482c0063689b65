//! When riders want to go, and from where to where: drawn from the city, or replayed from records.

use std::sync::Arc;

use wayfare_core::geo::LatLng;

use crate::chance::{Chance, Stream, chance, exponential};
use crate::city::{City, End};
use crate::replay::Replay;
use crate::tally::Ticket;

/// Somebody wants to go somewhere.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wish {
    /// Simulated seconds since the start.
    pub at_s: f64,
    /// Where the rider waits.
    pub pickup: LatLng,
    /// Where the rider goes.
    pub dropoff: LatLng,
    /// How long the ride took, in seconds, if it is on record.
    pub driven_s: Option<f64>,
}

/// A wish in the hands of a rider.
#[derive(Debug)]
pub struct Errand {
    /// What is wished.
    pub wish: Wish,
    /// Counts the wish as long as it is no trip.
    pub ticket: Ticket,
}

/// The source of wishes, in order of their time.
#[derive(Debug)]
pub enum Demand {
    /// Riders come one by one and on their own, so many an hour (a Poisson process).
    Drawn(Box<Drawn>),
    /// Riders come when they came on another day.
    Replayed(Replay),
}

/// Demand from the weights of the city's zones.
#[derive(Debug)]
pub struct Drawn {
    city: Arc<City>,
    per_s: f64,
    last_s: f64,
    chance: Chance,
}

impl Demand {
    /// So many riders per simulated hour.
    pub fn drawn(city: Arc<City>, riders_per_hour: f64, seed: u64) -> Self {
        let per_s = riders_per_hour / 3600.0;
        let chance = chance(seed, Stream::Demand);
        Self::Drawn(Box::new(Drawn {
            city,
            per_s,
            last_s: 0.0,
            chance,
        }))
    }

    /// The next wish, or `None` when the records are over. Drawn demand never ends.
    pub fn next_wish(&mut self) -> Option<Wish> {
        match self {
            Self::Drawn(drawn) => Some(drawn.next()),
            Self::Replayed(replay) => replay.next_wish(),
        }
    }

    /// A place where the next riders are likely: where drivers wait.
    pub fn draw_pickup(&self, city: &City, chance: &mut Chance) -> LatLng {
        let recorded = match self {
            Self::Drawn(_) => None,
            Self::Replayed(replay) => replay.draw_pickup(chance),
        };
        recorded.unwrap_or_else(|| city.draw_place(chance, End::Pickup))
    }
}

impl Drawn {
    fn next(&mut self) -> Wish {
        self.last_s += exponential(&mut self.chance, self.per_s);
        let (pickup, dropoff) = self.city.draw_trip(&mut self.chance);
        Wish {
            at_s: self.last_s,
            pickup,
            dropoff,
            driven_s: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::testing;

    #[test]
    fn drawn_demand_keeps_its_rate_and_its_seed() {
        let city = testing::city();
        let draw = |seed| {
            let mut demand = Demand::drawn(city.clone(), 300.0, seed);
            (0..600)
                .map(|_| demand.next_wish().unwrap())
                .collect::<Vec<_>>()
        };
        let wishes = draw(5);
        assert!(wishes.is_sorted_by(|a, b| a.at_s < b.at_s));
        let hours = wishes.last().unwrap().at_s / 3600.0;
        assert!(
            (1.7..2.3).contains(&hours),
            "600 riders at 300 an hour took {hours} hours"
        );
        assert_eq!(wishes, draw(5));
        assert_ne!(wishes, draw(6));
    }
}
