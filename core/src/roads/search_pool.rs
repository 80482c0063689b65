//! Memory of searches that callers on any thread share.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use super::hierarchy::Search;
use super::network::RoadNetwork;

/// More idle searches than this are freed: so many threads seldom ask at once.
const IDLE_MAX: usize = 64;

/// Searches that nobody uses right now.
#[derive(Default)]
pub(super) struct SearchPool(Mutex<Vec<Search>>);

impl SearchPool {
    /// Lends a search; it comes back for the next caller.
    fn lend<R>(&self, use_it: impl FnOnce(&mut Search) -> R) -> R {
        let idle = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut search = idle.unwrap_or_default();
        let result = use_it(&mut search);
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_MAX {
            idle.push(search);
        }
        result
    }
}

impl fmt::Debug for SearchPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SearchPool")
    }
}

impl RoadNetwork {
    /// Does something with the memory of a search that these roads keep for it, so that callers on
    /// any thread need none of their own.
    pub fn with_search<R>(&self, use_it: impl FnOnce(&mut Search) -> R) -> R {
        self.searches.lend(use_it)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_comes_back_to_the_pool() {
        let pool = SearchPool::default();
        let idle = || pool.0.lock().unwrap().len();
        assert_eq!(pool.lend(|_| pool.lend(|_| 7)), 7);
        assert_eq!(idle(), 2, "two were used at once");
        pool.lend(|_| assert_eq!(idle(), 1));
        assert_eq!(idle(), 2);
    }
}
