//! `cargo xtask`: the project's own commands. Each does the set-up it needs by itself, says what it
//! does while it does it, and cleans up the processes it started.
//!
//! Exit status: 0 when all is well; the simulator's own for `demo`; else 1, with the reason as the
//! last line.

mod backend_process;
mod city_supervision;
mod command;
mod compare_osrm;
mod demo;
mod demo_city;
mod failure;
mod fuzz;
mod http;
mod import_rules;
mod interrupts;
mod lint;
mod map_library;
mod openapi;
mod osrm_process;
mod parity;
mod postgres;
mod report;
mod schemathesis;
mod setup;
mod sqlx_prepare;
mod streams;
mod temp_folder;
mod test;
mod workspace;

use std::process::{ExitCode, ExitStatus};

use clap::{Parser, Subcommand};

use crate::compare_osrm::CompareOsrmOptions;
use crate::demo::DemoOptions;
use crate::failure::Failure;
use crate::fuzz::FuzzOptions;
use crate::parity::ParityOptions;
use crate::setup::{Consent, Purpose};

/// Wayfare's own commands
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Find what this machine lacks, say what will be installed and why, and install it
    Setup {
        /// What to make the machine ready for
        #[arg(long = "for", value_name = "PURPOSE", default_value = "all")]
        purpose: Purpose,
        /// Install without asking
        #[arg(long, conflicts_with = "check")]
        yes: bool,
        /// Only look; fails when something is missing
        #[arg(long)]
        check: bool,
    },
    /// Run a city on this machine: backend, private database, simulated riders and drivers
    Demo(DemoOptions),
    /// Everything that has to pass: format, rules, lints, builds, a small demo, all tests
    Test {
        /// Never ask, for machines without a person
        #[arg(long)]
        ci: bool,
    },
    /// What the continuous integration runs: test --ci
    Ci,
    /// Format, import rules, spelling, dependencies, clippy, committed queries and API document
    Lint,
    /// Check that crates and modules import only what they may
    ImportRules,
    /// Regenerate .sqlx/ from the migrations and the queries in the source
    SqlxPrepare {
        /// Only compare; fails when the committed files differ
        #[arg(long)]
        check: bool,
    },
    /// Write openapi.json from the backend
    Openapi {
        /// Only compare; fails when the committed file differs
        #[arg(long)]
        check: bool,
    },
    /// Compute random trips natively and in WebAssembly and compare every byte
    Parity(ParityOptions),
    /// Throw broken tariffs, facts and tracks at the core; needs a nightly compiler and cargo-fuzz
    Fuzz(FuzzOptions),
    /// Compare routes, tables and their speed with a real OSRM on the same extract
    CompareOsrm(CompareOsrmOptions),
    /// Fetch MapLibre GL JS and pmtiles for `wayfare city serve` and print the folder they are in
    MapLibrary,
    /// Send generated requests to a served backend and look for broken promises of its API
    Schemathesis(schemathesis::SchemathesisOptions),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments.task) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<ExitCode, Failure> {
    match task {
        Task::Setup {
            purpose,
            yes,
            check,
        } => {
            let consent = match (yes, check) {
                (_, true) => Consent::Withheld,
                (true, false) => Consent::Given,
                (false, false) => Consent::Ask,
            };
            setup::ensure(purpose, consent)?;
        }
        Task::Demo(options) => return demo::run(&options).map(exit_code),
        Task::Test { ci } => test::run(if ci { Consent::Given } else { Consent::Ask })?,
        Task::Ci => test::run(Consent::Given)?,
        Task::Lint => lint::run()?,
        Task::ImportRules => import_rules::run()?,
        Task::SqlxPrepare { check: true } => sqlx_prepare::check()?,
        Task::SqlxPrepare { check: false } => sqlx_prepare::prepare()?,
        Task::Openapi { check: true } => openapi::check()?,
        Task::Openapi { check: false } => openapi::write()?,
        Task::Parity(options) => parity::run(options)?,
        Task::Fuzz(options) => fuzz::run(options)?,
        Task::CompareOsrm(options) => compare_osrm::run(&options)?,
        Task::MapLibrary => map_library::run()?,
        Task::Schemathesis(options) => schemathesis::run(&options)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The simulator's exit status as this program's own; 1 when a signal ended it.
fn exit_code(status: ExitStatus) -> ExitCode {
    status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .map_or(ExitCode::FAILURE, ExitCode::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_documented_demo_command_is_understood() {
        let line = "xtask demo --headless --until-trips 200 --speed 10 --summary s.json \
                    --kill-backend-after 20 --kill-backend-after 40";
        let parsed = Arguments::try_parse_from(line.split_whitespace()).unwrap();
        let Task::Demo(options) = parsed.task else {
            panic!("not a demo: {parsed:?}")
        };
        assert_eq!(options.until_trips, Some(200));
        assert_eq!(options.kill_backend_after, [20, 40]);
    }

    #[test]
    fn a_thousand_pairs_are_compared_with_osrm_unless_told_otherwise() {
        let line = ["xtask", "compare-osrm", "town.osm.pbf"];
        let parsed = Arguments::try_parse_from(line).unwrap();
        assert!(
            format!("{parsed:?}").contains("pairs: 1000, seed: 1"),
            "{parsed:?}"
        );
        assert!(Arguments::try_parse_from(["xtask", "compare-osrm"]).is_err());
    }

    #[test]
    fn a_million_trips_are_compared_unless_told_otherwise() {
        let parsed = Arguments::try_parse_from(["xtask", "parity"]).unwrap();
        let Task::Parity(options) = parsed.task else {
            panic!("not parity: {parsed:?}")
        };
        assert_eq!((options.trips, options.seed), (1_000_000, 1));
    }
}
