//! What holds for the fare of any trip under any tariff.

use proptest::prelude::*;

use crate::pricing::arbitrary::{any_number, facts, not_negative, tariff, usual, usual_facts};
use crate::pricing::{Facts, FareError, LineKind, compute};

proptest! {
    #[test]
    fn lines_stand_in_order_and_sum_to_a_round_total(
        tariff in tariff(&usual()),
        facts in usual_facts(),
    ) {
        let fare = compute(&tariff, &facts).unwrap();
        let sum: i64 = fare.lines.iter().map(|line| line.amount_minor).sum();
        prop_assert_eq!(sum, fare.total_minor);
        prop_assert_eq!(fare.total_minor % tariff.spec().rounding.unit_minor, 0);
        prop_assert!(fare.lines.is_sorted_by_key(|line| line.kind));
        let empty = |kind, amount_minor| kind != LineKind::Base && amount_minor == 0;
        prop_assert!(!fare.lines.iter().any(|line| empty(line.kind, line.amount_minor)));
        prop_assert!(fare.lines.iter().all(|line| line.kind <= LineKind::Rounding));
        let negative_tax = |kind, amount_minor| kind == LineKind::Tax && amount_minor < 0;
        prop_assert!(!fare.lines.iter().any(|line| negative_tax(line.kind, line.amount_minor)));
    }

    #[test]
    fn a_ride_costs_its_minimum_and_a_promo_takes_off_no_more_than_it(
        tariff in tariff(&usual()),
        facts in usual_facts(),
    ) {
        let fare = compute(&tariff, &facts).unwrap();
        prop_assert!(fare.before_fees_minor() >= tariff.spec().minimum_minor);
        let promo_minor = fare.sum_minor(LineKind::Promo);
        prop_assert!((-fare.before_fees_minor()..=0).contains(&promo_minor));
    }

    #[test]
    fn the_driver_gets_no_more_than_is_left_after_taxes(
        tariff in tariff(&usual()),
        facts in usual_facts(),
    ) {
        let fare = compute(&tariff, &facts).unwrap();
        let untaxed = fare.total_minor - fare.sum_minor(LineKind::Tax);
        let most = untaxed - fare.sum_minor(LineKind::Promo);
        prop_assert!((0..=most.max(0)).contains(&fare.driver_share_minor));
    }

    #[test]
    fn a_tip_changes_nothing_but_the_tip(
        tariff in tariff(&usual()),
        facts in usual_facts(),
        tip_minor in usual(),
    ) {
        let fare = compute(&tariff, &facts).unwrap();
        let tipped = compute(&tariff, &Facts { tip_minor, ..facts }).unwrap();
        prop_assert_eq!(tipped.tip_minor, tip_minor);
        prop_assert_eq!(crate::pricing::Fare { tip_minor: fare.tip_minor, ..tipped }, fare);
    }

    #[test]
    fn any_numbers_at_all_are_priced_or_refused(
        tariff in tariff(&not_negative()),
        facts in facts(&any_number()),
    ) {
        match compute(&tariff, &facts) {
            Ok(fare) => {
                let sum: i128 = fare.lines.iter().map(|line| i128::from(line.amount_minor)).sum();
                prop_assert_eq!(sum, i128::from(fare.total_minor));
            }
            Err(FareError::Negative { .. } | FareError::SurgeBelowOne | FareError::Overflow) => {}
            Err(other) => prop_assert!(false, "{}", other),
        }
    }

    #[test]
    fn a_longer_ride_never_costs_less(
        tariff in tariff(&usual()),
        facts in usual_facts(),
        more in (0..10_000_i64, 0..10_000_i64),
    ) {
        let longer = Facts {
            distance_m: facts.distance_m + more.0,
            duration_s: facts.duration_s + more.1,
            ..facts.clone()
        };
        let before = compute(&tariff, &facts).unwrap().before_fees_minor();
        prop_assert!(compute(&tariff, &longer).unwrap().before_fees_minor() >= before);
    }
}
