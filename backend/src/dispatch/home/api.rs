//! `/v1/drivers/me/destination`: trips that lead home.

use std::sync::Arc;

use poem_openapi::payload::Json;
use poem_openapi::{OpenApi, Tags};
use wayfare_core::wire::{DriverDestination, NewDestination};

use crate::app::App;
use crate::platform::failure::Failure;
use crate::platform::http::{Body, NoContent, SignedIn};

#[derive(Tags)]
enum Tag {
    /// Driver profiles and whether drivers want offers
    Drivers,
}

/// Trips that lead home.
#[derive(Debug)]
pub struct DestinationApi {
    /// What the handlers share.
    pub app: Arc<App>,
}

#[OpenApi(tag = "Tag::Drivers")]
impl DestinationApi {
    /// Be asked only for trips that lead to a place
    ///
    /// For three hours at most, while online. Every place that is named is one of the day's uses, in
    /// the city's time; the place that holds can be sent again without counting, and its end can be
    /// brought forward that way, but not put off. The code is `home_used_up` when there are no uses
    /// left.
    #[oai(
        path = "/v1/drivers/me/destination",
        method = "put",
        operation_id = "set_destination"
    )]
    async fn set_destination(
        &self,
        signed_in: SignedIn,
        body: Body<NewDestination>,
    ) -> Result<Json<DriverDestination>, Failure> {
        let driver = signed_in.principal().driver();
        let mut transaction = self.app.pool.begin().await?;
        let set = super::set_destination(&mut transaction, &self.app, driver, &body).await?;
        transaction.commit().await?;
        Ok(Json(set))
    }

    /// See to which place one is asked for trips, and how often another one can be named
    #[oai(
        path = "/v1/drivers/me/destination",
        method = "get",
        operation_id = "get_destination"
    )]
    async fn get_destination(
        &self,
        signed_in: SignedIn,
    ) -> Result<Json<DriverDestination>, Failure> {
        let driver = signed_in.principal().driver();
        let mut connection = self.app.pool.acquire().await?;
        let found = super::get_destination(&mut connection, &self.app, driver).await?;
        Ok(Json(found))
    }

    /// Be asked for all trips again
    ///
    /// The use stays used. Sent again, it changes nothing.
    #[oai(
        path = "/v1/drivers/me/destination",
        method = "delete",
        operation_id = "delete_destination"
    )]
    async fn delete_destination(&self, signed_in: SignedIn) -> Result<NoContent, Failure> {
        let driver = signed_in.principal().driver();
        let mut connection = self.app.pool.acquire().await?;
        super::clear_destination(&mut connection, driver).await?;
        Ok(NoContent)
    }
}
