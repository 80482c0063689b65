//! The demo: a whole city on this machine, from nothing to the summary.
//!
//! Sets the machine up, builds the backend and the simulator, makes a city pack (of a town that is
//! drawn, or of an extract; once), starts the backend with it on a private database in a fresh folder, and runs the simulator in the foreground. A backend that dies is
//! started again on the same data, so that a crash shows what it costs: nothing. The exit status is
//! the simulator's. After a failure the data folder stays for inspection.

use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use clap::Args;

use crate::backend_process::{BackendProcess, BackendSettings};
use crate::city_supervision::{City, Supervision};
use crate::command;
use crate::demo_city;
use crate::failure::Failure;
use crate::interrupts::Interrupts;
use crate::setup::{self, Consent, Purpose};
use crate::temp_folder::TempFolder;

const ADMIN_PHONE: &str = "+351900000001";
const ADMIN_NAME: &str = "Demo Admin";

/// What the demo runs. Everything that is left out takes the simulator's default.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct DemoOptions {
    /// No live screen: a line each few seconds
    #[arg(long)]
    pub(crate) headless: bool,
    /// Stop after this many completed trips
    #[arg(long, value_name = "N")]
    pub(crate) until_trips: Option<u32>,
    /// Stop after this many minutes
    #[arg(long, value_name = "N")]
    pub(crate) minutes: Option<u32>,
    /// How many drivers work
    #[arg(long, value_name = "N")]
    pub(crate) drivers: Option<u32>,
    /// How many riders ask for a trip in an hour of the city
    #[arg(long, value_name = "N")]
    pub(crate) riders_per_hour: Option<u32>,
    /// Simulated seconds per real second
    #[arg(long, value_name = "X")]
    pub(crate) speed: Option<f64>,
    /// Share of the drivers, from 0 to 1, whose phones have no network in some parts of the city
    #[arg(long, value_name = "SHARE")]
    pub(crate) offline_share: Option<f64>,
    /// A real city: an OpenStreetMap extract (.osm.pbf), built into a city pack first
    #[arg(long, value_name = "FILE", conflicts_with = "city")]
    pub(crate) osm: Option<PathBuf>,
    /// A city pack that `wayfare city build` made
    #[arg(long, value_name = "DIR")]
    pub(crate) city: Option<PathBuf>,
    /// Real demand: a CSV file with requested_at, pickup_lon, pickup_lat, dropoff_lon, dropoff_lat
    #[arg(long, value_name = "FILE")]
    pub(crate) trips: Option<PathBuf>,
    /// The seed of everything random
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Write the summary to this file
    #[arg(long, value_name = "FILE.json")]
    pub(crate) summary: Option<PathBuf>,
    /// Kill the backend this many seconds after the city started, and start it again
    /// (may be given more than once)
    #[arg(long, value_name = "SECONDS")]
    pub(crate) kill_backend_after: Vec<u64>,
    /// Leave the data folder on disk
    #[arg(long)]
    pub(crate) keep_data: bool,
}

impl DemoOptions {
    /// The simulator's own arguments.
    fn simulator_arguments(&self) -> Vec<String> {
        let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        let valued = [
            (
                "--until-trips",
                self.until_trips.map(|value| value.to_string()),
            ),
            ("--minutes", self.minutes.map(|value| value.to_string())),
            ("--drivers", self.drivers.map(|value| value.to_string())),
            (
                "--riders-per-hour",
                self.riders_per_hour.map(|value| value.to_string()),
            ),
            ("--speed", self.speed.map(|value| value.to_string())),
            (
                "--offline-share",
                self.offline_share.map(|value| value.to_string()),
            ),
            ("--seed", self.seed.map(|value| value.to_string())),
            ("--trips", path(&self.trips)),
            ("--summary", path(&self.summary)),
        ];
        let mut arguments: Vec<String> = Vec::new();
        if self.headless {
            arguments.push("--headless".to_owned());
        }
        for (name, value) in valued {
            if let Some(value) = value {
                arguments.extend([name.to_owned(), value]);
            }
        }
        arguments
    }
}

