//! The numbers that an operator sets.

use serde::{Deserialize, Serialize};

use crate::pricing::check::{Check, InvalidField};

const RATIO_MAX_MILLI: i64 = 1_000_000;
const SLOPE_MAX_BPS: i64 = 100_000;

/// How demand and supply become surge. Shares and surge are in basis points: 10000 is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SurgeRules {
    /// The highest surge; 10000 switches surge off.
    pub cap_bps: i64,
    /// With less demand than this there is no surge, in requests.
    pub demand_min: u32,
    /// Up to so many requests per thousand free cars there is no surge.
    pub free_ratio_milli: i64,
    /// What each further request per free car adds.
    pub slope_bps: i64,
    /// How much of the way to the new value is gone at each update.
    pub smoothing_bps: i64,
    /// How much the demand and the supply of a neighbouring cell count.
    pub neighbour_weight_bps: i64,
    /// The surge that is shown is 10000 and a multiple of this, or the cap.
    pub step_bps: i64,
    /// The surge that is shown moves when the smoothed one is this far away from it. Not less than a
    /// step, so that going back takes at least half a step.
    pub hysteresis_bps: i64,
}

impl Default for SurgeRules {
    fn default() -> Self {
        Self {
            cap_bps: 20_000,
            demand_min: 3,
            free_ratio_milli: 1000,
            slope_bps: 5000,
            smoothing_bps: 3000,
            neighbour_weight_bps: 2500,
            step_bps: 500,
            hysteresis_bps: 700,
        }
    }
}

impl SurgeRules {
    /// Names every field that breaks a rule.
    pub fn check(&self) -> Result<(), Vec<InvalidField>> {
        let mut check = Check::default();
        check.surge_cap("cap_bps", self.cap_bps);
        let ratio_fits = (0..=RATIO_MAX_MILLI).contains(&self.free_ratio_milli);
        check.that(ratio_fits, "free_ratio_milli", "is not from 0 to 1000000");
        let slope_fits = (0..=SLOPE_MAX_BPS).contains(&self.slope_bps);
        check.that(slope_fits, "slope_bps", "is not from 0 to 100000");
        check.share("smoothing_bps", self.smoothing_bps);
        check.that(self.smoothing_bps != 0, "smoothing_bps", "is zero");
        check.share("neighbour_weight_bps", self.neighbour_weight_bps);
        check.positive("step_bps", self.step_bps);
        check.share("step_bps", self.step_bps);
        check.share("hysteresis_bps", self.hysteresis_bps);
        let calm = self.hysteresis_bps >= self.step_bps;
        check.that(calm, "hysteresis_bps", "is less than `step_bps`");
        check.pass(())
    }
}
