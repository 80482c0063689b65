//! What is new for a person since a cursor, and a person's state as a whole.
//!
//! Both read what the live stream reads: the person's own feed, in which no message is ever skipped,
//! however late its transaction commits. A page leaves out what a later message of the same page says
//! anew; its cursor moves over that as well. A feed keeps messages for some days; who was away longer
//! takes a snapshot, whose cursor is of the very moment of its content.

pub mod api;
mod newest;
mod service;
mod snapshot;
mod waiting;

pub use waiting::Waiting;
