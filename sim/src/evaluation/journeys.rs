//! Who wants to go from where to where, and when: from records or drawn from the city.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rand::RngExt;
use wayfare_core::geo::LatLng;

use super::order::{DemandOrder, ReplayOrder, Source};
use super::ways::way;
use crate::chance::{Chance, Stream, chance, normal};
use crate::city::{City, Plane};
use crate::demand::{Demand, Wish};
use crate::replay::{Replay, ReplayError};

/// More riders than this are not a city's day but a mistake.
const RIDERS_MAX: usize = 1_000_000;
/// A rider who is like a recorded one asks up to so many seconds before or after, from around there.
const LIKE_WITHIN_S: f64 = 300.0;
const LIKE_SPREAD_M: f64 = 100.0;
/// A recorded duration counts if it is so many times what the roads say; others are taken for trips
/// with stops on the way, or for meters that were stopped late.
const PLAUSIBLE: std::ops::RangeInclusive<f64> = 0.5..=3.0;
/// When drawn demand begins: a Monday.
const DRAWN_BEGIN: DateTime<Utc> = match DateTime::from_timestamp(1_767_571_200, 0) {
    Some(at) => at,
    None => DateTime::<Utc>::UNIX_EPOCH,
};

/// Why there is no demand.
#[derive(Debug, thiserror::Error)]
pub enum JourneyError {
    /// The records cannot be used.
    #[error(transparent)]
    Records(#[from] ReplayError),
    /// All of them lie outside the hours.
    #[error("none of the {trips} trips was requested in the hours that were asked for")]
    NoneInHours {
        /// How many there are.
        trips: usize,
    },
    /// No way for anybody.
    #[error("no road leads from the pickup of any of the {trips} trips to its dropoff")]
    NoRoad {
        /// How many there are.
        trips: usize,
    },
    /// More than can be meant.
    #[error("a demand of more than {RIDERS_MAX} trips is not replayed")]
    TooMany,
}

/// Somebody's way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Journey {
    /// Since the beginning.
    pub at: Duration,
    /// Where the rider waits.
    pub pickup: LatLng,
    /// Where the rider goes.
    pub dropoff: LatLng,
    /// What the roads say that the ride takes.
    pub by_road: Duration,
    /// What it takes: as recorded if that is plausible, else what the roads say.
    pub takes: Duration,
}

/// Everybody's ways, in the order of their time.
#[derive(Debug, Clone)]
pub struct Journeys {
    /// In the order of their time.
    pub list: Vec<Journey>,
    /// The moment of time zero.
    pub begins_at: DateTime<Utc>,
    /// From time zero to the end of the demand.
    pub span: Duration,
    /// Trips left out because an end is off the map or no road leads there.
    pub left_out: usize,
    /// Rides that take as long as was recorded.
    pub recorded: usize,
}

impl Journeys {
    /// The pickup of any of them.
    pub fn draw_pickup(&self, chance: &mut Chance) -> Option<LatLng> {
        if self.list.is_empty() {
            return None;
        }
        let any = chance.random_range(0..self.list.len());
        self.list.get(any).map(|journey| journey.pickup)
    }
}

/// What is wanted before it is known whether roads lead there.
struct Wishes {
    list: Vec<Wish>,
    begins_at: DateTime<Utc>,
    off_map: usize,
}

/// The demand that is ordered.
pub(super) fn of(order: &ReplayOrder, city: &Arc<City>) -> Result<Journeys, JourneyError> {
    let mut wishes = match order.demand.source() {
        Source::Records(path) => recorded(&Replay::read(path, &city.roads, &city.name)?),
        Source::Drawn(per_hour) => drawn(order, city, per_hour)?,
    };
    let trips = wishes.list.len();
    let span = cut(&mut wishes, &order.demand);
    if wishes.list.is_empty() {
        return Err(JourneyError::NoneInHours { trips });
    }
    wishes.list = multiplied(&wishes.list, order)?;
    let journeys = on_roads(&wishes, city, span);
    if journeys.list.is_empty() {
        let trips = wishes.list.len();
        return Err(JourneyError::NoRoad { trips });
    }
    Ok(journeys)
}

