//! `/v1/places`, `/v1/routes`, `/v1/city`.

use std::sync::Arc;

use poem_openapi::param::Query;
use poem_openapi::payload::Json;
use poem_openapi::{OpenApi, Tags};
use wayfare_core::wire::{CityView, PlaceList, RouteQuery, RouteView};

use super::city::City;
use super::service;
use crate::platform::failure::Failure;
use crate::platform::http::{Body, SignedIn};

#[derive(Tags)]
enum Tag {
    /// The map, the places and the roads of the city.
    City,
}

/// How many places are given unless the request says it.
const fn results() -> u32 {
    10
}

/// The city's places and ways.
#[derive(Debug)]
pub struct PlacesApi {
    /// The city.
    pub city: Arc<City>,
}

#[OpenApi(tag = "Tag::City")]
impl PlacesApi {
    /// Search places
    ///
    /// What a person may mean by a text: whole words or the beginning of the last one, with or
    /// without accents, a typo or two, the number before or after the street. The best comes first;
    /// near places come before far ones if a position is given.
    #[oai(
        path = "/v1/places/search",
        method = "get",
        operation_id = "search_places"
    )]
    async fn search_places(
        &self,
        _signed_in: SignedIn,
        /// What was typed.
        #[oai(validator(min_length = 1, max_length = 200))]
        q: Query<String>,
        /// Latitude to search near to; needs `lng`.
        #[oai(validator(minimum(value = "-90"), maximum(value = "90")))]
        lat: Query<Option<f64>>,
        /// Longitude to search near to; needs `lat`.
        #[oai(validator(minimum(value = "-180"), maximum(value = "180")))]
        lng: Query<Option<f64>>,
        /// How many places at most.
        #[oai(
            default = "results",
            validator(minimum(value = "1"), maximum(value = "50"))
        )]
        limit: Query<u32>,
    ) -> Result<Json<PlaceList>, Failure> {
        let near = service::near(lat.0, lng.0)?;
        let found = service::search(&self.city, q.0, near, limit.0).await?;
        Ok(Json(PlaceList::from(found.as_slice())))
    }

    /// Find what is at a position
    ///
    /// The nearest addresses, points of interest and streets, the best name for the position first.
    #[oai(
        path = "/v1/places/reverse",
        method = "get",
        operation_id = "reverse_places"
    )]
    async fn reverse_places(
        &self,
        _signed_in: SignedIn,
        /// Latitude.
        #[oai(validator(minimum(value = "-90"), maximum(value = "90")))]
        lat: Query<f64>,
        /// Longitude.
        #[oai(validator(minimum(value = "-180"), maximum(value = "180")))]
        lng: Query<f64>,
        /// How many places at most.
        #[oai(
            default = "results",
            validator(minimum(value = "1"), maximum(value = "50"))
        )]
        limit: Query<u32>,
    ) -> Result<Json<PlaceList>, Failure> {
        let at = service::position(lat.0, lng.0)?;
        let found = service::reverse(&self.city, at, limit.0).await?;
        Ok(Json(PlaceList::from(found.as_slice())))
    }

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
