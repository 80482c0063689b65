//! Whole days in a small city.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use wayfare_dispatch::Rules;

use super::journal::{Entry, What};
use super::journeys::{Journey, Journeys};
use super::ways::way;
use super::{Conditions, Figures, Policy, Simulation};
use crate::chance::{Stream, chance};
use crate::city::{City, testing};
use crate::demand::Demand;

/// A demand and a fleet.
#[derive(Debug, Clone, Copy)]
struct Busy {
    riders_per_hour: f64,
    minutes: u64,
    cars: u32,
    seed: u64,
}

/// More riders than the cars can drive.
const RUSH: Busy = Busy {
    riders_per_hour: 480.0,
    minutes: 12,
    cars: 12,
    seed: 1,
};

fn journeys(city: &Arc<City>, busy: Busy) -> Journeys {
    let span = Duration::from_secs(busy.minutes * 60);
    let mut demand = Demand::drawn(city.clone(), busy.riders_per_hour, busy.seed);
    let wishes = std::iter::from_fn(|| demand.next_wish());
    let list = wishes
        .take_while(|wish| wish.at_s < span.as_secs_f64())
        .map(|wish| {
            let takes = way(&city.roads, wish.pickup, wish.dropoff)
                .unwrap()
                .duration;
            Journey {
                at: Duration::from_secs_f64(wish.at_s),
                pickup: wish.pickup,
                dropoff: wish.dropoff,
                by_road: takes,
                // Every other ride takes longer than the roads say.
                takes: takes.mul_f64(1.0 + 0.5 * (wish.at_s % 2.0).floor()),
            }
        })
        .collect();
    Journeys {
        list,
        begins_at: "2026-03-02T08:00:00Z".parse().unwrap(),
        span,
        left_out: 0,
        recorded: 0,
    }
}

fn conditions(policy: Policy, seed: u64) -> Conditions {
    Conditions {
        policy,
        window: Duration::from_secs(2),
        rules: Rules::default(),
        seed,
        decline: 0.1,
        patience: Duration::from_secs(120),
        boarding: Duration::from_secs(30),
        roam_after: Some(Duration::from_secs(60)),
    }
}

