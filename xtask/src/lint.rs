//! The checks that need no running city. `cargo xtask test` runs the same ones.

use crate::command;
use crate::failure::Failure;
use crate::import_rules;
use crate::openapi;
use crate::report::{Step, Steps};
use crate::setup::{self, Consent, Purpose, wasm};
use crate::sqlx_prepare;
use crate::workspace;

/// A step and what it runs.
#[derive(Debug)]
pub(crate) struct Check {
    /// How it is announced.
    pub(crate) step: Step<'static>,
    /// What it does.
    pub(crate) work: fn() -> Result<(), Failure>,
}

/// Checks that take seconds and compile nothing.
pub(crate) static QUICK: [Check; 4] = [
    Check {
        step: Step {
            name: "format",
            does: "checks that rustfmt would change nothing",
            rerun: "cargo fmt --check (mend with cargo fmt)",
        },
        work: format,
    },
    Check {
        step: Step {
            name: "import rules",
            does: "checks that crates and modules import only what they may",
            rerun: "cargo xtask import-rules",
        },
        work: import_rules::run,
    },
    Check {
        step: Step {
            name: "spelling",
            does: "looks for spelling mistakes in code and text",
            rerun: "cargo xtask lint (mend with typos --write-changes)",
        },
        work: spelling,
    },
    Check {
        step: Step {
            name: "dependencies",
            does: "checks licences, sources and known faults of dependencies",
            rerun: "cargo deny check",
        },
        work: dependencies,
    },
];

/// Checks that compile.
pub(crate) static COMPILED: [Check; 5] = [
    Check {
        step: Step {
            name: "clippy",
            does: "lints the workspace; warnings are errors",
            rerun: "cargo clippy --workspace --all-targets -- -D warnings",
        },
        work: clippy_workspace,
    },
    Check {
        step: Step {
            name: "wasm lints",
            does: "lints what runs in WebAssembly: the admin's page and the parity library",
            rerun: "cargo clippy -p wayfare-admin-ui -p wayfare-parity \
                    --target wasm32-unknown-unknown -- -D warnings",
        },
        work: clippy_wasm,
    },
    Check {
        step: Step {
            name: "admin page",
            does: "builds the admin's page, which the admin app carries",
            rerun: "cargo run -p wayfare-admin-bundle -- --dev",
        },
        work: build_admin_page,
    },
    Check {
        step: Step {
            name: "admin app lints",
            does: "lints the admin app, a workspace of its own",
            rerun: "cd apps/admin/shell && cargo clippy --all-targets -- -D warnings",
        },
        work: clippy_admin_shell,
    },
    Check {
        step: Step {
            name: "committed queries",
            does: "compares .sqlx/ with the migrations and the queries in the source",
            rerun: "cargo xtask sqlx-prepare --check",
        },
        work: sqlx_prepare::check,
    },
];

/// Compares the committed API document with the backend's.
pub(crate) const API_DOCUMENT: Step<'static> = Step {
    name: "API document",
    does: "compares openapi.json with what the backend serves",
    rerun: "cargo xtask openapi --check",
};

/// Sets the machine up and runs every check.
pub(crate) fn run() -> Result<(), Failure> {
    setup::ensure(Purpose::Test, Consent::Ask)?;
    let mut steps = Steps::new(QUICK.len() + COMPILED.len() + 1);
    for check in QUICK.iter().chain(&COMPILED) {
        steps.run(&check.step, check.work)?;
    }
    steps.run(&API_DOCUMENT, openapi::check)?;
    eprintln!("\nAll checks passed in {}.", steps.elapsed());
    Ok(())
}

fn format() -> Result<(), Failure> {
    command::run(&mut command::cargo(&["fmt", "--all", "--check"]))?;
    if has_shell() {
        command::run(&mut command::shell_cargo(&["fmt", "--check"]))?;
    }
    command::run(&mut command::fuzz_cargo(&["fmt", "--check"]))
}

fn spelling() -> Result<(), Failure> {
    let program = command::find_program("typos").unwrap_or_else(|| "typos".into());
    let mut typos = std::process::Command::new(program);
    command::run(typos.current_dir(workspace::root_path()))
}

/// Known faults come from a database on the network; without it the other checks still run.
fn dependencies() -> Result<(), Failure> {
    let mut manifests = vec![workspace::root_path().join("Cargo.toml")];
    manifests.extend(has_shell().then(|| workspace::shell_path().join("Cargo.toml")));
    manifests.push(workspace::fuzz_path().join("Cargo.toml"));
    let knows_faults = command::succeeds(&mut command::cargo(&["deny", "fetch", "db"]));
    if !knows_faults {
        eprintln!("The database of known faults cannot be fetched; checking without it.");
    }
    for manifest in manifests {
        let mut deny = command::cargo(&["deny", "--all-features", "--config"]);
        deny.arg(workspace::root_path().join("deny.toml"));
        deny.arg("--manifest-path").arg(manifest);
        deny.args(["check", "--hide-inclusion-graph"]);
        deny.args(["bans", "licenses", "sources"]);
        deny.args(knows_faults.then_some("advisories"));
        command::run(&mut deny)?;
    }
    Ok(())
}

fn clippy_workspace() -> Result<(), Failure> {
    let arguments = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ];
    command::run(&mut command::cargo(&arguments))
}

/// A toolchain that was put together for wasm alone has no clippy; it checks that they compile.
fn clippy_wasm() -> Result<(), Failure> {
    let crates = ["-p", "wayfare-admin-ui", "-p", "wayfare-parity"];
    let target = [&crates[..], &["--target", wasm::TARGET]].concat();
    let toolchain = wasm::find_toolchain()
        .ok_or_else(|| Failure::Missing(format!("no toolchain builds for {}", wasm::TARGET)))?;
    let arguments: Vec<&str> = match toolchain.argument() {
        None => ["clippy"]
            .iter()
            .chain(&target)
            .chain(&["--", "-D", "warnings"])
            .copied()
            .collect(),
        Some(linked) => [linked, "check"].iter().chain(&target).copied().collect(),
    };
    command::run(&mut command::cargo(&arguments))
}

fn build_admin_page() -> Result<(), Failure> {
    command::run(&mut command::cargo(&[
        "run",
        "-p",
        "wayfare-admin-bundle",
        "--",
        "--dev",
    ]))
}

fn clippy_admin_shell() -> Result<(), Failure> {
    command::run(&mut command::shell_cargo(&[
        "clippy",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))
}

/// Builds the admin app.
pub(crate) fn build_admin_shell() -> Result<(), Failure> {
    command::run(&mut command::shell_cargo(&["build"]))
}

fn has_shell() -> bool {
    workspace::shell_path().join("Cargo.toml").is_file()
}
