//! Who drives whom: where the drivers are, which trips are offered to whom, and what they answer.
//!
//! One process leads ([`lease`]). Every two seconds it takes the trips that look for a driver
//! ([`requests`]) and the drivers who are or will soon be free ([`cars`]), lets the crate
//! `wayfare-dispatch` plan who is asked, and writes the offers in one transaction ([`making`]). Offers,
//! answers and time-outs race; the rows' locks and the partial unique indexes decide.

pub mod api;
mod blocks;
mod cars;
pub mod decisions;
mod home;
mod lease;
mod making;
pub mod offers;
pub mod positions;
mod queries;
pub mod queues;
mod requests;
mod rules;
pub mod service;
pub mod standing;
mod tick;

pub use blocks::api::BlocksApi;
pub use home::api::DestinationApi;
pub use queues::api::QueuesApi;
pub use tick::run;
