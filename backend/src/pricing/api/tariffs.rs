//! `/v1/tariffs` for everybody who computes prices, `/v1/admin/tariffs` for those who set them.

use std::sync::Arc;

use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{OpenApi, Tags};
use wayfare_core::wire::{NewTariff, TariffList, TariffVersion};

use crate::app::App;
use crate::platform::failure::Failure;
use crate::platform::http::{Body, Created, IdempotencyKey, SignedIn};
use crate::platform::idempotency::{Asked, Begun, Work};
use crate::pricing::tariffs;

#[derive(Tags)]
enum Tag {
    /// The price rules of the city.
    Tariffs,
}

/// The price rules of the city.
#[derive(Debug)]
pub struct TariffsApi {
    /// What the handlers share.
    pub app: Arc<App>,
}

#[OpenApi(tag = "Tag::Tariffs")]
impl TariffsApi {
    /// Get a version of a tariff
    ///
    /// It never changes, so it may be kept for ever: with it a phone computes fares and checks
    /// quotes and receipts without a network.
    #[oai(
        path = "/v1/tariffs/:tariff_id/versions/:version",
        method = "get",
        operation_id = "get_tariff_version"
    )]
    async fn get_tariff_version(
        &self,
        _signed_in: SignedIn,
        /// The tariff.
        #[oai(validator(min_length = 1, max_length = 60))]
        tariff_id: Path<String>,
        /// Its version.
        #[oai(validator(minimum(value = "1")))]
        version: Path<u32>,
    ) -> Result<Json<TariffVersion>, Failure> {
        let mut connection = self.app.pool.acquire().await?;
        let found = tariffs::get_tariff_version(&mut connection, &tariff_id, version.0).await?;
        Ok(Json(found))
    }

    /// List the versions of all tariffs
    ///
    /// Those that came into force last come first; at most 500.
    #[oai(
        path = "/v1/admin/tariffs",
        method = "get",
        operation_id = "list_tariffs"
    )]
    async fn list_tariffs(&self, signed_in: SignedIn) -> Result<Json<TariffList>, Failure> {
        signed_in.admin()?;
        let mut connection = self.app.pool.acquire().await?;
        Ok(Json(tariffs::list_tariffs(&mut connection).await?))
    }

    /// Enter a version of a tariff
    ///
    /// It is checked as a whole; `errors` of the answer names every field that breaks a rule. A
    /// version never changes once it is entered: a new price is a new version.
    #[oai(
        path = "/v1/admin/tariffs",
        method = "post",
        operation_id = "create_tariff"
    )]
    async fn create_tariff(
        &self,
        signed_in: SignedIn,
        #[oai(name = "Idempotency-Key")] key: IdempotencyKey,
        body: Body<NewTariff>,
    ) -> Result<Created<TariffVersion>, Failure> {
        let principal = signed_in.admin()?;
        let asked = Asked {
            user: principal.user,
            operation: "create_tariff".to_owned(),
            key: key.0.as_deref(),
        };
        let mut work = match Work::begin(&self.app.pool, asked, &body.0).await? {
            Begun::New(work) => work,
            Begun::Replayed(tariff) => return Ok(Created(Json(tariff))),
        };
        let config = &self.app.config.pricing;
        let tariff = tariffs::create_tariff(work.connection(), config, &body).await?;
        Ok(Created(Json(work.commit(tariff).await?)))
    }
}
