//! How likely a place is for a point, and how likely a way between two places is.
//!
//! Everything is the logarithm of a likelihood, up to a constant that is the same for all places of
//! one point. Lengths are metres, times are seconds.

use crate::roads::data::RoadClass;

/// Standard deviation, along each axis, of a receiver that says nothing about it.
const SIGMA_M: f64 = 7.0;
/// Roads are drawn as lines and are wide, and maps err: no point is more exact than this.
const MAP_SIGMA_M: f64 = 4.0;
/// A circle that holds two points of three has this many standard deviations as its radius.
const SIGMAS_OF_ACCURACY: f64 = 1.5;
/// A point that may be this far off comes from a radio mast and says nothing about roads.
const ACCURACY_M_MAX: f64 = 200.0;

/// How far from a point its road may be, in standard deviations.
const RADIUS_SIGMAS: f64 = 6.0;
const RADIUS_M_MIN: f64 = 40.0;
const RADIUS_M_MAX: f64 = 150.0;

/// Beyond this many standard deviations points are less rare than a normal distribution says.
const TAIL_SIGMAS: f64 = 2.5;

/// No car is faster, in m/s.
pub(super) const SPEED_MAX: f64 = 55.0;
/// Clocks of whole seconds are off by up to this.
const CLOCK_SLACK_S: f64 = 1.0;

/// Ways are this much longer than the straight line without being any less likely than others.
const BETA_M: f64 = 6.0;
const BETA_PER_M: f64 = 0.04;

/// Speeds of roads are rough: at night, on ramps and in tunnels cars are twice as fast and more. A
/// way that takes this much longer than the car took is unlikely, more so for each second more,
const LATE_FACTOR: f64 = 2.5;
const LATE_SLACK_S: f64 = 8.0;
const LATE_PER_S: f64 = 0.1;
/// and one that takes this much longer was not driven.
const TOO_LATE_FACTOR: f64 = 3.0;
const TOO_LATE_SLACK_S: f64 = 60.0;

/// Few cars are on service roads, so a point between one and a street is of the street.
const SERVICE: f64 = 0.5;

/// The price of turning round.
const REVERSAL: f64 = 4.0;
/// Between bearings, in degrees.
const REVERSAL_DEG_MIN: f64 = 120.0;
/// On a longer way, going back says nothing.
const REVERSAL_M_MAX: f64 = 150.0;

/// Standard deviation along each axis of a point of this accuracy; `None` if it is useless.
pub(super) fn sigma_m(accuracy_m: Option<f64>) -> Option<f64> {
    match accuracy_m {
        Some(accuracy) if accuracy > ACCURACY_M_MAX => None,
        Some(accuracy) if accuracy > 0.0 => {
            Some(libm::hypot(accuracy / SIGMAS_OF_ACCURACY, MAP_SIGMA_M))
        }
        _ => Some(SIGMA_M),
    }
}

/// How far from a point to look for roads.
pub(super) fn radius_m(sigma_m: f64) -> f64 {
    (RADIUS_SIGMAS * sigma_m).clamp(RADIUS_M_MIN, RADIUS_M_MAX)
}

/// Of a point whose place, on a road of this class, is this far from it: normal, with a heavier
/// tail.
pub(super) fn emission(distance_m: f64, sigma_m: f64, class: RoadClass) -> f64 {
    let z = distance_m / sigma_m;
    let near = if z <= TAIL_SIGMAS {
        -0.5 * z * z
    } else {
        -TAIL_SIGMAS * (z - 0.5 * TAIL_SIGMAS)
    };
    match class {
        RoadClass::Service => near - SERVICE,
        _ => near,
    }
}

/// From one point to the next, whatever the way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hop {
    /// As the crow flies.
    pub(super) straight_m: f64,
    pub(super) elapsed_s: f64,
    /// Standard deviation along each axis of the less exact point.
    pub(super) sigma_m: f64,
}

/// A way from a place of one point to a place of the next.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way {
    pub(super) length_m: f64,
    /// In free traffic.
    pub(super) duration_s: f64,
    /// Between the directions at its ends, 0 to 180 degrees.
    pub(super) turned_deg: f64,
}

impl Hop {
    /// Whether anything on wheels could have made it.
    pub(super) fn is_possible(&self) -> bool {
        self.straight_m <= self.driveable_m()
    }

    /// The longest way that a car can have driven.
    fn driveable_m(&self) -> f64 {
        SPEED_MAX * (self.elapsed_s + CLOCK_SLACK_S) + 4.0 * self.sigma_m
    }

    /// How far backwards the noise alone may have moved a standing car.
    pub(super) fn drift_m_max(&self) -> f64 {
        (6.0 * self.sigma_m).min(80.0)
    }

    /// Of having stood and drifted backwards this far: the difference of two normal points.
    pub(super) fn drift(&self, backward_m: f64) -> f64 {
        let z = backward_m / self.sigma_m;
        -0.25 * z * z
    }

    /// Of a way; `None` if no car drove it.
    pub(super) fn transition(&self, way: &Way) -> Option<f64> {
        let detour_max = 3.0 * self.straight_m + 400.0;
        if way.length_m > self.driveable_m().min(detour_max)
            || way.duration_s > TOO_LATE_FACTOR * self.elapsed_s + TOO_LATE_SLACK_S
        {
            return None;
        }
        let beta = BETA_M + BETA_PER_M * self.straight_m;
        let mut likelihood = -(way.length_m - self.straight_m).abs() / beta;
        let late_s = way.duration_s - LATE_FACTOR * self.elapsed_s - LATE_SLACK_S;
        likelihood -= LATE_PER_S * late_s.max(0.0);
        if way.turned_deg > REVERSAL_DEG_MIN && way.length_m < REVERSAL_M_MAX {
            likelihood -= REVERSAL;
        }
        Some(likelihood)
    }
}
