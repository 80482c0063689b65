//! Work that goes on without a network: `/v1/devices`, `/v1/sync`, tracks and files.

mod blobs;
mod chain;
mod changes;
mod devices;
mod flags;
mod packed;
mod phone;
mod segments;
mod times;
