//! What time it is on a device whose clocks lie.
//!
//! The time of an event is an anchor and the monotonic clock since. An anchor comes from an answer of
//! the server or from a satellite fix. After the device started anew there is none until one of
//! the two is heard: then the clock on the wall counts, corrected by what was known of it before, and
//! only once; from then on it is the monotonic clock again. Setting the clock on the wall therefore
//! changes no time, and is noticed. `docs/offline/time-and-pin.md` has the reasons and the numbers.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::command::{ClockReading, TimeSource};
use crate::id::BootId;

mod anchor;

use anchor::Anchor;

/// How far the clock on the wall may move against the monotonic one, or back, before it is a jump.
const JUMP_MS: i64 = 2_000;
/// How wrong a fix says the time is at most: it tells of a moment before it is delivered.
const SATELLITE_UNSURE_MS: i64 = 500;
/// A clock that is set by hand or to another time zone is hours off. One that is off further has lost
/// its battery, and what it was off by says nothing about the next run.
const OFFSET_KEPT_MAX_MS: i64 = 48 * 3_600_000;

/// What the device's own clocks say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceTime {
    /// Which run of the device.
    pub boot: BootId,
    /// Milliseconds since the run began, also while the device slept.
    pub monotonic_ms: u64,
    /// The clock on the wall, which anybody may set.
    pub wall: DateTime<Utc>,
}

impl DeviceTime {
    fn monotonic(&self) -> i64 {
        i64::try_from(self.monotonic_ms).unwrap_or(i64::MAX)
    }

    const fn wall_ms(&self) -> i64 {
        self.wall.timestamp_millis()
    }
}

/// A question to the server and its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exchange {
    /// When the question went out.
    pub sent: DeviceTime,
    /// When the answer was there.
    pub received: DeviceTime,
    /// The server's time at some moment in between.
    pub server: DateTime<Utc>,
}

/// What is known of time. It is kept with the rest of the device's state, whenever it changed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TrustedClock {
    /// The best that the server said.
    server: Option<Anchor>,
    /// The last that a satellite said.
    satellite: Option<Anchor>,
    /// What the clock on the wall was taken for when this run began.
    wall: Option<Anchor>,
    /// How much later it is than the clock on the wall says, in milliseconds.
    wall_offset_ms: i64,
    /// The clocks at the last stamp, or when the run began.
    seen: Option<DeviceTime>,
    /// The last time that was told, in milliseconds since 1970: it is later than this.
    told_ms: Option<i64>,
    /// A jump was noticed that no reading has told of yet.
    jumped: bool,
}

impl TrustedClock {
    /// The server answered. Its time is taken for that of the middle between question and answer,
    /// and is unsure by half the time between them. It counts if it is surer than what is known,
    /// which becomes less sure as time goes by, or if it contradicts it: the server's time is the
    /// time. A call that waited for changes on purpose is a bad clock, and harmless.
    pub fn heard_server(&mut self, exchange: &Exchange) {
        let Some(anchor) = Anchor::of_exchange(exchange) else {
            return;
        };
        let now = exchange.received;
        self.notice(now);
        if anchor.replaces(self.server.as_ref(), now) {
            self.server = Some(anchor);
        }
        self.learn_offset(now);
    }

    /// A satellite fix said what time it is. What it says is used once the server's word is less sure,
    /// and only within what the server's word leaves open: a false satellite moves nothing far.
    /// Without a word of the server in this run it is all there is.
    pub fn heard_satellite(&mut self, now: DeviceTime, satellite: DateTime<Utc>) {
        self.notice(now);
        let at_ms = satellite.timestamp_millis();
        // A receiver that has just woken up may tell of years that are long over.
        let is_past = self
            .told_ms
            .is_some_and(|told_ms| at_ms < told_ms.saturating_sub(JUMP_MS));
        if !is_past {
            self.satellite = Some(Anchor::new(now, at_ms, SATELLITE_UNSURE_MS));
        }
        self.learn_offset(now);
    }

    /// Something is known to have happened at this time, because the server said so, such as the last
    /// event of a trip that came: whatever happens from now on on this device is told as later.
    pub fn happened(&mut self, now: DeviceTime, at: DateTime<Utc>) {
        self.notice(now);
        let at_ms = at.timestamp_millis();
        self.told_ms = Some(self.told_ms.map_or(at_ms, |told_ms| told_ms.max(at_ms)));
    }

