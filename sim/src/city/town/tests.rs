//! The town on paper.