fn recorded(replay: &Replay) -> Wishes {
    Wishes {
        list: replay.wishes().copied().collect(),
        begins_at: replay.first_at,
        off_map: replay.off_map,
    }
}

fn drawn(order: &ReplayOrder, city: &Arc<City>, per_hour: f64) -> Result<Wishes, JourneyError> {
    let until_s = (order.demand.from + order.demand.hours.unwrap_or_default()) * 3600.0;
    let mut demand = Demand::drawn(city.clone(), per_hour, order.seed);
    let coming = std::iter::from_fn(|| demand.next_wish());
    let list: Vec<Wish> = coming
        .take_while(|wish| wish.at_s < until_s)
        .take(RIDERS_MAX + 1)
        .collect();
    if list.len() > RIDERS_MAX {
        return Err(JourneyError::TooMany);
    }
    Ok(Wishes {
        list,
        begins_at: DRAWN_BEGIN,
        off_map: 0,
    })
}

/// Keeps the hours that are wanted, and lets them begin at zero. Answers how long they are.
fn cut(wishes: &mut Wishes, demand: &DemandOrder) -> Duration {
    let from_s = demand.from * 3600.0;
    let last_s = wishes.list.last().map_or(0.0, |wish| wish.at_s);
    let until_s = demand.hours.map_or(last_s, |hours| from_s + hours * 3600.0);
    wishes
        .list
        .retain(|wish| (from_s..=until_s).contains(&wish.at_s));
    for wish in &mut wishes.list {
        wish.at_s -= from_s;
    }
    wishes.begins_at += Duration::from_secs_f64(from_s);
    // A single trip has no length, and shares of nothing are none.
    Duration::from_secs_f64((until_s - from_s).max(1.0))
}

/// So many times the demand: a part of it, or with riders who are like the recorded ones.
fn multiplied(list: &[Wish], order: &ReplayOrder) -> Result<Vec<Wish>, JourneyError> {
    let mut chance = chance(order.seed, Stream::Demand);
    let mut all = Vec::new();
    for wish in list {
        let mut left = order.demand.demand;
        while left > 0.0 {
            // The last one comes as often as the rest of the factor says.
            if chance.random::<f64>() < left {
                let is_first = left == order.demand.demand;
                all.push(if is_first {
                    *wish
                } else {
                    like(wish, &mut chance)
                });
            }
            left -= 1.0;
        }
        if all.len() > RIDERS_MAX {
            return Err(JourneyError::TooMany);
        }
    }
    all.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
    Ok(all)
}

fn like(wish: &Wish, chance: &mut Chance) -> Wish {
    let near = |at: LatLng, chance: &mut Chance| {
        let (east_m, north_m) = (normal(chance), normal(chance));
        Plane::around(at).at(LIKE_SPREAD_M * east_m, LIKE_SPREAD_M * north_m)
    };
    let shift_s = chance.random_range(-LIKE_WITHIN_S..LIKE_WITHIN_S);
    Wish {
        at_s: (wish.at_s + shift_s).max(0.0),
        pickup: near(wish.pickup, chance),
        dropoff: near(wish.dropoff, chance),
        driven_s: wish.driven_s,
    }
}

