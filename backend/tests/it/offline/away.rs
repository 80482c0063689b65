//! A driver who is away from the network: what the phone settles by itself, and sends later.

use chrono::{DateTime, SubsecRound, Utc};
use sha2::{Digest, Sha256};
use wayfare_core::id::TripId;
use wayfare_core::pricing::Tariff;
use wayfare_core::ride::{self, Ground, RideOver};
use wayfare_core::sync::{ChainHash, DeviceAction, FareClaim, TripKit};
use wayfare_core::track::TrackPoint;
use wayfare_core::track::segment::{SegmentPoint, write_segment};
use wayfare_core::trip::Event;
use wayfare_core::wire::{CommandOutcome, CommandResult, SegmentKept};

use super::phone::DevicePhone;
use crate::actors::Actor;
use crate::harness::TestServer;
use crate::people::put;

/// So many points go in one piece here.
const POINTS: usize = 100;

impl DevicePhone {
    /// Sends what was done while there was no network, in one batch.
    pub(super) async fn tells(
        &mut self,
        server: &TestServer,
        driver: &Actor,
        done: Vec<(DeviceAction, DateTime<Utc>)>,
    ) -> Vec<CommandResult> {
        for (action, at) in done {
            self.did(action, at);
        }
        self.syncs(server, driver).await
    }

    /// The same, where every command is applied.
    pub(super) async fn is_believed(
        &mut self,
        server: &TestServer,
        driver: &Actor,
        done: Vec<(DeviceAction, DateTime<Utc>)>,
    ) -> Vec<CommandResult> {
        let results = self.tells(server, driver, done).await;
        for result in &results {
            assert_eq!(result.outcome, CommandOutcome::Applied, "{result:?}");
        }
        results
    }
}

/// What a phone knows of time: whole milliseconds.
pub(super) fn by_phone(at: DateTime<Utc>) -> DateTime<Utc> {
    at.trunc_subsecs(3)
}

/// The ride of a kit after these events, as its phone settles it.
pub(super) fn claim_of(
    kit: &TripKit,
    events: &[Event],
    track: &[TrackPoint],
    ground: &impl Ground,
) -> FareClaim {
    let mut trip = kit.trip.clone();
    for event in events {
        trip.apply(event);
    }
    let over = RideOver {
        trip: &trip,
        quoted: &kit.quoted,
        tariff: &Tariff::new(kit.tariff.clone()).unwrap(),
        plan: kit.plan,
        straight: kit.straight,
        track,
    };
    ride::claim(&over, ground).unwrap()
}

impl Actor {
    pub(super) async fn gets_kit(&self, server: &TestServer, trip: TripId) -> TripKit {
        self.gets(server, &format!("/v1/trips/{trip}/kit"))
            .await
            .told(200)
    }

    /// Sends the points of a trip in as many pieces as it takes.
    pub(super) async fn sends_segments(
        &self,
        server: &TestServer,
        trip: TripId,
        track: &[TrackPoint],
    ) {
        for points in track.chunks(POINTS) {
            let points: Vec<SegmentPoint> = points
                .iter()
                .map(|point| SegmentPoint {
                    point: *point,
                    heading_cdeg: None,
                })
                .collect();
            let bytes = write_segment(&points).unwrap();
            let name = ChainHash::from_bytes(Sha256::digest(&bytes).into());
            let kept: SegmentKept = put(server, &format!("/v1/trips/{trip}/track/{name}"))
                .by(&self.session)
                .octets(bytes)
                .await
                .told(200);
            assert_eq!(usize::try_from(kept.points).unwrap(), points.len());
        }
    }
}
