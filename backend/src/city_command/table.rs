//! `wayfare city table`: lengths and durations between many places at once.

use std::path::PathBuf;

use clap::Args;
use wayfare_backend::places::{PackRouter, Router, TableRequest};
use wayfare_core::city::CityPack;
use wayfare_core::geo::LatLng;
use wayfare_core::wire::TableView;

use super::{Answer, CityFailure, file, words};

/// A thousand places are some tens of kilobytes.
const POINTS_MEBIBYTES_MAX: u64 = 1;
/// Wider tables are not shown to people.
const SHOWN_MAX: usize = 10;
const FREE_BPS: u32 = 10_000;

/// Which places.
#[derive(Debug, Args)]
pub(super) struct TableOrder {
    /// Folder of the pack
    #[arg(long, value_name = "DIR")]
    city: PathBuf,
    /// The places as JSON: [[lat, lng], …]
    #[arg(long, value_name = "FILE.json")]
    points: PathBuf,
}

pub(super) async fn run(order: TableOrder) -> Result<Answer, CityFailure> {
    let points = read_points(&order)?;
    let pack = CityPack::open(&order.city)?;
    let request = TableRequest {
        from: points.clone(),
        to: points,
        slowness_bps: FREE_BPS,
    };
    let table = PackRouter::new(pack.roads).table(request).await?;
    let view = TableView::from(&table);
    Answer::of(&view, in_words(&view))
}

fn read_points(order: &TableOrder) -> Result<Vec<LatLng>, CityFailure> {
    const CODE: &str = "invalid_points";
    let path = &order.points;
    let text = file::read_text(path, POINTS_MEBIBYTES_MAX, CODE)?;
    let wrong = |field: String, problem: String| {
        let detail = format!("{} is no list of places: {problem}", path.display());
        CityFailure::wrong(CODE, detail).field(field, problem)
    };
    let mut json = serde_json::Deserializer::from_str(&text);
    let points: Vec<[f64; 2]> = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let problem = error.inner().to_string();
        wrong(error.path().to_string(), problem)
    })?;
    json.end()
        .map_err(|error| wrong(".".to_owned(), error.to_string()))?;
    if points.is_empty() {
        return Err(wrong(".".to_owned(), "it is empty".to_owned()));
    }
    let place = |(index, [lat, lng]): (usize, &[f64; 2])| {
        LatLng::from_degrees(*lat, *lng)
            .map_err(|error| wrong(format!("[{index}]"), format!("[{index}]: {error}")))
    };
    points.iter().enumerate().map(place).collect()
}

fn in_words(table: &TableView) -> String {
    let rows = table.durations_s.len();
    let missing = table.durations_s.iter().flatten();
    let missing = missing.filter(|cell| cell.is_none()).count();
    let mut lines = vec![match missing {
        0 => format!("{rows} × {rows} ways."),
        _ => format!("{rows} × {rows} ways; no road leads in {missing} of them."),
    }];
    if rows > SHOWN_MAX {
        lines.push("With --json all of them are printed.".to_owned());
        return lines.join("\n");
    }
    for (durations, distances) in table.durations_s.iter().zip(&table.distances_m) {
        let cells = durations.iter().zip(distances).map(|cell| match cell {
            (Some(duration_s), Some(distance_m)) => {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "a drive has far fewer than 2^63 seconds"
                )]
                let duration_s = duration_s.round() as i64;
                format!(
                    "{:>8} {:>9}",
                    words::metres(*distance_m),
                    words::seconds(duration_s)
                )
            }
            _ => format!("{:>18}", "–"),
        });
        lines.push(cells.collect::<Vec<_>>().join(" │"));
    }
    lines.join("\n")
}
