//! A Redis with the cars of a fleet, as a measure for the live index.
//!
//! One connection is kept busy: positions go out as 1,000 GEOADD commands of one car at a time,
//! searches as 100 GEOSEARCH commands at a time. What is timed is sending them and reading the
//! replies; the commands are put together before.

use std::time::{Duration, Instant};

use redis::{Client, Connection, ConnectionLike, Pipeline, RedisError, RedisResult};
use serde::Serialize;
use uuid::Uuid;
use wayfare_core::geo::LatLng;
use wayfare_core::id::DriverId;
use wayfare_dispatch::measure::{Fleet, NEAREST};

use crate::city_command::CityFailure;

const POSITIONS_PER_BATCH: usize = 1_000;
const SEARCHES_PER_BATCH: usize = 100;
/// Searches that are measured, one after the other and over again.
const SEARCHES: usize = 2_000;
const PATIENCE: Duration = Duration::from_secs(10);

/// What Redis does per second, over one connection.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct RedisFigures {
    /// Positions of cars noted.
    pub(super) updates_per_s: f64,
    /// Searches for the nearest cars within 1 km.
    pub(super) nearest20_per_s_1km: f64,
    /// Within 5 km.
    pub(super) nearest20_per_s_5km: f64,
}

/// A Redis, and a key of our own in it.
pub(super) struct RedisStore {
    connection: Connection,
    key: String,
}

/// Commands that are sent at once.
struct Batch {
    bytes: Vec<u8>,
    commands: usize,
}

impl RedisStore {
    pub(super) fn connect(url: &str) -> Result<Self, CityFailure> {
        // The address may hold a password, so it is never told.
        let client = Client::open(url).map_err(|error| {
            let detail = format!("--redis is no address of a Redis: {error}");
            CityFailure::wrong("invalid_redis", detail)
        })?;
        let connect = || {
            let connection = client.get_connection_with_timeout(PATIENCE)?;
            connection.set_read_timeout(Some(PATIENCE))?;
            connection.set_write_timeout(Some(PATIENCE))?;
            Ok(connection)
        };
        Ok(Self {
            connection: connect().map_err(|error| unanswered(&error))?,
            key: format!("wayfare:bench:{}", Uuid::new_v4()),
        })
    }

    /// Measures each of its figures for as long as is given. The key is gone afterwards, also if
    /// something fails.
    pub(super) fn measure(
        &mut self,
        fleet: &mut Fleet,
        each_for: Duration,
    ) -> Result<RedisFigures, CityFailure> {
        let measured = self.figures(fleet, each_for);
        let cleared: RedisResult<()> = redis::cmd("DEL").arg(&self.key).query(&mut self.connection);
        let figures = measured.and_then(|figures| cleared.map(|()| figures));
        figures.map_err(|error| unanswered(&error))
    }

    fn figures(&mut self, fleet: &mut Fleet, each_for: Duration) -> RedisResult<RedisFigures> {
        let cars: Vec<(DriverId, LatLng)> = fleet.cars().collect();
        for batch in self.position_batches(&cars) {
            self.send(&batch)?;
        }
        let updates_per_s = self.updates_per_s(fleet, each_for)?;
        let places = fleet.search_places(SEARCHES);
        Ok(RedisFigures {
            updates_per_s,
            nearest20_per_s_1km: self.searches_per_s(&places, 1, each_for)?,
            nearest20_per_s_5km: self.searches_per_s(&places, 5, each_for)?,
        })
    }

    fn updates_per_s(&mut self, fleet: &mut Fleet, measured_for: Duration) -> RedisResult<f64> {
        let (mut noted, mut taken) = (0, Duration::ZERO);
        while taken < measured_for {
            let reports = fleet.drive().into_iter();
            let reports: Vec<_> = reports.map(|(car, fix)| (car, fix.position)).collect();
            let batches = self.position_batches(&reports);
            let started = Instant::now();
            for batch in &batches {
                noted += self.send(batch)?;
            }
            taken += started.elapsed();
        }
        Ok(per_second(noted, taken))
    }

    fn searches_per_s(
        &mut self,
        places: &[LatLng],
        radius_km: u32,
        measured_for: Duration,
    ) -> RedisResult<f64> {
        let batches: Vec<Batch> = places
            .chunks(SEARCHES_PER_BATCH)
            .map(|places| self.search_batch(places, radius_km))
            .collect();
        let mut searched = 0;
        let started = Instant::now();
        for batch in batches.iter().cycle() {
            searched += self.send(batch)?;
            if started.elapsed() >= measured_for {
                break;
            }
        }
        Ok(per_second(searched, started.elapsed()))
    }

    fn position_batches(&self, cars: &[(DriverId, LatLng)]) -> Vec<Batch> {
        let batch = |cars: &[(DriverId, LatLng)]| {
            let mut pipeline = Pipeline::with_capacity(cars.len());
            for (driver, at) in cars {
                let position = pipeline.cmd("GEOADD").arg(&self.key);
                let member = driver.uuid().into_bytes();
                position.arg(at.lng()).arg(at.lat()).arg(&member[..]);
            }
            Batch::of(&pipeline)
        };
        cars.chunks(POSITIONS_PER_BATCH).map(batch).collect()
    }

    fn search_batch(&self, places: &[LatLng], radius_km: u32) -> Batch {
        let mut pipeline = Pipeline::with_capacity(places.len());
        for at in places {
            let search = pipeline.cmd("GEOSEARCH").arg(&self.key);
            search.arg("FROMLONLAT").arg(at.lng()).arg(at.lat());
            search.arg("BYRADIUS").arg(radius_km).arg("km");
            search.arg("COUNT").arg(NEAREST).arg("ASC");
        }
        Batch::of(&pipeline)
    }

    /// Sends commands and reads their replies. Returns how many there were.
    fn send(&mut self, batch: &Batch) -> RedisResult<usize> {
        let replies = self
            .connection
            .req_packed_commands(&batch.bytes, 0, batch.commands)?;
        for reply in replies {
            reply.extract_error()?;
        }
        Ok(batch.commands)
    }
}

impl Batch {
    fn of(pipeline: &Pipeline) -> Self {
        Self {
            bytes: pipeline.get_packed_pipeline(),
            commands: pipeline.len(),
        }
    }
}

fn per_second(count: usize, taken: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "some millions")]
    let count = count as f64;
    (count / taken.as_secs_f64().max(1e-9)).round()
}

fn unanswered(error: &RedisError) -> CityFailure {
    CityFailure::failed(
        "redis_failed",
        format!("the Redis does not do its part: {error}"),
    )
}
