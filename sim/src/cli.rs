//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use url::Url;
use wayfare_core::phone::Phone;

use crate::evaluation::ReplayOrder;
use crate::login::LoginOrder;
use crate::offline::OfflineOrder;
use crate::offline_kill::{KillOrder, WriterOrder};
use crate::races::RacesOrder;

/// Simulates a city of riders and drivers over the API of a running backend.
#[derive(Debug, Parser)]
#[command(name = "wayfare-sim", version, about)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Runs a city until it is told to stop.
    City(CityOrder),
    /// Draws a town that nobody built, as an OpenStreetMap extract.
    GenerateCity(GenerateOrder),
    /// Replays real demand in virtual time, without a backend, and tells what dispatch made of it.
    Replay(ReplayOrder),
    /// Tries the races of offers in many orders and checks that nothing goes wrong.
    Races(RacesOrder),
    /// Kills a program that writes the store of a device, again and again, and looks what is left.
    OfflineKill(KillOrder),
    /// The program that is killed.
    #[command(hide = true)]
    OfflineKillWriter(WriterOrder),
    /// Plays shifts without a network, with everything that can go wrong, and checks that nothing is
    /// lost.
    Offline(OfflineOrder),
    /// Signs in with a phone number and prints the access token.
    Login(LoginArgs),
}

/// What kind of city, and for how long.
#[derive(Debug, Clone, Args)]
pub struct CityOrder {
    /// Address of the API, such as http://127.0.0.1:8080.
    #[arg(long)]
    pub api: Url,
    /// Folder that the backend writes its SMS into.
    #[arg(long, value_name = "DIR")]
    pub sms_spool: PathBuf,
    /// The city pack that the backend serves, made by `wayfare city build`.
    #[arg(long, value_name = "DIR")]
    pub city: PathBuf,
    /// Number of an admin, who checks the books.
    #[arg(long, value_name = "PHONE")]
    pub admin_phone: Phone,
    /// Number of drivers.
    #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u32).range(1..=5000))]
    pub drivers: u32,
    /// Riders per simulated hour.
    #[arg(long, default_value_t = 400.0, value_parser = rate)]
    pub riders_per_hour: f64,
    /// Simulated seconds in a real one.
    #[arg(long, default_value_t = 10.0, value_parser = speed)]
    pub speed: f64,
    /// Seed of the demand and of what people do.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Ends after so many trips that were completed and paid.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub until_trips: Option<u64>,
    /// Ends after so many real minutes.
    #[arg(long, value_name = "N", value_parser = minutes)]
    pub minutes: Option<f64>,
    /// Share of the drivers, from 0 to 1, whose phones have no network in some parts of the city.
    #[arg(long, default_value_t = 0.0, value_parser = share)]
    pub offline_share: f64,
    /// No live screen: a line each few seconds.
    #[arg(long)]
    pub headless: bool,
    /// Real demand: a CSV file with the columns requested_at, pickup_lon, pickup_lat,
    /// dropoff_lon and dropoff_lat.
    #[arg(long, value_name = "FILE")]
    pub trips: Option<PathBuf>,
    /// Writes the summary as JSON.
    #[arg(long, value_name = "FILE")]
    pub summary: Option<PathBuf>,
}

/// Which town, and where to.
#[derive(Debug, Clone, Args)]
pub struct GenerateOrder {
    /// Seed of the town: the same seed draws the same town.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// The file to write (.osm.pbf).
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Writes the town's queues of drivers, as GeoJSON.
    #[arg(long, value_name = "FILE")]
    pub zones: Option<PathBuf>,
}

/// Who signs in.
#[derive(Debug, Clone, Args)]
pub struct LoginArgs {
    /// Address of the API, such as http://127.0.0.1:8080.
    #[arg(long)]
    api: Url,
    /// Number to sign in with, such as +351910000001.
    #[arg(long)]
    phone: Phone,
    /// Folder that the backend writes its SMS into.
    #[arg(long, value_name = "DIR")]
    sms_spool: PathBuf,
    /// Makes the person a driver with a car.
    #[arg(long)]
    driver: bool,
}

