//! The rules of the driven distance, as a walk over the points in the order of their times.
//!
//! The walk knows two places: where the car was **last**, and the **anchor**, the last place up to
//! which the distance is counted. For each point, in this order:
//!
//! 1. A point whose accuracy is over 50 m is left out. The first other point is both last and
//!    anchor.
//! 2. A point that could only be reached from the last place at more than 55 m/s is left out.
//! 3. A point within 8 m of the anchor is **still** if the speed is under 1 m/s: the device's own,
//!    or else the way from the anchor by the time since the anchor. It adds nothing. It becomes the
//!    last place, but the anchor stays: so noise around a parked car never adds up, and a car that
//!    crawls is counted as soon as it is out of the 8 m.
//! 4. Any other point adds the great circle from the anchor, and becomes both last and anchor.
//! 5. If that point came more than 60 s after the last one or is more than 500 m away from it, the
//!    way from the anchor is a **gap**, which is bridged along the roads if they know a way. No way
//!    by road counts less than the straight line.
//!
//! Limits themselves are within: 50 m is accurate, 55 m/s is not too fast, 60 s and 500 m are no
//! gap, 8 m is near; but 1 m/s is not still. Counts and sums stop at their largest number.

use chrono::{DateTime, Utc};

use super::bridge::Roads;
use super::point::{TrackPoint, in_order};
use super::reading::{Gaps, Reading};
use crate::geo::{LatLng, OnSphere};

pub(super) const ACCURACY_MM_MAX: u32 = 50_000;
/// 55 m/s.
const SPEED_MM_PER_MS_MAX: u64 = 55;
const STILL_MM_MAX: u64 = 8_000;
/// 1 m/s.
const STILL_SPEED_MM_S: u32 = 1_000;
const GAP_MS_MAX: u64 = 60_000;
const GAP_MM_MAX: u64 = 500_000;

/// What a whole track says. The points may stand in any order, and twice.
pub fn measure(points: &[TrackPoint], roads: &impl Roads) -> Reading {
    let mut walk = Walk::new();
    for point in in_order(points).iter() {
        walk.take(point, roads);
    }
    walk.reading()
}

/// A walk so far. It takes points in the order of their times, each moment once.
#[derive(Debug, Clone)]
pub(super) struct Walk {
    distance_mm: u64,
    points: u32,
    inaccurate: u32,
    too_fast: u32,
    first: Option<TrackPoint>,
    last: Option<TrackPoint>,
    first_used: Option<TrackPoint>,
    here: Option<Here>,
    gaps: Gaps,
}

/// Where the car is.
#[derive(Debug, Clone, Copy)]
struct Here {
    anchor: TrackPoint,
    /// The anchor prepared for measuring.
    anchor_on_sphere: OnSphere,
    last: TrackPoint,
}

/// What a point is, seen from where the car is.
enum Step {
    TooFast,
    Still,
    Driven {
        to: OnSphere,
        straight_mm: u64,
        is_gap: bool,
    },
}

impl Walk {
    pub(super) const fn new() -> Self {
        Self {
            distance_mm: 0,
            points: 0,
            inaccurate: 0,
            too_fast: 0,
            first: None,
            last: None,
            first_used: None,
            here: None,
            gaps: Gaps {
                count: 0,
                by_road_mm: 0,
                straight_mm: 0,
            },
        }
    }

    /// The newest point that was taken, left out or not.
    pub(super) const fn last(&self) -> Option<&TrackPoint> {
        self.last.as_ref()
    }

    pub(super) fn take(&mut self, point: &TrackPoint, roads: &impl Roads) {
        self.points = self.points.saturating_add(1);
        self.first.get_or_insert(*point);
        self.last = Some(*point);
        if point.accuracy_mm > ACCURACY_MM_MAX {
            self.inaccurate = self.inaccurate.saturating_add(1);
            return;
        }
        let Some(here) = &mut self.here else {
            self.first_used = Some(*point);
            self.here = Some(Here::arrived(point, OnSphere::of(point.position)));
            return;
        };
        match here.step_to(point) {
            Step::TooFast => self.too_fast = self.too_fast.saturating_add(1),
            Step::Still => here.last = *point,
            Step::Driven {
                to,
                straight_mm,
                is_gap,
            } => {
                let from = here.anchor.position;
                *here = Here::arrived(point, to);
                let length_mm = if is_gap {
                    self.gaps
                        .bridge(roads.length_mm(from, point.position), straight_mm)
                } else {
                    straight_mm
                };
                self.distance_mm = self.distance_mm.saturating_add(length_mm);
            }
        }
    }

