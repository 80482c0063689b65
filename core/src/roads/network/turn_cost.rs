//! What turns cost, after the car profile of OSRM 26.10: a penalty that grows with the angle, a bit
//! more for those who cross the oncoming traffic, and the wait at lights.

use super::super::data::SegmentFlags;

/// The penalty of the sharpest turn in seconds.
const TURN_PENALTY_S: f64 = 7.5;
/// How much easier turns are that do not cross the oncoming traffic.
const TURN_BIAS: f64 = 1.075;
/// The wait for a gap in the oncoming traffic in seconds.
const ONCOMING_S: f64 = 2.0;
/// Turning round, on top of the penalty for its angle.
const U_TURN_S: f64 = 20.0;
/// A traffic light.
const SIGNALS_MS: u16 = 2_000;
/// Angles are tabulated in this many steps of a full turn: a third of a degree each.
const STEP_BITS: u32 = 10;

/// What turns cost by their angle.
#[derive(Debug)]
pub(super) struct TurnCosts {
    bend_ms: Vec<u16>,
    oncoming_ms: Vec<u16>,
    u_turn_ms: u16,
}

/// A turn from one arc into another.
#[derive(Debug, Clone, Copy)]
pub(super) struct TurnAt {
    /// Direction at the end of the first and at the start of the second, in 2^-16 of a full turn.
    pub(super) arrives: u16,
    pub(super) leaves: u16,
    /// How many segments end at the junction; a loop counts twice.
    pub(super) roads: u16,
    /// Whether it turns back into the segment it came from.
    pub(super) is_u_turn: bool,
    /// Whether exactly one of the arcs is a ferry.
    pub(super) changes_mode: bool,
    /// Whether a light stands at the end of the first arc.
    pub(super) has_signals: bool,
    /// Whether one of the arcs is in a roundabout.
    pub(super) at_roundabout: bool,
}

impl TurnAt {
    /// Whether a light stands at the end of a segment driven in this direction.
    pub(super) fn signals(flags: SegmentFlags, forward: bool) -> bool {
        if forward {
            flags.signals_at_end
        } else {
            flags.signals_at_start
        }
    }
}

impl TurnCosts {
    /// For traffic that keeps left or right.
    pub(super) fn new(drives_on_left: bool) -> Self {
        let bias = if drives_on_left {
            1.0 / TURN_BIAS
        } else {
            TURN_BIAS
        };
        let steps = 1_i32 << STEP_BITS;
        let angle = |step: i32| {
            let half = steps / 2;
            let signed = if step >= half {
                step.wrapping_sub(steps)
            } else {
                step
            };
            f64::from(signed) / f64::from(half)
        };
        let oncoming = |half_turns: f64| {
            let crosses = if drives_on_left {
                half_turns > 0.0
            } else {
                half_turns < 0.0
            };
            let sharpness = 1.0 / (1.0 + libm::exp(-(13.0 * half_turns.abs() - 3.25)));
            if crosses { ONCOMING_S * sharpness } else { 0.0 }
        };
        Self {
            bend_ms: (0..steps)
                .map(|step| whole_ms(bend_s(angle(step), bias)))
                .collect(),
            oncoming_ms: (0..steps)
                .map(|step| whole_ms(oncoming(angle(step))))
                .collect(),
            u_turn_ms: whole_ms(bend_s(1.0, bias) + U_TURN_S),
        }
    }

    /// Time for a turn in milliseconds.
    pub(super) fn cost_ms(&self, turn: &TurnAt) -> u16 {
        let lights_ms = if turn.has_signals { SIGNALS_MS } else { 0 };
        let turn_ms = if turn.is_u_turn {
            self.u_turn_ms
        } else if turn.roads <= 2 && !turn.changes_mode {
            0
        } else {
            // Clockwise: to the right.
            let angle = turn.leaves.wrapping_sub(turn.arrives);
            let step = usize::from(angle >> u16::BITS.saturating_sub(STEP_BITS));
            let bend_ms = self.bend_ms.get(step).copied().unwrap_or(0);
            let oncoming_ms = self.oncoming_ms.get(step).copied().unwrap_or(0);
            if turn.roads > 2 && !turn.at_roundabout {
                bend_ms.saturating_add(oncoming_ms)
            } else {
                bend_ms
            }
        };
        turn_ms.saturating_add(lights_ms)
    }
}

/// The penalty of an angle in half turns, from -1 (left) to 1 (right), in seconds.
fn bend_s(half_turns: f64, bias: f64) -> f64 {
    let exponent = if half_turns >= 0.0 {
        13.0 / bias * half_turns - 6.5 * bias
    } else {
        13.0 * bias * -half_turns - 6.5 / bias
    };
    TURN_PENALTY_S / (1.0 + libm::exp(-exponent))
}

fn whole_ms(seconds: f64) -> u16 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most 30 seconds, and the cast saturates"
    )]
    let milliseconds = libm::round(seconds * 1000.0) as u16;
    milliseconds
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A turn at an ordinary crossing, to the right if positive.
    fn by_degrees(degrees: i32) -> TurnAt {
        let leaves = (degrees * 65_536 / 360).rem_euclid(65_536);
        TurnAt {
            arrives: 0,
            leaves: u16::try_from(leaves).unwrap(),
            roads: 4,
            is_u_turn: false,
            changes_mode: false,
            has_signals: false,
            at_roundabout: false,
        }
    }

    #[test]
    fn sharper_turns_cost_more() {
        let costs = TurnCosts::new(false);
        for side in [-1, 1] {
            let all: Vec<u16> = (0..18)
                .map(|step| costs.cost_ms(&by_degrees(side * step * 10)))
                .collect();
            assert!(all.is_sorted(), "{all:?}");
            assert!(all[0] < 30 && all[17] > 7_000, "{all:?}");
        }
    }

    #[test]
    fn crossing_the_oncoming_traffic_costs_more() {
        let (right, left) = (by_degrees(90), by_degrees(-90));
        let keeps_right = TurnCosts::new(false);
        assert!(keeps_right.cost_ms(&left) > keeps_right.cost_ms(&right) + 2_000);
        let keeps_left = TurnCosts::new(true);
        assert!(keeps_left.cost_ms(&right) > keeps_left.cost_ms(&left) + 2_000);
        let out_of_roundabout = TurnAt {
            at_roundabout: true,
            ..left
        };
        assert!(keeps_right.cost_ms(&out_of_roundabout) + 1_900 < keeps_right.cost_ms(&left));
    }

    #[test]
    fn a_road_that_merely_goes_on_costs_nothing() {
        let costs = TurnCosts::new(false);
        let bend = TurnAt {
            roads: 2,
            ..by_degrees(120)
        };
        assert_eq!(costs.cost_ms(&bend), 0);
        let light = TurnAt {
            has_signals: true,
            ..bend
        };
        assert_eq!(costs.cost_ms(&light), 2_000);
        let onto_ferry = TurnAt {
            changes_mode: true,
            ..bend
        };
        assert!(costs.cost_ms(&onto_ferry) > 5_000);
    }

    #[test]
    fn turning_round_costs_most() {
        let costs = TurnCosts::new(false);
        let round = TurnAt {
            is_u_turn: true,
            roads: 1,
            ..by_degrees(180)
        };
        assert!((27_000..28_000).contains(&costs.cost_ms(&round)));
    }
}
