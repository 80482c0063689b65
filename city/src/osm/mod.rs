//! An OpenStreetMap extract in memory: compact, and checked to be complete and readable.

mod extract;
mod read;

pub use extract::{Extract, Member, MemberKind, NodeIndex, Relation, TaggedNode, Tags, Way};
pub use read::{ReadError, read};
