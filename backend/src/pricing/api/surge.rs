//! `/v1/surge`: where more people want to ride than there are cars.

use std::sync::Arc;

use poem_openapi::payload::Json;
use poem_openapi::{OpenApi, Tags};
use wayfare_core::wire::SurgeMap;

use crate::app::App;
use crate::platform::failure::Failure;
use crate::platform::http::SignedIn;
use crate::pricing::surge;

#[derive(Tags)]
enum Tag {
    /// Where more people want to ride than there are cars.
    Surge,
}

/// Where more people want to ride than there are cars.
#[derive(Debug)]
pub struct SurgeApi {
    /// What the handlers share.
    pub app: Arc<App>,
}

#[OpenApi(tag = "Tag::Surge")]
impl SurgeApi {
    /// Get the cells with surge
    ///
    /// Each with its outline and with the numbers behind it. A cell that is not listed has none.
    #[oai(path = "/v1/surge", method = "get", operation_id = "get_surge_map")]
    async fn get_surge_map(&self, _signed_in: SignedIn) -> Result<Json<SurgeMap>, Failure> {
        let mut connection = self.app.pool.acquire().await?;
        Ok(Json(surge::map(&mut connection).await?))
    }
}
