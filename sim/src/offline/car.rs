//! Where a car is, and what its receiver of satellites says of it.

use rand::RngExt;
use wayfare_core::geo::LatLng;
use wayfare_core::track::TrackPoint;
use wayfare_core::track::segment::SegmentPoint;

use super::agenda::{Moment, utc};
use crate::chance::{Chance, normal};

/// Metres in a degree of latitude.
const M_PER_DEG: f64 = 111_195.0;
/// The middle of the town.
const TOWN: (f64, f64) = (41.15, -8.62);

/// A car on its way, in a straight line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Car {
    from: LatLng,
    to: LatLng,
    left: Moment,
    there: Moment,
    last_fix_ms: i64,
}

impl Car {
    /// A car that stands.
    pub(super) const fn at(place: LatLng) -> Self {
        Self {
            from: place,
            to: place,
            left: 0,
            there: 0,
            last_fix_ms: 0,
        }
    }

    /// Where it is.
    pub(super) fn position(&self, now: Moment) -> LatLng {
        if now >= self.there {
            return self.to;
        }
        let part = share(now.saturating_sub(self.left), self.there - self.left);
        let between = |from: f64, to: f64| from + (to - from) * part;
        LatLng::from_degrees(
            between(self.from.lat(), self.to.lat()),
            between(self.from.lng(), self.to.lng()),
        )
        .unwrap_or(self.to)
    }

    /// Whether it stands at this place.
    pub(super) fn is_at(&self, place: LatLng, now: Moment) -> bool {
        self.to == place && now >= self.there
    }

    /// Drives to this place, if it is not on the way there. Answers when it is there.
    pub(super) fn drive_to(&mut self, place: LatLng, now: Moment, chance: &mut Chance) -> Moment {
        if self.to != place {
            let from = self.position(now);
            let speed_mps = chance.random_range(8.0..16.0);
            *self = Self {
                from,
                to: place,
                left: now,
                there: now + millis(from.distance_m(place) / speed_mps),
                ..*self
            };
        }
        self.there
    }

    /// A measurement: some metres off, now and then many, and never two at one moment.
    pub(super) fn fix(&mut self, now: Moment, chance: &mut Chance) -> Option<SegmentPoint> {
        let at = utc(now);
        if at.timestamp_millis() <= self.last_fix_ms {
            return None;
        }
        self.last_fix_ms = at.timestamp_millis();
        let off_m = if chance.random_bool(0.02) { 60.0 } else { 3.0 };
        let place = near(
            self.position(now),
            (normal(chance) * off_m, normal(chance) * off_m),
        );
        let speed = chance
            .random_bool(0.9)
            .then(|| chance.random_range(0.0..17.0));
        let point = TrackPoint::new(at, place, off_m * 1.5, speed).ok()?;
        let heading = chance.random_bool(0.8);
        Some(SegmentPoint {
            point,
            heading_cdeg: heading.then(|| chance.random_range(0..36_000)),
        })
    }
}

/// A place so many metres north and east of another one.
pub(super) fn near(place: LatLng, (north_m, east_m): (f64, f64)) -> LatLng {
    let lat = place.lat() + north_m / M_PER_DEG;
    let lng = place.lng() + east_m / (M_PER_DEG * place.lat().to_radians().cos());
    LatLng::from_degrees(lat, lng).unwrap_or(place)
}

/// Somewhere in the town.
pub(super) fn somewhere(chance: &mut Chance) -> LatLng {
    let far = 1_200.0;
    let middle = LatLng::from_degrees(TOWN.0, TOWN.1);
    let offset = (
        chance.random_range(-far..far),
        chance.random_range(-far..far),
    );
    middle.map_or_else(|_| nowhere(), |middle| near(middle, offset))
}

/// The middle of the town is a place on the earth, so nobody is ever here.
fn nowhere() -> LatLng {
    LatLng::from_e7(0, 0).unwrap_or_else(|_| unreachable!("0, 0 is on the earth"))
}

#[expect(clippy::cast_precision_loss, reason = "a way takes few milliseconds")]
fn share(part: Moment, whole: Moment) -> f64 {
    part as f64 / whole.max(1) as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "no way takes less than nothing or longer than a day"
)]
fn millis(seconds: f64) -> Moment {
    (seconds * 1000.0) as Moment
}
