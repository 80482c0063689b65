//! Real demand from a CSV file.
//!
//! Columns `requested_at,pickup_lon,pickup_lat,dropoff_lon,dropoff_lat` and, if it is there,
//! `driven_s` (how long the ride took in seconds, empty if unknown), in any order; others are ignored. A row that cannot be read ends the reading with its line number: records that are
//! silently wrong would give a demand that never was. A trip that leaves the map is no mistake of
//! the file, so it is left out, and the number of them is told.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use rand::RngExt;
use wayfare_core::geo::{LatLng, LatLngError};
use wayfare_core::roads::RoadNetwork;

use crate::chance::Chance;
use crate::demand::Wish;

/// Ends farther than this from every road are off the map.
const OFF_MAP_M: f64 = 300.0;
/// More records than this are not a city's demand but a mistake.
const RECORDS_MAX: usize = 5_000_000;

/// Why records cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The file cannot be opened or read.
    #[error("cannot read the trips {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the reader says.
        source: csv::Error,
    },
    /// A column is missing.
    #[error(
        "the trips {path} have no column {column}: the first line must name \
         requested_at, pickup_lon, pickup_lat, dropoff_lon and dropoff_lat"
    )]
    Column {
        /// The file.
        path: PathBuf,
        /// The first one that is missing.
        column: &'static str,
    },
    /// A row that cannot be read.
    #[error("the trips {path}, line {line}: {source}")]
    Row {
        /// The file.
        path: PathBuf,
        /// Line in the file, the first being 1.
        line: u64,
        /// What is wrong with it.
        source: RowError,
    },
    /// More rows than a city has.
    #[error("the trips {path} have more than {RECORDS_MAX} rows")]
    TooMany {
        /// The file.
        path: PathBuf,
    },
    /// Nothing to replay.
    #[error(
        "none of the {rows} trips in {path} lies on the roads of {city}: \
         is this the map of another place?"
    )]
    NoneOnMap {
        /// The file.
        path: PathBuf,
        /// How many were read.
        rows: usize,
        /// Name of the city.
        city: String,
    },
    /// A file with a header alone.
    #[error("the trips {path} have no rows")]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

