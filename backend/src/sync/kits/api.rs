//! `/v1/trips/{trip_id}/kit`: everything for finishing a trip without a network.

use std::sync::Arc;

use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::types::Any;
use poem_openapi::{OpenApi, Tags};
use wayfare_core::id::TripId;
use wayfare_core::sync::TripKit;

use crate::app::App;
use crate::platform::failure::Failure;
use crate::platform::http::SignedIn;

#[derive(Tags)]
enum Tag {
    /// Work that goes on without a network.
    Sync,
}

/// What drivers' phones need to finish trips by themselves.
#[derive(Debug)]
pub struct KitsApi {
    /// What the handlers share.
    pub app: Arc<App>,
}

#[OpenApi(tag = "Tag::Sync")]
impl KitsApi {
    /// Get what it takes to finish a trip without a network
    ///
    /// For the trip's driver only: the trip, its quote's facts and tariff, the plan, the rules, and
    /// what the rider's PIN is checked with. The stream brings it as `trip_kit` whenever it changes.
    #[oai(
        path = "/v1/trips/:trip_id/kit",
        method = "get",
        operation_id = "get_trip_kit"
    )]
    async fn get_trip_kit(
        &self,
        signed_in: SignedIn,
        trip_id: Path<TripId>,
    ) -> Result<Json<Any<TripKit>>, Failure> {
        let driver = signed_in.principal().driver();
        let mut connection = self.app.pool.acquire().await?;
        let kit = super::get_kit(&mut connection, &self.app, trip_id.0, driver).await?;
        Ok(Json(Any(kit)))
    }
}
