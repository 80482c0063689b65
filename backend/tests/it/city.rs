//! `wayfare city`, as people and programs run it.

mod asking;
mod build;

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// The command, with nothing of the machine's settings.
fn wayfare_city() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wayfare"));
    for (name, _) in std::env::vars() {
        if name.starts_with("WAYFARE_") {
            command.env_remove(name);
        }
    }
    command.arg("city");
    command
}

/// Exit status, stdout and stderr.
fn run(command: &mut Command) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
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
