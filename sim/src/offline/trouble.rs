//! What goes wrong on a seed: how often, and what was seen of it.

use rand::RngExt;
use serde::Serialize;
use wayfare_core::sync::engine::Network;

use super::agenda::{HOUR, MINUTE, Moment, SECOND};
use crate::chance::{Chance, exponential};

/// How much went wrong, so that one sees that it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Faults {
    /// Requests that did not come to the server.
    pub requests_lost: u64,
    /// Answers that did not come to the device, of requests that were carried out.
    pub answers_lost: u64,
    /// Requests that came to the server twice.
    pub duplicated: u64,
    /// Requests that came after the device had given them up.
    pub late: u64,
    /// Answers with 401.
    pub unauthorized: u64,
    /// Answers with 408.
    pub timeouts: u64,
    /// Answers with 413.
    pub too_large: u64,
    /// Answers with 429.
    pub rate_limited: u64,
    /// Answers with 500, 502 or 503, before or after the request was carried out.
    pub server_errors: u64,
    /// Batches that failed in the middle.
    pub short_batches: u64,
    /// Times without any network.
    pub partitions: u64,
    /// Those of at least an hour.
    pub long_partitions: u64,
    /// Programs that ended between two steps.
    pub crashes: u64,
    /// Programs that ended inside a transaction.
    pub torn_commits: u64,
    /// Devices that started anew.
    pub reboots: u64,
    /// Clocks on the wall that were set.
    pub clock_jumps: u64,
    /// People who signed out and came back.
    pub logouts: u64,
    /// Other people who worked on a device in between.
    pub guests: u64,
    /// Restarts of the server, which end every call.
    pub server_restarts: u64,
}

impl Faults {
    /// The two together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            requests_lost: self.requests_lost + other.requests_lost,
            answers_lost: self.answers_lost + other.answers_lost,
            duplicated: self.duplicated + other.duplicated,
            late: self.late + other.late,
            unauthorized: self.unauthorized + other.unauthorized,
            timeouts: self.timeouts + other.timeouts,
            too_large: self.too_large + other.too_large,
            rate_limited: self.rate_limited + other.rate_limited,
            server_errors: self.server_errors + other.server_errors,
            short_batches: self.short_batches + other.short_batches,
            partitions: self.partitions + other.partitions,
            long_partitions: self.long_partitions + other.long_partitions,
            crashes: self.crashes + other.crashes,
            torn_commits: self.torn_commits + other.torn_commits,
            reboots: self.reboots + other.reboots,
            clock_jumps: self.clock_jumps + other.clock_jumps,
            logouts: self.logouts + other.logouts,
            guests: self.guests + other.guests,
            server_restarts: self.server_restarts + other.server_restarts,
        }
    }
}

/// What a request meets on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It comes, and the answer comes back.
    Through,
    /// It does not come.
    RequestLost,
    /// It is carried out, and the answer does not come back.
    AnswerLost,
    /// It is carried out twice; the answer to the second one comes back.
    Twice,
    /// It is carried out after the device gave it up.
    Late,
    /// Somebody answers with this status. It was carried out, or it was not.
    Status {
        /// The HTTP status.
        status: u16,
        /// It was carried out all the same.
        carried_out: bool,
    },
    /// The server fails in the middle of a batch.
    FailsAfter(usize),
}

/// How bad a seed is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Weather {
    /// Faults of the network, as a factor.
    network: f64,
    /// Faults of devices, as a factor.
    device: f64,
}

impl Weather {
    /// Draws how bad it is: now and then nothing goes wrong, and now and then everything does.
    pub(super) fn draw(chance: &mut Chance) -> Self {
        let level = |chance: &mut Chance| match chance.random_range(0..10) {
            0 => 0.0,
            1..=3 => 0.5,
            4..=7 => 1.0,
            _ => 3.0,
        };
        Self {
            network: level(chance),
            device: level(chance),
        }
    }

