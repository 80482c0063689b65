//! The city's ground without a login and without a database: what `wayfare city serve` offers.

use std::path::Path;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use poem::{Endpoint, EndpointExt, Response, Route};
use poem_openapi::param::Query;
use poem_openapi::payload::Json;
use poem_openapi::{OpenApi, OpenApiService};
use wayfare_core::wire::{CityView, ErrorCode, PlaceList, RouteQuery, RouteView};

use super::api::results;
use super::city::City;
use super::page::page_files;
use super::service;
use crate::platform::config::Config;
use crate::platform::failure::Failure;
use crate::platform::http::{AccessCheck, Body, Edge, Principal};
use crate::platform::limits::Limits;
use crate::routes::city_files;

/// Requests per window and address: whoever tries out a city is not slowed down.
const UNLIMITED: u32 = u32::MAX;

/// What is asked of the city, by anybody.
#[derive(Debug)]
struct OpenPlacesApi {
    city: Arc<City>,
}

#[OpenApi]
impl OpenPlacesApi {
    #[oai(path = "/v1/places/search", method = "get")]
    async fn search(
        &self,
        #[oai(validator(min_length = 1, max_length = 200))] q: Query<String>,
        lat: Query<Option<f64>>,
        lng: Query<Option<f64>>,
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

    #[oai(path = "/v1/places/reverse", method = "get")]
    async fn reverse(
        &self,
        lat: Query<f64>,
        lng: Query<f64>,
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

    #[oai(path = "/v1/city", method = "get")]
    async fn get_city(&self) -> Result<Json<CityView>, Failure> {
        service::view(&self.city).map(Json)
    }

    #[oai(path = "/v1/routes", method = "post")]
    async fn find_route(&self, body: Body<RouteQuery>) -> Result<Json<RouteView>, Failure> {
        let route = service::route(&self.city, &body).await?;
        Ok(Json(RouteView::from(&route)))
    }
}

/// Nobody is signed in here, so a token is of no use, and of no harm.
struct Nobody;

impl AccessCheck for Nobody {
    fn check<'a>(&'a self, _token: &'a str) -> BoxFuture<'a, Result<Principal, Failure>> {
        let failure = Failure::refused(ErrorCode::Unauthenticated, "there are no accounts here");
        async { Err(failure) }.boxed()
    }
}

/// The city's endpoints for everybody.
pub fn open_routes(
    city: &Arc<City>,
    config: &Config,
    map_library: Option<&Path>,
) -> impl Endpoint<Output = Response> + use<> {
    let mut limits = config.limits.clone();
    limits.anonymous_per_window = UNLIMITED;
    limits.city_files_per_window = UNLIMITED;
    let edge = Edge::new(
        &config.server,
        Arc::new(Nobody),
        Arc::new(Limits::new(&limits)),
    );
    let api = OpenPlacesApi {
        city: Arc::clone(city),
    };
    let api = OpenApiService::new(api, "Wayfare city", env!("CARGO_PKG_VERSION"));
    Route::new()
        .at(
            "/v1/city/*path",
            city_files(city, config.server.public_url.clone()),
        )
        .nest_no_strip("/v1", api)
        .nest("/", page_files(map_library))
        .map_to_response()
        .with(edge)
}
