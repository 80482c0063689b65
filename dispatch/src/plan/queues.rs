//! Zones with a queue: whoever came first is asked first.

use chrono::{DateTime, Utc};
use wayfare_core::id::DriverId;

use super::field::{Field, Look, Pick};
use crate::gate::Gate;

/// Somebody who waits in the queue of a request's zone and may be asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Waiting {
    since: DateTime<Utc>,
    driver: DriverId,
    /// Position in [`Look::candidates`].
    candidate: usize,
}

/// Gives the requests of zones with a queue to those who wait there, the longest-waiting request to
/// the longest-waiting driver. A request that nobody is left for takes part in the ordinary
/// assignment.
pub(super) fn choose(field: &mut Field<'_>) {
    let looks = field.looks.iter().enumerate();
    let mut queued: Vec<_> = looks
        .filter(|(_, look)| look.request.queue.is_some())
        .map(|(place, look)| (look.request.since, look.request.trip, place))
        .collect();
    queued.sort_unstable();
    for (_, _, look) in queued {
        let waiting = waiting(field, look);
        let picks = waiting.iter().map(|waiting| Pick {
            look,
            candidate: waiting.candidate,
        });
        let asked = picks.into_iter().any(|pick| field.ask(pick));
        if asked && let Some(look) = field.looks.get_mut(look) {
            look.settled = true;
        }
        if asked {
            drop_others(field, look, &waiting);
        }
    }
}

/// Who waits in the request's queue, the first one first.
fn waiting(field: &Field<'_>, look: usize) -> Vec<Waiting> {
    let Some(look) = field.looks.get(look) else {
        return Vec::new();
    };
    let candidates = look.candidates.iter().enumerate();
    let mut waiting: Vec<Waiting> = candidates
        .filter_map(|(candidate, one)| {
            one.cost?;
            Some(Waiting {
                since: one.queue_since?,
                driver: field.driver(one)?.id,
                candidate,
            })
        })
        .collect();
    waiting.sort_unstable();
    waiting
}

/// The queue has answered the request: whoever was not asked stands behind others, or not in the
/// queue at all. Those who are asked for another trip keep what they would have cost.
fn drop_others(field: &mut Field<'_>, look: usize, waiting: &[Waiting]) {
    let drivers = &field.drivers;
    let Some(look) = field.looks.get_mut(look) else {
        return;
    };
    let elsewhere = |look: &Look<'_>, candidate: usize| {
        let one = look.candidates.get(candidate);
        let driver = one.and_then(|one| drivers.get(usize::try_from(one.driver).ok()?));
        driver.is_some_and(|driver| driver.asked_for.is_some())
    };
    for candidate in 0..look.candidates.len() {
        let passed = look
            .candidates
            .get(candidate)
            .is_some_and(|one| one.cost.is_some());
        if !passed || elsewhere(look, candidate) {
            continue;
        }
        let place = waiting.iter().position(|one| one.candidate == candidate);
        let before = u32::try_from(place.unwrap_or(waiting.len())).unwrap_or(u32::MAX);
        look.drop_candidate(candidate, Gate::BehindInQueue { before });
    }
}
