//! Rides that a phone drives by itself: what the driver does, and what the phone measures.

use chrono::{DateTime, TimeDelta, Utc};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::json;
use wayfare_core::geo::LatLng;
use wayfare_core::id::TripId;
use wayfare_core::ride::Ground;
use wayfare_core::sync::{DeviceAction, FareClaim, TripKit};
use wayfare_core::track::TrackPoint;
use wayfare_core::trip::{Event, Pin, TripStatus};
use wayfare_core::wire::{CommandResult, Point, Trip};

use super::away::{by_phone, claim_of};
use super::phone::DevicePhone;
use crate::actors::{Actor, PICKUP, drive_until, north_of_pickup};
use crate::harness::TestServer;
use crate::trips::rides::age;

/// A driver is without a network for so long before anything is sent.
const AWAY_S: i64 = 3 * 3600;

/// A ride north, in seconds since it began.
#[derive(Debug, Clone)]
pub(super) struct Drive {
    /// How far the waypoints and the dropoff are, in metres.
    pub(super) stops_m: Vec<f64>,
    /// When the car came to the waypoints, and when the driver said that it left.
    pub(super) made: Vec<(i64, Option<i64>)>,
    /// How long the driver waited at the pickup.
    pub(super) waited_s: i64,
    /// When it ended.
    pub(super) ended_s: i64,
    /// Second, metres north, and accuracy in millimetres of every point.
    pub(super) seen: Vec<(i64, f64, u32)>,
}

impl Drive {
    /// Without stops, at 10 m/s, with a point every three seconds.
    pub(super) fn straight(length_m: i64) -> Self {
        Self {
            stops_m: vec![metres(length_m)],
            made: vec![],
            waited_s: 200,
            ended_s: length_m / 10,
            seen: (0..=length_m / 30)
                .map(|n| (n * 3, metres(n * 30), 5_000))
                .collect(),
        }
    }

    /// Some ride: with stops or without, of which some are left out, where the driver forgets to say
    /// that the car goes on, and the phone sees nothing for a while or not well.
    pub(super) fn some(seed: u64) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let stops: usize = random.random_range(0..4);
        let mut at_m = 0;
        let stops_m: Vec<i64> = (0..=stops)
            .map(|_| {
                at_m += random.random_range(250..900);
                at_m
            })
            .collect();
        let speed_mps = random.random_range(6..14);
        let made_count = random.random_range(0..=stops);
        let (mut second, mut north_m) = (0, 0);
        let (mut made, mut seen) = (Vec::new(), Vec::new());
        let mut drive_to = |second: &mut i64, to_m: i64, north_m: &mut i64| {
            while *north_m < to_m {
                seen.push((*second, metres(*north_m), 4_000));
                *second += 3;
                *north_m += speed_mps * 3;
            }
            seen.push((*second, metres(*north_m), 6_000));
        };
        let mut stands = Vec::new();
        for stop_m in stops_m.iter().take(made_count) {
            drive_to(&mut second, *stop_m, &mut north_m);
            let reached_s = second + 1;
            let stand_s = random.random_range(0..400);
            stands.push((second, stand_s, north_m));
            second = reached_s + stand_s;
            let says_so = random.random_bool(0.8);
            made.push((reached_s, says_so.then_some(second)));
            if !says_so {
                break;
            }
        }
        let goes_on = made.last().is_none_or(|(_, left)| left.is_some()) || random.random();
        if goes_on {
            let end_m = stops_m.last().copied().unwrap_or(at_m);
            drive_to(&mut second, end_m, &mut north_m);
        }
        for (from_s, stand_s, stood_m) in stands {
            let standing = (1..=stand_s / 20).map(|n| (from_s + n * 20, metres(stood_m), 9_000));
            seen.extend(standing);
        }
        seen.sort_by_key(|(second, _, _)| *second);
        let hidden = random.random_range(0..second.max(1));
        let hidden = hidden..hidden + random.random_range(0..240);
        if random.random_bool(0.6) {
            seen.retain(|(second, _, _)| !hidden.contains(second));
        }
        for (_, _, accuracy_mm) in &mut seen {
            if random.random_bool(0.1) {
                *accuracy_mm = 80_000;
            }
        }
        Self {
            stops_m: stops_m.into_iter().map(metres).collect(),
            made,
            waited_s: random.random_range(0..600),
            ended_s: second + random.random_range(1..30),
            seen,
        }
    }

    pub(super) fn waypoints(&self) -> Vec<Point> {
        let (_, waypoints) = self.stops_m.split_last().unwrap();
        waypoints.iter().copied().map(north_of_pickup).collect()
    }

    pub(super) fn dropoff(&self) -> Point {
        north_of_pickup(*self.stops_m.last().unwrap())
    }

    pub(super) fn track(&self, started_at: DateTime<Utc>) -> Vec<TrackPoint> {
        let point = |(second, north_m, accuracy_mm): &(i64, f64, u32)| {
            let place = north_of_pickup(*north_m);
            TrackPoint {
                at_ms: started_at.timestamp_millis() + second * 1000,
                accuracy_mm: *accuracy_mm,
                position: LatLng::from_degrees(place.lat, place.lng).unwrap(),
                speed_mm_s: None,
            }
        };
        self.seen.iter().map(point).collect()
    }

    /// What happens on the ride of this trip, as rules and as commands, and when.
    fn steps(&self, trip: TripId, started_at: DateTime<Utc>) -> Vec<(Event, DeviceAction)> {
        let at = |second: i64| started_at + TimeDelta::seconds(second);
        let mut steps = Vec::new();
        for (stop, (reached_s, left_s)) in (0..).zip(&self.made) {
            let reached = Event::StopReached {
                stop,
                at: at(*reached_s),
            };
            steps.push((reached, DeviceAction::ReachStop { trip }));
            if let Some(left_s) = left_s {
                let left = Event::StopLeft {
                    stop,
                    at: at(*left_s),
                };
                steps.push((left, DeviceAction::LeaveStop { trip }));
            }
        }
        let completed = Event::Completed {
            at: at(self.ended_s),
        };
        let claim = None;
        steps.push((completed, DeviceAction::Complete { trip, claim }));
        steps
    }
}

