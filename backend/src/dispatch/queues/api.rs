//! `/v1/drivers/me/queue` and `/v1/admin/queues`: waiting at airports and stations.

use std::sync::Arc;

use poem_openapi::payload::Json;
use poem_openapi::{OpenApi, Tags};
use wayfare_core::wire::{DriverQueue, QueueList};

use crate::app::App;
use crate::platform::failure::Failure;
use crate::platform::http::SignedIn;

#[derive(Tags)]
enum Tag {
    /// Waiting for trips at airports and stations.
    Queues,
    /// For those who run the city.
    Admin,
}

/// Waiting for trips at airports and stations.
#[derive(Debug)]
pub struct QueuesApi {
    /// What the handlers share.
    pub app: Arc<App>,
}

#[OpenApi]
impl QueuesApi {
    /// See where one stands in the queue
    ///
    /// Free cars in a zone with a queue join it by themselves. Who leaves the zone keeps the place for
    /// a while. Who declines an offer waits at the end again. The code is `not_in_queue` for drivers
    /// who wait in none.
    #[oai(
        path = "/v1/drivers/me/queue",
        method = "get",
        operation_id = "get_queue",
        tag = "Tag::Queues"
    )]
    async fn get_queue(&self, signed_in: SignedIn) -> Result<Json<DriverQueue>, Failure> {
        let mut connection = self.app.pool.acquire().await?;
        let driver = signed_in.principal().driver();
        Ok(Json(
            super::get_own(&mut connection, &self.app, driver).await?,
        ))
    }

    /// See all queues of the city
    ///
    /// In the order of the city's zones, each with its first hundred drivers.
    #[oai(
        path = "/v1/admin/queues",
        method = "get",
        operation_id = "list_queues",
        tag = "Tag::Admin"
    )]
    async fn list_queues(&self, signed_in: SignedIn) -> Result<Json<QueueList>, Failure> {
        signed_in.admin()?;
        let mut connection = self.app.pool.acquire().await?;
        Ok(Json(super::list_queues(&mut connection, &self.app).await?))
    }
}