    /// What a request meets.
    pub(super) fn fate(self, chance: &mut Chance) -> Fate {
        // The share of requests, in 1000 at a factor of 1.
        let draw = chance.random::<f64>() * 1000.0 / self.network.max(1e-9);
        let bounds = [
            30.0, 60.0, 80.0, 90.0, 95.0, 100.0, 104.0, 112.0, 130.0, 140.0,
        ];
        let kind = bounds.iter().position(|bound| draw < *bound);
        let status = |status| Fate::Status {
            status,
            carried_out: false,
        };
        match kind {
            Some(0) => Fate::RequestLost,
            Some(1) => Fate::AnswerLost,
            Some(2) => Fate::Twice,
            Some(3) => Fate::Late,
            Some(4) => status(401),
            Some(5) => status(408),
            Some(6) => status(413),
            Some(7) => status(429),
            Some(8) => Fate::Status {
                status: [500, 502, 503][chance.random_range(0..3)],
                carried_out: chance.random_bool(0.5),
            },
            Some(_) => Fate::FailsAfter(chance.random_range(0..4)),
            None => Fate::Through,
        }
    }

    /// How long a message takes, one way.
    pub(super) fn delay(self, chance: &mut Chance) -> Moment {
        let slow = chance.random_bool((0.03 * self.network).min(0.5));
        if slow {
            chance.random_range(2 * SECOND..25 * SECOND)
        } else {
            chance.random_range(20..800)
        }
    }

    /// Whether the program ends at a point where it could.
    pub(super) fn crashes(self, chance: &mut Chance) -> bool {
        chance.random_bool(0.0012 * self.device)
    }

    /// Plans what happens to a phone until the end of its shift.
    pub(super) fn plan(self, chance: &mut Chance, end: Moment) -> Vec<(Moment, Mishap)> {
        let mut plan = Vec::new();
        self.plan_partitions(chance, end, &mut plan);
        let kinds: [(f64, Mishap); 5] = [
            (2.0, Mishap::Crash),
            (3.0, Mishap::TearCommit),
            (0.8, Mishap::Reboot),
            (0.8, Mishap::SetClock(0)),
            (0.5, Mishap::SignOut { guest: false }),
        ];
        for (per_shift, kind) in kinds {
            let rate = per_shift * self.device / to_s(end);
            let mut at = 0;
            while rate > 0.0 {
                at += from_s(exponential(chance, rate));
                if at >= end {
                    break;
                }
                plan.push((at, kind.drawn(chance)));
            }
        }
        plan.sort_by_key(|(at, _)| *at);
        plan
    }

    fn plan_partitions(self, chance: &mut Chance, end: Moment, plan: &mut Vec<(Moment, Mishap)>) {
        let mut at = 0;
        let rate = 3.0 * self.network / to_s(end);
        while rate > 0.0 {
            at += from_s(exponential(chance, rate));
            let length = match chance.random_range(0..10) {
                0..=4 => chance.random_range(5 * SECOND..3 * MINUTE),
                5..=7 => chance.random_range(3 * MINUTE..30 * MINUTE),
                _ => chance.random_range(HOUR..3 * HOUR),
            };
            if at >= end {
                break;
            }
            plan.push((at, Mishap::Link(Network::Offline, length)));
            at += length;
            let back = if chance.random_bool(0.3) {
                Network::Metered
            } else {
                Network::Unmetered
            };
            plan.push((at, Mishap::Link(back, 0)));
        }
    }
}

/// Something that happens to a phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mishap {
    /// The network becomes this; if it is gone, for so long.
    Link(Network, Moment),
    /// The program ends and is started again.
    Crash,
    /// One of the next commits does not take place, and the program ends.
    TearCommit,
    /// The device starts anew.
    Reboot,
    /// The clock on the wall is set this many milliseconds off.
    SetClock(i64),
    /// The person signs out and comes back later.
    SignOut {
        /// Somebody else works on the device in between.
        guest: bool,
    },
}

impl Mishap {
    fn drawn(self, chance: &mut Chance) -> Self {
        match self {
            Self::SetClock(_) => {
                let hours = 12 * i64::try_from(HOUR).unwrap_or_default();
                Self::SetClock(chance.random_range(-hours..=hours))
            }
            Self::SignOut { .. } => Self::SignOut {
                guest: chance.random_bool(0.5),
            },
            other => other,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a shift has few milliseconds")]
fn to_s(moment: Moment) -> f64 {
    moment as f64 / 1000.0
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is not negative, and what is too large is after every shift"
)]
fn from_s(seconds: f64) -> Moment {
    (seconds * 1000.0) as Moment
}
