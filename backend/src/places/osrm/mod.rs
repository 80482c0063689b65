//! Ways from an OSRM server over HTTP, for operators who run one.
//!
//! Its answers are bounded in time and size, and whatever it says that is not understood is an error.
//! Durations are scaled by the time of day as those of the pack are.

mod answer;
mod steps;
#[cfg(test)]
mod tests;

use std::sync::Once;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use reqwest::redirect::Policy;
use serde::de::DeserializeOwned;
use wayfare_core::geo::LatLng;
use wayfare_core::roads::{NoRoute, Route, RouteRequest, Table};

use super::router::{Router, RouterError, TableRequest, check_near, check_stops};
use answer::{RouteAnswer, Said, TableAnswer};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// A route through a country with all its bends has some megabytes.
const ANSWER_BYTES_MAX: usize = 32 << 20;

/// What an OSRM server did wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OsrmError {
    /// It cannot be asked at all.
    #[error("it cannot be asked")]
    Setup(#[source] reqwest::Error),
    /// It was not reached, or did not answer in time.
    #[error("it was not reached")]
    Unreachable(#[source] reqwest::Error),
    /// It sent more than a route or a table can have.
    #[error("its answer has more than {ANSWER_BYTES_MAX} bytes")]
    TooLong,
    /// It answered something else than OSRM does.
    #[error("its answer is not understood (HTTP status {status})")]
    NotUnderstood {
        /// The status of the answer.
        status: u16,
        /// What is wrong with the body.
        #[source]
        source: serde_json::Error,
    },
    /// It refused the request.
    #[error("it refused: {code}: {message}")]
    Refused {
        /// Its code, such as `TooBig`.
        code: String,
        /// Its words.
        message: String,
    },
    /// Its answer has not the form that was asked for.
    #[error("its answer does not fit the request: {0}")]
    Misfit(&'static str),
}

/// Finds ways by asking an OSRM server.
#[derive(Debug)]
pub struct OsrmRouter {
    http: reqwest::Client,
    base: String,
}

impl OsrmRouter {
    /// A router that asks the server at this address, such as `http://127.0.0.1:5000`.
    pub fn new(url: &str) -> Result<Self, OsrmError> {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            // An error means that the process has chosen one before.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(ANSWER_TIMEOUT)
            .redirect(Policy::none())
            .build()
            .map_err(OsrmError::Setup)?;
        Ok(Self {
            http,
            base: url.trim_end_matches('/').to_owned(),
        })
    }

    async fn find_route(&self, request: &RouteRequest) -> Result<Route, RouterError> {
        check_stops(request)?;
        let geometry = if request.geometry { "full" } else { "false" };
        let path = format!(
            "/route/v1/driving/{}?overview={geometry}&geometries=geojson&steps=true",
            coordinates(request.stops.iter())
        );
        let answer: RouteAnswer = self.ask(&path).await?;
        let route = answer.route(request)?;
        check_near(&request.stops, &route)?;
        Ok(route)
    }

    async fn find_table(&self, request: &TableRequest) -> Result<Table, RouterError> {
        request.check()?;
        let (rows, columns) = (request.from.len(), request.to.len());
        if rows == 0 || columns == 0 {
            return Ok(Table {
                rows,
                columns,
                cells: Vec::new(),
            });
        }
        let path = format!(
            "/table/v1/driving/{}?annotations=duration,distance&sources={}&destinations={}",
            coordinates(request.from.iter().chain(&request.to)),
            positions(0, rows),
            positions(rows, columns),
        );
        let answer: TableAnswer = self.ask(&path).await?;
        Ok(answer.table(request)?)
    }

    /// Asks, and tells a refusal from an answer.
    async fn ask<T: DeserializeOwned>(&self, path: &str) -> Result<T, RouterError> {
        let (status, body) = self.fetch(path).await?;
        let understood = |source| OsrmError::NotUnderstood { status, source };
        let said: Said = serde_json::from_slice(&body).map_err(understood)?;
        match said.code.as_str() {
            "Ok" => Ok(serde_json::from_slice(&body).map_err(understood)?),
            // It does not say which of the stops it is.
            "NoRoute" | "NoSegment" | "NoTable" => Err(NoRoute::NotConnected(0).into()),
            _ => Err(OsrmError::Refused {
                code: said.code,
                message: said.message,
            }
            .into()),
        }
    }

    async fn fetch(&self, path: &str) -> Result<(u16, Vec<u8>), OsrmError> {
        let url = format!("{}{path}", self.base);
        let sent = self.http.get(url).send().await;
        let mut answer = sent.map_err(OsrmError::Unreachable)?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(OsrmError::Unreachable)? {
            if body.len() + chunk.len() > ANSWER_BYTES_MAX {
                return Err(OsrmError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        Ok((answer.status().as_u16(), body))
    }
}

/// Longitude before latitude, with a comma between them, and semicolons between places.
fn coordinates<'a>(places: impl Iterator<Item = &'a LatLng>) -> String {
    let places = places.map(|at| format!("{:.7},{:.7}", at.lng(), at.lat()));
    places.collect::<Vec<_>>().join(";")
}

fn positions(first: usize, count: usize) -> String {
    let positions = (first..first + count).map(|position| position.to_string());
    positions.collect::<Vec<_>>().join(";")
}

impl Router for OsrmRouter {
    fn route(&self, request: RouteRequest) -> BoxFuture<'_, Result<Route, RouterError>> {
        async move { self.find_route(&request).await }.boxed()
    }

    fn table(&self, request: TableRequest) -> BoxFuture<'_, Result<Table, RouterError>> {
        async move { self.find_table(&request).await }.boxed()
    }
}
