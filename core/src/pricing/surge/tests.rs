//! What demand and supply come to, how the number moves, and what never happens.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::*;
use crate::geo::LatLng;

type Surges = BTreeMap<Cell, CellSurge>;

fn at(tick: i64) -> DateTime<Utc> {
    let start: DateTime<Utc> = "2026-11-20T12:00:00Z".parse().unwrap();
    start + TimeDelta::seconds(60 * tick)
}

fn here() -> Cell {
    Cell::of(LatLng::from_degrees(43.7384, 7.4246).unwrap())
}

fn seen(demand: u32, supply: u32) -> BTreeMap<Cell, Observation> {
    [(here(), Observation { demand, supply })].into()
}

/// Shows the raw value at once.
fn immediate() -> SurgeRules {
    SurgeRules {
        smoothing_bps: 10_000,
        step_bps: 1,
        hysteresis_bps: 1,
        ..SurgeRules::default()
    }
}

fn first(demand: u32, supply: u32, rules: &SurgeRules) -> CellSurge {
    let surges = update_surge(&Surges::new(), &seen(demand, supply), rules, at(0)).unwrap();
    surges[&here()]
}

#[test]
fn demand_over_supply_is_what_prices_rise_with() {
    // (demand, supply) → ratio, raw, with a cap of 2
    let cases = [
        (0, 5, Some(0), 10_000),
        (2, 0, None, 10_000),       // below the least demand
        (2, 1, Some(2000), 10_000), // so is this
        (3, 3, Some(1000), 10_000), // a rider per car
        (4, 3, Some(1333), 11_665), // 5000 × 0.333
        (5, 2, Some(2500), 17_500),
        (6, 2, Some(3000), 20_000),
        (9, 2, Some(4500), 20_000), // the cap
        (3, 0, None, 20_000),       // no car at all
        (u32::MAX, 1, Some(4_294_967_295_000), 20_000),
    ];
    for (demand, supply, ratio_milli, raw_bps) in cases {
        let surge = first(demand, supply, &immediate());
        assert_eq!(surge.ratio_milli, ratio_milli, "{demand}/{supply}");
        assert_eq!(surge.raw_bps, raw_bps, "{demand}/{supply}");
        assert_eq!(surge.surge_bps, raw_bps, "{demand}/{supply}");
        assert_eq!(surge.demand_milli, i64::from(demand) * 1000);
        assert_eq!(surge.supply_milli, i64::from(supply) * 1000);
    }
    let always = SurgeRules {
        demand_min: 0,
        ..immediate()
    };
    assert_eq!(first(0, 1, &always).raw_bps, 10_000);
}

#[test]
fn neighbours_count_in_part() {
    let mut observed = seen(4, 2);
    for neighbour in here().neighbours() {
        let there = Observation {
            demand: 3,
            supply: 1,
        };
        observed.insert(neighbour, there);
    }
    // Two cells away: does not count.
    let far = here().neighbours()[0].neighbours();
    for cell in far {
        observed.entry(cell).or_insert(Observation {
            demand: 99,
            supply: 0,
        });
    }
    let surges = update_surge(&Surges::new(), &observed, &immediate(), at(0)).unwrap();
    let surge = surges[&here()];
    assert_eq!(surge.demand_milli, 8500); // 4 + 18 / 4
    assert_eq!(surge.supply_milli, 3500); // 2 + 6 / 4
    assert_eq!(surge.ratio_milli, Some(2429)); // 2428.6
    assert_eq!(surge.raw_bps, 17_145);
}

#[test]
fn the_number_rises_in_steps_and_falls_back_to_none() {
    let rules = SurgeRules::default();
    let mut surges = Surges::new();
    let mut shown = Vec::new();
    for tick in 0..14 {
        let observed = if tick < 6 { seen(6, 2) } else { seen(1, 2) };
        surges = update_surge(&surges, &observed, &rules, at(tick)).unwrap();
        shown.push((surges[&here()].smoothed_bps, surges[&here()].surge_bps));
    }
    assert_eq!(
        shown,
        [
            (13_000, 13_000),
            (15_100, 15_000),
            (16_570, 16_500),
            (17_599, 17_500),
            (18_319, 18_500),
            (18_823, 18_500), // not far enough
            (16_176, 16_000),
            (14_323, 14_500),
            (13_026, 13_000),
            (12_118, 12_000),
            (11_483, 12_000),
            (11_038, 11_000),
            (10_727, 11_000),
            (10_509, 11_000),
        ]
    );
    let changed_at = surges[&here()].changed_at;
    assert_eq!(
        changed_at,
        at(11),
        "since the last change, not since the last look"
    );
    assert_eq!(surges[&here()].observed_at, at(13));
}

