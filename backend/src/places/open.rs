//! The city's ground without a login and without a database: what `wayfare city serve` offers.

use std::path::Path;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use poem::http::HeaderValue;
use poem::http::header::AUTHORIZATION;
use poem::{Endpoint, EndpointExt, Request, Response, Route};
use poem_openapi::OpenApiService;
use uuid::Uuid;
use wayfare_core::id::{SessionId, UserId};

use super::api::PlacesApi;
use super::city::City;
use super::page::page_files;
use crate::platform::config::Config;
use crate::platform::failure::Failure;
use crate::platform::http::{AccessCheck, Edge, Principal};
use crate::platform::limits::Limits;
use crate::routes::city_files;

/// Requests per window and address: whoever tries out a city is not slowed down.
const UNLIMITED: u32 = u32::MAX;

/// Everybody may ask: whatever token comes, it is nobody's.
struct Anybody;

impl AccessCheck for Anybody {
    fn check<'a>(&'a self, _token: &'a str) -> BoxFuture<'a, Result<Principal, Failure>> {
        let nobody = Principal {
            user: UserId::from_uuid(Uuid::nil()),
            session: SessionId::from_uuid(Uuid::nil()),
            is_admin: false,
        };
        async move { Ok(nobody) }.boxed()
    }
}

/// The endpoints want a token; here each request has one.
async fn with_token(mut request: Request) -> poem::Result<Request> {
    let token = HeaderValue::from_static("Bearer anybody");
    request.headers_mut().insert(AUTHORIZATION, token);
    Ok(request)
}

/// The city's endpoints for everybody.
pub fn open_routes(
    city: &Arc<City>,
    config: &Config,
    map_library: Option<&Path>,
) -> impl Endpoint<Output = Response> + use<> {
    let mut limits = config.limits.clone();
    limits.anonymous_per_window = UNLIMITED;
    limits.per_user_per_window = UNLIMITED;
    limits.city_files_per_window = UNLIMITED;
    let edge = Edge::new(
        &config.server,
        Arc::new(Anybody),
        Arc::new(Limits::new(&limits)),
    );
    let api = PlacesApi {
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
        .before(with_token)
}
