//! Tags that may say something else for each direction of a way.

use crate::osm::Tags;

/// Something for who drives along a way's nodes, and for who drives against them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Directions<T> {
    pub(super) forward: T,
    pub(super) backward: T,
}

impl<T> Directions<T> {
    pub(super) fn map<U>(self, change: impl Fn(T) -> U) -> Directions<U> {
        Directions {
            forward: change(self.forward),
            backward: change(self.backward),
        }
    }

    pub(super) fn zip<U>(self, other: Directions<U>) -> Directions<(T, U)> {
        Directions {
            forward: (self.forward, other.forward),
            backward: (self.backward, other.backward),
        }
    }
}

impl<T: Copy> Directions<T> {
    pub(super) fn both(value: T) -> Self {
        Self {
            forward: value,
            backward: value,
        }
    }
}

/// A key, and the same for one direction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    pub(super) both: &'static str,
    pub(super) forward: &'static str,
    pub(super) backward: &'static str,
}

macro_rules! key {
    ($name:literal) => {
        $crate::roads::directions::Key {
            both: $name,
            forward: concat!($name, ":forward"),
            backward: concat!($name, ":backward"),
        }
    };
}
pub(super) use key;

/// The values of the first of some keys that is there, for each direction.
pub(super) fn first_of<'a>(tags: Tags<'a>, keys: &[Key]) -> Directions<Option<&'a str>> {
    let first = |own: fn(&Key) -> &'static str| {
        keys.iter()
            .find_map(|key| tags.get(own(key)).or_else(|| tags.get(key.both)))
    };
    Directions {
        forward: first(|key| key.forward),
        backward: first(|key| key.backward),
    }
}
