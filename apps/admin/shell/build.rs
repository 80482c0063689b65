//! Prepares the shell: its permissions, and a page to show when the real one was not built yet.
//!
//! The page is built by `wayfare-admin-bundle`, never here: this script only puts a notice in its
//! place, so that the shell compiles from a fresh clone.

use std::error::Error;
use std::fs;
use std::path::Path;

use tauri_build::{AppManifest, Attributes};

/// The page, as `tauri.conf.json` names it.
const DIST: &str = "../ui/dist";

/// The commands; the page may use those that `capabilities/main.json` allows.
const COMMANDS: &[&str] = &[
    "variables",
    "request_otp",
    "create_session",
    "sign_out",
    "integrity",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed={DIST}");
    println!("cargo:rerun-if-changed=unbundled.html");
    let page = Path::new(DIST).join("index.html");
    if !page.exists() {
        fs::create_dir_all(DIST)?;
        fs::copy("unbundled.html", page)?;
        println!(
            "cargo:warning=the page was not built: run `cargo run -p wayfare-admin-bundle` first"
        );
    }
    tauri_build::try_build(Attributes::new().app_manifest(AppManifest::new().commands(COMMANDS)))?;
    Ok(())
}
