//! `/v1/quotes`: what a trip would cost.

use std::sync::Arc;

use poem_openapi::payload::Json;
use poem_openapi::{OpenApi, Tags};
use wayfare_core::wire::{QuoteList, QuoteRequest};

use crate::app::App;
use crate::platform::failure::Failure;
use crate::platform::http::{Body, Created, IdempotencyKey, SignedIn};
use crate::platform::idempotency::{Asked, Begun, Work};
use crate::pricing::quotes;

#[derive(Tags)]
enum Tag {
    /// What trips cost.
    Quotes,
}

/// What trips cost.
#[derive(Debug)]
pub struct QuotesApi {
    /// What the handlers share.
    pub app: Arc<App>,
}

#[OpenApi(tag = "Tag::Quotes")]
impl QuotesApi {
    /// Ask what a trip would cost
    ///
    /// Answers a quote for each class of vehicle. A quote's price holds until it expires, and its
    /// signature proves it: see `GET /v1/signing-keys`.
    #[oai(path = "/v1/quotes", method = "post", operation_id = "create_quotes")]
    async fn create_quotes(
        &self,
        signed_in: SignedIn,
        #[oai(name = "Idempotency-Key")] key: IdempotencyKey,
        body: Body<QuoteRequest>,
    ) -> Result<Created<QuoteList>, Failure> {
        let principal = signed_in.principal();
        let asked = Asked {
            user: principal.user,
            operation: "create_quotes".to_owned(),
            key: key.0.as_deref(),
        };
        let mut work = match Work::begin(&self.app.pool, asked, &body.0).await? {
            Begun::New(work) => work,
            Begun::Replayed(quotes) => return Ok(Created(Json(quotes))),
        };
        let rider = principal.rider();
        let quotes = quotes::create_quotes(work.connection(), &self.app, rider, &body).await?;
        Ok(Created(Json(work.commit(quotes).await?)))
    }
}
