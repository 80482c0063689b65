use std::process::Command;

use super::*;
use crate::sync::store::{StoreError, StoreHealth};

fn pragma<T: rusqlite::types::FromSql>(store: &Store, name: &str) -> T {
    let connection = &store.reads.connection;
    connection
        .pragma_query_value(None, name, |row| row.get(0))
        .unwrap()
}

#[test]
fn what_was_committed_is_on_the_disk() {
    let store = Place::new().open();
    const FULL: i64 = 2;
    assert_eq!(pragma::<i64>(&store, "synchronous"), FULL);
    assert_eq!(pragma::<String>(&store, "journal_mode"), "wal");
    assert_eq!(pragma::<String>(&store, "locking_mode"), "exclusive");
    assert_eq!(pragma::<i64>(&store, "foreign_keys"), 1);
    assert_eq!(pragma::<i64>(&store, "secure_delete"), 1);
    // It is encrypted, and each page is signed.
    assert!(pragma::<String>(&store, "cipher_version").starts_with("4."));
    assert_eq!(pragma::<String>(&store, "cipher_use_hmac"), "1");
}

#[test]
fn every_table_is_strict() {
    let store = Place::new().open();
    let sql = "SELECT count(*) FROM pragma_table_list
        WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%' AND strict = 0";
    assert_eq!(store.count(sql).unwrap(), 0);
    let sql = "SELECT count(*) FROM pragma_table_list WHERE strict = 1";
    assert_eq!(store.count(sql).unwrap(), 10);
}

#[test]
fn a_store_that_is_open_is_not_opened_again() {
    let place = Place::new();
    let mut store = place.open();
    append(&mut store, &["one"]);
    let refused = Store::open(&place.file(), &key(1), owner(1));
    assert!(matches!(refused, Err(StoreError::InUse)));
    append(&mut store, &["two"]);
    drop(store);
    assert_eq!(texts(&place.open()), ["one", "two"]);
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    let place = Place::new();
    let file = place.folder.path().join("nowhere/work.db");
    assert!(Store::open(&file, &key(1), owner(1)).is_err());
    assert!(contents(place.folder.path()).is_empty());
}

/// Writes until there is no room, and then makes room.
fn fills_up(store: &mut Store, make_room: impl FnOnce(&Store)) {
    let text = "x".repeat(2_000);
    let mut kept = 0;
    let error = loop {
        let command = next_command(store, &text);
        match store.write(|tx| tx.append(&command)) {
            Ok(()) => kept += 1,
            Err(error) => break error,
        }
        assert!(kept < 10_000, "there is no end of room");
    };
    assert!(matches!(error, StoreError::Full), "{error:?}");
    assert_eq!(error.health(), StoreHealth::Full);
    assert!(kept > 0);
    assert_eq!(texts(store).len(), kept);
    assert_eq!(store.chain().unwrap().next_seq, kept as u64 + 1);
    make_room(store);
    append(store, &["after"]);
    assert_eq!(texts(store).len(), kept + 1);
}

#[test]
fn a_full_store_keeps_what_it_has_and_goes_on_when_there_is_room() {
    let place = Place::new();
    let mut store = place.open();
    let room = |store: &Store, pages: i64| {
        let connection = &store.reads.connection;
        let said = connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()));
        said.unwrap();
    };
    room(&store, 60);
    fills_up(&mut store, |store| room(store, 10_000));
}

/// A small disk of its own, if this account may mount one.
struct Disk {
    folder: TempDir,
}

impl Disk {
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let is_mounted = run("mount", &["-t", "tmpfs", "-o", "size=2m", "tmpfs"], &folder);
        if !is_mounted {
            eprintln!("skipped: this account cannot mount a small disk");
        }
        is_mounted.then_some(Self { folder })
    }

    fn remount(&self, how: &str) -> bool {
        run("mount", &["-o", how], &self.folder)
    }
}

fn run(program: &str, arguments: &[&str], folder: &TempDir) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).arg(folder.path());
    command.output().is_ok_and(|output| output.status.success())
}

impl Drop for Disk {
    fn drop(&mut self) {
        run("umount", &[], &self.folder);
    }
}

#[test]
fn a_full_disk_loses_nothing() {
    let Some(disk) = Disk::mount() else { return };
    let file = disk.folder.path().join("work.db");
    let ballast = disk.folder.path().join("ballast");
    fs::write(&ballast, vec![1; 1_200_000]).unwrap();
    let mut store = Store::open(&file, &key(1), owner(1)).unwrap();
    fills_up(&mut store, |_| fs::remove_file(&ballast).unwrap());
    let kept = texts(&store).len();
    drop(store);
    let store = Store::open(&file, &key(1), owner(1)).unwrap();
    assert_eq!(texts(&store).len(), kept);
}

#[test]
fn no_store_begins_on_a_full_disk() {
    let Some(disk) = Disk::mount() else { return };
    let file = disk.folder.path().join("work.db");
    let ballast = disk.folder.path().join("ballast");
    let rest = 2 * 1024 * 1024 - 16 * 1024;
    fs::write(&ballast, vec![1; rest]).unwrap();
    let refused = Store::open(&file, &key(1), owner(1));
    assert!(matches!(refused, Err(StoreError::Full)), "{refused:?}");
    assert!(!file.exists());
    fs::remove_file(&ballast).unwrap();
    Store::open(&file, &key(1), owner(1)).unwrap();
}

#[test]
fn a_disk_that_cannot_be_written_is_an_error_and_no_loss() {
    let Some(disk) = Disk::mount() else { return };
    let file = disk.folder.path().join("work.db");
    let mut store = Store::open(&file, &key(1), owner(1)).unwrap();
    append(&mut store, &["one"]);
    drop(store);
    assert!(disk.remount("remount,ro"));
    let refused = Store::open(&file, &key(1), owner(1));
    assert!(matches!(refused, Err(StoreError::ReadOnly)), "{refused:?}");
    let another = disk.folder.path().join("another.db");
    let refused = Store::open(&another, &key(1), owner(1));
    assert!(matches!(refused, Err(StoreError::ReadOnly)), "{refused:?}");
    assert!(disk.remount("remount,rw"));
    let store = Store::open(&file, &key(1), owner(1)).unwrap();
    assert_eq!(texts(&store), ["one"]);
}

#[test]
fn what_sqlite_says_of_a_disk_is_told_as_such() {
    use rusqlite::ffi;
    let told = |code| {
        let failure = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
        StoreError::from(failure).health()
    };
    assert_eq!(told(ffi::SQLITE_FULL), StoreHealth::Full);
    assert_eq!(told(ffi::SQLITE_READONLY), StoreHealth::ReadOnly);
    assert_eq!(told(ffi::SQLITE_READONLY_DBMOVED), StoreHealth::ReadOnly);
    assert_eq!(told(ffi::SQLITE_PERM), StoreHealth::ReadOnly);
    assert_eq!(told(ffi::SQLITE_CORRUPT), StoreHealth::Unreadable);
    assert_eq!(told(ffi::SQLITE_NOTADB), StoreHealth::Unreadable);
    assert_eq!(told(ffi::SQLITE_BUSY), StoreHealth::InUse);
    assert_eq!(told(ffi::SQLITE_IOERR), StoreHealth::Failing);
}
