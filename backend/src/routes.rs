//! Which path leads where.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use poem::http::{StatusCode, header};
use poem::{
    Endpoint, EndpointExt, IntoResponse, Request, Response, Route, endpoint::make_sync, get,
};
use poem_openapi::{LicenseObject, OpenApi, OpenApiService};
use serde_json::Value;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio_util::sync::CancellationToken;
use wayfare_core::signing::{KeyId, SigningKey};

use crate::admin::api::AdminApi;
use crate::app::App;
use crate::dispatch::api::OffersApi;
use crate::dispatch::decisions::Sightings;
use crate::dispatch::decisions::api::DecisionsApi;
use crate::dispatch::positions::{Recorder, api::LiveDriversApi};
use crate::dispatch::{BlocksApi, DestinationApi, QueuesApi};
use crate::document::{self, Methods};
use crate::fleet::api::{DriversApi, VehiclesApi};
use crate::identity::Tokens;
use crate::identity::api::{AccountApi, SessionsApi};
use crate::notify::{Sms, SmsError, SmsSender};
use crate::places::City;
use crate::places::api::PlacesApi;
use crate::places::files::{PublicUrl, city_file};
use crate::platform::config::{Config, Secret, Sources};
use crate::platform::health::Health;
use crate::platform::http::{Allowed, Edge};
use crate::platform::limits::{Limits, RateLimiter};
use crate::platform::telemetry::Metrics;
use crate::pricing::api::{KeysApi, PromotionsApi, QuotesApi, SurgeApi, TariffsApi};
use crate::realtime;
use crate::server::ServerError;
use crate::sync::blobs::BlobsApi;
use crate::sync::changes::api::ChangesApi;
use crate::sync::commands::api::CommandsApi;
use crate::sync::devices::api::DevicesApi;
use crate::sync::flags::api::SyncFlagsApi;
use crate::sync::kits::api::KitsApi;
use crate::sync::segments::SegmentsApi;
use crate::trips::api::{AdminTripsApi, TripStopsApi, TripsApi};

const TITLE: &str = "Wayfare";
const DESCRIPTION: &str = "\
Ride-hailing for a city. Sign in with `POST /v1/auth/otp` and `POST /v1/auth/sessions`, and send the \
access token as `Authorization: Bearer …`.

Every failed request answers an RFC 9457 problem with a stable `code`. Every POST of a signed-in \
person but that of positions, and `PUT /v1/trips/{trip_id}/stops`, may carry an `Idempotency-Key`: \
sent again, it is carried out once and answered alike. What devices name themselves (devices, \
commands, files and pieces of tracks) needs no key for that. Bodies may come with \
`Content-Encoding: gzip`, and JSON goes out so to who takes it. Times are RFC 3339 in UTC, amounts are minor \
units, positions are degrees.

Live updates come by the WebSocket `GET /v1/stream?cursor=…`: every message carries a cursor, and a \
connection with the last one gets everything since. Drivers send positions over it as well: \
`{\"kind\": \"locations\", \"batch\": 1, \"points\": […]}` is answered by `locations_kept` or \
`locations_refused` with the number of the batch. A car that is silent is offline, not standing: \
every position comes with its time, and `driver_silent` tells a rider that the car is no longer heard.";

fn api(app: &Arc<App>) -> OpenApiService<impl OpenApi + use<>, ()> {
    let apis = (
        SessionsApi::new(Arc::clone(app)),
        AccountApi::new(Arc::clone(app)),
        DriversApi::new(Arc::clone(app)),
        VehiclesApi::new(Arc::clone(app)),
        QuotesApi {
            app: Arc::clone(app),
        },
        TariffsApi {
            app: Arc::clone(app),
        },
        PromotionsApi {
            app: Arc::clone(app),
        },
        SurgeApi {
            app: Arc::clone(app),
        },
        KeysApi {
            app: Arc::clone(app),
        },
        TripsApi {
            app: Arc::clone(app),
        },
        TripStopsApi {
            app: Arc::clone(app),
        },
        AdminTripsApi {
            app: Arc::clone(app),
        },
        (dispatch_apis(app), sync_apis(app), upload_apis(app)),
        PlacesApi {
            city: Arc::clone(&app.city),
        },
        AdminApi {
            app: Arc::clone(app),
        },
        LiveDriversApi {
            app: Arc::clone(app),
        },
    );
    OpenApiService::new(apis, TITLE, env!("CARGO_PKG_VERSION"))
        .description(DESCRIPTION)
        .license(LicenseObject::new("Apache-2.0").identifier("Apache-2.0"))
}

/// A tuple of its own, as one holds sixteen.
fn dispatch_apis(app: &Arc<App>) -> impl OpenApi + use<> {
    (
        OffersApi {
            app: Arc::clone(app),
        },
        BlocksApi {
            app: Arc::clone(app),
        },
        DestinationApi {
            app: Arc::clone(app),
        },
        QueuesApi {
            app: Arc::clone(app),
        },
        DecisionsApi {
            app: Arc::clone(app),
        },
    )
}

