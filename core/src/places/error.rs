//! Why places cannot be packed or opened.

/// Why bytes are no places.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlacesError {
    /// The bytes do not start as a file of places does.
    #[error("these bytes are no packed places")]
    NotPlaces,
    /// Another version wrote them.
    #[error("these places have version {found}, this program reads version {expected}")]
    Version {
        /// What the bytes say.
        found: u16,
        /// What this program reads.
        expected: u16,
    },
    /// They end early or contradict themselves.
    #[error("the places are damaged: {0}")]
    Damaged(&'static str),
    /// More than fit.
    #[error("too many places, or too long texts")]
    TooLarge,
}
