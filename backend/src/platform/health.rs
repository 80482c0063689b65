//! Whether the server is alive and able to work, for people and for whatever supervises it.
//!
//! `/health` sums up; `/health/live` answers as long as the process does; `/health/ready` says
//! whether requests should be sent here: not while the database is away, while migrations are
//! missing, or once the server has begun to stop.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use poem::{
    EndpointExt, IntoResponse, Response, Route, get, handler,
    http::StatusCode,
    web::{Data, Json},
};
use serde::Serialize;
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;

use super::db;
use super::exchange::{LinkState, LinkWatch};

const PING_PATIENCE: Duration = Duration::from_secs(2);

/// What the handlers ask. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Health {
    pool: PgPool,
    started: Instant,
    stopping: CancellationToken,
    dispatcher: Heartbeat,
    others: LinkWatch,
    /// Applied migrations stay applied: once seen, they are not asked for again.
    migrated: Arc<AtomicBool>,
}

impl Health {
    /// `stopping` is cancelled when the server begins to stop.
    pub fn new(
        pool: PgPool,
        stopping: CancellationToken,
        dispatcher: Heartbeat,
        others: LinkWatch,
    ) -> Self {
        let started = Instant::now();
        Self {
            pool,
            started,
            stopping,
            dispatcher,
            others,
            migrated: Arc::default(),
        }
    }

    /// Adds `/health`, `/health/live` and `/health/ready`.
    pub fn mount(self, route: Route) -> Route {
        route
            .at("/health", get(summary).data(self.clone()))
            .at("/health/live", get(live))
            .at("/health/ready", get(ready).data(self))
    }

    async fn database(&self) -> Check {
        let ping = sqlx::query("SELECT 1").execute(&self.pool);
        match tokio::time::timeout(PING_PATIENCE, ping).await {
            Ok(Ok(_)) => Check::Ok,
            Ok(Err(error)) => {
                tracing::warn!(%error, "the database does not answer");
                Check::Failed
            }
            Err(_) => Check::Slow,
        }
    }

    async fn migrations(&self) -> Check {
        if self.migrated.load(Ordering::Relaxed) {
            return Check::Ok;
        }
        match tokio::time::timeout(PING_PATIENCE, db::pending_migrations(&self.pool)).await {
            Ok(Ok(0)) => {
                self.migrated.store(true, Ordering::Relaxed);
                Check::Ok
            }
            Ok(Ok(_)) => Check::Pending,
            Ok(Err(error)) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "migrations are not known"
                );
                Check::Failed
            }
            Err(_) => Check::Slow,
        }
    }
}

/// Set by a loop each time it comes round; tells whether the loop still does.
#[derive(Debug, Clone)]
pub struct Heartbeat {
    origin: Instant,
    /// Milliseconds after `origin`; 0 before the first beat.
    last_ms: Arc<AtomicU64>,
    patience: Duration,
}

impl Heartbeat {
    /// `patience`: how long a beat may be overdue before the loop counts as stalled.
    pub fn new(patience: Duration) -> Self {
        Self {
            origin: Instant::now(),
            last_ms: Arc::default(),
            patience,
        }
    }

