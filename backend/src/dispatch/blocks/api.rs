//! `/v1/blocks`: people who do not want to meet again.

use std::sync::Arc;

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{OpenApi, Tags};
use wayfare_core::id::{BlockId, DriverId, RiderId, TripId};
use wayfare_core::wire::{BlockPage, NewPairBlock, PairBlock, PairBlockPage};

use super::queries::Wanted;
use crate::app::App;
use crate::platform::failure::Failure;
use crate::platform::http::{Body, NoContent, SignedIn};

const PAGE_DEFAULT: u32 = 20;

#[derive(Tags)]
enum Tag {
    /// People who do not want to meet again.
    Blocks,
    /// For those who run the city.
    Admin,
}

/// People who do not want to meet again.
#[derive(Debug)]
pub struct BlocksApi {
    /// What the handlers share.
    pub app: Arc<App>,
}

#[OpenApi]
impl BlocksApi {
    /// Do not be matched with the other one of a trip again
    ///
    /// For both sides of a trip that has or had a driver. The other side is not told, and a trip that
    /// is under way goes on. Sent again, it changes nothing.
    #[oai(
        path = "/v1/trips/:trip_id/block",
        method = "put",
        operation_id = "set_block",
        tag = "Tag::Blocks"
    )]
    async fn set_block(
        &self,
        signed_in: SignedIn,
        trip_id: Path<TripId>,
    ) -> Result<NoContent, Failure> {
        let mut transaction = self.app.pool.begin().await?;
        let user = signed_in.principal().user;
        super::block_other(&mut transaction, trip_id.0, user).await?;
        transaction.commit().await?;
        Ok(NoContent)
    }

    /// List whom one does not want to meet again
    ///
    /// Newest first. `next_cursor` gets the next page.
    #[oai(
        path = "/v1/blocks",
        method = "get",
        operation_id = "list_blocks",
        tag = "Tag::Blocks"
    )]
    async fn list_blocks(
        &self,
        signed_in: SignedIn,
        /// From the page before.
        cursor: Query<Option<BlockId>>,
        /// How many at most.
        #[oai(validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<Option<u32>>,
    ) -> Result<Json<BlockPage>, Failure> {
        let mut connection = self.app.pool.acquire().await?;
        let user = signed_in.principal().user;
        let page = super::list_own(&mut connection, user, cursor.0, count(limit.0)).await?;
        Ok(Json(page))
    }

    /// Be matched with somebody again
    #[oai(
        path = "/v1/blocks/:block_id",
        method = "delete",
        operation_id = "delete_block",
        tag = "Tag::Blocks"
    )]
    async fn delete_block(
        &self,
        signed_in: SignedIn,
        block_id: Path<BlockId>,
    ) -> Result<NoContent, Failure> {
        let mut connection = self.app.pool.acquire().await?;
        let user = signed_in.principal().user;
        super::unblock(&mut connection, user, block_id.0).await?;
        Ok(NoContent)
    }

    /// List who is kept apart
    ///
    /// Newest first, whoever wished it. `next_cursor` gets the next page.
    #[oai(
        path = "/v1/admin/blocks",
        method = "get",
        operation_id = "list_pair_blocks",
        tag = "Tag::Admin"
    )]
    async fn list_pair_blocks(
        &self,
        signed_in: SignedIn,
        /// Only those of this rider.
        rider_id: Query<Option<RiderId>>,
        /// Only those of this driver.
        driver_id: Query<Option<DriverId>>,
        /// From the page before.
        cursor: Query<Option<BlockId>>,
        /// How many at most.
        #[oai(validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<Option<u32>>,
    ) -> Result<Json<PairBlockPage>, Failure> {
        signed_in.admin()?;
        let mut connection = self.app.pool.acquire().await?;
        let wanted = Wanted {
            rider: rider_id.0,
            driver: driver_id.0,
            older_than: cursor.0,
            ..Wanted::default()
        };
        let page = super::list_pairs(&mut connection, wanted, count(limit.0)).await?;
        Ok(Json(page))
    }

    /// Keep a rider and a driver apart
    ///
    /// Sent again, it changes nothing.
    #[oai(
        path = "/v1/admin/blocks",
        method = "put",
        operation_id = "set_pair_block",
        tag = "Tag::Admin"
    )]
    async fn set_pair_block(
        &self,
        signed_in: SignedIn,
        body: Body<NewPairBlock>,
    ) -> Result<Json<PairBlock>, Failure> {
        let admin = signed_in.admin()?.user;
        let mut transaction = self.app.pool.begin().await?;
        let block = super::block_pair(&mut transaction, &body).await?;
        transaction.commit().await?;
        tracing::info!(%admin, block = %block.id, "two people are kept apart");
        Ok(Json(block))
    }

    /// Let a rider and a driver meet again
    ///
    /// Removes one block, whoever wished it; others of the same two people stay.
    #[oai(
        path = "/v1/admin/blocks/:block_id",
        method = "delete",
        operation_id = "delete_pair_block",
        tag = "Tag::Admin"
    )]
    async fn delete_pair_block(
        &self,
        signed_in: SignedIn,
        block_id: Path<BlockId>,
    ) -> Result<NoContent, Failure> {
        let admin = signed_in.admin()?.user;
        let mut connection = self.app.pool.acquire().await?;
        super::unblock_pair(&mut connection, block_id.0).await?;
        tracing::info!(%admin, block = %block_id.0, "a block was removed");
        Ok(NoContent)
    }
}

fn count(limit: Option<u32>) -> usize {
    usize::try_from(limit.unwrap_or(PAGE_DEFAULT)).unwrap_or(usize::MAX)
}
