//! Installing Homebrew formulae on macOS.

use std::process::Command;

use crate::command;
use crate::failure::Failure;

/// Installs the formulae, or says how to get Homebrew.
pub(super) fn install(formulae: &[&str]) -> Result<(), Failure> {
    if command::find_program("brew").is_none() {
        return Err(Failure::Missing(format!(
            "Homebrew is not installed (see https://brew.sh). With it, run: brew install {}",
            formulae.join(" ")
        )));
    }
    eprintln!("Installing {} with brew ...", formulae.join(", "));
    command::run(Command::new("brew").arg("install").args(formulae))
}
