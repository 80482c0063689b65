//! `/v1/devices`: devices that keep work for people.

use std::sync::Arc;

use poem_openapi::payload::Json;
use poem_openapi::{OpenApi, Tags};
use wayfare_core::wire::{Device, NewDevice};

use crate::app::App;
use crate::platform::failure::Failure;
use crate::platform::http::{Body, Created, SignedIn};

#[derive(Tags)]
enum Tag {
    /// Work that goes on without a network.
    Sync,
}

/// Devices that keep work for people.
#[derive(Debug)]
pub struct DevicesApi {
    /// What the handlers share.
    pub app: Arc<App>,
}

#[OpenApi(tag = "Tag::Sync")]
impl DevicesApi {
    /// Register a device of one's own
    ///
    /// Sent again, it changes the device's name and answers how far its commands have come. A device of
    /// another person, or with another key, is refused: whoever lost a key makes a new device.
    #[oai(path = "/v1/devices", method = "post", operation_id = "create_device")]
    async fn create_device(
        &self,
        signed_in: SignedIn,
        body: Body<NewDevice>,
    ) -> Result<Created<Device>, Failure> {
        let user = signed_in.principal().user;
        let mut transaction = self.app.pool.begin().await?;
        let device = super::register(&mut transaction, user, &body).await?;
        transaction.commit().await?;
        tracing::info!(%user, device = %device.device_id, "device registered");
        Ok(Created(Json(device)))
    }
}
