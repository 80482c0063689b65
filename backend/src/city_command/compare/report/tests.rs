use super::*;
use crate::city_command::compare::statistics::{Asked, Way};
use crate::city_command::draw::Pair;
use wayfare_core::geo::LatLng;

fn spread(median_us: f64) -> Spread {
    Spread {
        best_us: median_us,
        median_us,
    }
}

fn asked(ours_m: f64, ours_s: f64) -> Asked {
    let at = LatLng::from_e7(0, 0).unwrap();
    let way = |distance_m, duration_s| Way {
        distance_m,
        duration_s,
    };
    Asked {
        pair: Pair { from: at, to: at },
        ours: Some(way(ours_m, ours_s)),
        theirs: Some(way(1000.0, 100.0)),
    }
}

fn comparison(asked: &[Asked], table_us: f64) -> Comparison {
    Comparison {
        name: "town".to_owned(),
        seed: 3,
        agreements: vec![("anywhere", Agreement::of(asked))],
        ours: PackSpeed {
            route: spread(50.0),
            route_with_steps: spread(60.0),
            table: spread(table_us),
        },
        theirs: OsrmSpeed {
            nearest: spread(100.0),
            route: spread(200.0),
            route_with_steps: spread(300.0),
            tables: vec![(2, spread(100.0)), (100, spread(5600.0))],
            json: spread(500.0),
        },
    }
}

#[test]
fn what_is_good_enough_is_said_to_be() {
    let text = comparison(&[asked(1010.0, 95.0)], 4000.0).markdown();
    assert!(text.contains("| 1 anywhere | 1 | 0 + 0 (0.00 %) | 1.00 % | 1.00 % | 1.00 % | +1.00 % | 5.00 % | 5.00 % | 5.00 % | -5.00 % |"), "{text}");
    assert!(
        text.contains("| table 100 × 100 | 4.00 ms | 5.00 ms | 5.60 ms | 0.80 |"),
        "{text}"
    );
    assert!(text.contains("Every limit is met."), "{text}");
}

#[test]
fn every_limit_that_is_missed_is_named() {
    let missed = comparison(&[asked(1030.0, 120.0)], 6000.0).missed();
    assert_eq!(
        missed,
        [
            "anywhere: the median difference of distance",
            "anywhere: the median difference of duration",
            "table 100 × 100: slower than OSRM without HTTP",
        ]
    );
    let mut one_only = asked(1000.0, 100.0);
    one_only.theirs = None;
    let missed = comparison(&[one_only], 6000.0).missed();
    assert!(missed.contains(&"anywhere: pairs routable in one only".to_owned()));
}
