//! `/v1/places`, `/v1/routes`, `/v1/city`.

use std::sync::Arc;

use poem_openapi::payload::Json;
use poem_openapi::{OpenApi, Tags};
use wayfare_core::wire::{CityView, RouteQuery, RouteView};

use super::city::City;
use super::service;
use crate::platform::failure::Failure;
use crate::platform::http::{Body, SignedIn};

#[derive(Tags)]
enum Tag {
    /// The map, the places and the roads of the city.
    City,
}

/// The city's places and ways.
#[derive(Debug)]
pub struct PlacesApi {
    /// The city.
    pub city: Arc<City>,
}

#[OpenApi(tag = "Tag::City")]
impl PlacesApi {
    /// What is known of the city's map
    ///
    /// Needs no access token. The files are at `/v1/city/{version}/{name}`, with range requests; they
    /// are open as well. The attribution has to be shown with the map.
    #[oai(path = "/v1/city", method = "get", operation_id = "get_city")]
    async fn get_city(&self) -> Result<Json<CityView>, Failure> {
        service::view(&self.city).map(Json)
    }

    /// Find a way by road
    ///
    /// The fastest way through the stops, each brought to the nearest road.
    #[oai(path = "/v1/routes", method = "post", operation_id = "find_route")]
    async fn find_route(
        &self,
        _signed_in: SignedIn,
        body: Body<RouteQuery>,
    ) -> Result<Json<RouteView>, Failure> {
        let route = service::route(&self.city, &body).await?;
        Ok(Json(RouteView::from(&route)))
    }
}
