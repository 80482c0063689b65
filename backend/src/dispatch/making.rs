//! Writing down who is asked.

use std::collections::{HashMap, HashSet};

use chrono::TimeDelta;
use sqlx::PgConnection;
use uuid::Uuid;
use wayfare_core::id::{DriverId, OfferId, TripId};
use wayfare_core::wire::StreamEvent;
use wayfare_dispatch::{Decision, Outcome, Proposal, Verdict};

use super::queries::{self, NewOffer, OfferTerms};
use super::requests::Waiting;
use super::service;
use crate::app::App;
use crate::fleet;
use crate::platform::clock;
use crate::platform::config::DispatchMode;
use crate::platform::failure::Failure;
use crate::realtime::Feed;
use crate::trips::{self, Engaged, StoredTrip};

/// Who was asked for what.
#[derive(Debug, Default)]
pub(super) struct Made(HashSet<(TripId, DriverId)>);

impl Made {
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// Takes those out of the decisions who were to be asked and were not, because they had gone
    /// offline or taken something else meanwhile.
    pub(super) fn correct(&self, proposals: &[Proposal], decisions: &mut [Decision]) {
        let failed: HashSet<(TripId, DriverId)> = proposals
            .iter()
            .map(|proposal| (proposal.trip, proposal.driver))
            .filter(|pair| !self.0.contains(pair))
            .collect();
        if failed.is_empty() {
            return;
        }
        for decision in decisions {
            let before = decision.considered.len();
            let trip = decision.trip;
            decision
                .considered
                .retain(|one| !failed.contains(&(trip, one.driver)));
            let asked = |verdict: &Verdict| matches!(verdict, Verdict::Asked { .. });
            let nobody = !decision.considered.iter().any(|one| asked(&one.verdict));
            if before != decision.considered.len() && nobody {
                decision.outcome = Outcome::PassedOver;
            }
        }
    }
}

/// Makes the proposed offers, as far as trips and drivers are still as they were. The trips are locked.
pub(super) async fn make(
    connection: &mut PgConnection,
    app: &App,
    waiting: &Waiting,
    proposals: &[Proposal],
    feed: &mut Feed,
) -> Result<Made, Failure> {
    if proposals.is_empty() {
        return Ok(Made::default());
    }
    let by_id: HashMap<TripId, &StoredTrip> = waiting
        .trips
        .iter()
        .map(|stored| (stored.id(), stored))
        .collect();
    let drivers: Vec<DriverId> = proposals.iter().map(|proposal| proposal.driver).collect();
    // Who goes offline from now on waits for this transaction, and takes the offer back then.
    let online = fleet::service::hold_online(connection, &drivers).await?;
    let engaged = trips::forward::list_engaged(connection, &drivers).await?;
    let as_before = |proposal: &&Proposal| {
        let expected = Engaged {
            driven: proposal.forward,
            forward: false,
        };
        let has = engaged.get(&proposal.driver).copied().unwrap_or_default();
        online.contains(&proposal.driver) && has == expected
    };
    let offers: Vec<NewOffer> = proposals
        .iter()
        .filter(as_before)
        .filter_map(|proposal| Some(new_offer(proposal, by_id.get(&proposal.trip)?)))
        .collect();
    let terms = terms(app);
    let inserted = queries::insert_offers(connection, &offers, terms).await?;
    let inserted: HashSet<Uuid> = inserted.into_iter().collect();
    let mut made = Made::default();
    for offer in offers
        .iter()
        .filter(|offer| inserted.contains(&offer.id.uuid()))
    {
        let Some(stored) = by_id.get(&offer.trip) else {
            continue;
        };
        made.0.insert((offer.trip, offer.driver));
        let shown = Box::new(service::show_offer(stored, offer, terms));
        feed.push(offer.driver, StreamEvent::OfferCreated { offer: shown });
    }
    let count = u64::try_from(made.count()).unwrap_or(u64::MAX);
    metrics::counter!("wayfare_offers_total", "outcome" => "made").increment(count);
    Ok(made)
}