fn sync_apis(app: &Arc<App>) -> impl OpenApi + use<> {
    (
        DevicesApi {
            app: Arc::clone(app),
        },
        CommandsApi {
            app: Arc::clone(app),
        },
        SyncFlagsApi {
            app: Arc::clone(app),
        },
        KitsApi {
            app: Arc::clone(app),
        },
    )
}

/// What devices read and what they send aside of their commands.
fn upload_apis(app: &Arc<App>) -> impl OpenApi + use<> {
    (
        ChangesApi::new(Arc::clone(app)),
        SegmentsApi {
            app: Arc::clone(app),
        },
        BlobsApi {
            app: Arc::clone(app),
        },
    )
}

/// The whole server. Health and metrics are outside the edge: whoever watches the server is not
/// slowed down by its limits.
pub(crate) fn routes(
    app: &Arc<App>,
    edge: Edge,
    limits: Arc<Limits>,
    health: Health,
    metrics: &Metrics,
) -> Result<impl Endpoint<Output = Response> + use<>, ServerError> {
    let api = api(app);
    let page = api.swagger_ui();
    let document = described(&api)?;
    let methods = Arc::new(Methods::of(&document));
    let spec = written(&document)?;
    let spec = make_sync(move |_| spec.clone().with_content_type("application/json"));
    let city_files = city_files(&app.city, app.config.server.public_url.clone());
    let stream = get(realtime::api::stream)
        .data(Arc::clone(app))
        .data(limits);
    let guarded = Route::new()
        .at("/", get(make_sync(|_| see_docs())))
        .nest("/docs", get(page))
        .at("/openapi.json", get(spec))
        .at("/v1/stream", stream)
        .at("/v1/city/*path", city_files)
        // Not at "/", which would hide what is above.
        .nest_no_strip("/v1", api)
        .map_to_response()
        .around(move |endpoint, request: Request| {
            let methods = Arc::clone(&methods);
            async move {
                let path = request.uri().path().to_owned();
                let told = |error| with_allowed(error, methods.allowed_at(&path));
                endpoint.call(request).await.map_err(told)
            }
        })
        .with(edge);
    Ok(health
        .mount(Route::new())
        .at("/metrics", metrics.endpoint())
        .nest_no_strip("/", guarded))
}

/// The files of the city's pack.
pub(crate) fn city_files(
    city: &Arc<City>,
    public_url: Option<String>,
) -> impl Endpoint<Output = Response> + use<> {
    get(city_file)
        .head(city_file)
        .options(city_file)
        .data(Arc::clone(city))
        .data(PublicUrl(public_url))
        .map_to_response()
}

/// Adds to an unknown method which ones there are, as RFC 9110 wants it.
fn with_allowed(mut error: poem::Error, methods: &str) -> poem::Error {
    if error.status() == StatusCode::METHOD_NOT_ALLOWED {
        error.set_data(Allowed(methods.to_owned()));
    }
    error
}

fn described(api: &OpenApiService<impl OpenApi, ()>) -> Result<Value, ServerError> {
    let derived = serde_json::from_str(&api.spec()).map_err(ServerError::Document)?;
    Ok(document::complete(derived))
}

fn written(document: &Value) -> Result<String, ServerError> {
    serde_json::to_string_pretty(document).map_err(ServerError::Document)
}

fn see_docs() -> Response {
    StatusCode::SEE_OTHER
        .with_header(header::LOCATION, "/docs")
        .into_response()
}

/// The OpenAPI document. It follows from the types of the handlers alone, so the app behind them
/// has a database that is never asked.
pub fn openapi_json() -> Result<String, ServerError> {
    let config = Config::load(&Sources::default())?;
    let nowhere = PgConnectOptions::new_without_pgpass();
    let app = App {
        tokens: Tokens::new(
            &Secret::new("nothing is signed with this secret".to_owned()),
            &config.auth,
        ),
        city: Arc::new(City::nowhere()),
        signing_key: SigningKey::from_seed(KeyId(0), &[0; 32]),
        sms: Arc::new(Nobody),
        hub: Arc::default(),
        sightings: Sightings::default(),
        index: Arc::default(),
        recorder: Recorder::new().0,
        fixes: Arc::default(),
        pin_attempts: RateLimiter::new(0, Duration::ZERO),
        stop: CancellationToken::new(),
        pool: PgPoolOptions::new().connect_lazy_with(nowhere),
        config,
    };
    written(&described(&api(&Arc::new(app)))?)
}

struct Nobody;

impl SmsSender for Nobody {
    fn send(&self, _message: Sms) -> BoxFuture<'_, Result<(), SmsError>> {
        Box::pin(async { Ok(()) })
    }
}