/// Metres that are no more than a town is long.
fn metres(whole: i64) -> f64 {
    f64::from(i32::try_from(whole).unwrap())
}

/// A ride that a phone drove and told of.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) trip: TripId,
    pub(super) claim: FareClaim,
    pub(super) track: Vec<TrackPoint>,
    /// One of each command.
    pub(super) results: Vec<CommandResult>,
}

/// A ride without a network.
#[derive(Debug, Clone, Copy)]
pub(super) struct Away<'a> {
    pub(super) drive: &'a Drive,
    pub(super) started_at: DateTime<Utc>,
    pub(super) track: &'a [TrackPoint],
}

/// The people of a ride and what the phone knows of the ground.
#[derive(Debug)]
pub(super) struct Scene<'a, G> {
    pub(super) server: &'a TestServer,
    pub(super) alice: &'a Actor,
    pub(super) bob: &'a Actor,
    pub(super) phone: &'a mut DevicePhone,
    pub(super) ground: G,
}

impl<G: Ground> Scene<'_, G> {
    /// A trip of this drive, which bob took hours ago and then lost the network.
    pub(super) async fn bob_is_away(&self, drive: &Drive) -> Trip {
        let ride = json!({
            "pickup": PICKUP, "waypoints": drive.waypoints(), "dropoff": drive.dropoff()
        });
        let trip = self.alice.requests_ride(self.server, ride).await;
        let (server, alice, bob) = (self.server, self.alice, self.bob);
        drive_until(server, alice, bob, &trip, TripStatus::Assigned).await;
        age(self.server, trip.id, AWAY_S).await;
        alice.sees(server, trip.id).await
    }

    /// Bob drives, and tells of it when he has a network again. `forge` may change the claim.
    pub(super) async fn bob_drives(
        &mut self,
        drive: &Drive,
        forge: impl FnOnce(&mut FareClaim, &TripKit),
    ) -> Told {
        let trip = self.bob_is_away(drive).await;
        let kit = self.bob.gets_kit(self.server, trip.id).await;
        let started_at = by_phone(Utc::now() - TimeDelta::hours(2));
        let track = drive.track(started_at);
        let away = Away {
            drive,
            started_at,
            track: &track,
        };
        let (claim, done) = self.ride(&kit, trip.pin.unwrap(), away, forge);
        let results = self.phone.is_believed(self.server, self.bob, done).await;
        Told {
            trip: trip.id,
            claim,
            track,
            results,
        }
    }

    /// What bob's phone keeps of a ride.
    pub(super) fn ride(
        &self,
        kit: &TripKit,
        pin: Pin,
        away: Away<'_>,
        forge: impl FnOnce(&mut FareClaim, &TripKit),
    ) -> (FareClaim, Vec<(DeviceAction, DateTime<Utc>)>) {
        let Away {
            drive, started_at, ..
        } = away;
        let trip = kit.trip.request.trip;
        let arrived_at = started_at - TimeDelta::seconds(drive.waited_s);
        let steps = drive.steps(trip, started_at);
        let mut events = vec![
            Event::Arrived { at: arrived_at },
            Event::Started { at: started_at },
        ];
        events.extend(steps.iter().map(|(event, _)| event.clone()));
        let mut claim = claim_of(kit, &events, away.track, &self.ground);
        forge(&mut claim, kit);
        let start = DeviceAction::Start {
            trip,
            pin,
            arrived_at,
        };
        let mut done = vec![
            (DeviceAction::Arrive { trip }, arrived_at),
            (start, started_at),
        ];
        done.extend(steps.into_iter().map(|(event, action)| match action {
            DeviceAction::Complete { trip, .. } => {
                let claim = Some(Box::new(claim.clone()));
                (DeviceAction::Complete { trip, claim }, event.at())
            }
            action => (action, event.at()),
        }));
        (claim, done)
    }
}
