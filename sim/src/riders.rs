//! The people of the city who ride: as many as are needed at the same time, each a task of its own.
//!
//! A rider has one trip at a time. A wish goes to somebody who is free; when nobody is, another
//! person gets the app.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::task::JoinSet;

use crate::actor::rider::Rider;
use crate::demand::Errand;
use crate::world::World;

/// More people than this at once mean that trips do not end.
const RIDERS_MAX: usize = 20_000;

#[derive(Debug, Default)]
struct State {
    phones: Vec<mpsc::Sender<Errand>>,
    free: Vec<usize>,
    tasks: JoinSet<()>,
}

/// All riders.
#[derive(Debug, Default)]
pub struct Riders {
    state: Mutex<State>,
}

impl Riders {
    /// Gives a wish to somebody.
    pub fn carry_out(self: &Arc<Self>, world: &Arc<World>, mut errand: Errand) {
        let mut state = self.lock();
        while let Some(number) = state.free.pop() {
            let Some(phone) = state.phones.get(number) else {
                continue;
            };
            // A full or closed channel is a rider who is not free after all.
            errand = match phone.try_send(errand) {
                Ok(()) => return,
                Err(TrySendError::Full(errand) | TrySendError::Closed(errand)) => errand,
            };
        }
        let number = state.phones.len();
        if number >= RIDERS_MAX {
            world
                .tally
                .turned_away("everybody in the city is on the way");
            return;
        }
        let (phone, errands) = mpsc::channel(1);
        match Rider::new(world.clone(), number, errands) {
            Ok(rider) if phone.try_send(errand).is_ok() => {
                state.phones.push(phone);
                state.tasks.spawn(rider.run(self.clone()));
            }
            Ok(_) => world
                .tally
                .trouble("a rider's phone does not take the wish".to_owned()),
            Err(error) => world
                .tally
                .trouble(format!("a rider's phone does not start: {error}")),
        }
    }

    /// A rider can take the next wish.
    pub fn is_free(&self, number: usize) {
        self.lock().free.push(number);
    }

    /// How many people have the app.
    pub fn count(&self) -> usize {
        self.lock().phones.len()
    }

    /// The tasks, to wait for at the end of the day.
    pub fn take_tasks(&self) -> JoinSet<()> {
        std::mem::take(&mut self.lock().tasks)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
