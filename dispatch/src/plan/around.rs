//! The cars around one pickup, and which of them pass the gates that need no road.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use wayfare_core::id::DriverId;

use super::Round;
use super::crowd::Crowd;
use super::gates::Gates;
use crate::car::Car;
use crate::decision::Decision;
use crate::gate::Gate;
use crate::index::{Near, Nearby};
use crate::request::Request;

/// The way is computed for at most so many cars of a queue, and for so many others, per request.
const CANDIDATES_MAX: usize = Decision::CONSIDERED_MAX / 2;

/// What became of a car so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    Dropped(Gate),
    Passed {
        /// Present for those who wait in the queue of the request's zone.
        queue_since: Option<DateTime<Utc>>,
    },
}

/// The cars around one pickup.
#[derive(Debug)]
pub(super) struct Around {
    pub(super) radius_m: u32,
    /// Nearest first.
    pub(super) cars: Vec<(Car, Seen)>,
    /// How many more are within the radius.
    pub(super) left_out: u32,
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The nearest cars, nearest first. Where they are more than a decision remembers, also the nearest of
/// those who pass the gates, and all who wait in the request's queue, as they may stand behind many
/// who are busy.
fn near(round: &Round<'_>, gates: &Gates<'_>, nearby: Nearby, most: usize) -> Vec<Near> {
    let mut near = round.index.nearest(nearby, |_| true);
    if near.len() < nearby.limit {
        return near;
    }
    let passes = |car: &Car| car.standing.queue.is_none() && gates.first(car).is_none();
    let passed = near.iter().filter(|near| passes(&near.car)).count();
    let mut known: HashSet<DriverId> = near.iter().map(|near| near.car.driver).collect();
    let mut more = Vec::new();
    if passed < most {
        let others = Nearby {
            limit: most,
            ..nearby
        };
        more.extend(round.index.nearest(others, passes));
    }
    if let Some(zone) = gates.request.queue {
        let queue = Nearby {
            limit: usize::MAX,
            ..nearby
        };
        let waits = |car: &Car| car.standing.queue.is_some_and(|place| place.zone == zone);
        more.extend(round.index.nearest(queue, waits));
    }
    more.retain(|near| known.insert(near.car.driver));
    near.extend(more);
    near.sort_by_key(|near| (near.straight_m, near.car.driver));
    near
}

impl Around {
    /// Looks around a pickup. So many other requests look for drivers of the same queue as this one.
    pub(super) fn find(
        round: &Round<'_>,
        crowd: &Crowd<'_>,
        request: &Request,
        queued_before: usize,
    ) -> Self {
        let radius_m = round.rules.radius_m(request.waited(round.at));
        let nearby = Nearby {
            center: request.pickup,
            radius_m,
            limit: Decision::CONSIDERED_MAX,
        };
        let most = round.rules.candidates_max.min(CANDIDATES_MAX);
        let gates = Gates::new(round, request);
        let near = near(round, &gates, nearby, most);
        let seen = |near: &Near| match gates.first(&near.car) {
            Some(gate) => Seen::Dropped(gate),
            None => Seen::Passed {
                queue_since: near.car.standing.queue.map(|place| place.since),
            },
        };
        let mut around = Self {
            radius_m,
            cars: near.iter().map(|near| (near.car, seen(near))).collect(),
            left_out: 0,
        };
        around.keep_first_in_queue(most.saturating_add(queued_before).min(CANDIDATES_MAX));
        around.keep_nearest(most);
        if around.cars.len() >= Decision::CONSIDERED_MAX {
            around.forget_farthest();
            let all = crowd.count(&nearby);
            around.left_out = count(all.saturating_sub(around.cars.len()));
        }
        around
    }

    /// Of the drivers who wait in the request's queue only the first ones stay candidates: those that
    /// other requests may take, and as many as usual.
    fn keep_first_in_queue(&mut self, most: usize) {
        let waits = |(car, seen): &(Car, Seen)| match seen {
            Seen::Passed { queue_since } => Some(((*queue_since)?, car.driver)),
            Seen::Dropped(_) => None,
        };
        let mut queue: Vec<(DateTime<Utc>, DriverId)> =
            self.cars.iter().filter_map(waits).collect();
        if queue.len() <= most {
            return;
        }
        queue.sort_unstable();
        let behind = queue.iter().enumerate().skip(most);
        let behind: HashMap<DriverId, usize> = behind
            .map(|(before, (_, driver))| (*driver, before))
            .collect();
        for (car, seen) in &mut self.cars {
            if let Some(before) = behind.get(&car.driver)
                && matches!(seen, Seen::Passed { .. })
            {
                let before = count(*before);
                *seen = Seen::Dropped(Gate::BehindInQueue { before });
            }
        }
    }

    /// Of the others the nearest ones stay candidates.
    fn keep_nearest(&mut self, most: usize) {
        let mut passed = 0;
        for (_, seen) in &mut self.cars {
            if !matches!(seen, Seen::Passed { queue_since: None }) {
                continue;
            }
            if passed < most {
                passed += 1;
            } else {
                let nearer = count(most);
                *seen = Seen::Dropped(Gate::EnoughNearer { nearer });
            }
        }
    }

    /// Forgets the farthest of those who did not pass, until no more are left than a decision
    /// remembers.
    fn forget_farthest(&mut self) {
        let passed = |(_, seen): &&(Car, Seen)| matches!(seen, Seen::Passed { .. });
        let mut room =
            Decision::CONSIDERED_MAX.saturating_sub(self.cars.iter().filter(passed).count());
        self.cars.retain(|(_, seen)| {
            if matches!(seen, Seen::Passed { .. }) {
                return true;
            }
            let stays = room > 0;
            room = room.saturating_sub(1);
            stays
        });
    }
}
