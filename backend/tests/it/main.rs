//! Integration tests: the real server on a real PostgreSQL. One binary, so that it links once.
//! What is tested where follows the addresses of the API; `harness` starts what a test needs.
//!
//! `cfg(test)` says to the lints that the modules are tests, helpers included.

#[cfg(test)]
mod cli;
#[cfg(test)]
mod harness;
