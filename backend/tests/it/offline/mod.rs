//! Work that goes on without a network: `/v1/devices`, `/v1/sync`.

mod chain;
mod commands;
mod conflicts;
mod devices;
mod flags;
mod phone;
mod repeated;
mod times;