    pub(super) fn reading(&self) -> Reading {
        let at =
            |point: Option<&TrackPoint>| -> Option<DateTime<Utc>> { point.map(TrackPoint::at) };
        Reading {
            distance_mm: self.distance_mm,
            points: self.points,
            inaccurate: self.inaccurate,
            too_fast: self.too_fast,
            first_at: at(self.first.as_ref()),
            last_at: at(self.last.as_ref()),
            first_used_at: at(self.first_used.as_ref()),
            last_used_at: at(self.here.as_ref().map(|here| &here.last)),
            gaps: self.gaps,
        }
    }
}

impl Here {
    const fn arrived(point: &TrackPoint, on_sphere: OnSphere) -> Self {
        Self {
            anchor: *point,
            anchor_on_sphere: on_sphere,
            last: *point,
        }
    }

    fn step_to(&self, point: &TrackPoint) -> Step {
        if self.is_surely_still(point) {
            return Step::Still;
        }
        let to = OnSphere::of(point.position);
        let from_anchor_mm = self.anchor_on_sphere.distance_mm(&to);
        let from_last_mm = if self.last.position == self.anchor.position {
            from_anchor_mm
        } else {
            OnSphere::of(self.last.position).distance_mm(&to)
        };
        if self.is_too_fast(point, from_last_mm) {
            Step::TooFast
        } else if self.is_still(point, from_anchor_mm) {
            Step::Still
        } else {
            Step::Driven {
                to,
                straight_mm: from_anchor_mm,
                is_gap: elapsed_ms(&self.last, point) > GAP_MS_MAX || from_last_mm > GAP_MM_MAX,
            }
        }
    }

    /// Whether the point is still even if it were as far away as it can be. Most points of a car
    /// that stands are settled by this, with no trigonometry.
    fn is_surely_still(&self, point: &TrackPoint) -> bool {
        let at_most_mm = |from: LatLng| from.distance_mm_at_most(point.position);
        !self.is_too_fast(point, at_most_mm(self.last.position))
            && self.is_still(point, at_most_mm(self.anchor.position))
    }

    fn is_too_fast(&self, point: &TrackPoint, from_last_mm: u64) -> bool {
        from_last_mm > elapsed_ms(&self.last, point).saturating_mul(SPEED_MM_PER_MS_MAX)
    }

    fn is_still(&self, point: &TrackPoint, from_anchor_mm: u64) -> bool {
        let is_slow = match point.speed_mm_s {
            Some(speed_mm_s) => speed_mm_s < STILL_SPEED_MM_S,
            // 1 m/s is a millimetre per millisecond.
            None => from_anchor_mm < elapsed_ms(&self.anchor, point),
        };
        is_slow && from_anchor_mm <= STILL_MM_MAX
    }
}

impl Gaps {
    /// Counts a gap and says how long it is. Roads whose parts were rounded one by one can come out
    /// some millimetres under the straight line; then the straight line is their length.
    fn bridge(&mut self, by_road_mm: Option<u64>, straight_mm: u64) -> u64 {
        self.count = self.count.saturating_add(1);
        let sum_mm = match by_road_mm {
            Some(_) => &mut self.by_road_mm,
            None => &mut self.straight_mm,
        };
        let length_mm = by_road_mm.map_or(straight_mm, |by_road_mm| by_road_mm.max(straight_mm));
        *sum_mm = sum_mm.saturating_add(length_mm);
        length_mm
    }
}

const fn elapsed_ms(from: &TrackPoint, to: &TrackPoint) -> u64 {
    to.at_ms.abs_diff(from.at_ms)
}
