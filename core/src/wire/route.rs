//! Routes and tables on the wire: metres, seconds and degrees.

use serde::{Deserialize, Serialize};

use super::place::Point;

/// What a driver does at the start of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum ManeuverView {
    /// Set off.
    Depart,
    /// Keep to the road, whose name changes.
    Continue,
    /// A turn by less than 60 degrees.
    SlightLeft,
    /// A turn.
    Left,
    /// A turn by more than 120 degrees.
    SharpLeft,
    /// A turn by less than 60 degrees.
    SlightRight,
    /// A turn.
    Right,
    /// A turn by more than 120 degrees.
    SharpRight,
    /// Turn round.
    UTurn,
    /// Leave a roundabout by `exit`.
    Roundabout,
    /// Join a motorway or main road from a ramp.
    Merge,
    /// Leave by a ramp, to the left.
    RampLeft,
    /// Leave by a ramp, to the right.
    RampRight,
    /// Go onto a boat.
    Ferry,
    /// A stop is reached: `stop`.
    Arrive,
}

/// A part of a route with one instruction at its start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
pub struct StepView {
    /// What to do.
    pub maneuver: ManeuverView,
    /// The exit of a roundabout, counted from 1; absent otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit: Option<u8>,
    /// The stop that is reached, counted from 0 for the start; absent otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop: Option<u8>,
    /// Street that is driven after it; empty when it has no name.
    pub street: String,
    /// Direction after it, degrees clockwise from north.
    pub bearing_deg: u16,
    /// Length until the next step in metres.
    pub distance_m: i64,
    /// Time until the next step in seconds.
    pub duration_s: i64,
    /// Where.
    pub at: Point,
    /// Position in the geometry, from 0, of the first point that belongs to it.
    pub geometry_index: u32,
}

/// From one stop to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct RouteLeg {
    /// Length in metres.
    pub distance_m: i64,
    /// Time in seconds.
    pub duration_s: i64,
}

/// A way through all stops.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct RouteView {
    /// Length in metres, from the road at the first stop to the road at the last.
    pub distance_m: i64,
    /// Time in seconds.
    pub duration_s: i64,
    /// From each stop to the next.
    pub legs: Vec<RouteLeg>,
    /// Along the road: latitude and longitude in degrees. Empty if it was not asked for.
    pub geometry: Vec<[f64; 2]>,
    /// Instructions. Empty if they were not asked for.
    pub steps: Vec<StepView>,
    /// Whether a part of it costs a toll.
    pub has_toll: bool,
    /// Where each stop is on the road.
    pub stops: Vec<Point>,
}

/// Durations and lengths from each start (row) to each end (column); null where no road leads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct TableView {
    /// Seconds, to a tenth.
    pub durations_s: Vec<Vec<Option<f64>>>,
    /// Metres.
    pub distances_m: Vec<Vec<Option<i64>>>,
}

#[cfg(feature = "routing")]
mod from_roads {
    use super::{ManeuverView, Point, RouteLeg, RouteView, StepView, TableView};
    use crate::roads::{Maneuver, Route, Step, Table};

    const MM_PER_M: u64 = 1_000;
    const MS_PER_S: u64 = 1_000;
    const MS_PER_TENTH: u64 = 100;

    impl From<&Route> for RouteView {
        fn from(route: &Route) -> Self {
            let leg = |(length_mm, duration_ms): &(u64, u64)| RouteLeg {
                distance_m: rounded(*length_mm, MM_PER_M),
                duration_s: rounded(*duration_ms, MS_PER_S),
            };
            Self {
                distance_m: rounded(route.length_mm, MM_PER_M),
                duration_s: rounded(route.duration_ms, MS_PER_S),
                legs: route.legs.iter().map(leg).collect(),
                geometry: route
                    .geometry
                    .iter()
                    .map(|at| [at.lat(), at.lng()])
                    .collect(),
                steps: route.steps.iter().map(StepView::from).collect(),
                has_toll: route.has_toll,
                stops: route.stops.iter().copied().map(Point::from).collect(),
            }
        }
    }

