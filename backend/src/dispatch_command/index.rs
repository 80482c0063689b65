//! How many positions the live index of cars takes in, and how many searches it answers, on one
//! thread; beside it a Redis with the same cars, if one is named.

use std::time::Duration;

use serde::Serialize;
use wayfare_core::geo::LatLng;
use wayfare_dispatch::measure::{Area, Fleet, IndexFigures};

use super::redis_store::{RedisFigures, RedisStore};
use crate::city_command::{Answer, CityFailure};

/// Each figure is measured for about so long.
const EACH_FOR: Duration = Duration::from_secs(1);
/// Two corners of a large city, as degrees of latitude and longitude.
const CITY: [(f64, f64); 2] = [(41.05, -8.75), (41.25, -8.5)];

/// What to measure.
#[derive(Debug)]
pub(super) struct IndexBench<'a> {
    pub(super) drivers: usize,
    pub(super) seed: u64,
    pub(super) redis: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Figures {
    #[serde(flatten)]
    index: IndexFigures,
    #[serde(skip_serializing_if = "Option::is_none")]
    redis: Option<RedisFigures>,
}

pub(super) fn run(bench: &IndexBench<'_>) -> Result<Answer, CityFailure> {
    // Whether there is a Redis is known before anything is measured.
    let redis = bench.redis.map(RedisStore::connect).transpose()?;
    let mut fleet = Fleet::new(city()?, bench.drivers, bench.seed);
    let index = fleet.measure_index(EACH_FOR);
    let redis = redis.map(|mut redis| redis.measure(&mut fleet, EACH_FOR));
    let figures = Figures {
        index,
        redis: redis.transpose()?,
    };
    Answer::of(&figures, in_words(&figures))
}

fn city() -> Result<Area, CityFailure> {
    let corner = |(lat, lng)| {
        LatLng::from_degrees(lat, lng)
            .map_err(|error| CityFailure::failed("internal", error.to_string()))
    };
    let [south_west, north_east] = CITY;
    Ok(Area {
        south_west: corner(south_west)?,
        north_east: corner(north_east)?,
    })
}

fn in_words(figures: &Figures) -> String {
    let line = |what: &str, per_s: f64| format!("{what:<36} {per_s:>12.0} per second\n");
    let index = &figures.index;
    let mut words = format!("{} cars, one thread\n", index.drivers);
    words += &line("positions noted", index.updates_per_s);
    words += &line("nearest 20 within 5 km", index.nearest20_per_s);
    if let Some(redis) = &figures.redis {
        words += &line("Redis: GEOADD, pipelined", redis.updates_per_s);
        words += &line("Redis: nearest 20 within 1 km", redis.nearest20_per_s_1km);
        words += &line("Redis: nearest 20 within 5 km", redis.nearest20_per_s_5km);
    }
    words
}