fn with_day<R>(policy: Policy, busy: Busy, use_it: impl FnOnce(Simulation<'_>) -> R) -> R {
    let city = testing::city();
    let journeys = journeys(&city, busy);
    let mut starts = chance(busy.seed, Stream::Fleet);
    let cars = (0..busy.cars).filter_map(|_| journeys.draw_pickup(&mut starts));
    let conditions = conditions(policy, busy.seed);
    use_it(Simulation::new(
        &city.roads,
        &journeys,
        conditions,
        cars.collect(),
    ))
}

fn journal(policy: Policy, busy: Busy) -> Vec<Entry> {
    with_day(policy, busy, |day| day.into_journal())
}

fn figures(policy: Policy, busy: Busy) -> Figures {
    with_day(policy, busy, |day| day.run())
}

fn of_riders(journal: &[Entry]) -> BTreeMap<usize, Vec<What>> {
    let mut riders: BTreeMap<usize, Vec<What>> = BTreeMap::new();
    for entry in journal {
        riders.entry(entry.rider).or_default().push(entry.what);
    }
    riders
}

#[test]
fn time_never_runs_backwards() {
    for policy in [Policy::Nearest, Policy::Batch] {
        let journal = journal(policy, RUSH);
        assert!(journal.len() > 200, "{}", journal.len());
        assert!(journal.is_sorted_by_key(|entry| entry.at), "{policy:?}");
    }
}

#[test]
fn everybody_is_served_once_or_told_that_nobody_comes() {
    for policy in [Policy::Nearest, Policy::Batch] {
        let (mut served, mut gone) = (0, 0);
        for (rider, story) in of_riders(&journal(policy, RUSH)) {
            let count = |is: fn(&What) -> bool| story.iter().filter(|what| is(what)).count();
            let dropped_off = count(|what| matches!(what, What::DroppedOff { .. }));
            let left_alone = count(|what| matches!(what, What::GaveUp | What::Expired));
            assert_eq!(
                dropped_off + left_alone,
                1,
                "{policy:?}, {rider}: {story:?}"
            );
            assert_eq!(
                count(|what| matches!(what, What::PickedUp { .. })),
                dropped_off,
                "{policy:?}, {rider}: {story:?}"
            );
            served += dropped_off;
            gone += left_alone;
        }
        assert!(served > 20 && gone > 5, "{policy:?}: {served}, {gone}");
    }
}

#[test]
fn a_rider_who_gives_up_is_not_picked_up() {
    for policy in [Policy::Nearest, Policy::Batch] {
        let stories = of_riders(&journal(policy, RUSH));
        let gave_up = stories
            .values()
            .filter(|story| story.contains(&What::GaveUp));
        let mut any = false;
        for story in gave_up {
            any = true;
            assert_eq!(story.last(), Some(&What::GaveUp), "{story:?}");
            assert!(
                !story
                    .iter()
                    .any(|what| matches!(what, What::Accepted { .. })),
                "{story:?}"
            );
        }
        assert!(any, "{policy:?}: nobody gave up");
    }
}

#[test]
fn a_car_drives_one_rider_at_a_time_and_has_at_most_one_waiting() {
    for policy in [Policy::Nearest, Policy::Batch] {
        let mut taken: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut asked: BTreeMap<usize, usize> = BTreeMap::new();
        for Entry { rider, what, .. } in journal(policy, RUSH) {
            match what {
                What::Asked { car, .. } => {
                    // Whoever gave up has taken the question along.
                    asked.insert(car, rider);
                }
                What::Accepted { car } => {
                    assert_eq!(asked.remove(&car), Some(rider), "{policy:?}: car {car}");
                    let riders = taken.entry(car).or_default();
                    riders.push(rider);
                    assert!(riders.len() <= 2, "{policy:?}: car {car} has {riders:?}");
                }
                What::SetOut { car, .. } | What::PickedUp { car } => {
                    assert_eq!(taken[&car][0], rider, "{policy:?}: car {car}");
                }
                What::DroppedOff { car } => {
                    assert_eq!(taken.get_mut(&car).unwrap().remove(0), rider);
                }
                _ => {}
            }
        }
    }
}

#[test]
fn nobody_is_asked_twice_for_the_same_trip() {
    for policy in [Policy::Nearest, Policy::Batch] {
        let mut declined = 0;
        for (rider, story) in of_riders(&journal(policy, RUSH)) {
            let asked = story.iter().filter_map(|what| match what {
                What::Asked { car, .. } => Some(*car),
                _ => None,
            });
            let mut cars: Vec<usize> = asked.collect();
            let all = cars.len();
            cars.sort_unstable();
            cars.dedup();
            assert_eq!(cars.len(), all, "{policy:?}, {rider}: {story:?}");
            declined += all.saturating_sub(1);
        }
        assert!(declined > 0, "{policy:?}: nobody declined");
    }
}

#[test]
fn only_batch_asks_drivers_who_have_a_rider() {
    assert_eq!(figures(Policy::Nearest, RUSH).forward, 0);
    assert!(figures(Policy::Batch, RUSH).forward > 0);
}

#[test]
fn the_same_seed_gives_the_same_figures() {
    for policy in [Policy::Nearest, Policy::Batch] {
        let day = |seed| {
            let mut figures = figures(policy, Busy { seed, ..RUSH });
            // Real time is the only thing that no seed repeats.
            figures.batch_ms = Default::default();
            figures
        };
        let first = day(1);
        assert_eq!(first, day(1), "{policy:?}");
        assert_ne!(first, Figures { seed: 1, ..day(2) }, "{policy:?}");
    }
}

#[test]
fn batch_is_not_worse_than_nearest_in_a_busy_city() {
    let (nearest, batch) = (figures(Policy::Nearest, RUSH), figures(Policy::Batch, RUSH));
    assert!(batch.served >= nearest.served, "{batch:?} {nearest:?}");
    assert!(
        batch.pickup_s_mean < nearest.pickup_s_mean,
        "{batch:?} {nearest:?}"
    );
}

#[test]
fn without_riders_there_is_nothing_to_tell() {
    let calm = Busy {
        riders_per_hour: 1.0,
        minutes: 0,
        cars: 0,
        seed: 1,
    };
    let figures = figures(Policy::Batch, calm);
    assert_eq!((figures.trips, figures.served, figures.rounds), (0, 0, 0));
    assert_eq!((figures.wait_s.p50, figures.pickup_m_mean), (None, None));
}
