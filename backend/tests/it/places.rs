//! `/v1/places`, `/v1/routes` and `/v1/city`.

mod asking;
mod files;
mod osrm;
mod page;

use crate::harness::TestServer;
use crate::town::Town;

/// The town, and a server that knows it.
async fn start() -> (Town, TestServer) {
    let town = Town::build();
    let pack = town.pack();
    let server = TestServer::start_with(|config| config.city.pack = Some(pack)).await;
    (town, server)
}