    impl From<&Step> for StepView {
        fn from(step: &Step) -> Self {
            let (maneuver, exit, stop) = view(step.maneuver);
            Self {
                maneuver,
                exit,
                stop,
                street: step.street.clone(),
                bearing_deg: step.bearing_deg,
                distance_m: i64::from(step.distance_m),
                duration_s: i64::from(step.duration_s),
                at: step.at.into(),
                geometry_index: u32::try_from(step.geometry_index).unwrap_or(u32::MAX),
            }
        }
    }

    impl From<&Table> for TableView {
        fn from(table: &Table) -> Self {
            Self {
                durations_s: rows(table, |(duration_ms, _)| {
                    #[expect(
                        clippy::cast_precision_loss,
                        reason = "tenths of a second of a drive are far below 2^53"
                    )]
                    let tenths = rounded(duration_ms, MS_PER_TENTH) as f64;
                    tenths / 10.0
                }),
                distances_m: rows(table, |(_, length_mm)| rounded(length_mm, MM_PER_M)),
            }
        }
    }

    /// The cells of each start.
    fn rows<T>(table: &Table, cell: impl Fn((u64, u64)) -> T) -> Vec<Vec<Option<T>>> {
        (0..table.rows)
            .map(|row| {
                let start = row.saturating_mul(table.columns);
                let end = start.saturating_add(table.columns);
                let cells = table.cells.get(start..end).unwrap_or_default();
                cells.iter().map(|value| value.map(&cell)).collect()
            })
            .collect()
    }

    fn view(maneuver: Maneuver) -> (ManeuverView, Option<u8>, Option<u8>) {
        let plain = |view| (view, None, None);
        match maneuver {
            Maneuver::Depart => plain(ManeuverView::Depart),
            Maneuver::Continue => plain(ManeuverView::Continue),
            Maneuver::SlightLeft => plain(ManeuverView::SlightLeft),
            Maneuver::Left => plain(ManeuverView::Left),
            Maneuver::SharpLeft => plain(ManeuverView::SharpLeft),
            Maneuver::SlightRight => plain(ManeuverView::SlightRight),
            Maneuver::Right => plain(ManeuverView::Right),
            Maneuver::SharpRight => plain(ManeuverView::SharpRight),
            Maneuver::UTurn => plain(ManeuverView::UTurn),
            Maneuver::Roundabout(exit) => (ManeuverView::Roundabout, Some(exit), None),
            Maneuver::Merge => plain(ManeuverView::Merge),
            Maneuver::RampLeft => plain(ManeuverView::RampLeft),
            Maneuver::RampRight => plain(ManeuverView::RampRight),
            Maneuver::Ferry => plain(ManeuverView::Ferry),
            Maneuver::Arrive(stop) => {
                let stop = u8::try_from(stop).unwrap_or(u8::MAX);
                (ManeuverView::Arrive, None, Some(stop))
            }
        }
    }

    /// The nearest whole number of units.
    fn rounded(value: u64, unit: u64) -> i64 {
        let half = unit / 2;
        i64::try_from(
            value
                .saturating_add(half)
                .checked_div(unit)
                .unwrap_or_default(),
        )
        .unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
#[cfg(feature = "routing")]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::geo::LatLng;
    use crate::roads::{Maneuver, Route, Step, Table};

    fn at(lat: f64, lng: f64) -> LatLng {
        LatLng::from_degrees(lat, lng).unwrap()
    }

    fn step(maneuver: Maneuver, street: &str) -> Step {
        Step {
            maneuver,
            at: at(41.15, -8.61),
            street: street.to_owned(),
            bearing_deg: 270,
            distance_m: 120,
            duration_s: 14,
            geometry_index: 1,
        }
    }

    #[test]
    fn the_json_of_a_route() {
        let route = Route {
            length_mm: 1_499_500,
            duration_ms: 90_499,
            legs: vec![(1_000_499, 60_499), (499_001, 30_000)],
            stops: vec![
                at(41.15, -8.61),
                at(41.16, -8.62),
                at(41.1712345, -8.6298765),
            ],
            geometry: vec![at(41.15, -8.61), at(41.1712345, -8.6298765)],
            steps: vec![
                step(Maneuver::Roundabout(3), "Rua do Almada"),
                step(Maneuver::Arrive(2), ""),
            ],
            arcs: Vec::new(),
            has_toll: true,
        };
        let step = |maneuver: &str, street: &str| {
            json!({
                "maneuver": maneuver,
                "street": street,
                "bearing_deg": 270,
                "distance_m": 120,
                "duration_s": 14,
                "at": {"lat": 41.15, "lng": -8.61},
                "geometry_index": 1,
            })
        };
        let mut round = step("roundabout", "Rua do Almada");
        round["exit"] = 3.into();
        let mut arrive = step("arrive", "");
        arrive["stop"] = 2.into();
        let expected = json!({
            "distance_m": 1500,
            "duration_s": 90,
            "legs": [
                {"distance_m": 1000, "duration_s": 60},
                {"distance_m": 499, "duration_s": 30},
            ],
            "geometry": [[41.15, -8.61], [41.171_234_5, -8.629_876_5]],
            "steps": [round, arrive],
            "has_toll": true,
            "stops": [
                {"lat": 41.15, "lng": -8.61},
                {"lat": 41.16, "lng": -8.62},
                {"lat": 41.171_234_5, "lng": -8.629_876_5},
            ],
        });
        let view = RouteView::from(&route);
        assert_eq!(serde_json::to_value(&view).unwrap(), expected);
        let read: RouteView = serde_json::from_value(expected).unwrap();
        assert_eq!(read, view);
        let text = serde_json::to_string(&view.geometry).unwrap();
        assert_eq!(text, "[[41.15,-8.61],[41.1712345,-8.6298765]]");
    }

    #[test]
    fn every_maneuver_has_an_id() {
        for (maneuver, id) in [
            (Maneuver::Depart, "depart"),
            (Maneuver::Continue, "continue"),
            (Maneuver::SlightLeft, "slight_left"),
            (Maneuver::Left, "left"),
            (Maneuver::SharpLeft, "sharp_left"),
            (Maneuver::SlightRight, "slight_right"),
            (Maneuver::Right, "right"),
            (Maneuver::SharpRight, "sharp_right"),
            (Maneuver::UTurn, "u_turn"),
            (Maneuver::Roundabout(1), "roundabout"),
            (Maneuver::Merge, "merge"),
            (Maneuver::RampLeft, "ramp_left"),
            (Maneuver::RampRight, "ramp_right"),
            (Maneuver::Ferry, "ferry"),
            (Maneuver::Arrive(1), "arrive"),
        ] {
            let view = StepView::from(&step(maneuver, ""));
            assert_eq!(serde_json::to_value(view.maneuver).unwrap(), id);
            #[cfg(feature = "openapi")]
            {
                use poem_openapi::types::ToJSON;
                assert_eq!(view.maneuver.to_json(), Some(id.into()));
            }
        }
    }

    #[test]
    fn the_json_of_a_table() {
        let table = Table {
            rows: 2,
            columns: 3,
            cells: vec![
                Some((0, 0)),
                Some((12_349, 1_499)),
                None,
                Some((950, 1_500)),
                Some((60_000, 1_000_000)),
                Some((49, 499)),
            ],
        };
        let view = TableView::from(&table);
        let expected = json!({
            "durations_s": [[0.0, 12.3, null], [1.0, 60.0, 0.0]],
            "distances_m": [[0, 1, null], [2, 1000, 0]],
        });
        assert_eq!(serde_json::to_value(&view).unwrap(), expected);
        assert_eq!(
            serde_json::from_value::<TableView>(expected.clone()).unwrap(),
            view
        );
        #[cfg(feature = "openapi")]
        {
            use poem_openapi::types::ToJSON;
            assert_eq!(view.to_json(), Some(expected));
        }
    }
}
