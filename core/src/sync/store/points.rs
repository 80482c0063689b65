//! Points of tracks: kept as they are measured, packed into segments, sent, and only then forgotten.

use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row};
use sha2::{Digest, Sha256};

use super::column::{Bytes16, bytes_of, link, maybe_uuid};
use super::error::StoreError;
use super::limits::{Limit, POINTS_MAX};
use super::{Reads, Tx};
use crate::geo::LatLng;
use crate::id::TripId;
use crate::sync::chain::ChainHash;
use crate::track::TrackPoint;
use crate::track::segment::{SEGMENT_POINTS_MAX, SegmentPoint, write_segment};
use crate::wire::ErrorCode;

/// The most segments that one call of [`Tx::seal_points`] makes.
pub const SEALS_MAX: u32 = 64;

/// A segment that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSegment {
    /// SHA-256 of its bytes, which is its name.
    pub sha256: ChainHash,
    /// The trip that it is of; absent for what was driven between trips.
    pub trip: Option<TripId>,
    /// As [`write_segment`] wrote it.
    pub bytes: Vec<u8>,
}

impl Reads {
    /// The points of a trip in this span of time, in the order of their times.
    pub fn points(
        &self,
        trip: TripId,
        span: RangeInclusive<DateTime<Utc>>,
    ) -> Result<Vec<TrackPoint>, StoreError> {
        let sql = "SELECT at_ms, accuracy_mm, lat_e7, lng_e7, speed_mm_s, heading_cdeg FROM points
            WHERE trip = ?1 AND at_ms BETWEEN ?2 AND ?3 ORDER BY at_ms, id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query((
            bytes_of!(trip),
            span.start().timestamp_millis(),
            span.end().timestamp_millis(),
        ))?;
        let mut points = Vec::new();
        while let Some(row) = rows.next()? {
            points.push(measured(row)?.point);
        }
        points.sort_unstable();
        Ok(points)
    }

    /// The oldest segment that waits, if one does.
    pub fn next_segment(&self) -> Result<Option<StoredSegment>, StoreError> {
        let sql = "SELECT sha256, trip, content FROM segments
            WHERE sent = 0 AND refused IS NULL ORDER BY id LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let segment = statement.query_row([], |row| {
            Ok(StoredSegment {
                sha256: link(row, "sha256")?,
                trip: maybe_uuid(row, "trip")?.map(TripId::from_uuid),
                bytes: row.get("content")?,
            })
        });
        Ok(segment.optional()?)
    }
}

