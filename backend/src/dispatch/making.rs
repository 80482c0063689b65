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
    // Rounded up: better early than late.
    let pickup_duration_s = (proposal.cost.way_ms.max(0)).saturating_add(999) / 1000;
    NewOffer {
        id: OfferId::from_uuid(Uuid::now_v7()),
        trip: proposal.trip,
        driver: proposal.driver,
        vehicle: proposal.vehicle,
        wave: i32::try_from(proposal.wave).unwrap_or(i32::MAX),
        forward: proposal.forward,
        pickup_distance_m: proposal.cost.way_m.into(),
        pickup_duration_s,
        driver_share_minor: stored.fare.driver_share_minor,
    }
}
