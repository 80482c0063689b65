//! `wayfare city`: builds a city pack from an OpenStreetMap extract, and asks a pack for routes,
//! tables and places, with no server and no database.
//!
//! Each command prints calm text, or with `--json` one JSON value for programs. What is wrong with an
//! order is told on stderr with exit status 2, what failed with 1; with `--json` as JSON as well.

mod bench;
mod build;
mod compare;
mod draw;
mod failure;
mod file;
mod info;
mod measure;
mod position;
mod progress;
mod route;
mod search;
mod serve;
mod table;
mod track;
mod words;

use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::Value;

pub(crate) use draw::Draw;
pub(crate) use failure::CityFailure;

/// What to do with city packs.
#[derive(Debug, Args)]
pub(crate) struct CityOrder {
    #[command(subcommand)]
    command: CityCommand,
    /// Answer as JSON, for programs
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum CityCommand {
    /// Build a pack from an OpenStreetMap extract
    Build(build::BuildOrder),
    /// Tell what is in a pack
    Info(info::InfoOrder),
    /// Find a way by road
    Route(route::RouteOrder),
    /// Find lengths and durations between many places at once
    Table(table::TableOrder),
    /// Search streets, addresses and places
    Search(search::SearchOrder),
    /// Find what is at a position
    Reverse(search::ReverseOrder),
    /// Lay a track onto the roads
    Match(track::MatchOrder),
    /// Serve the map, the search and the roads on a page, without login and database
    Serve(serve::ServeOrder),
    /// Measure routes and tables, single-threaded
    Bench(bench::BenchOrder),
    /// Compare routes and tables with those of an OSRM server
    CompareOsrm(compare::CompareOrder),
}

/// What a command found out, for programs and for people.
#[derive(Debug)]
pub(crate) struct Answer {
    json: Value,
    words: String,
}

impl Answer {
    pub(crate) fn of(json: &impl Serialize, words: String) -> Result<Self, CityFailure> {
        let json = serde_json::to_value(json)
            .map_err(|error| CityFailure::failed("internal", error.to_string()))?;
        Ok(Self { json, words })
    }
}

/// Carries out an order and prints its answer with `print`.
pub(crate) async fn run(
    order: CityOrder,
    print: impl Fn(&str) -> Result<(), CityFailure>,
) -> Result<(), CityFailure> {
    let as_json = order.json;
    let tell = |answer: Answer| tell(&answer, as_json, &print);
    let told = match order.command {
        CityCommand::Serve(order) => serve::run(order, tell).await,
        command => answer(command).await.and_then(tell),
    };
    told.map_err(|failure| failure.told_as_json(as_json))
}

/// Prints an answer, as JSON or in words.
pub(crate) fn tell(
    answer: &Answer,
    as_json: bool,
    print: impl Fn(&str) -> Result<(), CityFailure>,
) -> Result<(), CityFailure> {
    if !as_json {
        return print(&answer.words);
    }
    let json = serde_json::to_string_pretty(&answer.json)
        .map_err(|error| CityFailure::failed("internal", error.to_string()))?;
    print(&json)
}

async fn answer(command: CityCommand) -> Result<Answer, CityFailure> {
    match command {
        CityCommand::Build(order) => build::run(order).await,
        CityCommand::Info(order) => info::run(&order),
        CityCommand::Route(order) => route::run(order).await,
        CityCommand::Table(order) => table::run(order).await,
        CityCommand::Search(order) => search::search(&order),
        CityCommand::Reverse(order) => search::reverse(&order),
        CityCommand::Match(order) => track::run(&order),
        CityCommand::Bench(order) => bench::run(&order),
        CityCommand::CompareOsrm(order) => compare::run(&order).await,
        CityCommand::Serve(_) => Err(CityFailure::failed("internal", "it has no answer")),
    }
}
