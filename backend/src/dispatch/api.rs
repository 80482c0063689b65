//! `/v1/offers` and the drivers' positions.

use std::sync::Arc;

use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{OpenApi, Tags};
use wayfare_core::id::OfferId;
use wayfare_core::wire::{AcceptedPoints, LocationBatch, OfferDecline, OfferList, Trip};

use super::{positions, service};
use crate::app::App;
use crate::platform::failure::Failure;
use crate::platform::http::{Body, IdempotencyKey, NoContent, SignedIn};
use crate::platform::idempotency::{Asked, Begun, Work};

#[derive(Tags)]
enum Tag {
    /// Trips proposed to drivers, and where drivers are.
    Offers,
}

/// Trips proposed to drivers, and where drivers are.
#[derive(Debug)]
pub struct OffersApi {
    /// What the handlers share.
    pub app: Arc<App>,
}

#[OpenApi(tag = "Tag::Offers")]
impl OffersApi {
    /// List one's open offers
    #[oai(path = "/v1/offers", method = "get", operation_id = "list_offers")]
    async fn list_offers(&self, signed_in: SignedIn) -> Result<Json<OfferList>, Failure> {
        let mut connection = self.app.pool.acquire().await?;
        let driver = signed_in.principal().driver();
        let offers = service::list_offers(&mut connection, driver).await?;
        Ok(Json(OfferList { offers }))
    }

    /// Take an offer
    #[oai(
        path = "/v1/offers/:offer_id/accept",
        method = "post",
        operation_id = "accept_offer"
    )]
    async fn accept_offer(
        &self,
        signed_in: SignedIn,
        offer_id: Path<OfferId>,
        #[oai(name = "Idempotency-Key")] key: IdempotencyKey,
    ) -> Result<Json<Trip>, Failure> {
        let principal = signed_in.principal();
        let operation = format!("accept_offer {}", offer_id.0);
        let asked = Asked {
            user: principal.user,
            operation,
            key: key.as_deref(),
        };
        let mut work = match Work::begin(&self.app.pool, asked, &()).await? {
            Begun::New(work) => work,
            Begun::Replayed(trip) => return Ok(Json(trip)),
        };
        let (app, driver) = (&self.app, principal.driver());
        let trip = service::accept_offer(work.connection(), app, offer_id.0, driver).await?;
        Ok(Json(work.commit(trip).await?))
    }

    /// Decline an offer
    #[oai(
        path = "/v1/offers/:offer_id/decline",
        method = "post",
        operation_id = "decline_offer"
    )]
    async fn decline_offer(
        &self,
        signed_in: SignedIn,
        offer_id: Path<OfferId>,
        #[oai(name = "Idempotency-Key")] key: IdempotencyKey,
        body: Body<OfferDecline>,
    ) -> Result<NoContent, Failure> {
        let principal = signed_in.principal();
        let operation = format!("decline_offer {}", offer_id.0);
        let asked = Asked {
            user: principal.user,
            operation,
            key: key.as_deref(),
        };
        let mut work = match Work::begin(&self.app.pool, asked, &body.0).await? {
            Begun::New(work) => work,
            Begun::Replayed(()) => return Ok(NoContent),
        };
        let (offer, driver) = (offer_id.0, principal.driver());
        service::decline_offer(work.connection(), offer, driver, body.reason).await?;
        work.commit(()).await?;
        Ok(NoContent)
    }

    /// Send one's positions
    ///
    /// Points of a running trip are kept with it; a point that comes twice is kept once.
    #[oai(
        path = "/v1/drivers/me/locations",
        method = "post",
        operation_id = "create_locations"
    )]
    async fn create_locations(
        &self,
        signed_in: SignedIn,
        body: Body<LocationBatch>,
    ) -> Result<Json<AcceptedPoints>, Failure> {
        let driver = signed_in.principal().driver();
        Ok(Json(
            positions::record_locations(&self.app, driver, &body.points).await?,
        ))
    }
}
