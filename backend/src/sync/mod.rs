//! What devices did without a network: their commands, tracks and files, and what is new for them.
//! It owns the schema `sync`.

pub mod blobs;
pub mod changes;
pub mod commands;
pub mod devices;
pub mod flags;
pub mod kits;
pub mod segments;
