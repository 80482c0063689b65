//! Property tests of the served API by Schemathesis: generated requests, good and bad, must never
//! bring a server error or an answer that the API document does not promise.
//!
//! Runs once as a rider and once as a driver, on a private backend, with a fixed seed.

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use crate::backend_process::{BackendProcess, BackendSettings};
use crate::command;
use crate::failure::Failure;
use crate::http;
use crate::temp_folder::TempFolder;
use crate::workspace;

const VERSION: &str = "4.32.5";

const RIDER_PHONE: &str = "+351910000001";
const DRIVER_PHONE: &str = "+351920000001";

/// What counts as a broken promise.
const CHECKS: &str = "not_a_server_error,unsupported_method,status_code_conformance,\
                      content_type_conformance,response_headers_conformance,\
                      response_schema_conformance";

/// Signing out would end the session that the other requests need.
const SIGN_OUT_PATH: &str = "/v1/auth/session";

/// How to run Schemathesis.
#[derive(Debug, Args)]
pub(crate) struct SchemathesisOptions {
    /// The seed of the generated requests
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Requests per operation and phase, at most
    #[arg(long, value_name = "N", default_value_t = 50)]
    max_examples: u32,
    /// Leave the data folder on disk
    #[arg(long)]
    keep_data: bool,
}

/// Starts a backend and lets Schemathesis loose on it.
pub(crate) fn run(options: &SchemathesisOptions) -> Result<(), Failure> {
    let program = installed_program()?;
    command::run(&mut command::cargo(&[
        "build",
        "-p",
        "wayfare-backend",
        "-p",
        "wayfare-sim",
    ]))?;
    let mut folder = TempFolder::create("wayfare-schemathesis")?;
    let settings = BackendSettings::for_simulation(folder.path())?;
    let outcome = run_as_both(&program, &settings, options);
    if outcome.is_err() || options.keep_data {
        folder.keep();
        eprintln!(
            "The data and the backend's log stay in {}",
            folder.path().display()
        );
    }
    outcome
}

fn run_as_both(
    program: &Path,
    settings: &BackendSettings,
    options: &SchemathesisOptions,
) -> Result<(), Failure> {
    let mut backend = BackendProcess::start(settings)?;
    backend.wait_until_ready(|| false)?;
    let mut failed = Vec::new();
    for (role, phone) in [("rider", RIDER_PHONE), ("driver", DRIVER_PHONE)] {
        let token = sign_in(settings, phone)?;
        if role == "driver" {
            become_driver(settings, &token)?;
        }
        eprintln!("\nSchemathesis as a {role}, seed {} ...", options.seed);
        if command::run(&mut schemathesis(program, settings, options, &token)).is_err() {
            failed.push(role);
        }
        if let Some(status) = backend.has_ended()? {
            return Err(backend.failure(&format!("it ended under test ({status})")));
        }
    }
    if failed.is_empty() {
        Ok(())
    } else {
        Err(Failure::Check(format!(
            "Schemathesis found faults as {}",
            failed.join(" and ")
        )))
    }
}

fn schemathesis(
    program: &Path,
    settings: &BackendSettings,
    options: &SchemathesisOptions,
    token: &str,
) -> Command {
    let mut command = Command::new(program);
    command
        .arg("run")
        .arg(format!("{}/openapi.json", settings.url()))
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .args([
            "--checks",
            CHECKS,
            "--exclude-path",
            SIGN_OUT_PATH,
            "--continue-on-failure",
        ])
        .args(["--seed", &options.seed.to_string()])
        .args(["--max-examples", &options.max_examples.to_string()])
        .args(["--generation-database", "none"])
        // It leaves files in the folder where it runs.
        .current_dir(&settings.data_path);
    command
}

/// Signs in through the API and the spool of text messages; returns the access token.
fn sign_in(settings: &BackendSettings, phone: &str) -> Result<String, Failure> {
    let mut login = Command::new(workspace::built_program_path("wayfare-sim"));
    login.args([
        "login",
        "--api",
        &settings.url(),
        "--phone",
        phone,
        "--sms-spool",
    ]);
    let output = command::read(login.arg(settings.sms_spool_path()))?;
    let token = output.trim();
    if token.is_empty() || token.contains(char::is_whitespace) {
        return Err(Failure::Backend(format!(
            "signing in as {phone} gave no access token"
        )));
    }
    Ok(token.to_owned())
}

fn become_driver(settings: &BackendSettings, token: &str) -> Result<(), Failure> {
    let what = "registering a driver".to_owned();
    let status = http::post_json(
        settings.port,
        "/v1/drivers",
        token,
        r#"{"name":"Ana Prova"}"#,
    )
    .map_err(|source| Failure::Network { what, source })?;
    if (200..300).contains(&status) {
        Ok(())
    } else {
        Err(Failure::Backend(format!(
            "registering a driver was answered with {status}"
        )))
    }
}

/// Schemathesis in a virtual environment of its own in the cache.
fn installed_program() -> Result<PathBuf, Failure> {
    let folder = workspace::cache_path().join(format!("schemathesis-{VERSION}"));
    let program = folder.join("bin/schemathesis");
    if command::is_executable(&program) {
        return Ok(program);
    }
    eprintln!(
        "Installing Schemathesis {VERSION} from PyPI into {} ...",
        folder.display()
    );
    if !command::succeeds(Command::new("python3").args(["-m", "venv"]).arg(&folder)) {
        return Err(Failure::Missing(
            "Python 3 with its venv module is needed (Debian: apt-get install python3-venv)"
                .to_owned(),
        ));
    }
    let mut pip = Command::new(folder.join("bin/pip"));
    command::run(pip.args(["install", "--quiet", &format!("schemathesis=={VERSION}")]))?;
    Ok(program)
}
