//! `wayfare city`, as people and programs run it.

mod asking;
mod build;

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::program::{run, wayfare};

/// The command, with nothing of the machine's settings.
fn wayfare_city() -> Command {
    let mut command = wayfare();
    command.arg("city");
    command
}

/// What a command answers as JSON.
#[track_caller]
fn answer(pack: &Path, arguments: &[&str]) -> Value {
    let mut command = wayfare_city();
    command
        .args(arguments)
        .arg("--city")
        .arg(pack)
        .arg("--json");
    let (status, out, err) = run(&mut command);
    assert_eq!((status, err.as_str()), (Some(0), ""), "{arguments:?}");
    serde_json::from_str(&out).unwrap()
}

/// What a command answers for people.
#[track_caller]
fn words(pack: &Path, arguments: &[&str]) -> String {
    let mut command = wayfare_city();
    command.args(arguments).arg("--city").arg(pack);
    let (status, out, err) = run(&mut command);
    assert_eq!((status, err.as_str()), (Some(0), ""), "{arguments:?}");
    out
}

/// Why a command fails, and its status.
#[track_caller]
fn failure(pack: &Path, arguments: &[&str]) -> (Option<i32>, Value) {
    let mut command = wayfare_city();
    command
        .args(arguments)
        .arg("--city")
        .arg(pack)
        .arg("--json");
    let (status, out, err) = run(&mut command);
    assert_eq!(out, "", "{arguments:?}");
    let told = serde_json::from_str(&err);
    (
        status,
        told.unwrap_or_else(|error| panic!("{err}: {error}")),
    )
}
