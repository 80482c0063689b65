//! An OpenStreetMap extract in memory: compact, and checked to be complete and readable.

mod builder;
mod extract;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use builder::{ExtractBuilder, NewMember};
pub use extract::{Extract, Member, MemberKind, NodeIndex, Relation, TaggedNode, Tags, Way};
pub use read::{ReadError, read};
pub use write::PbfWriter;