/// Sets up, builds and runs the demo. Returns the simulator's exit status.
pub(crate) fn run(options: &DemoOptions) -> Result<ExitStatus, Failure> {
    check_files(options)?;
    setup::ensure(Purpose::Demo, Consent::Given)?;
    eprintln!("Building the backend and the simulator (minutes the first time) ...");
    command::run(&mut command::cargo(&[
        "build",
        "-p",
        "wayfare-backend",
        "-p",
        "wayfare-sim",
    ]))?;
    run_built(options)
}

/// Runs the demo with programs that are built already.
pub(crate) fn run_built(options: &DemoOptions) -> Result<ExitStatus, Failure> {
    let pack = demo_city::prepare(options)?;
    let mut folder = TempFolder::create("wayfare-demo")?;
    let settings = BackendSettings::for_simulation(folder.path())?.with_city(&pack);
    let outcome = run_city(options, &settings, &pack);
    let failed = !matches!(&outcome, Ok(status) if status.success());
    if failed || options.keep_data {
        folder.keep();
        eprintln!("The data stays in {}", folder.path().display());
    }
    outcome
}

/// Finds a mistyped file name before the long build, not after it.
fn check_files(options: &DemoOptions) -> Result<(), Failure> {
    for file in [&options.osm, &options.trips].into_iter().flatten() {
        std::fs::File::open(file).map_err(Failure::file("read", file))?;
    }
    match &options.city {
        Some(city) if !demo_city::is_pack(city) => Err(Failure::Check(format!(
            "{} is no city pack; `wayfare city build` makes one",
            city.display()
        ))),
        Some(_) | None => Ok(()),
    }
}

fn run_city(
    options: &DemoOptions,
    settings: &BackendSettings,
    pack: &Path,
) -> Result<ExitStatus, Failure> {
    eprintln!("Data folder:  {}", settings.data_path.display());
    eprintln!("Backend log:  {}", settings.log_path().display());
    eprintln!("Creating the private database and an administrator ({ADMIN_PHONE}) ...");
    let mut interrupts = Interrupts::listen()?;
    settings.create_admin(ADMIN_PHONE, ADMIN_NAME)?;
    eprintln!("Starting the backend ...");
    let mut backend = BackendProcess::start(settings)?;
    backend.wait_until_ready(|| interrupts.any_seen())?;
    eprintln!("API page:     {}/docs", settings.url());
    eprintln!("Starting the city; Ctrl-C ends it with the summary.\n");
    let mut arguments = vec!["--city".to_owned(), pack.display().to_string()];
    arguments.extend(options.simulator_arguments());
    let city = City::start(settings, ADMIN_PHONE, &arguments)?;
    let kills = options.kill_backend_after.clone();
    let outcome = Supervision::new(city, &mut backend, kills).run(&mut interrupts);

    eprintln!("\nStopping the backend ...");
    match backend.stop() {
        Some(status) if !status.success() => eprintln!("The backend ended with {status}."),
        Some(_) | None => {}
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_given_is_left_to_the_simulator() {
        assert_eq!(
            DemoOptions::default().simulator_arguments(),
            Vec::<String>::new()
        );
    }

    #[test]
    fn given_options_reach_the_simulator_and_our_own_do_not() {
        let options = DemoOptions {
            headless: true,
            until_trips: Some(200),
            speed: Some(10.0),
            summary: Some(PathBuf::from("s.json")),
            kill_backend_after: vec![20],
            keep_data: true,
            ..DemoOptions::default()
        };
        assert_eq!(
            options.simulator_arguments(),
            [
                "--headless",
                "--until-trips",
                "200",
                "--speed",
                "10",
                "--summary",
                "s.json"
            ]
        );
    }

    #[test]
    fn a_mistyped_file_is_found_before_anything_is_built() {
        let options = DemoOptions {
            osm: Some(PathBuf::from("/no/such.pbf")),
            ..DemoOptions::default()
        };
        let failure = run(&options).unwrap_err().to_string();
        assert!(failure.contains("/no/such.pbf"), "{failure}");
        let options = DemoOptions {
            city: Some(PathBuf::from("/no/such/pack")),
            ..DemoOptions::default()
        };
        let failure = run(&options).unwrap_err().to_string();
        assert!(failure.contains("/no/such/pack"), "{failure}");
    }
}
