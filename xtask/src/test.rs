//! Everything that has to pass before a change lands, in steps, each with its number and time.
//!
//! Quick checks come first, so that a slip of the pen is told in seconds. The tests come last, so
//! that their summary is the last thing on the screen. The first failure ends the run and names the
//! step and how to run it alone.

use std::io::{self, IsTerminal};

use crate::command;
use crate::demo::{self, DemoOptions};
use crate::failure::Failure;
use crate::lint::{self, Check};
use crate::openapi;
use crate::parity::{self, ParityOptions};
use crate::report::{Step, Steps};
use crate::setup::{self, Consent, Purpose};

/// Steps besides the checks of [`lint`].
const OWN_STEPS: usize = 7;

/// Enough to meet every kind of line and refusal, in a second or two.
const PARITY: ParityOptions = ParityOptions {
    trips: 20_000,
    seed: 1,
};

/// The city of the tests has to be done within this.
const DEMO_MINUTES_MAX: u32 = 3;

/// Sets the machine up and runs everything.
pub(crate) fn run(consent: Consent) -> Result<(), Failure> {
    let mut steps = Steps::new(OWN_STEPS + lint::QUICK.len() + lint::COMPILED.len());
    steps.run(&SETUP, || setup::ensure(Purpose::Test, consent))?;
    run_checks(&mut steps, lint::QUICK.iter())?;
    run_checks(&mut steps, lint::COMPILED.iter())?;
    steps.run(&BUILD, build)?;
    steps.run(&lint::API_DOCUMENT, openapi::check_built)?;
    steps.run(&ADMIN_APP, lint::build_admin_shell)?;
    steps.run(&SAME_EVERYWHERE, || parity::run(PARITY))?;
    steps.run(&DEMO, small_demo)?;
    let summary = steps.run(&TESTS, run_tests)?;
    eprintln!("\nEverything passed in {}.", steps.elapsed());
    if let Some(summary) = summary {
        eprintln!("{summary}");
    }
    Ok(())
}

const SETUP: Step<'static> = Step {
    name: "set-up",
    does: "finds and installs what this machine lacks",
    rerun: "cargo xtask setup --for test",
};

const BUILD: Step<'static> = Step {
    name: "build",
    does: "builds every crate, the apps and the tests",
    rerun: "cargo build --workspace --all-targets",
};

const ADMIN_APP: Step<'static> = Step {
    name: "admin app",
    does: "builds the admin app, a workspace of its own",
    rerun: "cd apps/admin/shell && cargo build",
};

const SAME_EVERYWHERE: Step<'static> = Step {
    name: "parity",
    does: "computes trips natively and in WebAssembly and compares every byte",
    rerun: "cargo xtask parity --trips 20000 --seed 1",
};

const DEMO: Step<'static> = Step {
    name: "demo",
    does: "runs a small city and kills its backend once",
    rerun: "cargo xtask demo --headless --until-trips 12 --drivers 40 --riders-per-hour 600 \
            --speed 30 --seed 1 --kill-backend-after 10",
};

const TESTS: Step<'static> = Step {
    name: "tests",
    does: "runs the unit and integration tests of the workspace",
    rerun: "cargo nextest run --workspace",
};

fn run_checks<'a>(
    steps: &mut Steps,
    checks: impl Iterator<Item = &'a Check>,
) -> Result<(), Failure> {
    for check in checks {
        steps.run(&check.step, check.work)?;
    }
    Ok(())
}

fn build() -> Result<(), Failure> {
    command::run(&mut command::cargo(&[
        "build",
        "--workspace",
        "--all-targets",
    ]))
}

/// A city small enough for every run, large enough to lose a trip when the backend is killed.
fn small_demo() -> Result<(), Failure> {
    let options = DemoOptions {
        headless: true,
        until_trips: Some(12),
        minutes: Some(DEMO_MINUTES_MAX),
        drivers: Some(40),
        riders_per_hour: Some(600),
        speed: Some(30.0),
        seed: Some(1),
        kill_backend_after: vec![10],
        ..DemoOptions::default()
    };
    let status = demo::run_built(&options)?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::Check(format!("the simulator ended with {status}")))
    }
}

/// Runs the tests and returns the runner's summary line.
fn run_tests() -> Result<Option<String>, Failure> {
    let mut nextest = command::cargo(&["nextest", "run", "--workspace", "--no-fail-fast"]);
    if io::stderr().is_terminal() {
        nextest.args(["--color", "always"]);
    }
    let (summary, outcome) = command::run_watching(&mut nextest, is_summary)?;
    outcome.map(|()| summary)
}

/// The line `Summary [   0.1s] 60 tests run: 60 passed, 0 skipped`, which may carry colours.
fn is_summary(line: &str) -> bool {
    line.contains("Summary") && (line.contains("tests run:") || line.contains("test run:"))
}

#[cfg(test)]
mod tests {
    use super::is_summary;

    #[test]
    fn the_runners_summary_is_told_from_other_lines() {
        assert!(is_summary(
            "     Summary [   0.123s] 60 tests run: 60 passed, 0 skipped\n"
        ));
        assert!(is_summary(
            "\u{1b}[32m Summary\u{1b}[0m [ 1s] \u{1b}[1m1\u{1b}[0m test run: 1 passed"
        ));
        assert!(!is_summary(
            "        PASS [   0.004s] wayfare-sim tally::tests::summary_adds_up"
        ));
    }
}
