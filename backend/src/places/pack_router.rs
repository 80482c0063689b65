//! Ways by the roads of the pack.

use std::sync::Arc;
use std::thread::available_parallelism;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use wayfare_core::roads::{RoadNetwork, Route, RouteRequest, Search, Table};

use super::router::{Router, RouterError, TableRequest, check_near, check_stops};

/// Finds ways by the roads of a pack, in threads that may take their time, no more at once than the
/// machine has cores.
#[derive(Debug)]
pub struct PackRouter {
    roads: Arc<RoadNetwork>,
    turns: Semaphore,
}

impl PackRouter {
    /// A router on these roads.
    pub fn new(roads: Arc<RoadNetwork>) -> Self {
        let turns = Semaphore::new(available_parallelism().map_or(1, Into::into));
        Self { roads, turns }
    }

    /// Searches in a thread of its own.
    async fn search<T: Send + 'static>(
        &self,
        work: impl FnOnce(&RoadNetwork, &mut Search) -> T + Send + 'static,
    ) -> Result<T, RouterError> {
        let _turn = self
            .turns
            .acquire()
            .await
            .map_err(|_| RouterError::BrokenOff)?;
        let roads = Arc::clone(&self.roads);
        let found = spawn_blocking(move || roads.with_search(|search| work(&roads, search)));
        found.await.map_err(|_| RouterError::BrokenOff)
    }
}

impl Router for PackRouter {
    fn route(&self, request: RouteRequest) -> BoxFuture<'_, Result<Route, RouterError>> {
        async move {
            check_stops(&request)?;
            let stops = request.stops.clone();
            let route = self
                .search(move |roads, search| roads.route(search, &request))
                .await??;
            check_near(&stops, &route)?;
            Ok(route)
        }
        .boxed()
    }

    fn table(&self, request: TableRequest) -> BoxFuture<'_, Result<Table, RouterError>> {
        async move {
            request.check()?;
            self.search(move |roads, search| {
                roads.table(search, &request.from, &request.to, request.slowness_bps)
            })
            .await
        }
        .boxed()
    }
}
