//! `/v1/admin/drivers/live`: where all cars are, for admins.

use std::sync::Arc;

use poem_openapi::param::Query;
use poem_openapi::payload::Json;
use poem_openapi::{OpenApi, Tags};
use wayfare_core::id::DriverId;
use wayfare_core::wire::LiveDriverPage;

use super::live::{Bounds, Wanted, list_live};
use crate::app::App;
use crate::platform::failure::Failure;
use crate::platform::http::SignedIn;

const LIMIT: usize = 100;

#[derive(Tags)]
enum Tag {
    /// For those who run the city.
    Admin,
}

/// For those who run the city.
#[derive(Debug)]
pub struct LiveDriversApi {
    /// What the handlers share.
    pub app: Arc<App>,
}

#[OpenApi(tag = "Tag::Admin")]
impl LiveDriversApi {
    /// See where drivers are
    ///
    /// Drivers at work whose position is known, by their ids. Each position comes with its age; a car
    /// that is `silent` is offline, and not necessarily where it was last seen.
    #[oai(
        path = "/v1/admin/drivers/live",
        method = "get",
        operation_id = "list_live_drivers"
    )]
    async fn list_live_drivers(
        &self,
        signed_in: SignedIn,
        /// Only those here: west,south,east,north in degrees.
        bbox: Query<Option<String>>,
        /// From the page before.
        cursor: Query<Option<DriverId>>,
        /// At most so many.
        #[oai(validator(minimum(value = "1"), maximum(value = "1000")))]
        limit: Query<Option<usize>>,
    ) -> Result<Json<LiveDriverPage>, Failure> {
        signed_in.admin()?;
        let wanted = Wanted {
            bounds: bbox.0.as_deref().map(Bounds::parse).transpose()?,
            after: cursor.0,
            limit: limit.0.unwrap_or(LIMIT),
        };
        let mut connection = self.app.pool.acquire().await?;
        let page = list_live(&mut connection, &self.app, wanted).await?;
        Ok(Json(page))
    }
}
