//! The operations by which a device and the server tell each other what is new.
//!
//! None of them is repeated here: the engine of the device knows when.

use std::time::Duration;

use reqwest::Method;

use super::error::ClientError;
use super::transport::{Client, Content, OneCall};
use crate::id::{BlobId, TripId};
use crate::sync::ChainHash;
use crate::wire::{
    BatchAnswer, Blob, ChangesPage, CommandBatch, Device, NewBlob, NewDevice, SegmentKept, Snapshot,
};

/// For what is short: the largest piece of a file takes half of it at 48 kbit/s.
const CALL_MAX: Duration = Duration::from_secs(90);
/// Beyond the time that the server waits for news.
const POLL_MARGIN: Duration = Duration::from_secs(30);

impl Client {
    /// Registers a device of the signed-in person.
    pub async fn register_device(&self, device: &NewDevice) -> Result<Device, ClientError> {
        let content = json(device)?;
        self.call_once(one("create_device", Method::POST, "/v1/devices", content))
            .await
    }

    /// Sends commands of a device.
    pub async fn send_commands(&self, batch: &CommandBatch) -> Result<BatchAnswer, ClientError> {
        let content = json(batch)?;
        self.call_once(one(
            "create_commands",
            Method::POST,
            "/v1/sync/commands",
            content,
        ))
        .await
    }

    /// The signed-in person's state as a whole.
    pub async fn snapshot(&self) -> Result<Snapshot, ClientError> {
        let path = "/v1/sync/snapshot";
        self.call_once(one("get_snapshot", Method::GET, path, Content::Nothing))
            .await
    }

    /// What is new after `cursor`. The server waits at most `wait_s` seconds for it.
    pub async fn changes(&self, cursor: i64, wait_s: u32) -> Result<ChangesPage, ClientError> {
        let query = [
            ("cursor", cursor.to_string()),
            ("wait_s", wait_s.to_string()),
        ];
        let wait = Duration::from_secs(wait_s.into());
        let call = one(
            "list_changes",
            Method::GET,
            "/v1/sync/changes",
            Content::Nothing,
        );
        let timeout = wait.saturating_add(POLL_MARGIN);
        self.call_once(OneCall {
            query: &query,
            timeout,
            ..call
        })
        .await
    }

    /// Sends a piece of the track of a trip, or of the way between trips. It is named by its hash.
    pub async fn send_segment(
        &self,
        trip: Option<TripId>,
        sha256: ChainHash,
        bytes: Vec<u8>,
    ) -> Result<SegmentKept, ClientError> {
        let (operation, path) = match trip {
            Some(trip) => (
                "put_trip_segment",
                format!("/v1/trips/{trip}/track/{sha256}"),
            ),
            None => ("put_segment", format!("/v1/drivers/me/track/{sha256}")),
        };
        let content = Content::Octets {
            bytes,
            offset: None,
        };
        self.call_once(one(operation, Method::PUT, &path, content))
            .await
    }

    /// Announces a file, and asks how much of it the server has.
    pub async fn begin_blob(&self, blob: &NewBlob) -> Result<Blob, ClientError> {
        let content = json(blob)?;
        self.call_once(one("create_blob", Method::POST, "/v1/blobs", content))
            .await
    }

    /// Sends the next piece of a file, which begins at `offset`.
    pub async fn append_blob(
        &self,
        blob: BlobId,
        offset: u64,
        bytes: Vec<u8>,
    ) -> Result<Blob, ClientError> {
        let content = Content::Octets {
            bytes,
            offset: Some(offset),
        };
        let path = format!("/v1/blobs/{blob}");
        self.call_once(one("append_blob", Method::PATCH, &path, content))
            .await
    }

    /// How much of a file the server has.
    pub async fn blob(&self, blob: BlobId) -> Result<Blob, ClientError> {
        let path = format!("/v1/blobs/{blob}");
        self.call_once(one("get_blob", Method::GET, &path, Content::Nothing))
            .await
    }
}

fn one<'a>(
    operation: &'static str,
    method: Method,
    path: &'a str,
    content: Content,
) -> OneCall<'a> {
    OneCall {
        operation,
        method,
        path,
        query: &[],
        content,
        timeout: CALL_MAX,
    }
}

fn json(body: &impl serde::Serialize) -> Result<Content, ClientError> {
    Content::json(body).map_err(|source| ClientError::Unwritable { source })
}

#[cfg(test)]
mod tests;
