//! `/v1/admin/promotions`: promo codes.

use std::sync::Arc;

use poem_openapi::payload::Json;
use poem_openapi::{OpenApi, Tags};
use wayfare_core::wire::{NewPromotion, PromotionList, PromotionView};

use crate::app::App;
use crate::platform::failure::Failure;
use crate::platform::http::{Body, Created, IdempotencyKey, SignedIn};
use crate::platform::idempotency::{Asked, Begun, Work};
use crate::pricing::promotions;

#[derive(Tags)]
enum Tag {
    /// Promo codes.
    Promotions,
}

/// Promo codes.
#[derive(Debug)]
pub struct PromotionsApi {
    /// What the handlers share.
    pub app: Arc<App>,
}

#[OpenApi(tag = "Tag::Promotions")]
impl PromotionsApi {
    /// List all promotions
    ///
    /// The newest first; at most 500.
    #[oai(
        path = "/v1/admin/promotions",
        method = "get",
        operation_id = "list_promotions"
    )]
    async fn list_promotions(&self, signed_in: SignedIn) -> Result<Json<PromotionList>, Failure> {
        signed_in.admin()?;
        let mut connection = self.app.pool.acquire().await?;
        Ok(Json(promotions::list_promotions(&mut connection).await?))
    }

    /// Enter a promotion
    ///
    /// Riders name its code when they ask for a quote.
    #[oai(
        path = "/v1/admin/promotions",
        method = "post",
        operation_id = "create_promotion"
    )]
    async fn create_promotion(
        &self,
        signed_in: SignedIn,
        #[oai(name = "Idempotency-Key")] key: IdempotencyKey,
        body: Body<NewPromotion>,
    ) -> Result<Created<PromotionView>, Failure> {
        let principal = signed_in.admin()?;
        let asked = Asked {
            user: principal.user,
            operation: "create_promotion".to_owned(),
            key: key.0.as_deref(),
        };
        let mut work = match Work::begin(&self.app.pool, asked, &body.0).await? {
            Begun::New(work) => work,
            Begun::Replayed(promotion) => return Ok(Created(Json(promotion))),
        };
        let (connection, admin) = (work.connection(), principal.user);
        let promotion = promotions::create_promotion(connection, admin, &body).await?;
        Ok(Created(Json(work.commit(promotion).await?)))
    }
}
