//! A running server: the database, the API, the dispatcher and the housekeeping.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use poem::listener::{Acceptor, Listener, TcpListener};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use wayfare_dispatch::LiveIndex;

use crate::app::App;
use crate::dispatch::decisions::Sightings;
use crate::dispatch::{
    self,
    positions::{FIXES, PositionChange, Recorder, RecorderWork, SharedFixes, silence},
};
use crate::identity::{SessionCheck, Tokens};
use crate::places::{City, CityError};
use crate::platform::config::{Config, ConfigError, Sources};
use crate::platform::db::{self, Database, DbError};
use crate::platform::exchange::{Exchange, LinkWatch, Outgoing, Wake};
use crate::platform::failure::Failure;
use crate::platform::health::{Health, Heartbeat};
use crate::platform::http::Edge;
use crate::platform::limits::{Limits, RateLimiter};
use crate::platform::secrets::{self, SecretError};
use crate::platform::telemetry::{Metrics, TelemetryError};
use crate::pricing::keys::KeyError;
use crate::realtime::{self, Hub, PASSES, Passing};
use crate::{jobs, notify, pricing, routes};

/// A dispatcher that did not finish a round for this many rounds has stalled.
const TICKS_MISSED_MAX: u64 = 10;
/// How long a server that starts waits for what the other instances know.
const OTHERS_MAX: Duration = Duration::from_secs(3);

