//! The program `wayfare-sim`: runs a city, replays a day of one, or signs somebody in.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use wayfare_sim::city::town;
use wayfare_sim::cli::{Cli, Command};
use wayfare_sim::evaluation::{self, ReplayOrder};
<<<<<<< HEAD
use wayfare_sim::offline_kill::{self, KillOrder, WriterOrder};
=======
use wayfare_sim::offline::{self, OfflineOrder};
>>>>>>> h6-sim
use wayfare_sim::races::{self, RacesOrder};
use wayfare_sim::{day, login};

/// What was asked for cannot be done with this input.
const EXIT_WRONG_INPUT: u8 = 2;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("wayfare-sim: the runtime does not start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let result = match cli.command {
        Command::City(order) => runtime.block_on(run_city(order)),
        Command::GenerateCity(order) => generate(&order),
        Command::Replay(order) => replay(&order),
        Command::Races(order) => race(&order),
<<<<<<< HEAD
        Command::OfflineKill(order) => kill(&order),
        Command::OfflineKillWriter(order) => write(&order),
=======
        Command::Offline(order) => play_offline(&order),
>>>>>>> h6-sim
        Command::Login(args) => runtime.block_on(print_token(args.into())),
    };
    // Whatever still runs has nothing left to say.
    runtime.shutdown_background();
    result.unwrap_or_else(|error| {
        eprintln!("wayfare-sim: {error}");
        ExitCode::FAILURE
    })
}

async fn run_city(
    order: wayfare_sim::cli::CityOrder,
) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let holds = day::run(order).await?;
    Ok(if holds {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn generate(
    order: &wayfare_sim::cli::GenerateOrder,
) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let town = town::draw(order.seed);
    town::write(&town.sheet, &order.out)?;
    if let Some(path) = &order.zones {
        std::fs::write(path, town::zones()?.to_string())?;
    }
    println!("{}", town.name);
    Ok(ExitCode::SUCCESS)
}

fn replay(order: &ReplayOrder) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let figures = match evaluation::run(order) {
        Ok(figures) => figures,
        Err(error) => {
            eprintln!("wayfare-sim: {error}");
            return Ok(ExitCode::from(EXIT_WRONG_INPUT));
        }
    };
    if order.json {
        print(&serde_json::to_string(&figures)?)?;
    } else {
        print(&evaluation::to_text(&figures))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn race(order: &RacesOrder) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let report = races::run(order);
    if order.json {
        print(&serde_json::to_string(&report)?)?;
    } else {
        print(&races::to_text(&report))?;
    }
    Ok(match races::how_to_replay(&report) {
        None => ExitCode::SUCCESS,
        Some(how) => {
            eprintln!("wayfare-sim: {how}");
            ExitCode::FAILURE
        }
    })
}

<<<<<<< HEAD
fn kill(order: &KillOrder) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let report = offline_kill::run(order, &std::env::current_exe()?)?;
    if order.json {
        print(&serde_json::to_string(&report)?)?;
    } else {
        print(&offline_kill::to_text(&report))?;
    }
    Ok(if report.holds() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn write(order: &WriterOrder) -> Result<ExitCode, Box<dyn std::error::Error>> {
    offline_kill::write_until_killed(order)?;
    Ok(ExitCode::SUCCESS)
}

=======
fn play_offline(order: &OfflineOrder) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let report = match offline::run(order) {
        Ok(report) => report,
        Err(error @ offline::OfflineError::TooManyLogged(_)) => {
            eprintln!("wayfare-sim: {error}");
            return Ok(ExitCode::from(EXIT_WRONG_INPUT));
        }
        Err(error) => return Err(error.into()),
    };
    if order.json {
        print(&serde_json::to_string(&report)?)?;
    } else {
        print(&offline::to_text(&report))?;
    }
    Ok(match offline::how_to_replay(&report) {
        None => ExitCode::SUCCESS,
        Some(how) => {
            eprintln!("wayfare-sim: {how}");
            ExitCode::FAILURE
        }
    })
}

>>>>>>> h6-sim
/// A reader who closed the pipe has seen enough.
fn print(text: &str) -> io::Result<()> {
    match writeln!(io::stdout().lock(), "{text}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        said => said,
    }
}

async fn print_token(order: login::LoginOrder) -> Result<ExitCode, Box<dyn std::error::Error>> {
    println!("{}", login::login(order).await?);
    Ok(ExitCode::SUCCESS)
}
