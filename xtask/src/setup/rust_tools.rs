//! Parts of the Rust toolchain, and cargo tools built once into the project's cache.
//!
//! The tools are built in the dev profile: that halves the wait, and they have little work here.

use std::process::Command;

use crate::command;
use crate::failure::Failure;
use crate::workspace;

/// A tool that `cargo install` builds.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CargoTool {
    pub(super) package: &'static str,
    version: &'static str,
    pub(super) program: &'static str,
    pub(super) why: &'static str,
    pub(super) build_minutes: &'static str,
}

/// The tools that the checks run.
pub(super) static TOOLS: [CargoTool; 3] = [
    CargoTool {
        package: "cargo-nextest",
        version: "0.9.151",
        program: "cargo-nextest",
        why: "runs the tests",
        build_minutes: "2",
    },
    CargoTool {
        package: "typos-cli",
        version: "1.52.0",
        program: "typos",
        why: "finds spelling mistakes",
        build_minutes: "1",
    },
    CargoTool {
        package: "cargo-deny",
        version: "0.20.2",
        program: "cargo-deny",
        why: "checks licences and sources of dependencies",
        build_minutes: "1",
    },
];

/// Adds a component to the toolchain in use.
pub(super) fn add_component(name: &str) -> Result<(), Failure> {
    eprintln!("Adding the Rust component {name} ...");
    command::run(Command::new("rustup").args(["component", "add", name]))
}

/// Builds a tool into the project's cache.
pub(super) fn install_tool(tool: &CargoTool) -> Result<(), Failure> {
    eprintln!("Building {} {} ...", tool.package, tool.version);
    command::run(
        Command::new("cargo")
            .args(["install", "--locked", "--debug", "--root"])
            .arg(workspace::tools_path())
            .arg(format!("{}@{}", tool.package, tool.version))
            // A target folder of its own, which cargo removes afterwards.
            .env_remove("CARGO_TARGET_DIR")
            .env("CARGO_PROFILE_DEV_DEBUG", "0"),
    )
}
