//! What a store promises, on real files.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use tempfile::TempDir;
use uuid::Uuid;

use super::{NewCommand, Owner, Reads, Store, StoreKey};
use crate::geo::LatLng;
use crate::id::{CommandId, DeviceId, TripId, UserId};
use crate::track::TrackPoint;
use crate::track::segment::SegmentPoint;
use crate::wire::{CommandOutcome, CommandResult};

mod blobs;
mod commands;
mod damage;
mod disk;
mod forgetting;
mod migrations;
mod points;
mod secrecy;
mod values;
mod vault;

/// A folder with one store in it.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("work.db")
    }

    fn open(&self) -> Store {
        Store::open(&self.file(), &key(1), owner(1)).unwrap()
    }

    /// The files as they would be if the program that has them open were killed now.
    fn killed(&self) -> Self {
        let copy = Self::new();
        for (name, bytes) in contents(self.folder.path()) {
            fs::write(copy.folder.path().join(name), bytes).unwrap();
        }
        copy
    }
}

/// All files of a folder, by their names, without empty logs.
fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read(entry.path()).unwrap())
        })
        .filter(|(name, bytes)| !(name.ends_with("-wal") && bytes.is_empty()))
        .collect();
    files.sort();
    files
}

fn owner(number: u128) -> Owner {
    Owner {
        user: UserId::from_uuid(Uuid::from_u128(number)),
        device: DeviceId::from_uuid(Uuid::from_u128(number << 64)),
    }
}

fn key(byte: u8) -> StoreKey {
    StoreKey::from_bytes([byte; 32])
}

fn trip(number: u128) -> TripId {
    TripId::from_uuid(Uuid::from_u128(number))
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
}

/// A command that is next in the chain; its text is not looked at by the store.
fn next_command(reads: &Reads, text: &str) -> NewCommand {
    let chain = reads.chain().unwrap();
    NewCommand {
        id: CommandId::from_uuid(Uuid::from_u128(u128::from(chain.next_seq))),
        seq: chain.next_seq,
        text: text.to_owned(),
        hash: chain.head.after(text),
        trip: None,
        kind: "go_offline",
        occurred_at: at(i64::try_from(chain.next_seq).unwrap()),
    }
}

/// Appends commands with these texts, each in a transaction of its own.
fn append(store: &mut Store, texts: &[&str]) {
    for text in texts {
        let command = next_command(store, text);
        store.write(|tx| tx.append(&command)).unwrap();
    }
}

fn texts(reads: &Reads) -> Vec<String> {
    let waiting = reads.waiting_commands(u32::MAX).unwrap();
    waiting.into_iter().map(|command| command.text).collect()
}

fn result(seq: u64, outcome: CommandOutcome) -> CommandResult {
    CommandResult {
        command_id: CommandId::from_uuid(Uuid::from_u128(u128::from(seq))),
        seq,
        outcome,
        counted_at: None,
        duplicate: false,
        code: None,
        detail: None,
        trip_version: None,
        fare: None,
        trip: None,
    }
}

fn point(second: i64) -> SegmentPoint {
    SegmentPoint {
        point: TrackPoint {
            at_ms: at(second).timestamp_millis(),
            accuracy_mm: 5_000,
            position: LatLng::from_e7(411_234_567, -86_000_000).unwrap(),
            speed_mm_s: Some(12_345),
        },
        heading_cdeg: None,
    }
}
