//! `PUT /v1/trips/{trip_id}/track/{segment}` and `PUT /v1/drivers/me/track/{segment}`.

use std::sync::Arc;

use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use wayfare_core::id::TripId;
use wayfare_core::sync::ChainHash;
use wayfare_core::track::segment::SEGMENT_BYTES_MAX;
use wayfare_core::wire::SegmentKept;

use super::service::{self, Piece};
use crate::app::App;
use crate::platform::failure::Failure;
use crate::platform::http::{Octets, SignedIn};
use crate::sync::Tag;

/// Pieces of tracks.
#[derive(Debug)]
pub struct SegmentsApi {
    /// What the handlers share.
    pub app: Arc<App>,
}

#[OpenApi(tag = "Tag::Sync")]
impl SegmentsApi {
    /// Send a piece of a trip's track
    ///
    /// Its name is the SHA-256 of its bytes. A piece that is there is not kept again. It is taken also
    /// after the end of the trip, and from a driver who had the trip earlier.
    #[oai(
        path = "/v1/trips/:trip_id/track/:segment",
        method = "put",
        operation_id = "put_trip_segment"
    )]
    async fn put_trip_segment(
        &self,
        signed_in: SignedIn,
        trip_id: Path<TripId>,
        segment: Path<ChainHash>,
        body: Octets,
    ) -> Result<Json<SegmentKept>, Failure> {
        self.put(signed_in, Some(trip_id.0), segment.0, body).await
    }

    /// Send a piece of what was driven between trips
    #[oai(
        path = "/v1/drivers/me/track/:segment",
        method = "put",
        operation_id = "put_segment"
    )]
    async fn put_segment(
        &self,
        signed_in: SignedIn,
        segment: Path<ChainHash>,
        body: Octets,
    ) -> Result<Json<SegmentKept>, Failure> {
        self.put(signed_in, None, segment.0, body).await
    }
}

impl SegmentsApi {
    async fn put(
        &self,
        signed_in: SignedIn,
        trip: Option<TripId>,
        name: ChainHash,
        body: Octets,
    ) -> Result<Json<SegmentKept>, Failure> {
        let piece = Piece {
            trip,
            name,
            bytes: body.within(SEGMENT_BYTES_MAX)?,
        };
        let driver = signed_in.principal().driver();
        Ok(Json(service::put(&self.app, driver, piece).await?))
    }
}
