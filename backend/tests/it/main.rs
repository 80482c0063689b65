//! Integration tests: the real server on a real PostgreSQL. One binary, so that it links once.
//! What is tested where follows the addresses of the API; `harness` starts what a test needs.
//!
//! `cfg(test)` says to the lints that the modules are tests, helpers included.

#[cfg(test)]
mod actors;
#[cfg(test)]
mod city;
#[cfg(test)]
mod cli;
#[cfg(test)]
mod dispatch;
#[cfg(test)]
mod dispatch_command;
#[cfg(test)]
mod fleet;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod http;
#[cfg(test)]
mod identity;
#[cfg(test)]
mod link;
#[cfg(test)]
mod listener;
#[cfg(test)]
mod offline;
#[cfg(test)]
mod partitions;
#[cfg(test)]
mod payments;
#[cfg(test)]
mod people;
#[cfg(test)]
mod places;
#[cfg(test)]
mod pricing;
#[cfg(test)]
mod program;
#[cfg(test)]
mod proxy;
#[cfg(test)]
mod realtime;
#[cfg(test)]
mod redis;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod town;
#[cfg(test)]
mod trips;
