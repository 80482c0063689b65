//! Who drives whom: where the drivers are, which trips are offered to whom, and what they answer.
//!
//! Every two seconds one process takes the trips that look for a driver and the drivers who are
//! free, plans offers (a pure function), and writes them in one transaction. Offers, answers and
//! time-outs race; the rows' locks and the partial unique indexes decide.

pub mod api;
mod blocks;
mod decisions;
pub mod offers;
mod plan;
pub mod positions;
mod queries;
mod queues;
pub mod service;
pub mod standing;
mod tick;

pub use tick::run;
