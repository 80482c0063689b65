//! What admins see and do. So far: whether the promises of the system hold.

pub mod api;
pub mod service;
