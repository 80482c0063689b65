//! The command line of the server.
//!
//! Exit status: 0 when done, 1 when something failed, 2 when the command or the settings are wrong.
//! Failures are told on stderr in plain words; what a command answers goes to stdout.

mod city_command;
mod dispatch_command;
mod fare_command;

use std::{
    env,
    error::Error,
    io::{self, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
};

use city_command::{CityFailure, CityOrder};
use clap::{Args, Parser, Subcommand};
use dispatch_command::DispatchOrder;
use fare_command::{FareOrder, Refusal};
use nix::unistd::geteuid;
use wayfare_backend::{
    Server, fleet, identity, openapi_json,
    platform::{
        config::{Config, ConfigError, Sources},
        db::{self, Database},
        shutdown, telemetry,
    },
};
use wayfare_core::phone::Phone;

const EXIT_FAILED: u8 = 1;
const EXIT_WRONG_INPUT: u8 = 2;

type AnyError = Box<dyn Error + Send + Sync>;

#[derive(Debug, Parser)]
#[command(
    name = "wayfare",
    version,
    about = "Ride-hailing for a city: the Wayfare server"
)]
struct Cli {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Args)]
struct Place {
    /// Folder for the database, secrets and spooled messages [default: ~/.local/share/wayfare, as
    /// root /var/lib/wayfare]
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Settings file [default: wayfare.toml in the data folder, if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the API and the dispatcher until SIGINT or SIGTERM
    Serve {
        /// Address and port to listen on; port 0 picks a free one
        #[arg(long, value_name = "ADDRESS:PORT")]
        bind: Option<SocketAddr>,
        /// Folder of the city pack: the map, the search and the roads
        #[arg(long, value_name = "DIR")]
        city: Option<PathBuf>,
    },
    /// Change the database schema
    Migrate {
        #[command(subcommand)]
        direction: Direction,
    },
    /// Manage administrators
    Admin {
        #[command(subcommand)]
        action: AdminAction,
    },
    /// Manage drivers
    Driver {
        #[command(subcommand)]
        action: DriverAction,
    },
    /// Price a trip from its facts or its track, as JSON files
    ///
    /// Prints the lines and the total as JSON. What is wrong with a file is told on stderr, as JSON
    /// as well, with exit status 2.
    Fare(FareOrder),
    /// Build a city's map, roads and places from OpenStreetMap, and ask them
    City(CityOrder),
    /// Measure dispatch on this machine
    Dispatch(DispatchOrder),
    /// Print the settings in force, without secrets
    Config,
    /// Print the OpenAPI document
    Openapi,
}

#[derive(Debug, Subcommand)]
enum Direction {
    /// Apply what is pending
    Up {
        /// At most so many migrations
        #[arg(long, value_name = "N")]
        steps: Option<usize>,
    },
    /// Take back the newest
    Down {
        /// How many migrations
        #[arg(long, value_name = "N", default_value_t = 1)]
        steps: usize,
    },
}

#[derive(Debug, Subcommand)]
enum AdminAction {
    /// Make the person with this phone number an administrator
    Create {
        /// In international form: +351910000001
        #[arg(long)]
        phone: Phone,
        #[arg(long)]
        name: String,
    },
}

#[derive(Debug, Subcommand)]
enum DriverAction {
    /// Let a registered driver take trips
    Approve {
        /// In international form: +351910000001
        #[arg(long)]
        phone: Phone,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let city = error.downcast_ref::<CityFailure>();
            match (error.downcast_ref::<Refusal>(), city) {
                (Some(refusal), _) => eprintln!("{refusal}"),
                (None, Some(failure)) => eprintln!("{failure}"),
                (None, None) => eprintln!("wayfare: {}", in_words(&*error)),
            }
            let wrong_input = error.is::<ConfigError>()
                || error.is::<Refusal>()
                || city.is_some_and(CityFailure::is_wrong_input);
            ExitCode::from(if wrong_input {
                EXIT_WRONG_INPUT
            } else {
                EXIT_FAILED
            })
        }
    }
}