#[test]
fn a_cell_with_nothing_in_it_decays_and_is_forgotten() {
    for smoothing_bps in [1, 100, 3000, 10_000] {
        let rules = SurgeRules {
            smoothing_bps,
            ..SurgeRules::default()
        };
        let top = CellSurge {
            surge_bps: 20_000,
            smoothed_bps: 20_000,
            ..first(9, 1, &immediate())
        };
        let mut surges: Surges = [(here(), top)].into();
        let mut ticks = 0;
        while !surges.is_empty() {
            surges = update_surge(&surges, &BTreeMap::new(), &rules, at(ticks)).unwrap();
            ticks += 1;
            assert!(ticks < 20_000, "{smoothing_bps}");
        }
    }
}

#[test]
fn a_calm_cell_is_kept_as_long_as_something_is_in_it() {
    let rules = SurgeRules::default();
    let calm = update_surge(&Surges::new(), &seen(0, 1), &rules, at(0)).unwrap();
    assert_eq!(calm[&here()].surge_bps, 10_000);
    let empty = update_surge(&calm, &seen(0, 0), &rules, at(1)).unwrap();
    assert!(empty.is_empty());
}

#[test]
fn a_price_does_not_flicker_around_any_threshold() {
    let rules = SurgeRules::default();
    for middle in (1000..=3000).step_by(10) {
        let mut surges = Surges::new();
        let mut shown = Vec::new();
        for tick in 0..200 {
            // The ratio swings by a tenth to both sides.
            let demand = if tick % 2 == 0 {
                middle + 100
            } else {
                middle - 100
            };
            surges = update_surge(&surges, &seen(demand, 1000), &rules, at(tick)).unwrap();
            shown.push(surges[&here()].surge_bps);
        }
        let (rising, settled) = shown.split_at(30);
        assert!(rising.is_sorted(), "{middle}: {rising:?}");
        let last = rising[29];
        assert!(
            settled.iter().all(|surge| *surge == last),
            "{middle}: {settled:?}"
        );
    }
}

#[test]
fn a_lower_cap_holds_at_once() {
    let high: Surges = [(here(), first(9, 1, &immediate()))].into();
    let rules = SurgeRules {
        cap_bps: 13_000,
        ..SurgeRules::default()
    };
    let lowered = update_surge(&high, &seen(9, 1), &rules, at(1)).unwrap()[&here()];
    assert_eq!((lowered.surge_bps, lowered.smoothed_bps), (13_000, 13_000));
    assert_eq!(lowered.changed_at, at(1));
}

#[test]
fn the_surge_says_how_it_came_about() {
    let mut surge = first(5, 2, &SurgeRules::default());
    assert_eq!(
        surge.explain(),
        "5 riders want a car and 2 are free, neighbours counted in part: 2.5 per free car. That \
         asks for 1.75×, smoothed 1.225×; prices are 1.2× since 2026-11-20T12:00:00Z."
    );
    surge.ratio_milli = None;
    surge.supply_milli = 0;
    assert!(
        surge
            .explain()
            .contains("0 are free, neighbours counted in part: no car is free.")
    );
}

#[test]
fn a_surge_is_written_as_json() {
    let json = serde_json::json!({
        "surge_bps": 10_000,
        "smoothed_bps": 10_000,
        "raw_bps": 10_000,
        "demand_milli": 2000,
        "supply_milli": 0,
        "observed_at": "2026-11-20T12:00:00Z",
        "changed_at": "2026-11-20T12:00:00Z",
    });
    let surge = first(2, 0, &SurgeRules::default());
    assert_eq!(serde_json::to_value(surge).unwrap(), json);
    assert_eq!(serde_json::from_value::<CellSurge>(json).unwrap(), surge);
    let by_cell = serde_json::to_string(&Surges::from([(here(), surge)])).unwrap();
    assert_eq!(
        serde_json::from_str::<Surges>(&by_cell).unwrap()[&here()],
        surge
    );
}

#[test]
fn rules_that_cannot_be_and_too_many_cells_are_refused() {
    assert_eq!(SurgeRules::default().check(), Ok(()));
    let broken = SurgeRules {
        cap_bps: 9999,
        free_ratio_milli: -1,
        slope_bps: -1,
        smoothing_bps: 0,
        neighbour_weight_bps: 10_001,
        step_bps: 0,
        hysteresis_bps: -1,
        ..SurgeRules::default()
    };
    let Err(SurgeError::Rules(problems)) =
        update_surge(&Surges::new(), &BTreeMap::new(), &broken, at(0))
    else {
        panic!("broken rules are taken");
    };
    let fields: Vec<_> = problems.iter().map(|p| p.field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "cap_bps",
            "free_ratio_milli",
            "slope_bps",
            "smoothing_bps",
            "neighbour_weight_bps",
            "step_bps",
            "hysteresis_bps",
            "hysteresis_bps",
        ]
    );
    let crowd: BTreeMap<_, _> = many_cells()
        .take(CELLS_MAX + 1)
        .map(|cell| (cell, Observation::default()))
        .collect();
    let refused = update_surge(&Surges::new(), &crowd, &SurgeRules::default(), at(0));
    assert_eq!(
        refused,
        Err(SurgeError::TooManyCells {
            cells: CELLS_MAX + 1
        })
    );
}