    pub fn beat(&self) {
        let now_ms = u64::try_from(self.origin.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last_ms.store(now_ms.max(1), Ordering::Relaxed);
    }

    fn pulse(&self) -> Pulse {
        match self.last_ms.load(Ordering::Relaxed) {
            0 => Pulse::NotStarted,
            last_ms => {
                let last = self.origin + Duration::from_millis(last_ms);
                if last.elapsed() > self.patience {
                    Pulse::Stalled
                } else {
                    Pulse::Running
                }
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Pulse {
    NotStarted,
    Running,
    Stalled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Check {
    Ok,
    Failed,
    Slow,
    Pending,
}

#[derive(Debug, Serialize)]
struct Summary {
    status: &'static str,
    version: &'static str,
    uptime_s: u64,
    database: Check,
    dispatcher: Pulse,
    redis: &'static str,
}

#[derive(Debug, Serialize)]
struct Readiness {
    status: &'static str,
    database: Check,
    migrations: Check,
    stopping: bool,
}

#[handler]
async fn summary(health: Data<&Health>) -> Response {
    let database = health.database().await;
    let dispatcher = health.dispatcher.pulse();
    let well = database == Check::Ok && dispatcher != Pulse::Stalled;
    let redis = health.others.state();
    // An instance without Redis does its work; it only does not know what the others know.
    let whole = well && redis != LinkState::Away;
    answer(
        well,
        Summary {
            status: if whole { "ok" } else { "degraded" },
            version: env!("CARGO_PKG_VERSION"),
            uptime_s: health.started.elapsed().as_secs(),
            database,
            dispatcher,
            redis: match redis {
                LinkState::Off => "off",
                LinkState::Away => "away",
                LinkState::Connected => "connected",
            },
        },
    )
}

#[handler]
fn live() -> Response {
    answer(true, serde_json::json!({ "status": "live" }))
}

#[handler]
async fn ready(health: Data<&Health>) -> Response {
    let stopping = health.stopping.is_cancelled();
    let (database, migrations) = tokio::join!(health.database(), health.migrations());
    let ready = !stopping && database == Check::Ok && migrations == Check::Ok;
    answer(
        ready,
        Readiness {
            status: if ready { "ready" } else { "not_ready" },
            database,
            migrations,
            stopping,
        },
    )
}

fn answer(well: bool, body: impl Serialize + Send) -> Response {
    let status = if well {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    Json(body)
        .with_status(status)
        .with_header("cache-control", "no-store")
        .into_response()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use poem::{Endpoint, Request, Route, http::StatusCode};
    use serde_json::Value;
    use sqlx::postgres::PgPoolOptions;
    use tokio_util::sync::CancellationToken;

    use super::{Health, Heartbeat, LinkWatch};
    use crate::platform::{
        cluster::{Cluster, ClusterOptions},
        db,
    };

    async fn get(app: &Route, path: &str) -> (StatusCode, Value) {
        let request = Request::builder().uri(path.parse().unwrap()).finish();
        let response = app.call(request).await.unwrap();
        let status = response.status();
        let body = response.into_body().into_string().await.unwrap();
        (status, serde_json::from_str(&body).unwrap())
    }

    #[tokio::test]
    async fn readiness_follows_database_migrations_and_shutdown() {
        let dir = tempfile::tempdir().unwrap();
        let options = ClusterOptions {
            durable: false,
            ..ClusterOptions::default()
        };
        let cluster = Cluster::start_with(dir.path(), options).await.unwrap();
        let pool = PgPoolOptions::new()
            .acquire_timeout(Duration::from_secs(1))
            .connect(cluster.url().expose())
            .await
            .unwrap();
        let stopping = CancellationToken::new();
        let beat = Heartbeat::new(Duration::from_millis(200));
        let app = Health::new(
            pool.clone(),
            stopping.clone(),
            beat.clone(),
            LinkWatch::off(),
        )
        .mount(Route::new());

        let (status, body) = get(&app, "/health/ready").await;
        assert_eq!(
            (status, &body["migrations"]),
            (StatusCode::SERVICE_UNAVAILABLE, &"pending".into())
        );
        db::migrate_up(&pool, None).await.unwrap();
        let (status, body) = get(&app, "/health/ready").await;
        assert_eq!((status, &body["status"]), (StatusCode::OK, &"ready".into()));

        beat.beat();
        let (status, body) = get(&app, "/health").await;
        assert_eq!(
            (status, &body["dispatcher"]),
            (StatusCode::OK, &"running".into())
        );
        tokio::time::sleep(Duration::from_millis(250)).await;
        let (status, body) = get(&app, "/health").await;
        assert_eq!(
            (status, &body["dispatcher"]),
            (StatusCode::SERVICE_UNAVAILABLE, &"stalled".into())
        );

        stopping.cancel();
        let (status, body) = get(&app, "/health/ready").await;
        assert_eq!(
            (status, &body["stopping"]),
            (StatusCode::SERVICE_UNAVAILABLE, &true.into())
        );
        assert_eq!(get(&app, "/health/live").await.0, StatusCode::OK);

        cluster.stop().await.unwrap();
        let (status, body) = get(&app, "/health").await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert_ne!(body["database"], "ok");
    }
}
