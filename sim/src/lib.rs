//! A city of riders and drivers that works over the real API.
//!
//! Drivers and riders are independent tasks with a phone each; they know nothing that the API does
//! not tell them, except what people say to each other at the car. The sim measures what they see
//! and holds it against what the server says of itself.

pub mod actor;
pub mod chance;
pub mod checks;
pub mod city;
pub mod cli;
pub mod clock;
pub mod day;
pub mod dead_zones;
pub mod demand;
pub mod evaluation;
pub mod fleet;
pub mod ground;
pub mod headless;
pub mod inbox;
pub mod interrupt;
pub mod login;
pub mod memory;
pub mod movement;
pub mod offline;
pub mod offline_kill;
pub mod people;
pub mod proofs;
pub mod races;
pub mod replay;
pub mod riders;
pub mod screen;
pub mod setup;
pub mod spoken;
pub mod summary;
pub mod tally;
pub mod track_log;
pub mod world;
