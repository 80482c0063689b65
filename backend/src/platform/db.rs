//! The database: a server named by `database.url`, else the private cluster in the data folder.
//! Also the migrations, which are embedded in the program.
//!
//! A program older than the schema still starts: migrations it does not know are left alone,
//! because each release only expands what the one before it uses.

use std::{path::Path, time::Duration};

use sqlx::{
    Connection, PgConnection, PgPool, Postgres, Transaction,
    migrate::{MigrateError, Migrator},
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::{
    cluster::{Cluster, ClusterError, ClusterOptions},
    config::DatabaseConfig,
};

/// Connections of the private cluster beyond the pool's: commands such as `wayfare admin create`,
/// `psql`, and what PostgreSQL keeps for superusers.
const CONNECTIONS_SPARE: u32 = 30;

/// One process at a time migrates; this number names the lock.
const MIGRATION_LOCK: i64 = 0x4D_49_47_52_41_54_45;
const TURN_EVERY: Duration = Duration::from_millis(200);

#[derive(Debug, thiserror::Error)]
pub enum DbError {
    #[error("the private database is not available")]
    Cluster(#[from] ClusterError),
    #[error("database.url is not a PostgreSQL address")]
    Url(#[source] sqlx::Error),
    #[error("could not connect to the database {at}")]
    Connect {
        at: String,
        #[source]
        source: sqlx::Error,
    },
    #[error("could not migrate the database")]
    Migrate(#[from] MigrateError),
    #[error("could not read which migrations are applied")]
    Applied(#[source] sqlx::Error),
    #[error("could not take a turn to migrate the database")]
    Turn(#[source] sqlx::Error),
}

/// A pool, and the cluster behind it when it is ours. Close it with [`Database::close`]; dropping
/// it stops the cluster as well.
#[derive(Debug)]
pub struct Database {
    pool: PgPool,
    cluster: Option<Cluster>,
}

impl Database {
    /// For the server: the private cluster is started here, and refused when another process has it.
    pub async fn open(config: &DatabaseConfig, data_dir: &Path) -> Result<Self, DbError> {
        match &config.url {
            Some(url) => Self::connect(config, url.expose(), None).await,
            None => Self::connect_own(config, start(config, data_dir).await?).await,
        }
    }

    /// For commands beside a running server: its private cluster is joined, else one is started.
    pub async fn open_beside(config: &DatabaseConfig, data_dir: &Path) -> Result<Self, DbError> {
        match &config.url {
            Some(url) => Self::connect(config, url.expose(), None).await,
            None => {
                let cluster = match start(config, data_dir).await {
                    Err(ClusterError::InUse { .. }) => Cluster::attach(data_dir).await?,
                    other => other?,
                };
                Self::connect_own(config, cluster).await
            }
        }
    }

    async fn connect_own(config: &DatabaseConfig, cluster: Cluster) -> Result<Self, DbError> {
        let url = cluster.url().clone();
        Self::connect(config, url.expose(), Some(cluster)).await
    }

    async fn connect(
        config: &DatabaseConfig,
        url: &str,
        cluster: Option<Cluster>,
    ) -> Result<Self, DbError> {
        let options: PgConnectOptions = url.parse().map_err(DbError::Url)?;
        let options = options.application_name("wayfare");
        let at = address(&options);
        let pool = PgPoolOptions::new()
            .max_connections(config.max_connections)
            .acquire_timeout(Duration::from_secs(config.acquire_timeout_s))
            .connect_with(options)
            .await
            .map_err(|source| DbError::Connect { at, source })?;
        Ok(Self { pool, cluster })
    }

    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Where the data of the private cluster is; `None` when the server is not ours.
    pub fn cluster(&self) -> Option<&Cluster> {
        self.cluster.as_ref()
    }

    /// Waits for connections to be given back, then stops the cluster if it is ours.
    pub async fn close(self) -> Result<(), DbError> {
        self.pool.close().await;
        match self.cluster {
            Some(cluster) => Ok(cluster.stop().await?),
            None => Ok(()),
        }
    }
}

async fn start(config: &DatabaseConfig, data_dir: &Path) -> Result<Cluster, ClusterError> {
    let options = ClusterOptions {
        max_connections: config.max_connections.saturating_add(CONNECTIONS_SPARE),
        may_fetch: config.may_fetch,
        ..ClusterOptions::default()
    };
    Cluster::start_with(data_dir, options).await
}

/// What may be shown of an address: not the password.
fn address(options: &PgConnectOptions) -> String {
    let database = options.get_database().unwrap_or_default();
    match options.get_socket() {
        Some(socket) => format!("{database:?} at {}", socket.display()),
        None => format!(
            "{database:?} at {}:{}",
            options.get_host(),
            options.get_port()
        ),
    }
}

/// A transaction in which all reads see one moment, and nothing can be written.
pub async fn begin_snapshot(pool: &PgPool) -> sqlx::Result<Transaction<'static, Postgres>> {
    pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        .await
}

fn migrator() -> Migrator {
    let mut migrator = sqlx::migrate!("../migrations");
    migrator.set_ignore_missing(true);
    // Whoever waits for the migrator's own lock holds a snapshot, and an index that is built
    // concurrently waits for all snapshots to go: see `take_turn`.
    migrator.set_locking(false);
    migrator
}

/// Lets one process at a time migrate. Those who wait ask again and again and hold nothing meanwhile.
/// The turn ends with the connection.
async fn take_turn(pool: &PgPool) -> Result<PgConnection, DbError> {
    let mut turn = pool.acquire().await.map_err(DbError::Turn)?.detach();
    loop {
        let taken: bool = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)")
            .bind(MIGRATION_LOCK)
            .fetch_one(&mut turn)
            .await
            .map_err(DbError::Turn)?;
        if taken {
            return Ok(turn);
        }
        tokio::time::sleep(TURN_EVERY).await;
    }
}

/// An index that was being built when a process died is there and not valid, and in the way of the
/// migration that builds it again.
async fn drop_unfinished_indexes(pool: &PgPool, pending: &[i64]) -> Result<(), DbError> {
    let names: Vec<(String, String)> = sqlx::query_as(
        "SELECT c.relname::text, format('%I.%I', n.nspname, c.relname)
         FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
         JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT i.indisvalid",
    )
    .fetch_all(pool)
    .await
    .map_err(DbError::Turn)?;
    let migrator = migrator();
    for (name, qualified) in names {
        let is_to_be_built = migrator.iter().any(|migration| {
            pending.contains(&migration.version) && migration.sql.as_str().contains(&name)
        });
        if is_to_be_built {
            let statement = format!("DROP INDEX CONCURRENTLY IF EXISTS {qualified}");
            sqlx::raw_sql(sqlx::AssertSqlSafe(statement))
                .execute(pool)
                .await
                .map_err(DbError::Turn)?;
        }
    }
    Ok(())
}

/// Applies what is pending, oldest first and at most `steps`, and answers how many that were. Safe
/// when several processes do it at once: they take turns.
pub async fn migrate_up(pool: &PgPool, steps: Option<usize>) -> Result<usize, DbError> {
    if pending_versions(pool).await?.is_empty() {
        return Ok(0);
    }
    let turn = take_turn(pool).await?;
    let pending = pending_versions(pool).await?;
    drop_unfinished_indexes(pool, &pending).await?;
    let count = steps.unwrap_or(pending.len()).min(pending.len());
    if let Some(last) = count.checked_sub(1).and_then(|last| pending.get(last)) {
        migrator().run_to(*last, pool).await?;
    }
    turn.close().await.map_err(DbError::Turn)?;
    Ok(count)
}

/// Takes back the newest `steps` migrations and answers how many that were.
pub async fn migrate_down(pool: &PgPool, steps: usize) -> Result<usize, DbError> {
    let turn = take_turn(pool).await?;
    let applied = applied_versions(pool).await?;
    let undone = steps.min(applied.len());
    if undone > 0 {
        // The newest that stays; 0 is before all.
        let target = applied.get(undone).copied().unwrap_or(0);
        migrator().undo(pool, target).await?;
    }
    turn.close().await.map_err(DbError::Turn)?;
    Ok(undone)
}

/// How many of this program's migrations the database lacks.
pub async fn pending_migrations(pool: &PgPool) -> Result<usize, DbError> {
    Ok(pending_versions(pool).await?.len())
}

/// Oldest first.
async fn pending_versions(pool: &PgPool) -> Result<Vec<i64>, DbError> {
    let applied = applied_versions(pool).await?;
    let mut pending: Vec<i64> = migrator()
        .iter()
        .filter(|migration| migration.migration_type.is_up_migration())
        .map(|migration| migration.version)
        .filter(|version| !applied.contains(version))
        .collect();
    pending.sort_unstable();
    Ok(pending)
}

/// Newest first; empty for a database that was never migrated.
async fn applied_versions(pool: &PgPool) -> Result<Vec<i64>, DbError> {
    // The table is the migrator's; asking the catalogue first keeps an error out of the server log.
    let exists: bool = sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations') IS NOT NULL")
        .fetch_one(pool)
        .await
        .map_err(DbError::Applied)?;
    if !exists {
        return Ok(Vec::new());
    }
    sqlx::query_scalar("SELECT version FROM _sqlx_migrations WHERE success ORDER BY version DESC")
        .fetch_all(pool)
        .await
        .map_err(DbError::Applied)
}

#[cfg(test)]
mod tests {
    use sqlx::PgPool;

    use super::{Database, migrate_down, migrate_up, pending_migrations, pending_versions};
    use crate::platform::config::{Config, Sources};

    async fn tables(pool: &PgPool) -> i64 {
        sqlx::query_scalar(
            "SELECT count(*) FROM pg_tables
             WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
        )
        .fetch_one(pool)
        .await
        .unwrap()
    }

    #[tokio::test]
    async fn migrations_go_up_and_down_and_up_again() {
        let dir = tempfile::tempdir().unwrap();
        let config = Config::load(&Sources::default()).unwrap().database;
        let database = Database::open(&config, dir.path()).await.unwrap();
        let pool = database.pool();

        let all = pending_migrations(pool).await.unwrap();
        assert!(all > 0);
        assert_eq!(migrate_up(pool, Some(2)).await.unwrap(), 2);
        assert_eq!(migrate_up(pool, None).await.unwrap(), all - 2);
        let full = tables(pool).await;
        assert_eq!(
            migrate_up(pool, None).await.unwrap(),
            0,
            "nothing is left to do"
        );

        assert_eq!(migrate_down(pool, 1).await.unwrap(), 1);
        assert_eq!(pending_migrations(pool).await.unwrap(), 1);
        assert_eq!(migrate_down(pool, 1000).await.unwrap(), all - 1);
        assert_eq!(
            tables(pool).await,
            1,
            "only the migrator's own table is left"
        );
        assert_eq!(migrate_down(pool, 1).await.unwrap(), 0);

        assert_eq!(migrate_up(pool, None).await.unwrap(), all);
        assert_eq!(tables(pool).await, full);
        database.close().await.unwrap();
    }

    #[tokio::test]
    async fn servers_that_start_together_migrate_in_turns_and_mend_what_was_interrupted() {
        let dir = tempfile::tempdir().unwrap();
        let config = Config::load(&Sources::default()).unwrap().database;
        let database = Database::open(&config, dir.path()).await.unwrap();
        let beside = Database::open_beside(&config, dir.path()).await.unwrap();
        let all = pending_versions(database.pool()).await.unwrap();
        // Up to where an index is built concurrently, which was interrupted.
        let before = all.partition_point(|version| *version < 20_261_120_100_400);
        migrate_up(database.pool(), Some(before)).await.unwrap();
        for statement in [
            "CREATE UNIQUE INDEX trips_one_live_per_rider ON trips.trips (rider_id)",
            "UPDATE pg_index SET indisvalid = false
             WHERE indexrelid = 'trips.trips_one_live_per_rider'::regclass",
        ] {
            sqlx::query(statement)
                .execute(database.pool())
                .await
                .unwrap();
        }
        let (one, other) = tokio::join!(
            migrate_up(database.pool(), None),
            migrate_up(beside.pool(), None)
        );
        let mut applied = [one.unwrap(), other.unwrap()];
        applied.sort_unstable();
        assert_eq!(applied, [0, all.len() - before]);
        let valid: bool = sqlx::query_scalar(
            "SELECT indisvalid FROM pg_index
             WHERE indexrelid = 'trips.trips_one_live_per_rider'::regclass",
        )
        .fetch_one(database.pool())
        .await
        .unwrap();
        assert!(valid);
        beside.close().await.unwrap();
        database.close().await.unwrap();
    }

    #[tokio::test]
    async fn commands_join_the_database_of_a_running_server() {
        let dir = tempfile::tempdir().unwrap();
        let config = Config::load(&Sources::default()).unwrap().database;
        let server = Database::open(&config, dir.path()).await.unwrap();
        let command = Database::open_beside(&config, dir.path()).await.unwrap();
        sqlx::query("CREATE TABLE seen ()")
            .execute(command.pool())
            .await
            .unwrap();
        command.close().await.unwrap();
        assert_eq!(tables(server.pool()).await, 1);
        server.close().await.unwrap();

        let alone = Database::open_beside(&config, dir.path()).await.unwrap();
        assert_eq!(tables(alone.pool()).await, 1);
        alone.close().await.unwrap();
    }

    #[tokio::test]
    async fn a_wrong_address_is_told_without_its_password() {
        let dir = tempfile::tempdir().unwrap();
        let url = "postgres://wayfare:hunter2@127.0.0.1:1/wayfare";
        let sources = Sources::default().env([("DATABASE_URL", url)]);
        let config = Config::load(&sources).unwrap().database;
        let refused = Database::open(&config, dir.path()).await.unwrap_err();
        let shown = format!("{refused} {refused:?}");
        assert!(
            shown.contains("127.0.0.1:1") && !shown.contains("hunter2"),
            "{shown}"
        );
    }
}
