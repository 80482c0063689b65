//! The import rules: which crate and which module may use what.
//!
//! Crates are judged by `cargo metadata`, features by `cargo tree`, modules by reading their source.
//! Each finding names the file, the line and the rule.

mod crate_rules;
mod feature_rules;
mod module_rules;
mod paths;
mod tokens;

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::command;
use crate::failure::Failure;
use crate::workspace;

/// Folders whose modules have rules.
const SOURCES: [&str; 2] = ["core/src", "backend/src"];

/// A broken rule and where.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Violation {
    /// Relative to the root of the checkout.
    path: PathBuf,
    line: usize,
    rule: String,
}

impl Violation {
    fn new(path: &Path, line: usize, rule: String) -> Self {
        Self {
            path: path.to_owned(),
            line,
            rule,
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}:{}: {}",
            self.path.display(),
            self.line,
            self.rule
        )
    }
}

/// Checks the whole project; prints every broken rule and fails if there is one.
pub(crate) fn run() -> Result<(), Failure> {
    let root = workspace::root_path();
    let mut found = check_crates(&root)?;
    found.extend(check_features()?);
    for folder in SOURCES {
        check_modules(&root, &root.join(folder), &mut found)?;
    }
    for violation in &found {
        eprintln!("{violation}");
    }
    match found.len() {
        0 => Ok(()),
        count => Err(Failure::Check(format!(
            "{count} broken import rules, listed above"
        ))),
    }
}

fn check_crates(root: &Path) -> Result<Vec<Violation>, Failure> {
    let arguments = ["metadata", "--no-deps", "--format-version=1"];
    let mut answers = vec![metadata(&mut command::cargo(&arguments))?];
    if workspace::shell_path().join("Cargo.toml").is_file() {
        answers.push(metadata(&mut command::shell_cargo(&arguments))?);
    }
    answers.push(metadata(&mut command::fuzz_cargo(&arguments))?);
    let read = |path: &Path| fs::read_to_string(path).unwrap_or_default();
    Ok(answers
        .iter()
        .flat_map(|answer| crate_rules::check(root, answer, read))
        .collect())
}

/// Features are unified per workspace, so each one is asked.
fn check_features() -> Result<Vec<Violation>, Failure> {
    let arguments = feature_rules::CARGO_ARGUMENTS;
    let mut workspaces = vec![
        ("Cargo.toml", command::cargo(&arguments)),
        ("fuzz/Cargo.toml", command::fuzz_cargo(&arguments)),
    ];
    if workspace::shell_path().join("Cargo.toml").is_file() {
        let shell = command::shell_cargo(&arguments);
        workspaces.push(("apps/admin/shell/Cargo.toml", shell));
    }
    let mut found = Vec::new();
    for (manifest, mut tree) in workspaces {
        let rule = feature_rules::check(&command::read(&mut tree)?);
        found.extend(rule.map(|rule| Violation::new(Path::new(manifest), 1, rule)));
    }
    Ok(found)
}

fn metadata(command: &mut std::process::Command) -> Result<Value, Failure> {
    serde_json::from_str(&command::read(command)?).map_err(|source| Failure::Json {
        what: "the answer of cargo metadata".to_owned(),
        source,
    })
}

/// Checks every Rust file below the folder, in the order of their names.
fn check_modules(root: &Path, folder: &Path, found: &mut Vec<Violation>) -> Result<(), Failure> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .map_err(Failure::file("read", folder))?
        .flatten()
        .map(|entry| entry.path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            check_modules(root, &path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).map_err(Failure::file("read", &path))?;
            found.extend(module_rules::check(
                path.strip_prefix(root).unwrap_or(&path),
                &text,
            ));
        }
    }
    Ok(())
}
