//! The road graph and the fastest way through it.
//!
//! A [`RoadGraph`] is put together once by a [`RoadGraphBuilder`], which refuses what cannot be a
//! road, and never changes afterwards. It answers three questions: which node is nearest to a
//! position ([`RoadGraph::nearest_node`]), how a car gets from one node to another in the least
//! time ([`RoadGraph::route`]), and which part of it can be driven from everywhere to everywhere
//! ([`RoadGraph::largest_strong_component`]).
//!
//! Lengths are whole millimetres and times whole milliseconds inside, so that the same graph gives
//! the same route on every machine. Nothing here reads a file, a clock or a random number.

mod builder;
mod component;
mod graph;
mod grid;
mod search;
#[cfg(test)]
mod tests;

pub use builder::{BuildError, NewEdge, RoadGraphBuilder};
pub use graph::{Bounds, Edge, EdgeId, NodeId, RoadClass, RoadGraph};
pub use grid::Nearest;
pub use search::{NoRoute, Route};
