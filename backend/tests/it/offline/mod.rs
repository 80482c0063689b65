//! Work without a network, as the server sees it.

mod blobs;
mod changes;
mod packed;
mod segments;
