//! What a round answers: who is asked, and what became of everybody who was looked at.

use super::field::{Candidate, Field, Look};
use super::{Proposal, Round};
use crate::decision::{Decision, Outcome, Verdict};

impl Field<'_> {
    /// Who is asked: by trip, the cheapest first.
    pub(super) fn proposals(&self) -> Vec<Proposal> {
        let mut proposals = Vec::new();
        for look in &self.looks {
            let from = proposals.len();
            let asked = look.candidates.iter().filter(|one| one.asked);
            proposals.extend(asked.filter_map(|one| self.proposal(look, one)));
            if let Some(of_look) = proposals.get_mut(from..) {
                of_look.sort_by_key(|one: &Proposal| (one.cost.total_ms(), one.driver));
            }
        }
        proposals
    }

    fn proposal(&self, look: &Look<'_>, candidate: &Candidate) -> Option<Proposal> {
        let driver = self.driver(candidate)?;
        Some(Proposal {
            trip: look.request.trip,
            driver: driver.id,
            vehicle: driver.vehicle,
            wave: look.request.waves.saturating_add(1),
            forward: driver.forward,
            cost: candidate.cost?,
        })
    }

    /// A decision for each request, in their order.
    pub(super) fn into_decisions(mut self, round: &Round<'_>) -> Vec<Decision> {
        for place in 0..self.looks.len() {
            self.note_verdicts(place);
        }
        let mut decisions: Vec<Option<Decision>> = self
            .looks
            .into_iter()
            .map(|look| Some(look.into_decision(round)))
            .collect();
        let trips: Vec<_> = decisions.iter().flatten().map(|one| one.trip).collect();
        let mut answered: Vec<Decision> = Vec::with_capacity(round.requests.len());
        for request in round.requests {
            let place = trips.binary_search(&request.trip).ok();
            let decision = place.and_then(|place| decisions.get_mut(place)?.take());
            // A trip that is listed twice has one decision.
            let decision = decision.or_else(|| {
                let same = answered.iter().find(|one| one.trip == request.trip);
                same.cloned()
            });
            answered.extend(decision);
        }
        answered
    }

    /// Fills in what became of the candidates of a look.
    fn note_verdicts(&mut self, look: usize) {
        let drivers = &self.drivers;
        let Some(look) = self.looks.get_mut(look) else {
            return;
        };
        for candidate in &look.candidates {
            let driver = usize::try_from(candidate.driver).ok();
            let driver = driver.and_then(|driver| drivers.get(driver));
            let considered = look.considered.get_mut(candidate.considered);
            if let (Some(driver), Some(cost), Some(considered)) =
                (driver, candidate.cost, considered)
            {
                considered.verdict = if candidate.asked {
                    Verdict::Asked { cost }
                } else {
                    Verdict::Lost {
                        cost,
                        asked_for: driver.asked_for,
                    }
                };
            }
        }
    }
}

impl Look<'_> {
    fn into_decision(self, round: &Round<'_>) -> Decision {
        let outcome = if self.candidates.iter().any(|one| one.asked) {
            Outcome::Asked
        } else if self.candidates.iter().any(|one| one.cost.is_some()) {
            Outcome::PassedOver
        } else {
            Outcome::NobodyFits
        };
        Decision {
            trip: self.request.trip,
            at: round.at,
            radius_m: self.radius_m,
            waves: self.request.waves,
            outcome,
            considered: self.considered,
            left_out: self.left_out,
        }
    }
}
