//! Who waits for something to happen: a limited number of requests per person.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;
use wayfare_core::id::UserId;

/// A person's phone, tablet and a few connections that broke without a word.
const WAITING_MAX: usize = 4;

/// The requests that wait, by person.
///
/// One more than a person may have ends the wait of the oldest, which is answered with what there is:
/// nothing. The oldest is the one whose client is most likely gone; refusing the newest instead would
/// lock out a phone whose connections break.
#[derive(Debug, Clone, Default)]
pub struct Waiting(Arc<Mutex<HashMap<UserId, VecDeque<CancellationToken>>>>);

/// The place of one that waits. It is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    waiting: Waiting,
    user: UserId,
    over: CancellationToken,
}

impl Waiting {
    /// Takes a place.
    pub(super) fn begin(&self, user: UserId) -> Place {
        let over = CancellationToken::new();
        let mut people = self.lock();
        let places = people.entry(user).or_default();
        if places.len() >= WAITING_MAX
            && let Some(oldest) = places.pop_front()
        {
            oldest.cancel();
        }
        places.push_back(over.clone());
        drop(people);
        Place {
            waiting: self.clone(),
            user,
            over,
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<UserId, VecDeque<CancellationToken>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Comes back when somebody else got the place.
    pub(super) async fn lost(&self) {
        self.over.cancelled().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // So it is told apart from the others of this person.
        self.over.cancel();
        let mut people = self.waiting.lock();
        if let Some(places) = people.get_mut(&self.user) {
            places.retain(|place| !place.is_cancelled());
            if places.is_empty() {
                people.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn person(number: u128) -> UserId {
        UserId::from_uuid(Uuid::from_u128(number))
    }

    #[test]
    fn one_too_many_ends_the_wait_of_the_oldest_of_the_same_person() {
        let waiting = Waiting::default();
        let other = waiting.begin(person(2));
        let places: Vec<Place> = (0..=WAITING_MAX)
            .map(|_| waiting.begin(person(1)))
            .collect();
        let over: Vec<bool> = places
            .iter()
            .map(|place| place.over.is_cancelled())
            .collect();
        assert_eq!(over, [true, false, false, false, false]);
        assert!(!other.over.is_cancelled());
    }

    #[test]
    fn a_place_that_is_given_back_is_free() {
        let waiting = Waiting::default();
        let mut places: Vec<Place> = (0..WAITING_MAX).map(|_| waiting.begin(person(1))).collect();
        places.remove(1);
        places.push(waiting.begin(person(1)));
        assert!(places.iter().all(|place| !place.over.is_cancelled()));
        places.clear();
        assert!(waiting.lock().is_empty(), "nothing is left behind");
    }
}
