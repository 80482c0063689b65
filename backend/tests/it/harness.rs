//! What an integration test stands on: a database of its own and a server of its own.
//!
//! **One PostgreSQL for all tests.** `cargo test` runs the tests as threads of one process, nextest
//! as a process each; starting a cluster per process would cost half a second a test. So the
//! processes share a cluster in the temporary folder: the first to come starts it, under a lock.
//! Nobody has to stop it: it lives as long as anybody holds the named pipe `alive` open, which ends
//! with the process, however that ends. A sleeper holds it a little longer, for the next process.
//! A cluster that is started begins empty. With `DATABASE_URL` that server is used instead.
//!
//! **One schema, copied.** The migrations run once, into a template named by their content; each
//! test gets a copy, and drops it when done.

use std::{
    env,
    fs::{self, DirBuilder, File, OpenOptions},
    hash::{DefaultHasher, Hash, Hasher},
    io::ErrorKind,
    os::unix::{
        fs::{DirBuilderExt, MetadataExt},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use nix::{errno::Errno, sys::stat::Mode, unistd::geteuid, unistd::mkfifo};
use sqlx::{
    AssertSqlSafe, Connection, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tempfile::TempDir;
use tokio::sync::OnceCell;
use wayfare_backend::{
    Server,
    platform::{
        cluster::{Cluster, ClusterOptions},
        config::{Config, Secret, Sources},
        db,
    },
};

/// How long the shared cluster outlives the last test process that began.
const LINGER_S: &str = "20";
const PATIENCE: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(20);

/// A PostgreSQL server, and the template with the schema in it.
#[derive(Debug)]
struct Shared {
    url: String,
    template: String,
    /// Keeps the private cluster alive.
    _alive: Option<File>,
}

impl Shared {
    async fn get() -> &'static Self {
        static SHARED: OnceCell<Shared> = OnceCell::const_new();
        SHARED.get_or_init(Self::find_or_start).await
    }

    async fn find_or_start() -> Self {
        let dir = folder();
        let lock = File::create(dir.join("start.lock")).unwrap();
        lock.lock().unwrap();
        let (url, alive) = match env::var("DATABASE_URL").ok().filter(|url| !url.is_empty()) {
            Some(url) => (url, None),
            None => {
                let (url, alive) = private_server(&dir).await;
                (url, Some(alive))
            }
        };
        let template = template(&url).await;
        Self {
            url,
            template,
            _alive: alive,
        }
    }
}

/// `<temp>/wayfare-tests-<uid>`, ours alone: others may write into the temporary folder.
fn folder() -> PathBuf {
    let dir = env::temp_dir().join(format!("wayfare-tests-{}", geteuid()));
    match DirBuilder::new().mode(0o700).create(&dir) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => panic!("cannot create {}: {error}", dir.display()),
    }
    let meta = fs::symlink_metadata(&dir).unwrap();
    let ours = meta.is_dir() && meta.uid() == geteuid().as_raw() && meta.mode() & 0o077 == 0;
    assert!(
        ours,
        "{} exists and is not a folder of ours alone",
        dir.display()
    );
    dir
}

/// The address of the shared cluster, started if need be, and what keeps it alive.
#[expect(
    clippy::zombie_processes,
    reason = "the sleeper outlives this process on purpose"
)]
async fn private_server(dir: &Path) -> (String, File) {
    let pipe = dir.join("alive");
    match mkfifo(&pipe, Mode::S_IRUSR | Mode::S_IWUSR) {
        Ok(()) | Err(Errno::EEXIST) => {}
        Err(errno) => panic!("cannot create {}: {errno}", pipe.display()),
    }
    // Both ways, as opening one end alone waits for the other.
    let alive = OpenOptions::new()
        .read(true)
        .write(true)
        .open(&pipe)
        .unwrap();
    Command::new("sleep")
        .arg(LINGER_S)
        .stdin(Stdio::null())
        .stdout(alive.try_clone().unwrap())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .unwrap();
    if let Ok(cluster) = Cluster::attach(dir).await {
        return (cluster.url().expose().clone(), alive);
    }
    // One that is just stopping, or was killed, is no use; its data is thrown away.
    if dir.join("postgres").exists() {
        Cluster::discard(dir).await.unwrap();
    }
    let options = ClusterOptions {
        durable: false,
        max_connections: 300,
        keep_alive: Some(File::open(&pipe).unwrap()),
        ..ClusterOptions::default()
    };
    let cluster = Cluster::start_with(dir, options).await.unwrap();
    (cluster.url().expose().clone(), alive)
}

