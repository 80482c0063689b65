//! HTTP: driver profiles and vehicles.

use std::sync::Arc;

use poem_openapi::payload::Json;
use poem_openapi::{OpenApi, Tags};
use wayfare_core::wire::{Availability, Driver, NewDriver, NewVehicle, Vehicle};

use super::{availability, service, vehicles};
use crate::app::App;
use crate::dispatch;
use crate::platform::failure::Failure;
use crate::platform::http::{Body, Created, IdempotencyKey, SignedIn};

#[derive(Tags)]
enum Tag {
    /// Driver profiles and whether drivers want offers
    Drivers,
    /// Vehicles of drivers
    Vehicles,
}

/// Driver profiles.
pub struct DriversApi(Arc<App>);

impl DriversApi {
    /// Answers from this app.
    pub const fn new(app: Arc<App>) -> Self {
        Self(app)
    }
}

impl std::fmt::Debug for DriversApi {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DriversApi")
    }
}

#[OpenApi(tag = "Tag::Drivers")]
impl DriversApi {
    /// Register as a driver
    #[oai(path = "/v1/drivers", method = "post", operation_id = "create_driver")]
    async fn create_driver(
        &self,
        caller: SignedIn,
        /// Names this request, so that it may be sent again without being carried out twice.
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
        body: Body<NewDriver>,
    ) -> Result<Created<Driver>, Failure> {
        let driver = caller.principal().driver();
        let made = service::create_driver(&self.0, driver, &body, key.0.as_deref()).await?;
        Ok(Created(Json(made)))
    }

    /// Get one's own driver profile
    #[oai(path = "/v1/drivers/me", method = "get", operation_id = "get_driver")]
    async fn get_driver(&self, caller: SignedIn) -> Result<Json<Driver>, Failure> {
        service::get_driver(&self.0, caller.principal().driver())
            .await
            .map(Json)
    }

    /// Go online with a vehicle, or offline
    #[oai(
        path = "/v1/drivers/me/availability",
        method = "put",
        operation_id = "set_availability"
    )]
    async fn set_availability(
        &self,
        caller: SignedIn,
        body: Body<Availability>,
    ) -> Result<Json<Driver>, Failure> {
        let driver = caller.principal().driver();
        let change = availability::set_availability(&self.0, driver, &body).await?;
        dispatch::service::driver_availability_changed(&self.0, driver, change.online).await?;
        Ok(Json(change.driver))
    }
}

/// Vehicles of drivers.
pub struct VehiclesApi(Arc<App>);

impl VehiclesApi {
    /// Answers from this app.
    pub const fn new(app: Arc<App>) -> Self {
        Self(app)
    }
}

impl std::fmt::Debug for VehiclesApi {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("VehiclesApi")
    }
}

#[OpenApi(tag = "Tag::Vehicles")]
impl VehiclesApi {
    /// Register a vehicle of one's own
    #[oai(
        path = "/v1/vehicles",
        method = "post",
        operation_id = "create_vehicle"
    )]
    async fn create_vehicle(
        &self,
        caller: SignedIn,
        /// Names this request, so that it may be sent again without being carried out twice.
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
        body: Body<NewVehicle>,
    ) -> Result<Created<Vehicle>, Failure> {
        let driver = caller.principal().driver();
        let made = vehicles::create_vehicle(&self.0, driver, &body, key.0.as_deref()).await?;
        Ok(Created(Json(made)))
    }
}
