//! A whole file as an answer, piece by piece, so that no file has to fit into memory.

use std::io;

use futures_util::{Stream, TryStreamExt, stream};
use poem::http::{HeaderValue, header};
use poem::{Body, IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::payload::{Binary, Payload};
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use sqlx::PgPool;
use wayfare_core::id::BlobId;
use wayfare_core::wire::ErrorCode;

use super::limits::MEDIA_TYPES;
use super::queries::{self, BlobRow};
use crate::platform::failure::Failure;

/// What is complete never changes, but not everybody may see it.
const KEPT: &str = "private, max-age=31536000, immutable";

/// A whole file.
#[derive(Debug)]
pub(super) struct Content {
    pool: PgPool,
    blob: BlobId,
    media_type: &'static str,
    size: i64,
}

impl Content {
    /// The file of this row, if it is complete.
    pub(super) fn of(pool: &PgPool, row: &BlobRow) -> Result<Self, Failure> {
        let known = MEDIA_TYPES.iter().find(|known| **known == row.media_type);
        if row.completed_at.is_none() {
            let detail = "this file is not complete";
            return Err(Failure::refused(ErrorCode::NotFound, detail));
        }
        Ok(Self {
            pool: pool.clone(),
            blob: BlobId::from_uuid(row.id),
            media_type: known.copied().unwrap_or("application/octet-stream"),
            size: row.size,
        })
    }

    fn pieces(self) -> impl Stream<Item = io::Result<Vec<u8>>> {
        let next = |(this, from): (Self, i64)| async move {
            let mut connection = this.pool.acquire().await?;
            let piece = queries::find_piece_from(&mut connection, this.blob, from).await?;
            drop(connection);
            Ok::<_, sqlx::Error>(piece.map(|piece| {
                let after = piece.first_byte.saturating_add(1);
                (piece.content, (this, after))
            }))
        };
        stream::try_unfold((self, 0), next).map_err(|error| {
            tracing::warn!(%error, "a file cannot be read");
            io::Error::other(error)
        })
    }
}

impl IntoResponse for Content {
    fn into_response(self) -> Response {
        let (media_type, size) = (self.media_type, self.size);
        let extension = media_type.rsplit('/').next().unwrap_or_default();
        // Papers may hold programs: nothing of it runs in the name of this server.
        let saved = format!("attachment; filename=\"{}.{extension}\"", self.blob);
        let mut response = Response::builder()
            .content_type(media_type)
            .header(header::CONTENT_LENGTH, size)
            .header(header::CACHE_CONTROL, KEPT)
            .header(
                header::CONTENT_SECURITY_POLICY,
                "sandbox; default-src 'none'",
            )
            .body(Body::from_bytes_stream(self.pieces()));
        if let Ok(saved) = HeaderValue::from_str(&saved) {
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_DISPOSITION, saved);
        }
        response
    }
}

impl ApiResponse for Content {
    fn meta() -> MetaResponses {
        let content = MEDIA_TYPES.map(|content_type| MetaMediaType {
            content_type,
            schema: Binary::<Vec<u8>>::schema_ref(),
        });
        MetaResponses {
            responses: vec![MetaResponse {
                description: "The file",
                status: Some(200),
                status_range: None,
                content: content.into(),
                headers: vec![],
            }],
        }
    }

    fn register(_registry: &mut Registry) {}
}
