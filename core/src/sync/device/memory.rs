//! What a device keeps in memory of what is in its store, and how both change together.

use serde::{Deserialize, Serialize};

use super::{Device, DeviceError};
use crate::sync::clock::TrustedClock;
use crate::sync::replica::Replica;
use crate::sync::store::{StateKey, Store, StoreError, Tx};

/// What is in the store and in memory alike. It changes as a copy, which takes its place once it is
/// stored.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Memory {
    pub(super) clock: TrustedClock,
    pub(super) replica: Replica,
    /// Where the feed of changes goes on; absent until there was a snapshot.
    pub(super) cursor: Option<i64>,
}

/// Whether the person wants offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Online {
    here: bool,
    at_server: bool,
}

impl Online {
    const fn of(replica: &Replica) -> Self {
        Self {
            here: replica.online,
            at_server: replica.online_at_server,
        }
    }
}

impl Memory {
    pub(super) fn load(store: &Store) -> Result<Self, StoreError> {
        let Online { here, at_server } = store.state(StateKey::Online)?.unwrap_or_default();
        let replica = Replica {
            driver: store.state::<Option<_>>(StateKey::Driver)?.flatten(),
            trips: store.trips()?.into_iter().collect(),
            without_kit: store.state(StateKey::Shown)?.unwrap_or_default(),
            offers: store.state(StateKey::Offers)?.unwrap_or_default(),
            accepting: store.state(StateKey::Accepting)?.unwrap_or_default(),
            online: here,
            online_at_server: at_server,
        };
        Ok(Self {
            clock: store.state(StateKey::Clock)?.unwrap_or_default(),
            replica,
            // Without a cursor, as after a feed with gaps, `null` is kept.
            cursor: store.state::<Option<_>>(StateKey::Cursor)?.flatten(),
        })
    }

    /// Writes what is different from before.
    fn save(&self, before: &Self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        if self.clock != before.clock {
            tx.set_state(StateKey::Clock, &self.clock)?;
        }
        if self.cursor != before.cursor {
            tx.set_state(StateKey::Cursor, &self.cursor)?;
        }
        let (new, old) = (&self.replica, &before.replica);
        if new.driver != old.driver {
            tx.set_state(StateKey::Driver, &new.driver)?;
        }
        if new.offers != old.offers {
            tx.set_state(StateKey::Offers, &new.offers)?;
        }
        if new.accepting != old.accepting {
            tx.set_state(StateKey::Accepting, &new.accepting)?;
        }
        if new.without_kit != old.without_kit {
            tx.set_state(StateKey::Shown, &new.without_kit)?;
        }
        if Online::of(new) != Online::of(old) {
            tx.set_state(StateKey::Online, &Online::of(new))?;
        }
        for (id, trip) in &new.trips {
            if old.trips.get(id) != Some(trip) {
                tx.put_trip(*id, trip)?;
            }
        }
        for id in old.trips.keys().filter(|id| !new.trips.contains_key(id)) {
            tx.remove_trip(*id)?;
        }
        Ok(())
    }
}

impl Device {
    /// Stores what `change` does, and what it makes of the memory, in one transaction. Only then is it
    /// so in memory as well.
    pub(super) fn commit<T>(
        &mut self,
        mut draft: Memory,
        change: impl FnOnce(&mut Tx<'_>, &mut Memory, &Memory) -> Result<T, StoreError>,
    ) -> Result<T, DeviceError> {
        let before = &self.memory;
        let written = self.store.write(|tx| {
            let value = change(tx, &mut draft, before)?;
            draft.save(before, tx)?;
            Ok((value, draft, tx.pending()?))
        });
        match written {
            Ok((value, memory, pending)) => {
                self.memory = memory;
                self.pending = pending;
                Ok(value)
            }
            // Whether it took place is not always known.
            Err(error) => {
                self.stale = true;
                Err(error.into())
            }
        }
    }

    /// Stores what says nothing of the memory, in one transaction.
    pub(super) fn write<T>(
        &mut self,
        change: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError>,
    ) -> Result<T, DeviceError> {
        let written = self.store.write(|tx| {
            let value = change(tx)?;
            Ok((value, tx.pending()?))
        });
        match written {
            Ok((value, pending)) => {
                self.pending = pending;
                Ok(value)
            }
            Err(error) => {
                self.stale = true;
                Err(error.into())
            }
        }
    }
}