fn on_roads(wishes: &Wishes, city: &Arc<City>, span: Duration) -> Journeys {
    let mut journeys = Journeys {
        list: Vec::with_capacity(wishes.list.len()),
        begins_at: wishes.begins_at,
        span,
        left_out: wishes.off_map,
        recorded: 0,
    };
    for wish in &wishes.list {
        let Some(way) = way(&city.roads, wish.pickup, wish.dropoff) else {
            journeys.left_out += 1;
            continue;
        };
        let by_road_s = way.duration.as_secs_f64();
        let recorded = wish
            .driven_s
            .filter(|driven_s| by_road_s > 0.0 && PLAUSIBLE.contains(&(driven_s / by_road_s)));
        journeys.recorded += usize::from(recorded.is_some());
        journeys.list.push(Journey {
            at: Duration::from_secs_f64(wish.at_s),
            pickup: wish.pickup,
            dropoff: wish.dropoff,
            by_road: way.duration,
            takes: recorded.map_or(way.duration, Duration::from_secs_f64),
        });
    }
    journeys
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::city::testing;
    use crate::cli::{Cli, Command};

    const RECORDS: &str = "requested_at,pickup_lon,pickup_lat,dropoff_lon,dropoff_lat,driven_s\n\
        2013-07-01T00:00:00Z,-8.629,41.160,-8.640,41.165,230\n\
        2013-07-01T00:30:00Z,-8.620,41.165,-8.629,41.158,\n\
        2013-07-01T01:10:00Z,-8.620,41.165,-8.629,41.158,90000\n\
        2013-07-01T01:40:00Z,-8.640,41.165,-8.629,41.160,240\n\
        2013-07-01T02:00:00Z,2.35,48.85,-8.629,41.158,300\n";

    fn order(more: &[&str]) -> ReplayOrder {
        let needed = ["wayfare-sim", "replay", "--city", "pack", "--fleet", "3"];
        let cli = Cli::try_parse_from(needed.iter().chain(more)).unwrap();
        let Command::Replay(order) = cli.command else {
            panic!("asked for a replay");
        };
        order
    }

    fn of_records(more: &[&str]) -> Result<Journeys, JourneyError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trips.csv");
        std::fs::write(&path, RECORDS).unwrap();
        let trips = ["--trips", path.to_str().unwrap()];
        of(&order(&[&trips, more].concat()), &testing::city())
    }

    fn minutes(journeys: &Journeys) -> Vec<u64> {
        let list = journeys.list.iter();
        list.map(|journey| journey.at.as_secs() / 60).collect()
    }

    #[test]
    fn a_ride_takes_as_long_as_recorded_if_that_is_plausible() {
        let journeys = of_records(&[]).unwrap();
        assert_eq!(minutes(&journeys), [0, 30, 70, 100]);
        assert_eq!((journeys.left_out, journeys.recorded), (1, 2));
        let [first, second, third, _] = journeys.list[..] else {
            panic!("four journeys");
        };
        assert_eq!(first.takes, Duration::from_secs(230));
        assert_ne!(first.by_road, first.takes);
        assert_eq!(second.takes, second.by_road);
        assert_eq!(third.takes, third.by_road);
    }

    #[test]
    fn hours_begin_where_they_are_wanted() {
        let journeys = of_records(&["--from", "0.5", "--hours", "1"]).unwrap();
        assert_eq!(minutes(&journeys), [0, 40]);
        assert_eq!(journeys.span, Duration::from_secs(3600));
        assert_eq!(journeys.begins_at.to_rfc3339(), "2013-07-01T00:30:00+00:00");
        let none = of_records(&["--from", "7"]).unwrap_err();
        assert!(matches!(none, JourneyError::NoneInHours { trips: 4 }));
    }

    #[test]
    fn a_multiple_of_the_demand_adds_riders_who_are_like_the_recorded_ones() {
        let journeys = of_records(&["--demand", "3"]).unwrap();
        assert_eq!(journeys.list.len(), 12);
        assert!(journeys.list.is_sorted_by_key(|journey| journey.at));
        let recorded = of_records(&[]).unwrap();
        for journey in &journeys.list {
            let is_like = |other: &Journey| {
                other.pickup.distance_m(journey.pickup) < 600.0
                    && other.at.abs_diff(journey.at) <= Duration::from_secs_f64(LIKE_WITHIN_S)
            };
            assert!(recorded.list.iter().any(is_like), "{journey:?}");
        }
        for original in &recorded.list {
            assert!(journeys.list.contains(original), "{original:?}");
        }
        let half = of_records(&["--demand", "0.5"]).unwrap();
        assert!(half.list.len() < 4 && half.list.iter().all(|one| recorded.list.contains(one)));
    }

    #[test]
    fn drawn_riders_come_for_as_long_as_is_wanted() {
        let drawn = |seed| {
            let riders = ["--riders-per-hour", "60", "--hours", "2", "--seed", seed];
            of(&order(&riders), &testing::city()).unwrap()
        };
        let journeys = drawn("1");
        assert!(
            (80..160).contains(&journeys.list.len()),
            "{}",
            journeys.list.len()
        );
        assert_eq!(journeys.list, drawn("1").list);
        assert_ne!(journeys.list, drawn("2").list);
    }
}
