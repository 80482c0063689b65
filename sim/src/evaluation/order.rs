//! What is to be replayed.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::TimeDelta;
use clap::Args;
use wayfare_dispatch::Rules;

use super::policy::Policy;
use super::simulation::Conditions;
use crate::cli::number_in;

/// Which demand, which fleet, and how it is dispatched.
#[derive(Debug, Clone, Args)]
pub struct ReplayOrder {
    /// The city pack whose roads are driven on, made by `wayfare city build`.
    #[arg(long, value_name = "DIR")]
    pub city: PathBuf,
    /// Which riders.
    #[command(flatten)]
    pub demand: DemandOrder,
    /// Number of cars. They begin where riders of that demand are picked up.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=20_000))]
    pub fleet: u32,
    /// How drivers are chosen.
    #[arg(long, value_enum, default_value_t = Policy::Batch)]
    pub policy: Policy,
    /// Seconds from one round to the next, of batch.
    #[arg(long, value_name = "SECONDS", default_value_t = 2.0, value_parser = window)]
    pub window: f64,
    /// Seed of where cars begin, of what drivers answer and of drawn demand.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How people behave.
    #[command(flatten)]
    pub people: PeopleOrder,
    /// What is different from the defaults of dispatch.
    #[command(flatten)]
    pub rules: RulesOrder,
    /// Prints the figures as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Which riders.
#[derive(Debug, Clone, Args)]
pub struct DemandOrder {
    /// Real demand: a CSV file with the columns requested_at, pickup_lon, pickup_lat, dropoff_lon,
    /// dropoff_lat and, if known, driven_s.
    #[arg(long, value_name = "FILE", required_unless_present = "riders_per_hour")]
    trips: Option<PathBuf>,
    /// Instead of records: riders drawn from the city, so many an hour.
    #[arg(long, value_name = "N", value_parser = rate, requires = "hours", conflicts_with = "trips")]
    riders_per_hour: Option<f64>,
    /// Only so many hours of it.
    #[arg(long, value_name = "H", value_parser = length)]
    pub hours: Option<f64>,
    /// Beginning so many hours after the first trip.
    #[arg(long, value_name = "H", default_value_t = 0.0, value_parser = beginning)]
    pub from: f64,
    /// So many times the demand: 0.5 is every other rider; with 2 somebody comes beside each rider,
    /// up to five minutes before or after, from around the same place.
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0, value_parser = factor)]
    pub demand: f64,
}

/// Where riders are taken from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Source<'a> {
    /// A file.
    Records(&'a Path),
    /// Drawn, so many an hour.
    Drawn(f64),
}

impl DemandOrder {
    pub(super) fn source(&self) -> Source<'_> {
        match (&self.trips, self.riders_per_hour) {
            (None, Some(per_hour)) => Source::Drawn(per_hour),
            (trips, _) => Source::Records(trips.as_deref().unwrap_or(Path::new(""))),
        }
    }
}

/// How people behave.
#[derive(Debug, Clone, Args)]
pub struct PeopleOrder {
    /// Share of the offers that drivers decline.
    #[arg(long, value_name = "SHARE", default_value_t = 0.05, value_parser = share)]
    decline: f64,
    /// Seconds after which riders without a driver give up.
    #[arg(long, value_name = "SECONDS", default_value_t = 300.0, value_parser = patience)]
    patience: f64,
    /// Seconds until a rider sits.
    #[arg(long, value_name = "SECONDS", default_value_t = 45.0, value_parser = boarding)]
    boarding: f64,
    /// Seconds after which drivers without a trip go to where riders are likely; 0: never.
    #[arg(long, value_name = "SECONDS", default_value_t = 600.0, value_parser = roaming)]
    roam_after: f64,
}

/// What is different from the defaults of dispatch, to see what a rule is worth.
#[derive(Debug, Clone, Args)]
pub struct RulesOrder {
    /// Drivers who finish their trip within so many seconds are asked for the next one; 0: never.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(..=3600))]
    forward_within: Option<u32>,
    /// What a second without a trip is worth, in basis points of a second of driving.
    #[arg(long, value_name = "BPS", value_parser = clap::value_parser!(u32).range(..=100_000))]
    idle_weight: Option<u32>,
    /// What a second of waiting is worth, in basis points of a second of driving.
    #[arg(long, value_name = "BPS", value_parser = clap::value_parser!(u32).range(..=100_000))]
    waiting_weight: Option<u32>,
    /// How far by road a car may be at most, in metres.
    #[arg(long, value_name = "METRES", value_parser = clap::value_parser!(u32).range(100..=100_000))]
    radius_max: Option<u32>,
    /// The way is computed for so many of the nearest cars.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    candidates_max: Option<u16>,
}

impl ReplayOrder {
    /// Under which conditions the demand is replayed.
    pub fn conditions(&self) -> Conditions {
        Conditions {
            policy: self.policy,
            window: Duration::from_secs_f64(self.window),
            rules: self.rules.applied(),
            seed: self.seed,
            decline: self.people.decline,
            patience: Duration::from_secs_f64(self.people.patience),
            boarding: Duration::from_secs_f64(self.people.boarding),
            roam_after: (self.people.roam_after > 0.0)
                .then(|| Duration::from_secs_f64(self.people.roam_after)),
        }
    }
}

impl RulesOrder {
    fn applied(&self) -> Rules {
        let mut rules = Rules::default();
        if let Some(seconds) = self.forward_within {
            rules.forward_within = TimeDelta::seconds(seconds.into());
        }
        if let Some(bps) = self.idle_weight {
            rules.idle_weight_bps = bps;
        }
        if let Some(bps) = self.waiting_weight {
            rules.waiting_weight_bps = bps;
        }
        if let Some(metres) = self.radius_max {
            rules.radius_start_m = rules.radius_start_m.min(metres);
            rules.radius_max_m = metres;
        }
        if let Some(count) = self.candidates_max {
            rules.candidates_max = count.into();
        }
        rules
    }
}

fn window(text: &str) -> Result<f64, String> {
    number_in(text, 0.1..=60.0)
}

fn rate(text: &str) -> Result<f64, String> {
    number_in(text, 1.0..=100_000.0)
}

fn length(text: &str) -> Result<f64, String> {
    number_in(text, 0.01..=1000.0)
}

fn beginning(text: &str) -> Result<f64, String> {
    number_in(text, 0.0..=100_000.0)
}

fn factor(text: &str) -> Result<f64, String> {
    number_in(text, 0.01..=20.0)
}

fn share(text: &str) -> Result<f64, String> {
    number_in(text, 0.0..=0.95)
}

fn patience(text: &str) -> Result<f64, String> {
    number_in(text, 10.0..=3600.0)
}

fn boarding(text: &str) -> Result<f64, String> {
    number_in(text, 0.0..=600.0)
}

fn roaming(text: &str) -> Result<f64, String> {
    match number_in(text, 0.0..=86_400.0)? {
        seconds if seconds > 0.0 && seconds < 60.0 => Err("it must be 0 or at least 60".to_owned()),
        seconds => Ok(seconds),
    }
}
