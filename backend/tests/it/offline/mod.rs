//! Work without a network, as the server sees it.

mod blobs;
mod changes;
mod drives;
mod fares;
mod kits;
mod packed;
mod phone;
mod recorded;
mod resumed;
mod segments;
