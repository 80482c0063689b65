//! What the operator chose about dispatch, as the planner and the rounds need it.

use chrono::TimeDelta;
use wayfare_dispatch::{Mode, Rules};

use crate::platform::config::{DispatchConfig, DispatchMode};

/// The planner's rules.
pub(super) fn rules(config: &DispatchConfig) -> Rules {
    let seconds = |count: u32| TimeDelta::seconds(count.into());
    let milliseconds = |seconds: u32| seconds.saturating_mul(1000);
    let tick_ms = i64::try_from(config.tick_ms).unwrap_or(i64::MAX);
    Rules {
        mode: match config.mode {
            DispatchMode::Sequential => Mode::Sequential,
            DispatchMode::Broadcast => Mode::Broadcast,
        },
        broadcast_offers: config.broadcast_offers,
        radius_start_m: config.radius_start_m,
        radius_step_m: config.radius_step_m,
        radius_max_m: config.radius_max_m,
        radius_step_every: TimeDelta::try_milliseconds(tick_ms).unwrap_or(TimeDelta::MAX),
        fresh_for: seconds(config.driver_fresh_s),
        candidates_max: usize::try_from(config.candidates_max).unwrap_or(usize::MAX),
        forward_within: seconds(config.forward_within_s),
        idle_weight_bps: config.idle_weight_bps,
        idle_counts_for: seconds(config.idle_counts_for_s),
        star_cost_ms: milliseconds(config.star_cost_s),
        cancel_cost_ms: milliseconds(config.cancel_cost_s),
        waiting_weight_bps: config.waiting_weight_bps,
        home_left_bps: config.home_left_bps,
    }
}

/// So many waves of offers are made for a trip before it expires.
pub(super) const fn waves_max(config: &DispatchConfig) -> u32 {
    match config.mode {
        DispatchMode::Sequential => config.waves_max,
        DispatchMode::Broadcast => config.broadcast_waves_max,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::config::{Config, Sources};

    fn defaults() -> DispatchConfig {
        Config::load(&Sources::default()).unwrap().dispatch
    }

    #[test]
    fn the_default_settings_are_the_planners_defaults() {
        assert_eq!(rules(&defaults()), Rules::default());
    }

    #[test]
    fn each_mode_has_its_number_of_waves() {
        let mut config = defaults();
        assert_eq!(waves_max(&config), 5);
        config.mode = DispatchMode::Broadcast;
        assert_eq!(waves_max(&config), 3);
        assert_eq!(rules(&config).mode, Mode::Broadcast);
    }
}
