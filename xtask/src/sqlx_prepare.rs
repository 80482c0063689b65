//! The committed query data in `.sqlx/`, which lets the backend build without a database.
//!
//! A throw-away PostgreSQL gets the migrations, then the compiler runs over the backend with that
//! database in sight: the query macros ask it about each statement and write down what it says. The
//! database in `DATABASE_URL` is never used: what it holds may differ from the migrations.

use std::collections::BTreeMap;
use std::fs::{self, File, FileTimes};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::SystemTime;

use serde_json::Value;

use crate::command;
use crate::failure::Failure;
use crate::postgres::ThrowAwayCluster;
use crate::workspace;

/// Regenerates `.sqlx/`.
pub(crate) fn prepare() -> Result<(), Failure> {
    let described = describe_queries()?;
    let folder = committed_path();
    fs::create_dir_all(&folder).map_err(Failure::file("create", &folder))?;
    for path in query_files(&folder)?.into_values() {
        fs::remove_file(&path).map_err(Failure::file("remove", &path))?;
    }
    let files = query_files(&described)?;
    for (name, path) in &files {
        let to = folder.join(name);
        fs::copy(path, &to).map_err(Failure::file("write", &to))?;
    }
    eprintln!("Wrote {} queries to {}", files.len(), folder.display());
    Ok(())
}

/// Fails when the committed data are not what the migrations and the source give. What passed once
/// is not compiled again until one of the three changes.
pub(crate) fn check() -> Result<(), Failure> {
    let stamp_path = work_path().join("checked");
    let inputs = fingerprint_of_inputs()?.to_string();
    if fs::read_to_string(&stamp_path).is_ok_and(|stamp| stamp == inputs) {
        eprintln!("Nothing has changed since this passed.");
        return Ok(());
    }
    let described = read_documents(&describe_queries()?)?;
    let committed = read_documents(&committed_path())?;
    let differences = differences(&committed, &described);
    for difference in &differences {
        eprintln!("{difference}");
    }
    if !differences.is_empty() {
        let message = ".sqlx/ is not up to date; run cargo xtask sqlx-prepare and commit it";
        return Err(Failure::Check(message.to_owned()));
    }
    fs::write(&stamp_path, inputs).map_err(Failure::file("write", stamp_path))
}

fn committed_path() -> PathBuf {
    workspace::root_path().join(".sqlx")
}

fn work_path() -> PathBuf {
    workspace::target_path().join("sqlx-prepare")
}

/// Compiles the backend against a fresh database and returns the folder of what it said.
fn describe_queries() -> Result<PathBuf, Failure> {
    let folder = work_path().join("queries");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(Failure::file("remove", &folder))?;
    }
    fs::create_dir_all(&folder).map_err(Failure::file("create", &folder))?;
    eprintln!("Starting a throw-away PostgreSQL and applying the migrations ...");
    let cluster = ThrowAwayCluster::start()?;
    for migration in migrations()? {
        apply(&cluster, &migration)?;
    }
    touch_backend()?;
    eprintln!("Compiling the backend's queries against it ...");
    command::run(
        command::cargo(&["check", "-p", "wayfare-backend", "--all-targets"])
            .env("DATABASE_URL", cluster.url())
            .env("SQLX_OFFLINE", "false")
            .env("SQLX_OFFLINE_DIR", &folder),
    )?;
    Ok(folder)
}

/// The forward migrations in order.
fn migrations() -> Result<Vec<PathBuf>, Failure> {
    let folder = workspace::root_path().join("migrations");
    let mut paths: Vec<PathBuf> = fs::read_dir(&folder)
        .map_err(Failure::file("read", &folder))?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.to_string_lossy().ends_with(".up.sql"))
        .collect();
    paths.sort();
    Ok(paths)
}

fn apply(cluster: &ThrowAwayCluster, migration: &Path) -> Result<(), Failure> {
    // Through standard input: the database's user may not be able to read the checkout.
    let text = File::open(migration).map_err(Failure::file("read", migration))?;
    command::run(cluster.psql("wayfare").stdin(text).stdout(Stdio::null()))
        .inspect_err(|_| eprintln!("The migration {} does not apply.", migration.display()))
}

