//! `/v1/signing-keys`: what quotes and receipts are checked with.

use std::sync::Arc;

use poem_openapi::payload::Json;
use poem_openapi::{OpenApi, Tags};
use wayfare_core::wire::JwkSet;

use crate::app::App;
use crate::platform::failure::Failure;
use crate::pricing::keys;

#[derive(Tags)]
enum Tag {
    /// What signatures are checked with.
    Keys,
}

/// What signatures are checked with.
#[derive(Debug)]
pub struct KeysApi {
    /// What the handlers share.
    pub app: Arc<App>,
}

#[OpenApi(tag = "Tag::Keys")]
impl KeysApi {
    /// Get the public keys of quotes and receipts
    ///
    /// A JWK Set (RFC 7517) of Ed25519 keys; `kid` is the key's version. Keys are never taken away,
    /// so old receipts stay checkable. Nobody has to sign in for this.
    #[oai(
        path = "/v1/signing-keys",
        method = "get",
        operation_id = "list_signing_keys"
    )]
    async fn list_signing_keys(&self) -> Result<Json<JwkSet>, Failure> {
        let mut connection = self.app.pool.acquire().await?;
        Ok(Json(keys::list_public_keys(&mut connection).await?))
    }
}
