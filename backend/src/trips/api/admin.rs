//! `/v1/admin/trips`: what admins do to trips that went wrong.

use std::sync::Arc;

use poem_openapi::param::{Header, Path};
use poem_openapi::{OpenApi, Tags};
use wayfare_core::id::TripId;
use wayfare_core::trip::{Actor, Command};
use wayfare_core::wire::{Cancellation, Reassignment};

use super::step::{Answer, Step, take, target};
use crate::app::App;
use crate::platform::http::{Body, IdempotencyKey, Principal, SignedIn};
use crate::platform::plain_text::clean_note;

#[derive(Tags)]
enum Tag {
    /// For those who run the city.
    Admin,
}

/// For those who run the city.
#[derive(Debug)]
pub struct AdminTripsApi {
    /// What the handlers share.
    pub app: Arc<App>,
}

#[OpenApi(tag = "Tag::Admin")]
impl AdminTripsApi {
    /// Take a trip from its driver
    ///
    /// Before the rider is in the car. The trip looks for another driver.
    #[oai(
        path = "/v1/admin/trips/:trip_id/reassign",
        method = "post",
        operation_id = "reassign_trip"
    )]
    async fn reassign_trip(
        &self,
        signed_in: SignedIn,
        trip_id: Path<TripId>,
        #[oai(name = "Idempotency-Key")] key: IdempotencyKey,
        /// Only if the trip is at this version.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Body<Reassignment>,
    ) -> Answer {
        let command = Command::Reassign {
            reason: body.reason,
        };
        let step = by_admin(signed_in.admin()?, "reassign_trip", command);
        let target = target(&trip_id, &key, &if_match);
        take(&self.app, step, target, &body.0).await
    }

    /// Call a trip off for its rider
    ///
    /// It costs nobody anything.
    #[oai(
        path = "/v1/admin/trips/:trip_id/cancel",
        method = "post",
        operation_id = "cancel_trip_by_admin"
    )]
    async fn cancel_trip_by_admin(
        &self,
        signed_in: SignedIn,
        trip_id: Path<TripId>,
        #[oai(name = "Idempotency-Key")] key: IdempotencyKey,
        /// Only if the trip is at this version.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Body<Cancellation>,
    ) -> Answer {
        let principal = signed_in.admin()?;
        let note = clean_note("note", body.note.as_deref())?;
        let command = Command::Cancel {
            reason: body.reason,
        };
        let mut step = by_admin(principal, "cancel_trip_by_admin", command);
        step.note = note.as_deref();
        let target = target(&trip_id, &key, &if_match);
        take(&self.app, step, target, &body.0).await
    }

    /// End a ride whose driver cannot
    ///
    /// For a phone that is lost or dead. The fare is charged as if the driver had ended it.
    #[oai(
        path = "/v1/admin/trips/:trip_id/complete",
        method = "post",
        operation_id = "complete_trip_by_admin"
    )]
    async fn complete_trip_by_admin(
        &self,
        signed_in: SignedIn,
        trip_id: Path<TripId>,
        #[oai(name = "Idempotency-Key")] key: IdempotencyKey,
        /// Only if the trip is at this version.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
    ) -> Answer {
        let principal = signed_in.admin()?;
        let step = by_admin(principal, "complete_trip_by_admin", Command::Complete);
        let target = target(&trip_id, &key, &if_match);
        take(&self.app, step, target, &()).await
    }
}

fn by_admin(principal: Principal, operation: &'static str, command: Command) -> Step<'static> {
    Step {
        principal,
        operation,
        actor: Actor::Admin(principal.user),
        command,
        note: None,
    }
}