async fn run(cli: Cli) -> Result<(), AnyError> {
    // These need no settings and no data folder.
    let command = match cli.command {
        Command::Openapi => return print(&openapi_json()?),
        Command::Fare(order) => return print(&fare_command::run(&order)?),
        Command::City(order) => return city(order).await,
        Command::Dispatch(order) => return dispatch(&order),
        command => command,
    };
    let data_dir = cli.place.data_dir.unwrap_or_else(default_data_dir);
    let mut config = Config::load(&Sources::from_process(
        cli.place.config.as_deref(),
        &data_dir,
    )?)?;
    match command {
        Command::Openapi | Command::Fare(_) | Command::City(_) | Command::Dispatch(_) => Ok(()),
        Command::Config => print(&config.to_toml()?),
        Command::Serve { bind, city } => {
            config.server.bind = bind.unwrap_or(config.server.bind);
            config.city.pack = city.or(config.city.pack);
            serve(config, data_dir).await
        }
        Command::Migrate { direction } => migrate(&config, &data_dir, direction).await,
        Command::Admin {
            action: AdminAction::Create { phone, name },
        } => {
            let database = open(&config, &data_dir).await?;
            identity::service::create_admin(database.pool(), &phone, &name).await?;
            database.close().await?;
            print(&format!("{phone} is an administrator now and can sign in."))
        }
        Command::Driver {
            action: DriverAction::Approve { phone },
        } => {
            let database = open(&config, &data_dir).await?;
            fleet::service::approve_driver_by_phone(database.pool(), &phone).await?;
            database.close().await?;
            print(&format!("The driver with {phone} may take trips now."))
        }
    }
}

async fn city(order: CityOrder) -> Result<(), AnyError> {
    let print = |text: &str| print(text).map_err(|error| CityFailure::unprintable(&*error));
    Ok(city_command::run(order, print).await?)
}

fn dispatch(order: &DispatchOrder) -> Result<(), AnyError> {
    let print = |text: &str| print(text).map_err(|error| CityFailure::unprintable(&*error));
    Ok(dispatch_command::run(order, print)?)
}

async fn serve(config: Config, data_dir: PathBuf) -> Result<(), AnyError> {
    telemetry::init_logging(&config.telemetry)?;
    if config.redis.url.is_some() {
        tracing::warn!("redis.url is set, but this version keeps everything in the process");
    }
    let stop = shutdown::on_signals()?;
    let start = Server::builder().config(config).data_dir(data_dir).start();
    // A signal during the start ends it; what was started stops as it is dropped.
    let server = tokio::select! {
        server = start => server?,
        () = stop.cancelled() => return Ok(()),
    };
    let address = server.local_addr();
    print(&format!(
        "Wayfare is at http://{address} (API page: http://{address}/docs)"
    ))?;
    stop.cancelled().await;
    server.shutdown().await?;
    Ok(())
}

/// The database for a command, with the schema that the command expects.
async fn open(config: &Config, data_dir: &Path) -> Result<Database, AnyError> {
    let database = Database::open_beside(&config.database, data_dir).await?;
    if config.database.migrate_on_start {
        db::migrate_up(database.pool(), None).await?;
    }
    Ok(database)
}

async fn migrate(config: &Config, data_dir: &Path, direction: Direction) -> Result<(), AnyError> {
    let database = Database::open_beside(&config.database, data_dir).await?;
    let told = match direction {
        Direction::Up { steps } => {
            let applied = db::migrate_up(database.pool(), steps).await?;
            format!("Migrations applied: {applied}.")
        }
        Direction::Down { steps } => {
            let undone = db::migrate_down(database.pool(), steps).await?;
            format!("Migrations taken back: {undone}.")
        }
    };
    database.close().await?;
    print(&told)
}

fn print(text: &str) -> Result<(), AnyError> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", text.trim_end())?;
    out.flush()?;
    Ok(())
}

/// The error and what caused it, in one line each.
fn in_words(error: &(dyn Error + 'static)) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        // Some errors repeat their cause in their own text.
        if !words.contains(&next) {
            words.push_str("\n  because: ");
            words.push_str(&next);
        }
        cause = error.source();
    }
    words
}

fn default_data_dir() -> PathBuf {
    if geteuid().is_root() {
        return PathBuf::from("/var/lib/wayfare");
    }
    let base = env::var_os("XDG_DATA_HOME").map(PathBuf::from).or_else(|| {
        env::var_os("HOME").map(|home| PathBuf::from(home).join(".local").join("share"))
    });
    base.unwrap_or_else(env::temp_dir).join("wayfare")
}
