//! `wayfare city serve`: the map, the search and the roads of a pack on a page of their own.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use chrono_tz::Tz;
use clap::Args;
use poem::listener::{Acceptor, Listener, TcpListener};
use serde_json::json;
use wayfare_backend::places::{City, open_routes};
use wayfare_backend::platform::config::{CityConfig, Config, Sources};
use wayfare_backend::platform::shutdown;

use super::failure::with_causes;
use super::{Answer, CityFailure};

/// What to serve.
#[derive(Debug, Args)]
pub(super) struct ServeOrder {
    /// Folder of the pack
    #[arg(long, value_name = "DIR")]
    city: PathBuf,
    /// Address and port to listen on; port 0 picks a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8081")]
    bind: SocketAddr,
    /// Folder with MapLibre GL JS for the page; `cargo xtask map-library` fetches it and prints where it is
    #[arg(long, value_name = "DIR")]
    map_library: Option<PathBuf>,
    /// Time zone of the city, an IANA name: decides what hour it is when a drive begins
    #[arg(long, value_name = "NAME", default_value = "UTC", value_parser = timezone)]
    timezone: Tz,
}

fn timezone(name: &str) -> Result<Tz, String> {
    let unknown = |_| "it is no name such as Europe/Lisbon".to_owned();
    name.parse().map_err(unknown)
}

/// Serves until a signal. The address is told as soon as it is known, so nothing is left to print.
pub(super) async fn run(
    order: ServeOrder,
    tell: impl FnOnce(Answer) -> Result<(), CityFailure>,
) -> Result<(), CityFailure> {
    let broken = |error: &(dyn std::error::Error + 'static)| {
        CityFailure::failed("serve_failed", with_causes(error))
    };
    let config = Config::load(&Sources::default()).map_err(|error| broken(&error))?;
    let named = CityConfig {
        pack: Some(order.city),
        osrm_url: None,
    };
    let city = City::open(&named, order.timezone)
        .map_err(|error| CityFailure::wrong("invalid_pack", with_causes(&error)))?;
    let routes = open_routes(&Arc::new(city), &config, order.map_library.as_deref());
    let acceptor = TcpListener::bind(order.bind).into_acceptor().await;
    let acceptor = acceptor.map_err(|error| {
        let detail = format!("cannot listen on {}: {error}", order.bind);
        CityFailure::failed("serve_failed", detail)
    })?;
    let bound = acceptor.local_addr().into_iter();
    let bound = bound
        .filter_map(|local| local.as_socket_addr().copied())
        .next();
    let address = format!("http://{}", bound.unwrap_or(order.bind));
    tell(Answer {
        json: json!({"address": address}),
        words: format!("The city is at {address}"),
    })?;
    let stop = shutdown::on_signals().map_err(|error| broken(&error))?;
    poem::Server::new_with_acceptor(acceptor)
        .run_with_graceful_shutdown(routes, stop.cancelled_owned(), None)
        .await
        .map_err(|error| broken(&error))
}
