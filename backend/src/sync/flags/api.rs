//! `/v1/admin/sync/flags`: what admins should look at.

use std::sync::Arc;

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{OpenApi, Tags};
use wayfare_core::wire::{SyncFlag, SyncFlagPage};

use crate::app::App;
use crate::platform::failure::Failure;
use crate::platform::http::SignedIn;

const PAGE_DEFAULT: u32 = 50;

#[derive(Tags)]
enum Tag {
    /// For those who run the city.
    Admin,
}

/// What admins should look at.
#[derive(Debug)]
pub struct SyncFlagsApi {
    /// What the handlers share.
    pub app: Arc<App>,
}

#[OpenApi(tag = "Tag::Admin")]
impl SyncFlagsApi {
    /// List what devices sent that somebody should look at
    ///
    /// Newest first. `next_cursor` gets the next page.
    #[oai(
        path = "/v1/admin/sync/flags",
        method = "get",
        operation_id = "list_sync_flags"
    )]
    async fn list_sync_flags(
        &self,
        signed_in: SignedIn,
        /// From the page before.
        cursor: Query<Option<i64>>,
        /// Only those that nobody is done with, or only the others.
        open: Query<Option<bool>>,
        /// How many at most.
        #[oai(validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<Option<u32>>,
    ) -> Result<Json<SyncFlagPage>, Failure> {
        signed_in.admin()?;
        let mut connection = self.app.pool.acquire().await?;
        let limit = usize::try_from(limit.0.unwrap_or(PAGE_DEFAULT)).unwrap_or(usize::MAX);
        let page = super::list(&mut connection, cursor.0, open.0, limit).await?;
        Ok(Json(page))
    }

    /// Be done with a flag
    ///
    /// Sent again, it changes nothing.
    #[oai(
        path = "/v1/admin/sync/flags/:flag_id/resolution",
        method = "post",
        operation_id = "resolve_sync_flag"
    )]
    async fn resolve_sync_flag(
        &self,
        signed_in: SignedIn,
        flag_id: Path<i64>,
    ) -> Result<Json<SyncFlag>, Failure> {
        let admin = signed_in.admin()?.user;
        let mut transaction = self.app.pool.begin().await?;
        let flag = super::resolve(&mut transaction, flag_id.0, admin).await?;
        transaction.commit().await?;
        tracing::info!(%admin, flag = flag_id.0, "a flag was resolved");
        Ok(Json(flag))
    }
}