/// The database with the schema, made if need be; its name tells the migrations' content.
async fn template(server_url: &str) -> String {
    let name = format!("wayfare_template_{:016x}", migrations_hash());
    let mut server = PgConnection::connect(server_url).await.unwrap();
    let exists: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
            .bind(&name)
            .fetch_one(&mut server)
            .await
            .unwrap();
    if !exists {
        // Half a template never gets the name.
        let new = format!("{name}_new");
        execute(&mut server, format!("DROP DATABASE IF EXISTS {new}")).await;
        execute(&mut server, format!("CREATE DATABASE {new}")).await;
        let pool = PgPool::connect_with(in_database(server_url, &new))
            .await
            .unwrap();
        db::migrate_up(&pool, None).await.unwrap();
        pool.close().await;
        execute(
            &mut server,
            format!("ALTER DATABASE {new} RENAME TO {name}"),
        )
        .await;
    }
    name
}

fn migrations_hash() -> u64 {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.file_name().hash(&mut hasher);
        fs::read(&file).unwrap().hash(&mut hasher);
    }
    hasher.finish()
}

fn in_database(server_url: &str, name: &str) -> PgConnectOptions {
    server_url
        .parse::<PgConnectOptions>()
        .unwrap()
        .database(name)
}

/// For statements that take names, which cannot be bound; all of them are made here.
async fn execute(connection: &mut PgConnection, statement: String) {
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(connection)
        .await
        .unwrap();
}

/// A database of one test's own, with the schema and no rows. Gone when dropped.
#[derive(Debug)]
pub(crate) struct TestDb {
    server_url: &'static str,
    name: String,
}

impl TestDb {
    pub(crate) async fn create() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let shared = Shared::get().await;
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("wayfare_test_{}_{number}", std::process::id());
        let mut server = PgConnection::connect(&shared.url).await.unwrap();
        execute(
            &mut server,
            format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
        )
        .await;
        execute(
            &mut server,
            format!("CREATE DATABASE {name} TEMPLATE {}", shared.template),
        )
        .await;
        Self {
            server_url: &shared.url,
            name,
        }
    }

    pub(crate) fn url(&self) -> String {
        use sqlx::ConnectOptions;
        let mut url = in_database(self.server_url, &self.name).to_url_lossy();
        url.set_query(None);
        url.to_string()
    }

    pub(crate) async fn pool(&self) -> PgPool {
        let options = in_database(self.server_url, &self.name);
        PgPoolOptions::new()
            .max_connections(5)
            .connect_with(options)
            .await
            .unwrap()
    }
}

impl Drop for TestDb {
    /// In a thread with a runtime of its own: the test's may be ending.
    fn drop(&mut self) {
        let (server_url, name) = (self.server_url, self.name.clone());
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let mut server = PgConnection::connect(server_url).await.unwrap();
                execute(
                    &mut server,
                    format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
                )
                .await;
            });
        });
        if dropped.join().is_err() {
            eprintln!("the database {} could not be dropped", self.name);
        }
    }
}

/// The whole server on a free port, with a database and a data folder of its own.
#[derive(Debug)]
pub(crate) struct TestServer {
    server: Option<Server>,
    config: Config,
    pub(crate) base_url: String,
    pub(crate) http: reqwest::Client,
    pub(crate) pool: PgPool,
    data_dir: Arc<TempDir>,
    // Last: dropped after what uses it.
    _db: Arc<TestDb>,
}

impl TestServer {
    /// With limits no test runs into by accident, and a fast dispatcher.
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// The same, with settings changed by the test.
    pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let db = TestDb::create().await;
        let mut config = Config::load(&Sources::default()).unwrap();
        config.server.bind = "127.0.0.1:0".parse().unwrap();
        config.database.url = Some(Secret::new(db.url()));
        config.database.max_connections = 5;
        config.limits.anonymous_per_window = 1_000_000;
        config.limits.login_per_window = 1_000_000;
        config.limits.per_user_per_window = 1_000_000;
        config.dispatch.tick_ms = 100;
        change(&mut config);
        let mut this = Self {
            server: None,
            config,
            base_url: String::new(),
            http: http_client(),
            pool: db.pool().await,
            data_dir: Arc::new(TempDir::new().unwrap()),
            _db: Arc::new(db),
        };
        this.boot().await;
        this
    }

    /// Another instance on the same database, with the same secrets and settings but for what the test
    /// changes.
    pub(crate) async fn beside(&self, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = self.config.clone();
        change(&mut config);
        let mut this = Self {
            server: None,
            config,
            base_url: String::new(),
            http: http_client(),
            pool: self.pool.clone(),
            data_dir: Arc::clone(&self.data_dir),
            _db: Arc::clone(&self._db),
        };
        this.boot().await;
        this
    }

    /// Servers that run elsewhere on this database and in this data folder, reached at an address.
    pub(crate) async fn elsewhere(db: TestDb, data_dir: TempDir, base_url: String) -> Self {
        Self {
            server: None,
            config: Config::load(&Sources::default()).unwrap(),
            base_url,
            http: http_client(),
            pool: db.pool().await,
            data_dir: Arc::new(data_dir),
            _db: Arc::new(db),
        }
    }

    /// Stops the server and starts it again on the same database and folder; its port changes.
    pub(crate) async fn restart(&mut self) {
        self.stop().await;
        self.boot().await;
    }

    /// Stops the server gracefully; the database stays until this is dropped.
    pub(crate) async fn stop(&mut self) {
        if let Some(server) = self.server.take() {
            server.shutdown().await.unwrap();
        }
    }

    async fn boot(&mut self) {
        let server = Server::builder()
            .config(self.config.clone())
            .data_dir(self.data_dir.path().to_owned())
            .start()
            .await
            .unwrap();
        self.base_url = format!("http://{}", server.local_addr());
        self.server = Some(server);
        let ready = self.url("/health/ready");
        wait_for("the server to be ready", || async {
            let answer = self.http.get(&ready).send().await.ok()?;
            answer.status().is_success().then_some(())
        })
        .await;
    }

    /// The full address of a path such as `/v1/quotes`.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }

    pub(crate) fn data_dir(&self) -> &Path {
        self.data_dir.path()
    }

    /// The oldest unread code that was sent to the phone; waits for it. Reading takes it away.
    pub(crate) async fn otp_code(&self, phone: &str) -> String {
        let spool = self.data_dir().join("spool/sms");
        wait_for(&format!("a code for {phone}"), || async {
            take_code(&spool, phone)
        })
        .await
    }
}

