//! A small town that is packed, searched and damaged.

mod damage;
mod finding;
mod reverse;
mod town;
