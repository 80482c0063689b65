//! Set-up: finds what this machine lacks for a task, says what it will install and why, and
//! installs it.
//!
//! Nothing is installed without being named first. Where this program may not install (no root, no
//! sudo, an unknown system) it prints the list and fails.

mod apt;
mod brew;
mod need;
mod rust_tools;
pub(crate) mod wasm;

use std::io::{self, BufRead, IsTerminal, Write};

use clap::ValueEnum;

use crate::failure::Failure;
use need::{Need, Platform};

/// What the machine is to be made ready for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Purpose {
    /// The backend, the simulator and a private PostgreSQL.
    Demo,
    /// The graphical apps and the admin's wasm page.
    Apps,
    /// Everything that the checks run: demo, apps, lints and test runner.
    Test,
    /// The same as test.
    All,
}

/// Whether set-up may install.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Consent {
    /// Asks when a person sits at the terminal, goes on otherwise.
    Ask,
    /// Installs after saying so.
    Given,
    /// Only looks.
    Withheld,
}

/// Makes the machine ready, or says what stands in the way.
pub(crate) fn ensure(purpose: Purpose, consent: Consent) -> Result<(), Failure> {
    let platform = Platform::detect();
    let missing = missing_for(purpose, platform);
    if missing.is_empty() {
        eprintln!("Set-up: nothing is missing.");
        return Ok(());
    }
    eprintln!("Missing on this machine:");
    for need in &missing {
        eprintln!("  {}: {}", need.name(), need.why());
        eprintln!("      {}", need.remedy(platform));
    }
    match consent {
        Consent::Withheld => return Err(still_missing(&missing)),
        Consent::Ask if !agreed()? => return Err(still_missing(&missing)),
        Consent::Ask | Consent::Given => {}
    }
    let can_do_without = missing.iter().all(|need| need.is_dispensable(purpose));
    if let Err(failure) = install(&missing, platform) {
        if !can_do_without {
            return Err(failure);
        }
        eprintln!("{failure}");
    }
    let (dispensable, left): (Vec<Need>, Vec<Need>) = missing_for(purpose, platform)
        .into_iter()
        .partition(|need| need.is_dispensable(purpose));
    for need in dispensable {
        eprintln!(
            "Going on without {}: the backend fetches its own.",
            need.name()
        );
    }
    if left.is_empty() {
        eprintln!("Set-up: done.");
        Ok(())
    } else {
        Err(still_missing(&left))
    }
}

fn missing_for(purpose: Purpose, platform: Platform) -> Vec<Need> {
    need::list(purpose, platform)
        .into_iter()
        .filter(|need| !need.is_met())
        .collect()
}

fn install(missing: &[Need], platform: Platform) -> Result<(), Failure> {
    match platform {
        Platform::Debian => {
            let packages = collect(missing, Need::apt_package);
            if !packages.is_empty() {
                apt::install(&packages)?;
            }
        }
        Platform::MacOs => {
            let formulae = collect(missing, Need::brew_formula);
            if !formulae.is_empty() {
                brew::install(&formulae)?;
            }
        }
        Platform::Other => {}
    }
    for need in missing {
        match need {
            Need::RustComponent(component) => rust_tools::add_component(component)?,
            Need::CargoTool(tool) => rust_tools::install_tool(tool)?,
            Need::WasmTarget => wasm::install(platform == Platform::Debian)?,
            Need::Compiler | Need::PostgreSql | Need::System(_) => {}
        }
    }
    Ok(())
}

fn collect(missing: &[Need], package: impl Fn(&Need) -> Option<&'static str>) -> Vec<&'static str> {
    missing.iter().filter_map(package).collect()
}

fn still_missing(needs: &[Need]) -> Failure {
    let names: Vec<String> = needs.iter().map(Need::name).collect();
    Failure::Missing(format!("still missing: {}", names.join(", ")))
}

fn agreed() -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        return Ok(true);
    }
    eprint!("Install these now? [Y/n] ");
    io::stderr()
        .flush()
        .map_err(Failure::file("write", "standard error"))?;
    let mut answer = String::new();
    io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(Failure::file("read", "standard input"))?;
    Ok(matches!(
        answer.trim().to_lowercase().as_str(),
        "" | "y" | "yes"
    ))
}