pub(crate) fn http_client() -> reqwest::Client {
    // Only plain HTTP is spoken here, but the client wants to know its TLS all the same. An error
    // means that another test was first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}

fn take_code(spool: &Path, phone: &str) -> Option<String> {
    let mut files: Vec<PathBuf> = fs::read_dir(spool)
        .ok()?
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let name = path.file_name().unwrap().to_str().unwrap();
            // The point hides a message that is not complete.
            name.ends_with(".json") && !name.starts_with('.')
        })
        .collect();
    files.sort();
    files.into_iter().find_map(|file| {
        let message: serde_json::Value = serde_json::from_slice(&fs::read(&file).ok()?).unwrap();
        let code = message["code"]
            .as_str()
            .filter(|_| message["to"] == phone)?
            .to_owned();
        fs::remove_file(&file).unwrap();
        Some(code)
    })
}

/// Asks again and again until there is an answer; a test that waits too long fails by saying what for.
pub(crate) async fn wait_for<T, F: Future<Output = Option<T>>>(
    what: &str,
    mut ask: impl FnMut() -> F,
) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "waited {PATIENCE:?} for {what}");
        tokio::time::sleep(POLL).await;
    }
}

#[tokio::test]
async fn each_test_has_a_migrated_database_of_its_own() {
    let (one, two) = tokio::join!(TestDb::create(), TestDb::create());
    let pool = one.pool().await;
    assert_eq!(db::pending_migrations(&pool).await.unwrap(), 0);
    sqlx::query("CREATE TABLE mine ()")
        .execute(&pool)
        .await
        .unwrap();
    let seen: Option<String> = sqlx::query_scalar("SELECT to_regclass('mine')::text")
        .fetch_one(&two.pool().await)
        .await
        .unwrap();
    assert_eq!(seen, None);

    let name = one.name.clone();
    drop(one);
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM pg_database WHERE datname = $1")
        .bind(name)
        .fetch_one(&two.pool().await)
        .await
        .unwrap();
    assert_eq!(left, 0, "a dropped test database is gone");
}

#[tokio::test]
async fn a_server_is_ready_and_can_be_restarted() {
    let mut server = TestServer::start().await;
    for _ in 0..2 {
        let answer = server
            .http
            .get(server.url("/health/ready"))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
        server.restart().await;
    }
    server.stop().await;
    assert!(
        server
            .http
            .get(server.url("/health/live"))
            .send()
            .await
            .is_err()
    );
}

#[tokio::test]
async fn codes_are_read_in_the_order_they_were_sent() {
    let dir = TempDir::new().unwrap();
    for (name, to, code) in [
        ("1", "+1", "111111"),
        ("2", "+2", "222222"),
        ("3", "+1", "333333"),
    ] {
        let message = serde_json::json!({ "to": to, "text": "…", "code": code });
        fs::write(dir.path().join(format!("{name}.json")), message.to_string()).unwrap();
    }
    fs::write(dir.path().join(".0.json"), "").unwrap();
    assert_eq!(take_code(dir.path(), "+1").as_deref(), Some("111111"));
    assert_eq!(take_code(dir.path(), "+1").as_deref(), Some("333333"));
    assert_eq!(take_code(dir.path(), "+1"), None);
    assert_eq!(take_code(dir.path(), "+2").as_deref(), Some("222222"));
}
