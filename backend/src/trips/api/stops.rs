//! `/v1/trips/…/stops`: where a trip leads, and how far along it is.

use std::sync::Arc;

use poem_openapi::param::{Header, Path};
use poem_openapi::{OpenApi, Tags};
use wayfare_core::id::TripId;
use wayfare_core::trip::{Command, Stops};
use wayfare_core::wire::ChangeStops;

use super::step::{Answer, Step, actor_of, take, target};
use crate::app::App;
use crate::platform::failure::Failure;
use crate::platform::http::{Body, IdempotencyKey, SignedIn};
use crate::pricing::quotes::read_stops;

#[derive(Tags)]
enum Tag {
    /// Where a trip leads.
    Stops,
}

/// Where a trip leads.
#[derive(Debug)]
pub struct TripStopsApi {
    /// What the handlers share.
    pub app: Arc<App>,
}

#[OpenApi(tag = "Tag::Stops")]
impl TripStopsApi {
    /// Change where a trip leads
    ///
    /// All stops are named; those that the car has reached must stay as they are. The fare in the
    /// answer is an estimate: with other stops than quoted, a trip is priced by what is driven.
    #[oai(
        path = "/v1/trips/:trip_id/stops",
        method = "put",
        operation_id = "change_stops"
    )]
    async fn change_stops(
        &self,
        signed_in: SignedIn,
        trip_id: Path<TripId>,
        #[oai(name = "Idempotency-Key")] key: IdempotencyKey,
        /// Only if the trip is at this version.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Body<ChangeStops>,
    ) -> Answer {
        let principal = signed_in.principal();
        let step = Step {
            principal,
            operation: "change_stops",
            actor: actor_of(&self.app, principal, trip_id.0).await?,
            command: command(&body)?,
            note: None,
        };
        let target = target(&trip_id, &key, &if_match);
        take(&self.app, step, target, &body.0).await
    }

    /// Say that the car is at the next stop
    #[oai(
        path = "/v1/trips/:trip_id/stops/reach",
        method = "post",
        operation_id = "reach_stop"
    )]
    async fn reach_stop(
        &self,
        signed_in: SignedIn,
        trip_id: Path<TripId>,
        #[oai(name = "Idempotency-Key")] key: IdempotencyKey,
        /// Only if the trip is at this version.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
    ) -> Answer {
        let step = Step::by_driver(signed_in.principal(), "reach_stop", Command::ReachStop);
        let target = target(&trip_id, &key, &if_match);
        take(&self.app, step, target, &()).await
    }

    /// Say that the car goes on from a stop
    #[oai(
        path = "/v1/trips/:trip_id/stops/leave",
        method = "post",
        operation_id = "leave_stop"
    )]
    async fn leave_stop(
        &self,
        signed_in: SignedIn,
        trip_id: Path<TripId>,
        #[oai(name = "Idempotency-Key")] key: IdempotencyKey,
        /// Only if the trip is at this version.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
    ) -> Answer {
        let step = Step::by_driver(signed_in.principal(), "leave_stop", Command::LeaveStop);
        let target = target(&trip_id, &key, &if_match);
        take(&self.app, step, target, &()).await
    }
}

fn command(wanted: &ChangeStops) -> Result<Command, Failure> {
    let Stops { waypoints, dropoff } = read_stops(&wanted.waypoints, wanted.dropoff)?;
    Ok(Command::ChangeStops { waypoints, dropoff })
}
