//! `/v1/blobs`: files of people's work, sent in pieces.

use std::sync::Arc;

use poem_openapi::OpenApi;
use poem_openapi::param::{Header, Path};
use poem_openapi::payload::Json;
use wayfare_core::id::BlobId;
use wayfare_core::wire::{Blob, NewBlob};

use super::content::Content;
use super::limits::PIECE_BYTES_MAX;
use super::service::{self, Piece};
use crate::app::App;
use crate::platform::failure::Failure;
use crate::platform::http::{Body, Created, Octets, SignedIn};
use crate::sync::Tag;

/// Files of people's work.
#[derive(Debug)]
pub struct BlobsApi {
    /// What the handlers share.
    pub app: Arc<App>,
}

#[OpenApi(tag = "Tag::Sync")]
impl BlobsApi {
    /// Announce a file
    ///
    /// The id is made on the device. The same announcement again answers how much of the file is there;
    /// another one under the same id is refused. Files are `image/jpeg`, `image/png`, `image/webp` or
    /// `application/pdf`.
    #[oai(path = "/v1/blobs", method = "post", operation_id = "create_blob")]
    async fn create_blob(
        &self,
        signed_in: SignedIn,
        body: Body<NewBlob>,
    ) -> Result<Created<Blob>, Failure> {
        let user = signed_in.principal().user;
        let blob = service::announce(&self.app, user, &body).await?;
        Ok(Created(Json(blob)))
    }

    /// Send a piece of a file
    ///
    /// At most 256 KiB, from where the piece before ended. If the upload goes on elsewhere the answer is
    /// 409 `upload_offset`, and the place is in `errors`. A piece that is there already is answered as
    /// if it was not. If the whole file is not what was announced, the answer to its last piece is 422
    /// `content_mismatch`, and the upload begins anew.
    #[oai(
        path = "/v1/blobs/:blob_id",
        method = "patch",
        operation_id = "append_blob"
    )]
    async fn append_blob(
        &self,
        signed_in: SignedIn,
        blob_id: Path<BlobId>,
        /// Where the piece begins, in bytes from the start of the file.
        #[oai(name = "Upload-Offset")]
        offset: Header<u64>,
        body: Octets,
    ) -> Result<Json<Blob>, Failure> {
        let piece = Piece {
            offset: offset.0,
            bytes: body.within(PIECE_BYTES_MAX)?,
        };
        let user = signed_in.principal().user;
        let blob = service::add_piece(&self.app, user, blob_id.0, piece).await?;
        Ok(Json(blob))
    }

    /// Ask how much of a file is there
    #[oai(path = "/v1/blobs/:blob_id", method = "get", operation_id = "get_blob")]
    async fn get_blob(
        &self,
        signed_in: SignedIn,
        blob_id: Path<BlobId>,
    ) -> Result<Json<Blob>, Failure> {
        let mut connection = self.app.pool.acquire().await?;
        let row = service::get(&mut connection, signed_in.principal(), blob_id.0).await?;
        Ok(Json(service::shown(&row)?))
    }

    /// Read a file
    ///
    /// One's own, once it is complete; admins read all.
    #[oai(
        path = "/v1/blobs/:blob_id/content",
        method = "get",
        operation_id = "get_blob_content"
    )]
    async fn get_blob_content(
        &self,
        signed_in: SignedIn,
        blob_id: Path<BlobId>,
    ) -> Result<Content, Failure> {
        let mut connection = self.app.pool.acquire().await?;
        let row = service::get(&mut connection, signed_in.principal(), blob_id.0).await?;
        Content::of(&self.app.pool, &row)
    }
}