/// The cells around a place, ring by ring.
fn many_cells() -> impl Iterator<Item = Cell> {
    let centre: h3o::CellIndex = here().to_string().parse().unwrap();
    let disk: Vec<h3o::CellIndex> = centre.grid_disk(200);
    disk.into_iter()
        .map(|cell| cell.to_string().parse().unwrap())
}

fn any_rules() -> impl Strategy<Value = SurgeRules> {
    let shape = (
        10_000..=100_000_i64,
        0..10_u32,
        0..3000_i64,
        0..=100_000_i64,
    );
    let motion = (1..=10_000_i64, 0..=10_000_i64, 1..=2000_i64, 0..=2000_i64);
    (shape, motion).prop_map(
        |((cap, demand_min, free, slope), (smoothing, weight, step, more))| {
            let rules = SurgeRules {
                cap_bps: cap,
                demand_min,
                free_ratio_milli: free,
                slope_bps: slope,
                smoothing_bps: smoothing,
                neighbour_weight_bps: weight,
                step_bps: step,
                hysteresis_bps: step + more,
            };
            rules.check().unwrap();
            rules
        },
    )
}

fn any_observed() -> impl Strategy<Value = BTreeMap<Cell, Observation>> {
    let cells: Vec<Cell> = many_cells().take(19).collect();
    let count = prop_oneof![4 => 0..30_u32, 1 => any::<u32>()];
    let count = || count.clone();
    let observation =
        (count(), count()).prop_map(|(demand, supply)| Observation { demand, supply });
    proptest::collection::btree_map(proptest::sample::select(cells), observation, 0..19)
}

proptest! {
    #[test]
    fn surge_stays_between_none_and_the_cap(
        rules in any_rules(),
        moments in proptest::collection::vec(any_observed(), 1..6),
    ) {
        let mut surges = Surges::new();
        for (tick, observed) in (0..).zip(&moments) {
            surges = update_surge(&surges, observed, &rules, at(tick)).unwrap();
            for surge in surges.values() {
                let range = 10_000..=rules.cap_bps;
                prop_assert!(range.contains(&surge.surge_bps));
                prop_assert!(range.contains(&surge.smoothed_bps));
                prop_assert!(range.contains(&surge.raw_bps));
                let steps = (surge.surge_bps - 10_000) % rules.step_bps;
                prop_assert!(steps == 0 || surge.surge_bps == rules.cap_bps);
            }
        }
    }

    #[test]
    fn surge_stays_in_its_range_whatever_was_kept(
        rules in any_rules(),
        observed in any_observed(),
        kept in (any::<i64>(), any::<i64>()),
    ) {
        let previous = CellSurge {
            surge_bps: kept.0,
            smoothed_bps: kept.1,
            ..first(1, 1, &rules)
        };
        let surges = update_surge(&[(here(), previous)].into(), &observed, &rules, at(1)).unwrap();
        for surge in surges.values() {
            prop_assert!((10_000..=rules.cap_bps).contains(&surge.surge_bps));
        }
    }

    #[test]
    fn more_demand_never_means_less_surge_at_first_sight(
        rules in any_rules(),
        observed in any_observed(),
        (demand, more, supply) in (0..50_u32, 0..50_u32, 0..10_u32),
    ) {
        let with = |demand| {
            let mut observed = observed.clone();
            observed.insert(here(), Observation { demand, supply });
            let surges = update_surge(&Surges::new(), &observed, &rules, at(0)).unwrap();
            surges.get(&here()).map_or((10_000, 10_000), |s| (s.surge_bps, s.raw_bps))
        };
        let (less, greater) = (with(demand), with(demand + more));
        prop_assert!(greater.0 >= less.0 && greater.1 >= less.1);
    }

    #[test]
    fn each_cell_depends_on_its_neighbours_only(
        rules in any_rules(),
        observed in any_observed(),
    ) {
        // Whatever else is observed, and in whatever order cells are visited.
        let all = update_surge(&Surges::new(), &observed, &rules, at(0)).unwrap();
        for (cell, surge) in &all {
            let mut near = cell.neighbours();
            near.push(*cell);
            let near: BTreeMap<_, _> = observed
                .iter()
                .rev()
                .filter(|(other, _)| near.contains(other))
                .map(|(other, observation)| (*other, *observation))
                .collect();
            let alone = update_surge(&Surges::new(), &near, &rules, at(0)).unwrap();
            prop_assert_eq!(alone.get(cell), Some(surge));
        }
    }
}

#[test]
fn the_refusal_of_rules_names_their_problems() {
    let problems = SurgeRules {
        slope_bps: -1,
        step_bps: 0,
        ..SurgeRules::default()
    }
    .check()
    .unwrap_err();
    assert_eq!(
        SurgeError::Rules(problems).to_string(),
        "the rules of surge are not valid: slope_bps: is not from 0 to 100000; \
         step_bps: is not positive"
    );
}