impl Tx<'_> {
    /// Keeps measurements of a trip, or of the time between trips. One that is here already is left
    /// as it is. Answers how many are new.
    pub fn put_points(
        &mut self,
        trip: Option<TripId>,
        points: &[SegmentPoint],
    ) -> Result<u32, StoreError> {
        let sql = "INSERT INTO points
            (trip, at_ms, accuracy_mm, lat_e7, lng_e7, speed_mm_s, heading_cdeg)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING";
        let mut statement = self.connection.prepare_cached(sql)?;
        let trip = trip.map(|trip| bytes_of!(trip));
        let mut new = 0_usize;
        for SegmentPoint {
            point,
            heading_cdeg,
        } in points
        {
            let changed = statement.execute((
                trip,
                point.at_ms,
                point.accuracy_mm,
                point.position.lat_e7(),
                point.position.lng_e7(),
                point.speed_mm_s,
                heading_cdeg,
            ))?;
            new = new.saturating_add(changed);
        }
        drop(statement);
        self.check_points()?;
        Ok(u32::try_from(new).unwrap_or(u32::MAX))
    }

    /// Packs points into segments of at most `max_points`, oldest first and each of one trip. Without
    /// `all`, points that do not fill a segment go on waiting. Answers how many segments were made,
    /// at most [`SEALS_MAX`]: then there may be more to pack.
    pub fn seal_points(&mut self, max_points: u32, all: bool) -> Result<u32, StoreError> {
        let most = u32::try_from(SEGMENT_POINTS_MAX).unwrap_or(u32::MAX);
        let max_points = max_points.clamp(1, most);
        let least = if all { 1 } else { max_points };
        let mut made = 0_u32;
        while made < SEALS_MAX {
            let Some(trip) = self.next_to_seal(least)? else {
                break;
            };
            self.seal(trip, max_points)?;
            made = made.saturating_add(1);
        }
        Ok(made)
    }

    /// The server has this segment.
    pub fn segment_sent(&mut self, sha256: ChainHash) -> Result<(), StoreError> {
        let sql = "UPDATE segments SET sent = 1, refused = NULL WHERE sha256 = ?1";
        self.one_segment(
            self.connection
                .prepare_cached(sql)?
                .execute([sha256.bytes()])?,
        )
    }

    /// The server will not take this segment as it is. It stays here and out of the way.
    pub fn segment_refused(
        &mut self,
        sha256: ChainHash,
        code: ErrorCode,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE segments SET refused = ?2 WHERE sha256 = ?1 AND sent = 0";
        let mut statement = self.connection.prepare_cached(sql)?;
        self.one_segment(statement.execute((sha256.bytes(), code.to_string()))?)
    }

    fn one_segment(&self, changed: usize) -> Result<(), StoreError> {
        match changed {
            1 => Ok(()),
            _ => Err(StoreError::Unknown { what: "segment" }),
        }
    }

    /// Of which trip the oldest points are that fill a segment.
    fn next_to_seal(&self, least: u32) -> Result<Option<Option<Bytes16>>, StoreError> {
        let sql = "SELECT trip FROM points WHERE segment IS NULL
            GROUP BY trip HAVING count(*) >= ?1 ORDER BY min(id) LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([least], |row| row.get(0)).optional()?)
    }

    fn seal(&mut self, trip: Option<Bytes16>, max_points: u32) -> Result<(), StoreError> {
        let sql = "SELECT id, at_ms, accuracy_mm, lat_e7, lng_e7, speed_mm_s, heading_cdeg
            FROM points WHERE segment IS NULL AND trip IS ?1 ORDER BY id LIMIT ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query((trip, max_points))?;
        let (mut points, mut last_id) = (Vec::new(), 0_i64);
        while let Some(row) = rows.next()? {
            last_id = row.get("id")?;
            points.push(measured(row)?);
        }
        drop(rows);
        let bytes = write_segment(&points)?;
        let sha256: [u8; 32] = Sha256::digest(&bytes).into();
        let last_ms = points.iter().map(|point| point.point.at_ms).max();
        let count = u32::try_from(points.len()).unwrap_or(u32::MAX);
        let sql = "INSERT INTO segments (sha256, trip, content, points, last_ms)
            VALUES (?1, ?2, ?3, ?4, ?5)";
        self.connection
            .prepare_cached(sql)?
            .execute((sha256, trip, bytes, count, last_ms))?;
        let segment = self.connection.last_insert_rowid();
        let sql = "UPDATE points SET segment = ?1
            WHERE segment IS NULL AND trip IS ?2 AND id <= ?3";
        self.connection
            .prepare_cached(sql)?
            .execute((segment, trip, last_id))?;
        Ok(())
    }

    fn check_points(&self) -> Result<(), StoreError> {
        // What lies between the oldest one and the newest is at least as many, and known at once.
        let sql = "SELECT ifnull((SELECT max(id) FROM points) - (SELECT min(id) FROM points), 0)";
        if self.count(sql)? < POINTS_MAX {
            return Ok(());
        }
        let count = self.count("SELECT count(*) FROM points")?;
        Ok(Limit::check("points", count, POINTS_MAX)?)
    }
}

fn measured(row: &Row<'_>) -> Result<SegmentPoint, StoreError> {
    let position = LatLng::from_e7(row.get("lat_e7")?, row.get("lng_e7")?)
        .map_err(|_| StoreError::Content { what: "point" })?;
    Ok(SegmentPoint {
        point: TrackPoint {
            at_ms: row.get("at_ms")?,
            accuracy_mm: row.get("accuracy_mm")?,
            position,
            speed_mm_s: row.get("speed_mm_s")?,
        },
        heading_cdeg: row.get("heading_cdeg")?,
    })
}
