//! How often riders found what they looked for.

use serde::Serialize;

/// How a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// By what the rider typed first.
    AtOnce,
    /// When the rider typed all of the name, without a slip.
    Corrected,
    /// Not at all.
    Not,
}

/// Searches of riders for streets and places that exist.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct SearchCounts {
    /// All: the sum of the next two.
    pub searches: u64,
    /// Found.
    pub found: u64,
    /// Not found.
    pub not_found: u64,
    /// Those of the found ones that took typing all of the name.
    pub corrected: u64,
}

impl SearchCounts {
    /// A search is over.
    pub fn count(&mut self, found: Found) {
        self.searches += 1;
        match found {
            Found::AtOnce => self.found += 1,
            Found::Corrected => {
                self.found += 1;
                self.corrected += 1;
            }
            Found::Not => self.not_found += 1,
        }
    }
}
