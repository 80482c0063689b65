//! The driver's phone reports where the car is, by itself.

use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use wayfare_core::client::Client;
use wayfare_core::wire::{LocationBatch, LocationPoint};

use crate::fleet::CarState;
use crate::people;
use crate::world::{Phase, World};

/// Simulated seconds between two points, on a trip and without one.
const POINT_EVERY_S: (f64, f64) = (3.0, 10.0);
/// However fast simulated time runs, points are this far apart in reality.
const POINT_EVERY_MIN: Duration = Duration::from_millis(500);
/// Real time between two batches, on a trip and without one, when points come faster than that.
const BATCH_EVERY: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(4));
/// The most points that one batch may hold.
const BATCH_MAX: usize = 100;
const ACCURACY_M: f64 = 6.0;

/// The task that reports; it ends with this value.
#[derive(Debug)]
pub(super) struct Reporter(JoinHandle<()>);

impl Reporter {
    pub(super) fn start(world: Arc<World>, client: Client, car: usize) -> Self {
        Self(tokio::spawn(report(world, client, car)))
    }
}

impl Drop for Reporter {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A batch of the car's present position alone.
pub(super) fn here(world: &World, car: usize) -> Option<LocationBatch> {
    Some(LocationBatch {
        points: vec![point(world, car)?],
    })
}

async fn report(world: Arc<World>, client: Client, car: usize) {
    let mut points: Vec<LocationPoint> = Vec::new();
    let mut sent = Instant::now();
    loop {
        let on_trip = !matches!(
            world.fleet.state(car),
            Some(CarState::Free | CarState::Offline)
        );
        let (every_s, batch_every) = if on_trip {
            (POINT_EVERY_S.0, BATCH_EVERY.0)
        } else {
            (POINT_EVERY_S.1, BATCH_EVERY.1)
        };
        tokio::time::sleep(world.clock.real(every_s).max(POINT_EVERY_MIN)).await;
        points.extend(point(&world, car));
        if sent.elapsed() < batch_every && points.len() < BATCH_MAX {
            continue;
        }
        let batch = LocationBatch {
            points: std::mem::take(&mut points),
        };
        sent = Instant::now();
        if let Err(error) = client.send_locations(&batch).await
            && world.phase() < Phase::Stopping
        {
            world
                .tally
                .unexpected(&people::driver_name(car), "reporting positions", &error);
        }
    }
}

fn point(world: &World, car: usize) -> Option<LocationPoint> {
    let fix = world.fleet.fix(car)?;
    Some(LocationPoint {
        t: Utc::now(),
        lat: fix.at.lat(),
        lng: fix.at.lng(),
        accuracy_m: ACCURACY_M,
        speed_mps: Some(fix.speed_mps),
        heading_deg: Some(fix.heading_deg),
    })
}
