//! Compiles the page to wasm, with a toolchain that can.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use serde::Deserialize;

const TARGET: &str = "wasm32-unknown-unknown";
const PACKAGE: &str = "wayfare-admin-ui";

/// A toolchain of this name is used when the usual one has no wasm.
const SPARE_TOOLCHAIN: &str = "+wasm";

/// Why there is no wasm.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CompileError {
    /// No toolchain can.
    #[error(
        "no Rust toolchain here can compile for {TARGET}; add it with `rustup target add {TARGET}`"
    )]
    NoToolchain,
    /// Cargo did not start.
    #[error("cargo cannot be started: {0}")]
    Start(#[source] io::Error),
    /// Cargo said why above.
    #[error("{PACKAGE} does not compile for {TARGET} ({0})")]
    Failed(ExitStatus),
    /// Cargo was content and made nothing.
    #[error("cargo names no wasm file of {PACKAGE}")]
    NoFile,
}

/// How much the compiler takes its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quality {
    /// Small and quick, slow to compile.
    Optimised,
    /// Large, quick to compile.
    Dev,
}

/// A line of cargo's own account of what it made.
#[derive(Deserialize)]
struct Made {
    #[serde(default)]
    executable: Option<PathBuf>,
}

/// The wasm file, freshly compiled by cargo in this folder.
pub(crate) fn compile(quality: Quality, folder: &Path) -> Result<PathBuf, CompileError> {
    let toolchain = [None, Some(SPARE_TOOLCHAIN)]
        .into_iter()
        .find(|name| has_wasm(*name))
        .ok_or(CompileError::NoToolchain)?;
    let mut cargo = Command::new("cargo");
    cargo
        .args(toolchain)
        .args(["build", "--package", PACKAGE, "--target", TARGET]);
    cargo.arg("--message-format=json-render-diagnostics");
    if quality == Quality::Optimised {
        cargo.arg("--release");
    }
    let output = cargo
        .current_dir(folder)
        .stderr(Stdio::inherit())
        .output()
        .map_err(CompileError::Start)?;
    if !output.status.success() {
        return Err(CompileError::Failed(output.status));
    }
    wasm_file(&String::from_utf8_lossy(&output.stdout)).ok_or(CompileError::NoFile)
}

/// Whether this toolchain brings the standard library for wasm.
fn has_wasm(toolchain: Option<&str>) -> bool {
    let mut rustc = Command::new("rustc");
    rustc
        .args(toolchain)
        .args(["--print", "target-libdir", "--target", TARGET]);
    // A toolchain that is not there is one that cannot.
    let Ok(output) = rustc.stderr(Stdio::null()).output() else {
        return false;
    };
    let folder = String::from_utf8_lossy(&output.stdout);
    output.status.success() && holds_std(Path::new(folder.trim()))
}

fn holds_std(folder: &Path) -> bool {
    let Ok(entries) = folder.read_dir() else {
        return false;
    };
    entries
        .flatten()
        .any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
}

fn wasm_file(account: &str) -> Option<PathBuf> {
    account
        .lines()
        .filter_map(|line| serde_json::from_str::<Made>(line).ok()?.executable)
        .rfind(|file| {
            file.extension()
                .is_some_and(|extension| extension == "wasm")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wasm_file_is_found_in_cargos_account() {
        let account = concat!(
            r#"{"reason":"compiler-artifact","executable":null,"filenames":["/t/lib.rlib"]}"#,
            "\n",
            r#"{"reason":"compiler-artifact","executable":"/t/wasm/page.wasm"}"#,
            "\n",
            r#"{"reason":"build-finished","success":true}"#,
        );
        assert_eq!(wasm_file(account), Some(PathBuf::from("/t/wasm/page.wasm")));
        assert_eq!(wasm_file("no json\n{}"), None);
    }

    #[test]
    fn a_folder_without_a_standard_library_is_no_toolchain() {
        assert!(!holds_std(Path::new("/nowhere")));
        assert!(!holds_std(Path::new(env!("CARGO_MANIFEST_DIR"))));
    }
}