    /// What time it is, for what needs no stamp, such as whether an offer is over.
    pub fn now(&self, now: DeviceTime) -> DateTime<Utc> {
        let (at_ms, _) = self.read(now);
        moment(self.told_ms.map_or(at_ms, |told_ms| told_ms.max(at_ms)))
    }

    /// When something happened that happens now, in milliseconds, and how that is known. Each stamp is
    /// later than the one before it.
    pub fn stamp(&mut self, now: DeviceTime) -> (DateTime<Utc>, ClockReading) {
        self.notice(now);
        let (read_ms, source) = self.read(now);
        let mut at_ms = read_ms;
        if let Some(told_ms) = self.told_ms {
            at_ms = at_ms.max(told_ms.saturating_add(1));
            self.jumped |= told_ms.saturating_sub(read_ms) > JUMP_MS;
        }
        self.told_ms = Some(at_ms);
        // Many small moves between two stamps are one large one.
        self.seen = Some(now);
        self.learn_offset(now);
        let reading = ClockReading {
            boot: now.boot,
            monotonic_ms: now.monotonic_ms,
            source,
            jumped: std::mem::take(&mut self.jumped),
        };
        (moment(at_ms), reading)
    }

    /// The time by the best that is known, and what that is.
    fn read(&self, now: DeviceTime) -> (i64, TimeSource) {
        let of_now = |anchor: &Option<Anchor>| anchor.filter(|anchor| anchor.boot == now.boot);
        let (server, satellite) = (of_now(&self.server), of_now(&self.satellite));
        let satellite = satellite.filter(|satellite| {
            server.is_none_or(|server| {
                satellite.unsure_ms(now) < server.unsure_ms(now) && satellite.agrees(&server, now)
            })
        });
        if let Some(satellite) = satellite {
            (satellite.at_ms(now), TimeSource::Satellite)
        } else if let Some(server) = server {
            (server.at_ms(now), TimeSource::Server)
        } else if let Some(wall) = of_now(&self.wall) {
            (wall.at_ms(now), TimeSource::Wall)
        } else {
            (self.by_the_wall(now).0, TimeSource::Wall)
        }
    }

    /// The time by the clock on the wall at the beginning of a run, and whether it could be that.
    ///
    /// The run began after the last time that was told, so it is later than that by at least as long
    /// as the run lasts.
    fn by_the_wall(&self, now: DeviceTime) -> (i64, bool) {
        let wall_ms = now.wall_ms().saturating_add(self.wall_offset_ms);
        let earliest_ms = self
            .told_ms
            .map(|told_ms| told_ms.saturating_add(now.monotonic()));
        match earliest_ms {
            Some(earliest_ms) if wall_ms < earliest_ms => (earliest_ms, false),
            _ => (wall_ms, true),
        }
    }

    /// Compares the clocks with what they said before.
    fn notice(&mut self, now: DeviceTime) {
        match self.seen.filter(|seen| seen.boot == now.boot) {
            Some(seen) => {
                let by_wall_ms = now.wall_ms().saturating_sub(seen.wall_ms());
                let elapsed_ms = now.monotonic().saturating_sub(seen.monotonic());
                let allowed_ms = JUMP_MS.saturating_add(anchor::drift_ms(elapsed_ms));
                let moved_ms = by_wall_ms.saturating_sub(elapsed_ms);
                self.jumped |= moved_ms.saturating_abs() > allowed_ms;
            }
            None => self.begin_run(now),
        }
    }

    fn begin_run(&mut self, now: DeviceTime) {
        self.seen = Some(now);
        let (at_ms, is_plausible) = self.by_the_wall(now);
        self.wall = Some(Anchor::new(now, at_ms, i64::MAX));
        self.server = None;
        self.satellite = None;
        self.jumped |= !is_plausible;
    }

    /// Remembers how far off the clock on the wall is, for the next run.
    fn learn_offset(&mut self, now: DeviceTime) {
        let (at_ms, _) = self.read(now);
        let offset_ms = at_ms.saturating_sub(now.wall_ms());
        if offset_ms.saturating_abs() <= OFFSET_KEPT_MAX_MS {
            self.wall_offset_ms = offset_ms;
        }
    }
}

fn moment(at_ms: i64) -> DateTime<Utc> {
    let beyond = if at_ms < 0 {
        DateTime::<Utc>::MIN_UTC
    } else {
        DateTime::<Utc>::MAX_UTC
    };
    DateTime::from_timestamp_millis(at_ms).unwrap_or(beyond)
}

#[cfg(test)]
mod tests;