fn terms(app: &App) -> OfferTerms {
    let config = &app.config.dispatch;
    let now = clock::now();
    OfferTerms {
        broadcast: config.mode == DispatchMode::Broadcast,
        now,
        expires_at: now + TimeDelta::seconds(config.offer_timeout_s.into()),
    }
}

fn new_offer(proposal: &Proposal, stored: &StoredTrip) -> NewOffer {
    NewOffer {
        id: OfferId::from_uuid(Uuid::now_v7()),
        trip: proposal.trip,
        driver: proposal.driver,
        vehicle: proposal.vehicle,
        wave: i32::try_from(proposal.wave).unwrap_or(i32::MAX),
        forward: proposal.forward,
        pickup_distance_m: proposal.cost.way_m.into(),
        pickup_duration_s: rounded_up_s(proposal.cost.way_ms),
        driver_share_minor: stored.fare.driver_share_minor,
    }
}

/// Better a second too many than one too few.
const fn rounded_up_s(milliseconds: i64) -> i64 {
    let positive = if milliseconds > 0 { milliseconds } else { 0 };
    positive.saturating_add(999) / 1000
}

#[cfg(test)]
mod tests {
    use chrono::Utc;
    use wayfare_core::id::VehicleId;
    use wayfare_dispatch::{Considered, Cost, Gate};

    use super::*;

    fn trip(number: u128) -> TripId {
        TripId::from_uuid(Uuid::from_u128(number))
    }

    fn driver(number: u128) -> DriverId {
        DriverId::from_uuid(Uuid::from_u128(number))
    }

    fn proposal(of: u128, to: u128) -> Proposal {
        Proposal {
            trip: trip(of),
            driver: driver(to),
            vehicle: VehicleId::from_uuid(Uuid::from_u128(to)),
            wave: 1,
            forward: false,
            cost: Cost::default(),
        }
    }

    /// These drivers were to be asked, and another one is busy.
    fn decision(of: u128, to: &[u128]) -> Decision {
        let cost = Cost::default();
        let asked = to.iter().map(|number| Considered {
            driver: driver(*number),
            verdict: Verdict::Asked { cost },
        });
        let busy = Considered {
            driver: driver(99),
            verdict: Verdict::Dropped(Gate::Driving),
        };
        Decision {
            trip: trip(of),
            at: Utc::now(),
            radius_m: 5000,
            waves: 0,
            outcome: Outcome::Asked,
            considered: asked.chain([busy]).collect(),
            left_out: 0,
        }
    }

    #[test]
    fn a_decision_names_as_asked_only_those_who_were() {
        let proposals = [
            proposal(1, 1),
            proposal(2, 2),
            proposal(2, 3),
            proposal(3, 4),
        ];
        let mut decisions = [decision(1, &[1]), decision(2, &[2, 3]), decision(3, &[4])];
        let untouched = decisions[2].clone();
        let made = Made(HashSet::from([(trip(2), driver(3)), (trip(3), driver(4))]));
        made.correct(&proposals, &mut decisions);
        let considered = |decision: &Decision| -> Vec<DriverId> {
            let all = decision.considered.iter();
            all.map(|one| one.driver).collect()
        };
        assert_eq!(considered(&decisions[0]), [driver(99)]);
        assert_eq!(decisions[0].outcome, Outcome::PassedOver);
        assert_eq!(considered(&decisions[1]), [driver(3), driver(99)]);
        assert_eq!(decisions[1].outcome, Outcome::Asked);
        assert_eq!(decisions[2], untouched);
        assert_eq!(made.count(), 2);
    }

    #[test]
    fn the_time_to_the_pickup_is_rounded_up_to_seconds() {
        let seconds = rounded_up_s;
        assert_eq!(
            [
                seconds(-5),
                seconds(0),
                seconds(1),
                seconds(1000),
                seconds(1001)
            ],
            [0, 0, 1, 1, 2]
        );
        assert_eq!(seconds(i64::MAX), i64::MAX / 1000);
    }
}
