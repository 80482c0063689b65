//! How fast an OSRM server is, and how much of that is HTTP.
//!
//! What a request costs besides its work is measured, not guessed: a route less a request for the
//! nearest road, which does next to nothing; a table less a table of two places, and less what
//! writing so many numbers as JSON takes.

use serde::Serialize;

use super::osrm::{Detail, Osrm, OsrmError, nearest_path, route_path, table_path};
use crate::city_command::measure::{Spread, TABLE_SIZE, Workload};

const REPEATS: usize = 5;
const TABLE_REPEATS: usize = 21;
/// Sizes of tables: what grows with them is work.
const TABLE_SIZES: [usize; 4] = [2, 25, 50, TABLE_SIZE];

/// How fast an OSRM server answers over HTTP, and the parts that are HTTP's.
#[derive(Debug, Clone, Serialize)]
pub(super) struct OsrmSpeed {
    pub(super) nearest: Spread,
    pub(super) route: Spread,
    pub(super) route_with_steps: Spread,
    /// By size.
    pub(super) tables: Vec<(usize, Spread)>,
    /// Writing the durations of the largest table as JSON, as this program does it.
    pub(super) json: Spread,
}

impl OsrmSpeed {
    /// Measures with the same queries as a pack.
    pub(super) fn measure(osrm: &mut Osrm, workload: &Workload) -> Result<Self, OsrmError> {
        osrm.allows_table(&workload.places)?;
        let routes = |detail| -> Vec<String> {
            let pairs = workload.pairs.iter();
            pairs.map(|pair| route_path(pair, detail)).collect()
        };
        let nearest: Vec<String> = workload
            .pairs
            .iter()
            .map(|pair| nearest_path(pair.from))
            .collect();
        let mut tables = Vec::new();
        for size in TABLE_SIZES {
            let places = workload.places.get(..size).unwrap_or(&workload.places);
            let path = [table_path(places)];
            tables.push((size, fetch_all(osrm, &path, TABLE_REPEATS)?));
        }
        Ok(Self {
            nearest: fetch_all(osrm, &nearest, REPEATS)?,
            route: fetch_all(osrm, &routes(Detail::Sums), REPEATS)?,
            route_with_steps: fetch_all(osrm, &routes(Detail::Steps), REPEATS)?,
            tables,
            json: writing_json()?,
        })
    }

    /// A route without HTTP.
    pub(super) fn own_route(&self) -> Spread {
        less(&self.route, &self.nearest)
    }

    /// A route with geometry and steps without HTTP; writing them as JSON stays in.
    pub(super) fn own_route_with_steps(&self) -> Spread {
        less(&self.route_with_steps, &self.nearest)
    }

    /// The largest table without HTTP and JSON.
    pub(super) fn own_table(&self) -> Spread {
        let table = self.table();
        self.tables.first().map_or(table, |(_, smallest)| {
            less(&less(&table, smallest), &self.json)
        })
    }

    /// The largest table as it came.
    pub(super) fn table(&self) -> Spread {
        self.tables
            .last()
            .map_or(self.json, |(_, largest)| *largest)
    }
}

fn fetch_all(osrm: &mut Osrm, paths: &[String], repeats: usize) -> Result<Spread, OsrmError> {
    Spread::of(repeats, paths.len(), || {
        paths.iter().try_for_each(|path| osrm.fetch(path))
    })
}

/// Writing as many numbers of the same form as the largest table has.
fn writing_json() -> Result<Spread, OsrmError> {
    let row: Vec<f64> = (0..TABLE_SIZE)
        .map(|column| 100.1 + f64::from(u32::try_from(column).unwrap_or(0)) * 13.7)
        .collect();
    let rows = vec![row; TABLE_SIZE];
    Spread::of(TABLE_REPEATS, 1, || {
        std::hint::black_box(serde_json::to_vec(&rows)?);
        Ok(())
    })
}

fn less(whole: &Spread, part: &Spread) -> Spread {
    Spread {
        best_us: (whole.best_us - part.best_us).max(0.0),
        median_us: (whole.median_us - part.median_us).max(0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_http_is_taken_out() {
        let spread = |median_us: f64| Spread {
            best_us: median_us / 2.0,
            median_us,
        };
        let speed = OsrmSpeed {
            nearest: spread(100.0),
            route: spread(180.0),
            route_with_steps: spread(300.0),
            tables: vec![(2, spread(120.0)), (100, spread(9_120.0))],
            json: spread(500.0),
        };
        assert_eq!(speed.own_route().median_us.to_string(), "80");
        assert_eq!(speed.own_route_with_steps().best_us.to_string(), "100");
        assert_eq!(speed.own_table().median_us.to_string(), "8500");
        assert_eq!(speed.table().median_us.to_string(), "9120");
    }
}
