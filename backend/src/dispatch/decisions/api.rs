//! `/v1/admin/dispatch/explain` and `/v1/drivers/me/dispatch`.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use poem_openapi::param::Query;
use poem_openapi::payload::Json;
use poem_openapi::{OpenApi, Tags};
use wayfare_core::id::{DriverId, TripId};
use wayfare_core::wire::{DispatchExplanation, ErrorCode, OwnDispatch};

use super::explain::{self, Question};
use super::own::{self, OwnQuestion};
use crate::app::App;
use crate::fleet;
use crate::platform::failure::Failure;
use crate::platform::http::SignedIn;
use crate::platform::{clock, db};

/// A shift that a driver remembers.
const HOURS_DEFAULT: u32 = 4;

#[derive(Tags)]
enum Tag {
    /// Why dispatch asked whom.
    Dispatch,
}

/// Why dispatch asked whom.
#[derive(Debug)]
pub struct DecisionsApi {
    /// What the handlers share.
    pub app: Arc<App>,
}

#[OpenApi(tag = "Tag::Dispatch")]
impl DecisionsApi {
    /// Explain why a driver was asked for a trip or not
    ///
    /// With a driver: what became of that driver in each of the last 50 rounds that looked for a
    /// driver for this trip. Without: what became of all cars in the newest round. For admins.
    #[oai(
        path = "/v1/admin/dispatch/explain",
        method = "get",
        operation_id = "get_dispatch_explanation"
    )]
    async fn get_dispatch_explanation(
        &self,
        signed_in: SignedIn,
        /// The trip.
        trip: Query<TripId>,
        /// The driver.
        driver: Query<Option<DriverId>>,
        /// Only rounds until this time.
        at: Query<Option<DateTime<Utc>>>,
    ) -> Result<Json<DispatchExplanation>, Failure> {
        let admin = signed_in.admin()?.user;
        let question = Question {
            trip: trip.0,
            driver: driver.0,
            until: at.0,
        };
        let driver = question.driver.map(tracing::field::display);
        tracing::info!(%admin, trip = %question.trip, driver, "an admin asks about dispatch");
        let mut snapshot = db::begin_snapshot(&self.app.pool).await?;
        let now = clock::now();
        let explained = explain::explain(&mut snapshot, &self.app, question, now).await?;
        snapshot.commit().await?;
        Ok(Json(explained))
    }

    /// See how dispatch saw oneself
    ///
    /// For drivers: how many requests there were nearby, for how many of them one was asked, and why
    /// not for the others.
    #[oai(
        path = "/v1/drivers/me/dispatch",
        method = "get",
        operation_id = "get_own_dispatch"
    )]
    async fn get_own_dispatch(
        &self,
        signed_in: SignedIn,
        /// How many hours back; 4 if absent.
        #[oai(validator(minimum(value = "1"), maximum(value = "24")))]
        hours: Query<Option<u32>>,
    ) -> Result<Json<OwnDispatch>, Failure> {
        let driver = signed_in.principal().driver();
        let mut snapshot = db::begin_snapshot(&self.app.pool).await?;
        if !fleet::service::driver_exists(&mut snapshot, driver.into()).await? {
            let detail = "only drivers can see this; register as a driver first";
            return Err(Failure::refused(ErrorCode::DriverProfile, detail));
        }
        let question = OwnQuestion {
            driver,
            hours: hours.0.unwrap_or(HOURS_DEFAULT),
            now: clock::now(),
        };
        let seen = own::own_view(&mut snapshot, question).await?;
        snapshot.commit().await?;
        Ok(Json(seen))
    }
}