/// Why a server did not start or did not stop cleanly.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The settings are wrong.
    #[error("the settings are not valid")]
    Config(#[from] ConfigError),
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] DbError),
    /// The secrets cannot be read or made.
    #[error("the secrets cannot be used")]
    Secrets(#[from] SecretError),
    /// Quotes and receipts cannot be signed.
    #[error("quotes and receipts cannot be signed")]
    SigningKey(#[from] KeyError),
    /// The city's map and roads cannot be used.
    #[error(transparent)]
    City(#[from] CityError),
    /// Metrics cannot be collected.
    #[error(transparent)]
    Telemetry(#[from] TelemetryError),
    /// The address of Redis cannot be used.
    #[error("redis.url cannot be used")]
    Redis(#[source] redis::RedisError),
    /// Text messages cannot be sent.
    #[error("text messages cannot be sent")]
    Sms(#[from] notify::SmsError),
    /// The city's first tariffs could not be written.
    #[error("the first tariffs cannot be written")]
    Tariffs(#[source] Failure),
    /// The OpenAPI document could not be written.
    #[error("the OpenAPI document cannot be written")]
    Document(#[source] serde_json::Error),
    /// Nothing can be served at this address.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The API stopped by itself.
    #[error("the API stopped")]
    Stopped(#[source] std::io::Error),
}

/// Collects what a server needs to start.
#[derive(Debug, Default)]
pub struct ServerBuilder {
    config: Option<Config>,
    data_dir: PathBuf,
}

impl ServerBuilder {
    /// With these settings instead of the defaults.
    #[must_use]
    pub fn config(mut self, config: Config) -> Self {
        self.config = Some(config);
        self
    }

    /// With its files in this folder.
    #[must_use]
    pub fn data_dir(mut self, data_dir: impl Into<PathBuf>) -> Self {
        self.data_dir = data_dir.into();
        self
    }

    /// Starts everything. When this returns, requests are answered.
    pub async fn start(self) -> Result<Server, ServerError> {
        let config = match self.config {
            Some(config) => config,
            None => Config::load(&Sources::default())?,
        };
        let city = City::open(&config.city, config.pricing.timezone)?;
        let database = Database::open(&config.database, &self.data_dir).await?;
        if config.database.migrate_on_start {
            let applied = db::migrate_up(database.pool(), None).await?;
            tracing::info!(applied, "migrations");
        }
        let pool = database.pool().clone();
        pricing::tariffs::ensure_tariffs(&pool, &config.pricing)
            .await
            .map_err(ServerError::Tariffs)?;
        let secret = secrets::jwt_secret(&config.auth, &self.data_dir)?;
        let signing_key =
            pricing::keys::load_signing_key(&pool, &config.pricing, &self.data_dir).await?;
        let stop = CancellationToken::new();
        let (recorder, recorder_work) = Recorder::new();
        let Shared {
            hub,
            index,
            fixes,
            exchange,
        } = Shared::new(&config)?;
        let window = Duration::from_secs(config.limits.window_s.into());
        let app = Arc::new(App {
            city: Arc::new(city),
            tokens: Tokens::new(&secret, &config.auth),
            signing_key,
            sms: notify::sms_sender(config.notify.sms, &self.data_dir)?,
            sightings: Sightings::default(),
            hub,
            index,
            recorder,
            fixes,
            pin_attempts: RateLimiter::new(config.limits.pin_attempts, window),
            stop: stop.clone(),
            pool,
            config,
        });
        let own = Own {
            database,
            recorder_work,
            exchange,
        };
        serve(app, own, stop).await
    }
}

/// What the instances of the server share with each other.
struct Shared {
    hub: Arc<Hub>,
    index: Arc<LiveIndex>,
    fixes: Arc<Outgoing<PositionChange>>,
    /// `None`: there is one instance only.
    exchange: Option<Exchange>,
}

impl Shared {
    fn new(config: &Config) -> Result<Self, ServerError> {
        let index = Arc::new(LiveIndex::default());
        let Some(url) = &config.redis.url else {
            return Ok(Self {
                hub: Arc::default(),
                index,
                fixes: Arc::default(),
                exchange: None,
            });
        };
        let wake = Wake::default();
        let fixes = Arc::new(Outgoing::of_topic(FIXES, &wake));
        let hub = Arc::new(Hub::sharing(Outgoing::of_topic(PASSES, &wake)));
        let shared = SharedFixes::new(Arc::clone(&index), Arc::clone(&fixes));
        let exchange = Exchange::new(url.expose(), &config.dispatch.market, wake)
            .map_err(ServerError::Redis)?
            .topic(Arc::new(shared))
            .topic(Arc::new(Passing(Arc::clone(&hub))));
        Ok(Self {
            hub,
            index,
            fixes,
            exchange: Some(exchange),
        })
    }
}

/// What a server starts and nobody else needs.
struct Own {
    database: Database,
    recorder_work: RecorderWork,
    exchange: Option<Exchange>,
}

async fn serve(app: Arc<App>, own: Own, stop: CancellationToken) -> Result<Server, ServerError> {
    let tasks = TaskTracker::new();
    let others = match own.exchange {
        None => LinkWatch::off(),
        Some(exchange) => {
            let mut others = exchange.watch();
            tasks.spawn(exchange.run(stop.clone()));
            others.wait_connected(OTHERS_MAX).await;
            others
        }
    };
    let address = app.config.server.bind;
    let listen = |source| ServerError::Listen { address, source };
    let acceptor = TcpListener::bind(address)
        .into_acceptor()
        .await
        .map_err(listen)?;
    let bound = acceptor
        .local_addr()
        .into_iter()
        .find_map(|local| local.as_socket_addr().copied());
    let local_addr = bound.unwrap_or(address);

    let tick = Duration::from_millis(app.config.dispatch.tick_ms);
    let patience = tick.saturating_mul(u32::try_from(TICKS_MISSED_MAX).unwrap_or(u32::MAX));
    let heartbeat = Heartbeat::new(patience);
    let health = Health::new(app.pool.clone(), stop.clone(), heartbeat.clone(), others);
    let access = Arc::new(SessionCheck::new(Arc::clone(&app)));
    let limits = Arc::new(Limits::new(&app.config.limits));
    let edge = Edge::new(&app.config.server, access, Arc::clone(&limits));
    let endpoint = routes::routes(&app, edge, limits, health, &Metrics::install()?)?;

    let (pool, hub) = (app.pool.clone(), Arc::clone(&app.hub));
    tasks.spawn(realtime::service::forward_notifications(
        pool,
        hub,
        stop.clone(),
    ));
    let answered = CancellationToken::new();
    tasks.spawn(own.recorder_work.run(app.pool.clone(), answered.clone()));
    tasks.spawn(dispatch::run(Arc::clone(&app), heartbeat, stop.clone()));
    tasks.spawn(silence::run(Arc::clone(&app), stop.clone()));
    tasks.spawn(pricing::surge::run(Arc::clone(&app), stop.clone()));
    tasks.spawn(jobs::run(Arc::clone(&app), stop.clone()));
    tasks.close();

    let grace = Duration::from_secs(app.config.server.shutdown_grace_s);
    let stopped = stop.clone().cancelled_owned();
    let api = tokio::spawn(
        poem::Server::new_with_acceptor(acceptor).run_with_graceful_shutdown(
            endpoint,
            stopped,
            Some(grace),
        ),
    );
    tracing::info!(%local_addr, "serving");
    Ok(Server {
        local_addr,
        stop,
        answered,
        tasks,
        api,
        database: own.database,
    })
}

/// A running server. Dropping it leaves it running until the process ends; [`Server::shutdown`]
/// ends it in order.
#[derive(Debug)]
pub struct Server {
    local_addr: SocketAddr,
    stop: CancellationToken,
    /// Cancelled when all requests are answered: until then what they need goes on.
    answered: CancellationToken,
    tasks: TaskTracker,
    api: JoinHandle<std::io::Result<()>>,
    database: Database,
}

impl Server {
    /// Collects what a server needs to start.
    pub fn builder() -> ServerBuilder {
        ServerBuilder::default()
    }

    /// Where it listens.
    pub const fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Takes no new requests, finishes those that are under way, and stops the database if it is
    /// the server's own.
    pub async fn shutdown(self) -> Result<(), ServerError> {
        self.stop.cancel();
        tracing::info!("stopping");
        let api = self.api.await.map_err(std::io::Error::other).flatten();
        self.answered.cancel();
        self.tasks.wait().await;
        self.database.close().await?;
        api.map_err(ServerError::Stopped)
    }
}
