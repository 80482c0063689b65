//! `/v1/admin`: for admins only.

use std::sync::Arc;

use poem_openapi::payload::Json;
use poem_openapi::{OpenApi, Tags};
use wayfare_core::wire::Integrity;

use super::service;
use crate::app::App;
use crate::platform::db;
use crate::platform::failure::Failure;
use crate::platform::http::SignedIn;

#[derive(Tags)]
enum Tag {
    /// For those who run the city.
    Admin,
}

/// For those who run the city.
#[derive(Debug)]
pub struct AdminApi {
    /// What the handlers share.
    pub app: Arc<App>,
}

#[OpenApi(tag = "Tag::Admin")]
impl AdminApi {
    /// Count what must hold
    ///
    /// Whether the ledger balances, no driver has two trips, and every completed trip is booked.
    #[oai(
        path = "/v1/admin/integrity",
        method = "get",
        operation_id = "get_integrity"
    )]
    async fn get_integrity(&self, signed_in: SignedIn) -> Result<Json<Integrity>, Failure> {
        signed_in.admin()?;
        let mut snapshot = db::begin_snapshot(&self.app.pool).await?;
        let integrity = service::count_integrity(&mut snapshot).await?;
        snapshot.commit().await?;
        Ok(Json(integrity))
    }
}
