//! Work that goes on without a network: `/v1/devices`, `/v1/sync`, tracks and files.

mod away;
mod blobs;
mod chain;
mod changes;
mod commands;
mod conflicts;
mod devices;
mod drives;
mod fares;
mod flags;
mod kits;
mod packed;
mod phone;
mod recorded;
mod repeated;
mod resumed;
mod segments;
mod times;