/// What is wrong with a row.
#[derive(Debug, thiserror::Error)]
pub enum RowError {
    /// The row is no text.
    #[error("{0}")]
    Text(#[source] csv::Error),
    /// The row ends before the column.
    #[error("{column} is missing")]
    Missing {
        /// The column.
        column: &'static str,
    },
    /// Not a number.
    #[error("{column} is {value:?}, not a number of degrees such as -8.610291")]
    Number {
        /// The column.
        column: &'static str,
        /// What is written there.
        value: String,
    },
    /// The time is no RFC 3339 time.
    #[error("requested_at is {value:?}, not a time such as 2013-07-01T00:00:53Z")]
    Time {
        /// What is written there.
        value: String,
    },
    /// The ride took no time that can be.
    #[error("driven_s is {value:?}, not a number of seconds such as 630")]
    Driven {
        /// What is written there.
        value: String,
    },
    /// The pickup is not on earth.
    #[error("pickup: {0}")]
    Pickup(#[source] LatLngError),
    /// The dropoff is not on earth.
    #[error("dropoff: {0}")]
    Dropoff(#[source] LatLngError),
}

/// Records in order of their time, the first at simulated second 0.
#[derive(Debug, Default)]
pub struct Replay {
    wishes: VecDeque<Wish>,
    pickups: Vec<LatLng>,
    /// Rows read.
    pub rows: usize,
    /// Rows left out because an end lies off the map.
    pub off_map: usize,
    /// When the first was requested.
    pub first_at: DateTime<Utc>,
}

/// Where the columns are.
#[derive(Debug, Clone, Copy)]
struct Columns {
    requested_at: usize,
    pickup: [usize; 2],
    dropoff: [usize; 2],
    driven_s: Option<usize>,
}

impl Columns {
    /// The columns of a header line, or the name of the first that is not there.
    fn of(headers: &csv::StringRecord) -> Result<Self, &'static str> {
        let find = |column| {
            headers
                .iter()
                .position(|header| header == column)
                .ok_or(column)
        };
        Ok(Self {
            requested_at: find("requested_at")?,
            pickup: [find("pickup_lon")?, find("pickup_lat")?],
            dropoff: [find("dropoff_lon")?, find("dropoff_lat")?],
            driven_s: find("driven_s").ok(),
        })
    }
}

#[derive(Debug, Clone, Copy)]
struct Record {
    requested_at: DateTime<Utc>,
    pickup: LatLng,
    dropoff: LatLng,
    driven_s: Option<f64>,
}

impl Replay {
    /// Reads records and keeps those whose both ends lie on the roads of the city.
    pub fn read(path: &Path, roads: &RoadNetwork, city: &str) -> Result<Self, ReplayError> {
        let records = read_records(path)?;
        let rows = records.len();
        if rows == 0 {
            return Err(ReplayError::Empty {
                path: path.to_owned(),
            });
        }
        let mut on_map: Vec<Record> = records
            .into_iter()
            .filter(|record| is_on_map(record, roads))
            .collect();
        on_map.sort_by_key(|record| record.requested_at);
        let Some(first) = on_map.first().copied() else {
            return Err(ReplayError::NoneOnMap {
                path: path.to_owned(),
                rows,
                city: city.to_owned(),
            });
        };
        let wish = |record: &Record| Wish {
            at_s: (record.requested_at - first.requested_at).as_seconds_f64(),
            pickup: record.pickup,
            dropoff: record.dropoff,
            driven_s: record.driven_s,
        };
        Ok(Self {
            wishes: on_map.iter().map(wish).collect(),
            pickups: on_map.iter().map(|record| record.pickup).collect(),
            rows,
            off_map: rows - on_map.len(),
            first_at: first.requested_at,
        })
    }

    /// All records that are still to come.
    pub fn wishes(&self) -> impl Iterator<Item = &Wish> {
        self.wishes.iter()
    }

    /// The next record, or `None` when they are over.
    pub fn next_wish(&mut self) -> Option<Wish> {
        self.wishes.pop_front()
    }

    /// The pickup of any record.
    pub fn draw_pickup(&self, chance: &mut Chance) -> Option<LatLng> {
        if self.pickups.is_empty() {
            return None;
        }
        self.pickups
            .get(chance.random_range(0..self.pickups.len()))
            .copied()
    }
}

fn is_on_map(record: &Record, roads: &RoadNetwork) -> bool {
    let is_near = |end| {
        let nearest = roads.nearest(end, false);
        nearest.is_some_and(|snapped| snapped.point.distance_m <= OFF_MAP_M)
    };
    [record.pickup, record.dropoff].into_iter().all(is_near)
}

fn read_records(path: &Path) -> Result<Vec<Record>, ReplayError> {
    let read = |source| ReplayError::Read {
        path: path.to_owned(),
        source,
    };
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .flexible(true)
        .from_path(path)
        .map_err(read)?;
    let columns =
        Columns::of(reader.headers().map_err(read)?).map_err(|column| ReplayError::Column {
            path: path.to_owned(),
            column,
        })?;
    let bad_row = |at: Option<&csv::Position>, source| ReplayError::Row {
        path: path.to_owned(),
        line: at.map_or(0, |at| line_at(path, at.byte())),
        source,
    };
    let mut records = Vec::new();
    for row in reader.into_records() {
        let row = row.map_err(|error| {
            let at = error.position().cloned();
            bad_row(at.as_ref(), RowError::Text(error))
        })?;
        let record = record_of(&row, columns).map_err(|error| bad_row(row.position(), error))?;
        if records.len() == RECORDS_MAX {
            return Err(ReplayError::TooMany {
                path: path.to_owned(),
            });
        }
        records.push(record);
    }
    Ok(records)
}

/// The line of the first text at or after a byte of the file, the first line being 1. The reader
/// counts lines as well, but is one behind in files whose lines end with CR LF.
fn line_at(path: &Path, byte: u64) -> u64 {
    // The file was just read; should it be gone, there is no line to name.
    let content = std::fs::read(path).unwrap_or_default();
    let byte = usize::try_from(byte)
        .unwrap_or(usize::MAX)
        .min(content.len());
    let (before, after) = content.split_at(byte);
    let ends = after
        .iter()
        .take_while(|byte| matches!(byte, b'\r' | b'\n'));
    let newlines = before
        .iter()
        .chain(ends)
        .filter(|byte| **byte == b'\n')
        .count();
    u64::try_from(newlines)
        .unwrap_or(u64::MAX)
        .saturating_add(1)
}

fn record_of(row: &csv::StringRecord, columns: Columns) -> Result<Record, RowError> {
    let value = row.get(columns.requested_at).unwrap_or_default();
    let requested_at = DateTime::parse_from_rfc3339(value)
        .map_err(|_| RowError::Time {
            value: value.to_owned(),
        })?
        .to_utc();
    let [lon, lat] = columns.pickup;
    let (lon, lat) = (
        degrees(row, lon, "pickup_lon")?,
        degrees(row, lat, "pickup_lat")?,
    );
    let pickup = LatLng::from_degrees(lat, lon).map_err(RowError::Pickup)?;
    let [lon, lat] = columns.dropoff;
    let (lon, lat) = (
        degrees(row, lon, "dropoff_lon")?,
        degrees(row, lat, "dropoff_lat")?,
    );
    let dropoff = LatLng::from_degrees(lat, lon).map_err(RowError::Dropoff)?;
    Ok(Record {
        requested_at,
        pickup,
        dropoff,
        driven_s: columns
            .driven_s
            .map_or(Ok(None), |index| seconds(row, index))?,
    })
}

/// A length of time that may be unknown.
fn seconds(row: &csv::StringRecord, index: usize) -> Result<Option<f64>, RowError> {
    let value = row.get(index).unwrap_or_default();
    if value.is_empty() {
        return Ok(None);
    }
    let number = value.parse().ok();
    let seconds = number.filter(|seconds: &f64| seconds.is_finite() && *seconds >= 0.0);
    seconds.map(Some).ok_or_else(|| RowError::Driven {
        value: value.to_owned(),
    })
}

fn degrees(row: &csv::StringRecord, index: usize, column: &'static str) -> Result<f64, RowError> {
    let value = row.get(index).ok_or(RowError::Missing { column })?;
    value.parse().map_err(|_| RowError::Number {
        column,
        value: value.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::testing;

    const HEADER: &str = "requested_at,pickup_lon,pickup_lat,dropoff_lon,dropoff_lat,taxi_id\n";
    const HEADER_DRIVEN: &str =
        "driven_s,requested_at,pickup_lon,pickup_lat,dropoff_lon,dropoff_lat\n";

    fn read(content: &str) -> Result<Replay, ReplayError> {
        let city = testing::city();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trips.csv");
        std::fs::write(&path, content).unwrap();
        Replay::read(&path, &city.roads, &city.name)
    }

    #[test]
    fn records_play_in_order_from_the_first_and_those_off_the_map_are_counted() {
        let replay = read(&format!(
            "{HEADER}2013-07-01T00:02:30+00:00,-8.629,41.160,-8.640,41.165,7\n\
             2013-07-01T00:00:30Z, -8.620, 41.165, -8.629, 41.158, 8\n\
             2013-07-01T00:00:00Z,2.35,48.85,-8.629,41.158,9\n"
        ))
        .unwrap();
        assert_eq!((replay.rows, replay.off_map), (3, 1));
        let wishes: Vec<Wish> = replay.wishes.iter().copied().collect();
        assert_eq!(
            wishes.iter().map(|wish| wish.at_s).collect::<Vec<_>>(),
            [0.0, 120.0]
        );
        assert_eq!(
            wishes[0].pickup,
            LatLng::from_degrees(41.165, -8.620).unwrap()
        );
        assert_eq!(
            wishes[1].dropoff,
            LatLng::from_degrees(41.165, -8.640).unwrap()
        );
    }

    #[test]
    fn a_bad_row_is_named_with_its_line() {
        let good = "2013-07-01T00:00:30Z,-8.620,41.165,-8.629,41.158,8\n";
        for (bad, says) in [
            (
                "2013-07-01T00:00:30Z,here,41.165,-8.629,41.158,8",
                "pickup_lon",
            ),
            (
                "2013-07-01T00:00:30Z,-8.620,141.165,-8.629,41.158,8",
                "pickup: latitude",
            ),
            (
                "2013-07-01T00:00:30Z,-8.620,41.165,-188.629,41.158,8",
                "dropoff: longitude",
            ),
            (
                "2013-07-01T00:00:30Z,-8.620,NaN,-8.629,41.158,8",
                "pickup: latitude",
            ),
            (
                "yesterday,-8.620,41.165,-8.629,41.158,8",
                "requested_at is \"yesterday\"",
            ),
            (
                "2013-07-01T00:00:30Z,-8.620,41.165",
                "dropoff_lon is missing",
            ),
            ("2013-07-01T00:00:30Z,,41.165,-8.629,41.158,8", "pickup_lon"),
        ] {
            let content = format!("{HEADER}{good}{bad}\n{good}");
            for content in [content.replace('\n', "\r\n"), content] {
                let error = read(&content).unwrap_err();
                let text = error.to_string();
                assert!(
                    matches!(error, ReplayError::Row { line: 3, .. }),
                    "{bad}: {text}"
                );
                assert!(
                    text.contains("line 3") && text.contains(says),
                    "{bad}: {text}"
                );
            }
        }
    }

    #[test]
    fn a_recorded_length_is_a_number_of_seconds_or_unknown() {
        let trip = "2013-07-01T00:00:30Z,-8.620,41.165,-8.629,41.158";
        let replay = read(&format!("{HEADER_DRIVEN}630.5,{trip}\n,{trip}\n")).unwrap();
        let driven: Vec<_> = replay.wishes().map(|wish| wish.driven_s).collect();
        assert_eq!(driven, [Some(630.5), None]);
        for bad in ["-1", "ten", "inf"] {
            let error = read(&format!("{HEADER_DRIVEN}{bad},{trip}\n")).unwrap_err();
            let text = error.to_string();
            assert!(
                text.contains("line 2") && text.contains("driven_s"),
                "{text}"
            );
        }
    }

    #[test]
    fn a_file_that_cannot_be_replayed_says_why() {
        let missing = read("requested_at,pickup_lon,pickup_lat,dropoff_lon\n").unwrap_err();
        assert!(matches!(
            missing,
            ReplayError::Column {
                column: "dropoff_lat",
                ..
            }
        ));
        assert!(matches!(read(HEADER), Err(ReplayError::Empty { .. })));
        assert!(matches!(read(""), Err(ReplayError::Column { .. })));
        let elsewhere = format!("{HEADER}2013-07-01T00:00:30Z,2.35,48.85,2.36,48.86,1\n");
        assert!(matches!(
            read(&elsewhere),
            Err(ReplayError::NoneOnMap { rows: 1, .. })
        ));
        let city = testing::city();
        let gone = Replay::read(Path::new("gone.csv"), &city.roads, "x").unwrap_err();
        assert!(gone.to_string().contains("gone.csv"), "{gone}");
    }
}
