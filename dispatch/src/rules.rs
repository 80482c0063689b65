//! What the operator can choose about dispatch.

use chrono::TimeDelta;

/// How many drivers are asked at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// The best one, then the next best.
    #[default]
    Sequential,
    /// Several at once: the first to accept gets the trip.
    Broadcast,
}

/// What the operator can choose about dispatch. Weights are in basis points of a second per second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// How many drivers are asked at once.
    pub mode: Mode,
    /// Offers of one wave in broadcast mode.
    pub broadcast_offers: u32,
    /// How far by road a car may be at first, in metres.
    pub radius_start_m: u32,
    /// How much farther with each step of waiting.
    pub radius_step_m: u32,
    /// How far at most.
    pub radius_max_m: u32,
    /// How long a step of waiting is.
    pub radius_step_every: TimeDelta,
    /// A car that was silent for longer is offline.
    pub fresh_for: TimeDelta,
    /// How many cars the way is computed for, per request; the nearest ones in a straight line.
    pub candidates_max: usize,
    /// Drivers who finish their trip within this time may be asked for the next one.
    pub forward_within: TimeDelta,
    /// What a second without a trip is worth, in basis points of a second of the way to the pickup.
    pub idle_weight_bps: u32,
    /// More idle time than this counts no more.
    pub idle_counts_for: TimeDelta,
    /// What a star below five costs, in milliseconds of the way to the pickup.
    pub star_cost_ms: u32,
    /// What it costs if every trip is given back, in milliseconds.
    pub cancel_cost_ms: u32,
    /// What a second of the rider's waiting is worth against a second of the way to the pickup, in
    /// basis points: the longer a request waits, the less it is passed over.
    pub waiting_weight_bps: u32,
    /// A trip takes a driver home if it leaves at most this share of the way, in basis points.
    pub home_left_bps: u32,
}

impl Rules {
    /// How far by road a car may be, in metres, from a request that has waited so long.
    pub fn radius_m(&self, waited: TimeDelta) -> u32 {
        let waited_ms = waited.num_milliseconds().max(0);
        let steps = match self.radius_step_every.num_milliseconds() {
            ..=0 => i64::MAX,
            every_ms => waited_ms / every_ms,
        };
        let more_m = steps.saturating_mul(self.radius_step_m.into());
        let radius_m = more_m.saturating_add(self.radius_start_m.into());
        let radius_m = u32::try_from(radius_m).unwrap_or(u32::MAX);
        radius_m.min(self.radius_max_m)
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            mode: Mode::Sequential,
            broadcast_offers: 5,
            radius_start_m: 5000,
            radius_step_m: 500,
            radius_max_m: 7000,
            radius_step_every: TimeDelta::seconds(2),
            fresh_for: TimeDelta::seconds(60),
            candidates_max: 30,
            forward_within: TimeDelta::seconds(120),
            idle_weight_bps: 200,
            idle_counts_for: TimeDelta::minutes(30),
            star_cost_ms: 10_000,
            cancel_cost_ms: 120_000,
            waiting_weight_bps: 5000,
            home_left_bps: 7500,
        }
    }
}
