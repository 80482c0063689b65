//! How well two sets of answers agree.

use serde::Serialize;
use wayfare_core::geo::LatLng;

use crate::city_command::draw::Pair;

/// The most different pairs that are told.
const WORST: usize = 5;

/// Length in metres and duration in seconds of a way.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Way {
    pub(super) distance_m: f64,
    pub(super) duration_s: f64,
}

/// What both said of a pair.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    pub(super) pair: Pair,
    pub(super) ours: Option<Way>,
    pub(super) theirs: Option<Way>,
}

/// How far ours are from theirs, as shares: 0.02 is two per cent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Deviation {
    /// Median of |ours / theirs − 1|.
    pub(super) median: f64,
    pub(super) p90: f64,
    pub(super) p99: f64,
    /// Median of ours / theirs − 1: above 0, ours are longer.
    pub(super) signed_median: f64,
}

/// A pair on which both differ much.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Worst {
    from: [f64; 2],
    to: [f64; 2],
    ours: Option<Way>,
    theirs: Option<Way>,
}

/// The agreement over a set of pairs.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Agreement {
    pub(super) pairs: usize,
    pub(super) both: usize,
    pub(super) only_ours: usize,
    pub(super) only_theirs: usize,
    pub(super) neither: usize,
    pub(super) distance: Option<Deviation>,
    pub(super) duration: Option<Deviation>,
    /// Routable in one only, all of the first few.
    pub(super) one_only: Vec<Worst>,
    pub(super) worst_by_distance: Vec<Worst>,
    pub(super) worst_by_duration: Vec<Worst>,
}

impl Agreement {
    pub(super) fn of(asked: &[Asked]) -> Self {
        let count = |keep: fn(&Asked) -> bool| asked.iter().filter(|asked| keep(asked)).count();
        let one_only = asked
            .iter()
            .filter(|asked| asked.ours.is_some() != asked.theirs.is_some())
            .take(WORST)
            .map(Worst::of);
        Self {
            pairs: asked.len(),
            both: count(|asked| asked.ours.is_some() && asked.theirs.is_some()),
            only_ours: count(|asked| asked.ours.is_some() && asked.theirs.is_none()),
            only_theirs: count(|asked| asked.ours.is_none() && asked.theirs.is_some()),
            neither: count(|asked| asked.ours.is_none() && asked.theirs.is_none()),
            distance: Deviation::of(&ratios(asked, |way| way.distance_m)),
            duration: Deviation::of(&ratios(asked, |way| way.duration_s)),
            one_only: one_only.collect(),
            worst_by_distance: worst(asked, |way| way.distance_m),
            worst_by_duration: worst(asked, |way| way.duration_s),
        }
    }

    /// Which share of the pairs is routable in one only.
    #[expect(clippy::cast_precision_loss, reason = "some thousands")]
    pub(super) fn one_only_share(&self) -> f64 {
        (self.only_ours + self.only_theirs) as f64 / self.pairs.max(1) as f64
    }
}

impl Worst {
    fn of(asked: &Asked) -> Self {
        let degrees = |at: LatLng| [at.lat(), at.lng()];
        Self {
            from: degrees(asked.pair.from),
            to: degrees(asked.pair.to),
            ours: asked.ours,
            theirs: asked.theirs,
        }
    }
}

/// Ours / theirs − 1; none where one of them has no way or theirs has no length.
fn ratio(asked: &Asked, of: fn(&Way) -> f64) -> Option<f64> {
    let (ours, theirs) = (of(&asked.ours?), of(&asked.theirs?));
    (theirs > 0.0).then(|| ours / theirs - 1.0)
}

fn ratios(asked: &[Asked], of: fn(&Way) -> f64) -> Vec<f64> {
    asked.iter().filter_map(|asked| ratio(asked, of)).collect()
}

fn worst(asked: &[Asked], of: fn(&Way) -> f64) -> Vec<Worst> {
    let mut by_ratio: Vec<(f64, &Asked)> = asked
        .iter()
        .filter_map(|asked| Some((ratio(asked, of)?.abs(), asked)))
        .collect();
    by_ratio.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    by_ratio
        .into_iter()
        .take(WORST)
        .map(|(_, asked)| Worst::of(asked))
        .collect()
}

impl Deviation {
    fn of(ratios: &[f64]) -> Option<Self> {
        let mut signed = ratios.to_vec();
        let mut absolute: Vec<f64> = ratios.iter().map(|ratio| ratio.abs()).collect();
        signed.sort_by(f64::total_cmp);
        absolute.sort_by(f64::total_cmp);
        Some(Self {
            median: quantile(&absolute, 50)?,
            p90: quantile(&absolute, 90)?,
            p99: quantile(&absolute, 99)?,
            signed_median: quantile(&signed, 50)?,
        })
    }
}

/// The smallest number that so many per cent of the numbers do not exceed.
pub(super) fn quantile(sorted: &[f64], per_cent: usize) -> Option<f64> {
    let rank = (sorted.len() * per_cent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(ours: Option<f64>, theirs: Option<f64>) -> Asked {
        let at = LatLng::from_e7(0, 0).unwrap();
        let way = |length: f64| Way {
            distance_m: length,
            duration_s: 2.0 * length,
        };
        Asked {
            pair: Pair { from: at, to: at },
            ours: ours.map(way),
            theirs: theirs.map(way),
        }
    }

    #[test]
    fn deviations_are_of_pairs_that_both_can_route() {
        let agreement = Agreement::of(&[
            asked(Some(101.0), Some(100.0)),
            asked(Some(90.0), Some(100.0)),
            asked(Some(103.0), Some(100.0)),
            asked(Some(5.0), None),
            asked(None, Some(5.0)),
            asked(None, None),
            asked(Some(1.0), Some(0.0)),
        ]);
        let counted = (
            agreement.both,
            agreement.only_ours,
            agreement.only_theirs,
            agreement.neither,
        );
        assert_eq!(counted, (4, 1, 1, 1));
        let distance = agreement.distance.unwrap();
        assert!((distance.median - 0.03).abs() < 1e-9, "{distance:?}");
        assert!((distance.p99 - 0.10).abs() < 1e-9, "{distance:?}");
        assert!((distance.signed_median - 0.01).abs() < 1e-9, "{distance:?}");
        assert!((agreement.one_only_share() - 2.0 / 7.0).abs() < 1e-9);
        let worst = agreement.worst_by_distance.first().unwrap();
        assert_eq!(worst.ours.unwrap().distance_m.to_string(), "90");
    }

    #[test]
    fn of_nothing_there_is_no_deviation() {
        assert_eq!(Agreement::of(&[asked(None, None)]).distance, None);
    }

    #[test]
    fn a_quantile_is_one_of_the_numbers() {
        let hundred: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!(quantile(&hundred, 50), Some(50.0));
        assert_eq!(quantile(&hundred, 99), Some(99.0));
        assert_eq!(quantile(&[7.0], 1), Some(7.0));
        assert_eq!(quantile(&[], 50), None);
    }
}
