//! `/v1/sync/commands`: what people did on their devices.

use std::sync::Arc;

use poem_openapi::payload::Json;
use poem_openapi::{OpenApi, Tags};
use wayfare_core::wire::{BatchAnswer, CommandBatch};

use super::service;
use crate::app::App;
use crate::platform::failure::Failure;
use crate::platform::http::{Body, SignedIn};

#[derive(Tags)]
enum Tag {
    /// Work that goes on without a network.
    Sync,
}

/// What people did on their devices.
#[derive(Debug)]
pub struct CommandsApi {
    /// What the handlers share.
    pub app: Arc<App>,
}

#[OpenApi(tag = "Tag::Sync")]
impl CommandsApi {
    /// Send what was done on a device
    ///
    /// Commands in the order of the device's chain, sealed by the device. Each is applied once or
    /// rejected once, for good; one that comes again gets the answer that it got before. The answer may
    /// be shorter than the batch: send what is missing again. A batch that is refused as a whole
    /// changes nothing.
    #[oai(
        path = "/v1/sync/commands",
        method = "post",
        operation_id = "create_commands"
    )]
    async fn create_commands(
        &self,
        signed_in: SignedIn,
        body: Body<CommandBatch>,
    ) -> Result<Json<BatchAnswer>, Failure> {
        let user = signed_in.principal().user;
        Ok(Json(service::take_batch(&self.app, user, &body).await?))
    }
}
