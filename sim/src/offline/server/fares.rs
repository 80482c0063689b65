//! What trips cost: as promised, as claimed, and by the server's own points.

use chrono::FixedOffset;
use wayfare_core::id::QuoteId;
use wayfare_core::pricing::{Basis, Facts, Fare, RideLength, cancellation_charge, compute};
use wayfare_core::ride::{NoGround, RideError, RideOver, RidePrice, check_claim, price};
use wayfare_core::sync::FareClaim;
use wayfare_core::track::TrackPoint;
use wayfare_core::trip::{Trip, TripState};
use wayfare_core::wire::ErrorCode;

use super::stored::StoredTrip;
use super::{STRAIGHT, Server};
use crate::offline::backend::Refused;

impl Server {
    /// A trip with its quote.
    pub(super) fn quoted_trip(&mut self, trip: Trip) -> Result<StoredTrip, Refused> {
        let quote = QuoteId::from_uuid(self.new_id());
        let plan = STRAIGHT.length(&trip.stops.route_from(trip.request.pickup));
        let quoted = self.facts(&trip, plan);
        let fare = compute(&self.tariff, &quoted).map_err(|_| Refused(ErrorCode::Internal))?;
        Ok(StoredTrip {
            events: Vec::new(),
            trip,
            quote,
            quoted,
            plan,
            fare,
            basis: None,
            forward: false,
            had: std::collections::BTreeMap::new(),
            claim: None,
            claim_taken: false,
            by_device: false,
            rated: None,
        })
    }

    fn facts(&self, trip: &Trip, plan: RideLength) -> Facts {
        let utc = FixedOffset::east_opt(0);
        let at = trip.request.requested_at;
        let started_at = utc.map_or_else(|| at.fixed_offset(), |zone| at.with_timezone(&zone));
        let mut facts = Facts::ride(plan.distance_m, plan.duration_s, started_at);
        facts.waypoints = trip
            .stops
            .waypoints
            .iter()
            .map(|_| wayfare_core::pricing::WaypointFacts { wait_s: 0 })
            .collect();
        facts
    }

    /// Plans a trip along its new stops and estimates what it costs.
    pub(super) fn replan(&self, stored: &mut StoredTrip) {
        let trip = &stored.trip;
        stored.plan = STRAIGHT.length(&trip.stops.route_from(trip.request.pickup));
        let facts = self.facts(trip, stored.plan);
        if let Ok(fare) = compute(&self.tariff, &facts) {
            stored.fare = fare;
        }
    }

    /// Settles a trip that was just completed: by the claim, if the trip does not contradict it, or
    /// else by the points that are here.
    pub(super) fn settle(
        &mut self,
        stored: &mut StoredTrip,
        claim: Option<&FareClaim>,
    ) -> Result<(), ErrorCode> {
        let (basis, fare) = self.settlement(stored, claim)?;
        stored.claim = claim.cloned();
        stored.basis = Some(basis);
        stored.fare = fare;
        Ok(())
    }

    fn settlement(
        &mut self,
        stored: &mut StoredTrip,
        claim: Option<&FareClaim>,
    ) -> Result<(Basis, Fare), ErrorCode> {
        if let Some(claim) = claim {
            match check_claim(&self.over(stored, &[]), claim) {
                Ok(settled) => {
                    stored.claim_taken = true;
                    return Ok((settled.basis, settled.fare));
                }
                Err(_) => self.flag("fare_refused"),
            }
        }
        let own = self.price_by_own_points(stored);
        let own = own.map_err(|_| ErrorCode::Internal)?.settlement;
        Ok((own.basis, own.fare))
    }

    /// What a completed trip costs by the points that are here.
    pub(super) fn price_by_own_points(&self, stored: &StoredTrip) -> Result<RidePrice, RideError> {
        let user = stored.driver().ok_or(RideError::NotCompleted)?.into();
        let points = self.files.points_of(user, stored.id());
        let track: Vec<TrackPoint> = points.iter().map(|point| point.point).collect();
        price(&self.over(stored, &track), &NoGround)
    }

    fn over<'a>(&'a self, stored: &'a StoredTrip, track: &'a [TrackPoint]) -> RideOver<'a> {
        RideOver {
            trip: &stored.trip,
            quoted: &stored.quoted,
            tariff: &self.tariff,
            plan: stored.plan,
            straight: STRAIGHT,
            track,
        }
    }

    /// What calling a trip off costs, if it costs anything.
    pub(super) fn cancellation_fare(&self, stored: &StoredTrip) -> Option<Fare> {
        let TripState::Cancelled {
            by,
            reason,
            cancelled_at,
            ..
        } = stored.trip.state
        else {
            return None;
        };
        let facts = stored
            .trip
            .cancellation_facts(by.party(), reason, cancelled_at);
        cancellation_charge(&self.tariff, &facts).ok()?.fare
    }
}