/// The macros expand only when the compiler reads the source again.
fn touch_backend() -> Result<(), Failure> {
    for name in [
        "backend/src/lib.rs",
        "backend/src/main.rs",
        "backend/tests/it/main.rs",
    ] {
        let path = workspace::root_path().join(name);
        if !path.exists() {
            continue;
        }
        File::options()
            .append(true)
            .open(&path)
            .and_then(|file| file.set_times(FileTimes::new().set_modified(SystemTime::now())))
            .map_err(Failure::file("touch", path))?;
    }
    Ok(())
}

/// Files with query data by name.
fn query_files(folder: &Path) -> Result<BTreeMap<String, PathBuf>, Failure> {
    if !folder.exists() {
        return Ok(BTreeMap::new());
    }
    Ok(fs::read_dir(folder)
        .map_err(Failure::file("read", folder))?
        .flatten()
        .map(|entry| {
            (
                entry.file_name().to_string_lossy().into_owned(),
                entry.path(),
            )
        })
        .filter(|(name, _)| name.starts_with("query-") && name.ends_with(".json"))
        .collect())
}

fn read_documents(folder: &Path) -> Result<BTreeMap<String, Value>, Failure> {
    query_files(folder)?
        .into_iter()
        .map(|(name, path)| {
            let text = fs::read_to_string(&path).map_err(Failure::file("read", &path))?;
            let document = serde_json::from_str(&text).map_err(|source| Failure::Json {
                what: path.display().to_string(),
                source,
            })?;
            Ok((name, document))
        })
        .collect()
}

/// What a person has to know about each query that differs.
fn differences(
    committed: &BTreeMap<String, Value>,
    described: &BTreeMap<String, Value>,
) -> Vec<String> {
    let statement = |document: &Value| {
        let text = document
            .get("query")
            .and_then(Value::as_str)
            .unwrap_or("(no statement)");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let missing_or_changed = described
        .iter()
        .filter_map(|(name, now)| match committed.get(name) {
            None => Some(format!("not committed: {}", statement(now))),
            Some(then) if then != now => {
                Some(format!("the database changed under: {}", statement(now)))
            }
            Some(_) => None,
        });
    let unused = committed
        .iter()
        .filter(|(name, _)| !described.contains_key(*name))
        .map(|(name, then)| format!("no longer used: {name}: {}", statement(then)));
    missing_or_changed.chain(unused).collect()
}

/// One number for the backend's source, the migrations and the committed data.
fn fingerprint_of_inputs() -> Result<u64, Failure> {
    let mut hasher = DefaultHasher::new();
    for folder in ["backend", "migrations", ".sqlx"] {
        hash_folder(&workspace::root_path().join(folder), &mut hasher)?;
    }
    Ok(hasher.finish())
}

fn hash_folder(folder: &Path, hasher: &mut DefaultHasher) -> Result<(), Failure> {
    if !folder.exists() {
        return Ok(());
    }
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .map_err(Failure::file("read", folder))?
        .flatten()
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            hash_folder(&path, hasher)?;
        } else {
            path.hash(hasher);
            fs::read(&path)
                .map_err(Failure::file("read", &path))?
                .hash(hasher);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::temp_folder::TempFolder;

    #[test]
    fn every_way_to_differ_is_found() {
        let query = |text: &str, nullable: bool| json!({ "query": text, "nullable": [nullable] });
        let committed = BTreeMap::from([
            ("query-a.json".to_owned(), query("SELECT\n  a", false)),
            ("query-b.json".to_owned(), query("SELECT b", false)),
            ("query-same.json".to_owned(), query("SELECT same", false)),
        ]);
        let described = BTreeMap::from([
            ("query-a.json".to_owned(), query("SELECT\n  a", true)),
            ("query-c.json".to_owned(), query("SELECT c", false)),
            ("query-same.json".to_owned(), query("SELECT same", false)),
        ]);
        assert_eq!(
            differences(&committed, &described),
            [
                "the database changed under: SELECT a",
                "not committed: SELECT c",
                "no longer used: query-b.json: SELECT b",
            ]
        );
    }

    #[test]
    fn the_fingerprint_follows_names_and_contents() {
        let folder = TempFolder::create("wayfare-xtask-hash").unwrap();
        let fingerprint = || {
            let mut hasher = DefaultHasher::new();
            hash_folder(folder.path(), &mut hasher).unwrap();
            hasher.finish()
        };
        let empty = fingerprint();
        fs::write(folder.path().join("a.sql"), "SELECT 1").unwrap();
        let one = fingerprint();
        fs::write(folder.path().join("a.sql"), "SELECT 2").unwrap();
        let other = fingerprint();
        assert!(empty != one && one != other && empty != other);
    }
}
