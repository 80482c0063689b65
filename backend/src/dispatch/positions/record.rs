//! A batch of points of one driver, whichever way it came.

use chrono::TimeDelta;
use wayfare_core::geo::LatLng;
use wayfare_core::id::DriverId;
use wayfare_core::wire::{AcceptedPoints, ErrorCode, LocationPoint, StreamEvent};
use wayfare_dispatch::Fix;

use super::sharing::PositionChange;
use crate::app::App;
use crate::platform::clock;
use crate::platform::failure::Failure;
use crate::trips::StoredPoint;

/// A device's clock may be this far ahead of the server's.
pub(super) const CLOCK_AHEAD_MAX: TimeDelta = TimeDelta::seconds(60);

/// Notes where a driver was, keeps the points of a running trip, and shows the rider the car.
pub async fn record_locations(
    app: &App,
    driver: DriverId,
    points: &[LocationPoint],
) -> Result<AcceptedPoints, Failure> {
    let latest = clock::now() + CLOCK_AHEAD_MAX;
    if points.iter().any(|point| point.t > latest) {
        let detail = "a point is from the future; check the device's clock";
        return Err(Failure::refused(ErrorCode::InvalidRequest, detail));
    }
    let stored = points.iter().map(StoredPoint::try_from);
    let stored = stored.collect::<Result<Vec<_>, _>>()?;
    let newest = points.iter().max_by_key(|point| point.t);
    let fix = newest.map(fix).transpose()?;
    let recorded = app.recorder.keep(driver, stored).await?;
    let Some((newest, fix)) = newest.zip(fix) else {
        return Ok(AcceptedPoints { kept: 0 });
    };
    // An older position than the known one moves no car back.
    if app.index.report(driver, fix) {
        app.fixes.push(PositionChange::Seen { driver, fix });
        for (trip_id, rider) in recorded.watched_by {
            let moved = StreamEvent::DriverMoved {
                trip_id,
                lat: newest.lat,
                lng: newest.lng,
                heading_deg: newest.heading_deg,
                at: newest.t,
            };
            app.hub.pass(rider, moved);
        }
    }
    Ok(AcceptedPoints {
        kept: recorded.kept,
    })
}

fn fix(point: &LocationPoint) -> Result<Fix, Failure> {
    let position: LatLng = point.point().try_into().map_err(|error| {
        Failure::refused(
            ErrorCode::InvalidRequest,
            format!("a point's position: {error}"),
        )
    })?;
    Ok(Fix {
        position,
        heading_deg: point.heading_deg.map(short),
        speed_mps: point.speed_mps.map(short),
        at: point.t,
    })
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "degrees and metres per second need no more than seven digits"
)]
fn short(number: f64) -> f32 {
    number as f32
}
