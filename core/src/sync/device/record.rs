//! Keeping what is measured and what is photographed.

use chrono::{DateTime, Utc};

use super::{Device, DeviceError};
use crate::id::TripId;
use crate::sync::clock::DeviceTime;
use crate::sync::engine::{Effect, Input};
use crate::sync::replica::Replica;
use crate::sync::store::{BLOB_SIZE_MAX, SEALS_MAX, StoreError, Tx};
use crate::track::segment::{SEGMENT_POINTS_MAX, SegmentPoint};
use crate::wire::NewBlob;

/// [`SEGMENT_POINTS_MAX`], which fits.
#[expect(clippy::cast_possible_truncation, reason = "it is 1,000")]
const SEGMENT_POINTS: u32 = SEGMENT_POINTS_MAX as u32;

impl Device {
    /// Keeps measurements of the device's position, in any order. They belong to the trip that is
    /// being driven, from its acceptance to its end, and else to none.
    pub fn record(&mut self, points: &[SegmentPoint], now: DeviceTime) -> Result<(), DeviceError> {
        self.refresh()?;
        let driving = driving(&self.memory.replica);
        let is_of_trip = |point: &SegmentPoint| {
            driving.is_some_and(|(_, since)| point.point.at_ms >= since.timestamp_millis())
        };
        let (of_trip, others): (Vec<_>, Vec<_>) = points.iter().copied().partition(is_of_trip);
        self.write(|tx| {
            if !of_trip.is_empty() {
                tx.put_points(driving.map(|(trip, _)| trip), &of_trip)?;
            }
            if !others.is_empty() {
                tx.put_points(None, &others)?;
            }
            // Whole segments wait for nothing.
            tx.seal_points(SEGMENT_POINTS, false)?;
            Ok(())
        })?;
        self.keep_house(Input::Tick, now)
    }

    /// Keeps a file to be sent. The same file twice is kept once.
    pub fn add_blob(
        &mut self,
        blob: &NewBlob,
        content: &[u8],
        now: DeviceTime,
    ) -> Result<Vec<Effect>, DeviceError> {
        self.refresh()?;
        let bytes = u64::try_from(content.len()).unwrap_or(u64::MAX);
        if bytes == 0 || bytes > BLOB_SIZE_MAX {
            return Err(DeviceError::FileSize { max: BLOB_SIZE_MAX });
        }
        match self.store.blob(blob.blob_id)? {
            Some(kept) if kept.blob == *blob => {}
            Some(_) => return Err(DeviceError::FileContent),
            None => {
                let put = self.write(|tx| tx.put_blob(blob, content));
                put.map_err(|error| match error {
                    DeviceError::Store(StoreError::Blob) => DeviceError::FileContent,
                    error => error,
                })?;
            }
        }
        Ok(self.step(Input::Local, now))
    }

    /// Packs every point, so that it can go.
    pub(super) fn seal_all(&mut self, now: DeviceTime) -> Result<(), DeviceError> {
        self.write(seal_everything)?;
        self.sealed_ms = Some(now.monotonic_ms);
        Ok(())
    }
}

pub(super) fn seal_everything(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    // A store has room for fewer points than these rounds pack.
    for _ in 0..100 {
        if tx.seal_points(SEGMENT_POINTS, true)? < SEALS_MAX {
            break;
        }
    }
    Ok(())
}

/// The trip that is being driven, and since when.
fn driving(replica: &Replica) -> Option<(TripId, DateTime<Utc>)> {
    let id = replica.driven()?;
    let assignment = replica.trips.get(&id)?.assignment?;
    Some((id, assignment.assigned_at))
}
