//! These start the real thing, as the user the tests run as (root included).

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

use super::{Cluster, ClusterError, ClusterOptions, folder::Folder};

fn quick() -> ClusterOptions {
    ClusterOptions {
        durable: false,
        ..ClusterOptions::default()
    }
}

async fn connect(cluster: &Cluster) -> PgConnection {
    PgConnection::connect(cluster.url().expose()).await.unwrap()
}

async fn count(cluster: &Cluster) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM kept")
        .fetch_one(&mut connect(cluster).await)
        .await
        .unwrap()
}

fn pid_of(data_dir: &Path) -> Option<Pid> {
    Folder::find(data_dir).ok()?.running()
}

fn wait_gone(data_dir: &Path) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while pid_of(data_dir).is_some() {
        assert!(Instant::now() < deadline, "the server is still running");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[tokio::test]
async fn data_survives_a_stop_and_a_start() {
    let dir = TempDir::new().unwrap();
    let cluster = Cluster::start_with(dir.path(), quick()).await.unwrap();
    sqlx::raw_sql("CREATE TABLE kept (n int); INSERT INTO kept SELECT generate_series(1, 7)")
        .execute(&mut connect(&cluster).await)
        .await
        .unwrap();
    let version: String = sqlx::query_scalar("SHOW server_version_num")
        .fetch_one(&mut connect(&cluster).await)
        .await
        .unwrap();
    assert!(version.parse::<u32>().unwrap() >= 150_000);
    cluster.stop().await.unwrap();
    assert!(
        pid_of(dir.path()).is_none(),
        "stop() waits until the server is gone"
    );

    let cluster = Cluster::start_with(dir.path(), quick()).await.unwrap();
    assert_eq!(count(&cluster).await, 7);
    drop(cluster);
    assert!(pid_of(dir.path()).is_none(), "dropping stops it as well");
}

#[tokio::test]
async fn two_processes_cannot_use_one_folder_but_may_share_the_server() {
    let dir = TempDir::new().unwrap();
    assert!(matches!(
        Cluster::attach(dir.path()).await,
        Err(ClusterError::Io { .. })
    ));
    let first = Cluster::start_with(dir.path(), quick()).await.unwrap();
    let second = Cluster::start_with(dir.path(), quick()).await;
    assert!(
        matches!(second, Err(ClusterError::InUse { .. })),
        "{second:?}"
    );

    let beside = Cluster::attach(dir.path()).await.unwrap();
    assert_eq!(beside.url(), first.url());
    beside.stop().await.unwrap();
    connect(&first).await.ping().await.unwrap();
    first.stop().await.unwrap();
    assert!(matches!(
        Cluster::attach(dir.path()).await,
        Err(ClusterError::NotRunning { .. })
    ));
}

#[tokio::test]
async fn a_server_killed_outright_loses_nothing_that_was_committed() {
    let dir = TempDir::new().unwrap();
    let cluster = Cluster::start(dir.path()).await.unwrap();
    sqlx::raw_sql("CREATE TABLE kept (n int); INSERT INTO kept SELECT generate_series(1, 1000)")
        .execute(&mut connect(&cluster).await)
        .await
        .unwrap();
    kill(pid_of(dir.path()).unwrap(), Signal::SIGKILL).unwrap();
    wait_gone(dir.path());
    drop(cluster);
    assert!(
        dir.path().join("postgres/data/postmaster.pid").exists(),
        "a stale lock file is left"
    );

    let cluster = Cluster::start(dir.path()).await.unwrap();
    assert_eq!(count(&cluster).await, 1000);
}

/// The part of the test below that gets killed; it does nothing when run by itself.
#[tokio::test]
async fn child_that_is_killed() {
    let Some(dir) = std::env::var_os("WAYFARE_TEST_CLUSTER_DIR") else {
        return;
    };
    let cluster = Cluster::start(Path::new(&dir)).await.unwrap();
    sqlx::raw_sql("CREATE TABLE kept (n int); INSERT INTO kept SELECT generate_series(1, 1000)")
        .execute(&mut connect(&cluster).await)
        .await
        .unwrap();
    fs::write(Path::new(&dir).join("ready"), "").unwrap();
    tokio::time::sleep(Duration::from_secs(60)).await;
}

fn start_child(dir: &Path) -> std::process::Child {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "platform::cluster::tests::child_that_is_killed"])
        .env("WAYFARE_TEST_CLUSTER_DIR", dir)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while !dir.join("ready").exists() {
        assert!(
            Instant::now() < deadline,
            "the child did not start its cluster"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    child
}

#[tokio::test]
async fn the_next_start_works_at_once_after_the_process_was_killed() {
    let dir = TempDir::new().unwrap();
    let mut child = start_child(dir.path());
    child.kill().unwrap();
    child.wait().unwrap();
    let began = Instant::now();
    let cluster = Cluster::start(dir.path()).await.unwrap();
    assert!(
        began.elapsed() < Duration::from_secs(15),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(count(&cluster).await, 1000);
}

#[tokio::test]
async fn a_server_left_running_is_taken_over() {
    let dir = TempDir::new().unwrap();
    let mut child = start_child(dir.path());
    // Kill the shell that would stop the server, then the process: an orphan is left.
    let server = pid_of(dir.path()).unwrap();
    let output = Command::new("ps")
        .args(["-o", "ppid=", "-p", &server.to_string()])
        .output()
        .unwrap();
    let shell = String::from_utf8(output.stdout)
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    kill(Pid::from_raw(shell), Signal::SIGKILL).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();

    let cluster = Cluster::start(dir.path()).await.unwrap();
    assert_ne!(pid_of(dir.path()), Some(server));
    assert_eq!(count(&cluster).await, 1000);
}

#[tokio::test]
async fn the_server_stops_by_itself_when_its_process_was_killed() {
    let dir = TempDir::new().unwrap();
    let mut child = start_child(dir.path());
    assert!(pid_of(dir.path()).is_some());
    child.kill().unwrap();
    child.wait().unwrap();
    wait_gone(dir.path());
}

#[tokio::test]
async fn a_long_path_gets_a_port_with_a_password() {
    let dir = TempDir::new().unwrap();
    let deep = dir.path().join("x".repeat(60)).join("y".repeat(60));
    let cluster = Cluster::start_with(&deep, quick()).await.unwrap();
    let url = cluster.url().expose().clone();
    assert!(url.contains("@127.0.0.1:"), "{url}");
    connect(&cluster).await.ping().await.unwrap();
    assert_eq!(Cluster::attach(&deep).await.unwrap().url(), cluster.url());

    let (user, address) = url.split_once('@').unwrap();
    let without = format!("{}@{address}", user.rsplit_once(':').unwrap().0);
    assert!(
        PgConnection::connect(&without).await.is_err(),
        "no password, no entry"
    );
}

#[tokio::test]
async fn a_folder_that_others_may_not_enter_works() {
    // TempDir has mode 0700 and is ours: as root, PostgreSQL's user cannot pass it.
    let dir = TempDir::new().unwrap();
    let odd = dir.path().join("with, comma and \"quote\"");
    let cluster = Cluster::start_with(&odd, quick()).await.unwrap();
    connect(&cluster).await.ping().await.unwrap();
    assert!(
        cluster
            .folder()
            .starts_with(fs::canonicalize(&odd).unwrap())
    );
}

#[tokio::test]
async fn half_a_set_up_is_done_again() {
    let dir = TempDir::new().unwrap();
    fs::create_dir_all(dir.path().join("postgres/data.new/base")).unwrap();
    let cluster = Cluster::start_with(dir.path(), quick()).await.unwrap();
    connect(&cluster).await.ping().await.unwrap();
}

#[tokio::test]
async fn a_server_that_cannot_start_says_why() {
    let dir = TempDir::new().unwrap();
    Cluster::start_with(dir.path(), quick())
        .await
        .unwrap()
        .stop()
        .await
        .unwrap();
    let config = dir.path().join("postgres/data/postgresql.conf");
    let mut text = fs::read_to_string(&config).unwrap();
    text.push_str("\nno_such_setting = 1\n");
    fs::write(&config, text).unwrap();
    match Cluster::start_with(dir.path(), quick()).await {
        Err(ClusterError::DidNotStart { log, .. }) => {
            assert!(
                log.contains("no_such_setting") && log.contains("status 1"),
                "{log}"
            );
        }
        other => panic!("expected the reason, got {other:?}"),
    }
}

#[tokio::test]
async fn data_of_a_version_that_is_not_installed_is_refused_by_name() {
    let dir = TempDir::new().unwrap();
    fs::create_dir_all(dir.path().join("postgres/data")).unwrap();
    fs::write(dir.path().join("postgres/data/PG_VERSION"), "99\n").unwrap();
    let options = ClusterOptions {
        may_fetch: false,
        ..quick()
    };
    let refused = Cluster::start_with(dir.path(), options).await.unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("PostgreSQL 99, which wrote the data"),
        "{refused}"
    );
}
