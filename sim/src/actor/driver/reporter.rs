//! The driver's phone reports where the car is, by itself.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::Instant;
use wayfare_core::client::Client;

use crate::fleet::CarState;
use crate::people;
use crate::track_log::{BATCH_MAX, TrackLog};
use crate::world::{Phase, World};

/// Simulated seconds between two points, on a trip and without one.
const POINT_EVERY_S: (f64, f64) = (3.0, 10.0);
/// However fast simulated time runs, points are this far apart in reality.
const POINT_EVERY_MIN: Duration = Duration::from_millis(500);
/// Real time between two batches, on a trip and without one, when points come faster than that.
const BATCH_EVERY: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(4));

/// The task that reports; it ends with this value. The log outlives it, with all points that were
/// not sent.
#[derive(Debug)]
pub(super) struct Reporter(JoinHandle<()>);

impl Reporter {
    pub(super) fn start(world: Arc<World>, client: Client, log: Arc<TrackLog>, car: usize) -> Self {
        Self(tokio::spawn(async move {
            tokio::join!(measure(&world, &log, car), send(&world, &client, &log, car));
        }))
    }
}

impl Drop for Reporter {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The phone measures whether or not the server can be reached.
async fn measure(world: &World, log: &TrackLog, car: usize) {
    loop {
        let (on_trip, without) = POINT_EVERY_S;
        let every_s = if is_on_trip(world, car) {
            on_trip
        } else {
            without
        };
        tokio::time::sleep(world.clock.real(every_s).max(POINT_EVERY_MIN)).await;
        if let Some(fix) = world.fleet.fix(car) {
            log.measure(&fix);
        }
    }
}

async fn send(world: &World, client: &Client, log: &TrackLog, car: usize) {
    let mut sent = Instant::now();
    loop {
        tokio::time::sleep(POINT_EVERY_MIN).await;
        let (on_trip, without) = BATCH_EVERY;
        let batch_every = if is_on_trip(world, car) {
            on_trip
        } else {
            without
        };
        let waiting = log.waiting();
        if waiting == 0 || (sent.elapsed() < batch_every && waiting < BATCH_MAX) {
            continue;
        }
        sent = Instant::now();
        if let Err(error) = log.send(client).await
            && world.phase() < Phase::Stopping
        {
            world
                .tally
                .unexpected(&people::driver_name(car), "reporting positions", &error);
        }
    }
}

fn is_on_trip(world: &World, car: usize) -> bool {
    !matches!(
        world.fleet.state(car),
        Some(CarState::Free | CarState::Offline)
    )
}
