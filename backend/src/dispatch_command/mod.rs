//! `wayfare dispatch`: measures dispatch on this machine, with no server and no database.
//!
//! It answers as the `wayfare city` commands do: calm text, or with `--json` one JSON value; what is
//! wrong with an order is told on stderr with exit status 2, what failed with 1.

mod bench;
mod index;
mod redis_store;
mod round;
mod scene;

use clap::{Args, Subcommand};

use crate::city_command::{CityFailure, tell};

/// What to do with dispatch.
#[derive(Debug, Args)]
pub(crate) struct DispatchOrder {
    #[command(subcommand)]
    command: DispatchCommand,
    /// Answer as JSON, for programs
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum DispatchCommand {
    /// Time one round on a city pack, or with --index the live index of cars, single-threaded
    ///
    /// A round is timed cold: nothing was planned with these roads before. With --runs, only the
    /// first is cold, and the one with the median total is told.
    Bench(bench::BenchOrder),
}

/// Carries out an order and prints its answer with `print`.
pub(crate) fn run(
    order: &DispatchOrder,
    print: impl Fn(&str) -> Result<(), CityFailure>,
) -> Result<(), CityFailure> {
    let DispatchCommand::Bench(bench) = &order.command;
    let told = bench::run(bench).and_then(|answer| tell(&answer, order.json, print));
    told.map_err(|failure| failure.told_as_json(order.json))
}
