//! One request after the other gets the nearest car.

use super::field::{Field, Pick};

/// Asks the nearest candidate that is left for each request, the longest-waiting request first.
pub(super) fn choose(field: &mut Field<'_>) {
    let looks = field.looks.iter().enumerate();
    let mut order: Vec<_> = looks
        .filter(|(_, look)| !look.settled)
        .map(|(place, look)| (look.request.since, look.request.trip, place))
        .collect();
    order.sort_unstable();
    for (_, _, look) in order {
        let passed = field.looks.get(look).map(|look| {
            let candidates = look.candidates.iter().enumerate();
            let passed = candidates.filter(|(_, one)| one.cost.is_some());
            passed.map(|(candidate, _)| candidate).collect::<Vec<_>>()
        });
        let picks = passed.into_iter().flatten();
        let mut picks = picks.map(|candidate| Pick { look, candidate });
        picks.any(|pick| field.ask(pick));
    }
}
