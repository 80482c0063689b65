//! What devices did without a network: their commands, tracks and files, and what is new for them.
//! It owns the schema `sync`.

pub mod blobs;
pub mod changes;
pub mod commands;
pub mod devices;
pub mod flags;
pub mod kits;
pub mod segments;

use poem_openapi::Tags;

/// The group of the operations of devices.
#[derive(Tags)]
pub(crate) enum Tag {
    /// Work that goes on without a network.
    Sync,
}
