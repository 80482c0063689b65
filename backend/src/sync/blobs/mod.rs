//! Files that belong to people's work, as they come in pieces.
//!
//! A device announces a file with its length and its SHA-256, and sends it in pieces, each from where
//! the one before ended. A piece that comes again is answered as it was; one from elsewhere is
//! refused, with the place where the upload goes on. A file whose bytes are not what was announced
//! begins anew. What is complete never changes and is never removed; what is not is forgotten after
//! some days.

mod api;
mod content;
mod limits;
mod queries;
mod service;

pub use api::BlobsApi;
pub use limits::{BLOBS_PER_DAY_MAX, BYTES_PER_DAY_MAX, MEDIA_TYPES, PIECE_BYTES_MAX};
pub use service::{KEPT_UNFINISHED_FOR, forget_unfinished};
