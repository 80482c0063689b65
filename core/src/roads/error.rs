//! Why bytes are no roads.

/// Why bytes are no roads, or why roads cannot be packed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RoadsError {
    /// The bytes do not start as a file of roads does.
    #[error("these bytes are no packed roads")]
    NotRoads,
    /// Another version wrote them.
    #[error("these roads have version {found}, this program reads version {expected}")]
    Version {
        /// What the bytes say.
        found: u16,
        /// What this program reads.
        expected: u16,
    },
    /// They end early or contradict themselves.
    #[error("the roads are damaged: {0}")]
    Damaged(&'static str),
    /// There is no segment.
    #[error("there is no road that a car may drive on")]
    Empty,
    /// Roads that cannot be packed.
    #[error("{0}")]
    Unfit(&'static str),
}