impl From<LoginArgs> for LoginOrder {
    fn from(args: LoginArgs) -> Self {
        let LoginArgs {
            api,
            phone,
            sms_spool,
            driver,
        } = args;
        Self {
            api,
            phone,
            sms_spool,
            driver,
        }
    }
}

pub(crate) fn number_in(text: &str, range: std::ops::RangeInclusive<f64>) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if range.contains(&number) {
        Ok(number)
    } else {
        Err(format!(
            "it must be from {} to {}",
            range.start(),
            range.end()
        ))
    }
}

fn share(text: &str) -> Result<f64, String> {
    number_in(text, 0.0..=1.0)
}

fn rate(text: &str) -> Result<f64, String> {
    number_in(text, 1.0..=100_000.0)
}

fn speed(text: &str) -> Result<f64, String> {
    number_in(text, 0.1..=200.0)
}

fn minutes(text: &str) -> Result<f64, String> {
    number_in(text, 0.1..=100_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEEDED: [&str; 10] = [
        "wayfare-sim",
        "city",
        "--api",
        "http://127.0.0.1:8080",
        "--sms-spool",
        "spool",
        "--admin-phone",
        "+351910000001",
        "--city",
        "pack",
    ];

    fn parse(more: &[&str]) -> Result<CityOrder, clap::Error> {
        let cli = Cli::try_parse_from(NEEDED.iter().chain(more))?;
        match cli.command {
            Command::City(order) => Ok(order),
            _ => panic!("asked for a city"),
        }
    }

    #[test]
    fn a_city_needs_little() {
        let order = parse(&[]).unwrap();
        assert_eq!((order.drivers, order.seed, order.headless), (120, 1, false));
        let order = parse(&["--speed", "60", "--until-trips", "200", "--minutes", "1.5"]).unwrap();
        assert_eq!((order.until_trips, order.minutes), (Some(200), Some(1.5)));
    }

    #[test]
    fn absurd_numbers_are_refused() {
        for bad in [
            ["--drivers", "0"],
            ["--speed", "0"],
            ["--speed", "NaN"],
            ["--riders-per-hour", "-3"],
            ["--until-trips", "0"],
            ["--offline-share", "1.1"],
            ["--minutes", "soon"],
            ["--api", "nowhere"],
            ["--admin-phone", "12"],
        ] {
            assert!(parse(&bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_replay_that_cannot_be_meant_is_refused() {
        let replay = |more: &[&str]| {
            let needed = ["wayfare-sim", "replay", "--city", "pack"];
            Cli::try_parse_from(needed.iter().chain(more))
        };
        let parsed = replay(&[
            "--trips",
            "trips.csv",
            "--fleet",
            "60",
            "--policy",
            "nearest",
        ]);
        assert!(parsed.is_ok(), "{parsed:?}");
        for bad in [
            "--trips a.csv",
            "--fleet 60",
            "--trips a.csv --fleet 0",
            "--trips a.csv --fleet 1000000",
            "--trips a.csv --fleet 60 --window 0",
            "--trips a.csv --fleet 60 --window 3600",
            "--trips a.csv --fleet 60 --window NaN",
            "--trips a.csv --fleet 60 --policy best",
            "--trips a.csv --fleet 60 --hours 0",
            "--trips a.csv --fleet 60 --demand -1",
            "--trips a.csv --fleet 60 --decline 1",
            "--trips a.csv --fleet 60 --roam-after 3",
            "--riders-per-hour 100 --fleet 60",
            "--riders-per-hour 100 --hours 2 --trips a.csv --fleet 60",
        ] {
            let bad: Vec<&str> = bad.split(' ').collect();
            assert!(replay(&bad).is_err(), "{bad:?}");
        }
    }
}
