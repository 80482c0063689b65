//! Doing something: decided here, stored, and only then sent.

use chrono::{DateTime, Utc};

use super::memory::Memory;
use super::record::seal_everything;
use super::{Device, DeviceError};
use crate::geo::LatLng;
use crate::id::{CommandId, TripId};
use crate::pricing::Tariff;
use crate::ride::{RideOver, claim};
use crate::sync::FareClaim;
use crate::sync::clock::DeviceTime;
use crate::sync::command::{DeviceAction, DeviceCommand, VERSION};
use crate::sync::engine::{Effect, Input};
use crate::sync::replica::{Act, Replica, ReplicaTrip};
use crate::sync::store::{NewCommand, StoreError, StoredCommand};
use crate::trip::TripState;

impl Device {
    /// Does what the person wants, as far as the device can decide it, and keeps it to be sent.
    ///
    /// The caller makes `id`, and uses it again if it does not know what became of the call: what is
    /// stored already is not done twice. The time of arrival in `Start`, the place in `ReachStop` and
    /// the claim in `Complete` are filled in here. What is refused leaves no command.
    pub fn act(
        &mut self,
        id: CommandId,
        action: DeviceAction,
        now: DeviceTime,
    ) -> Result<Vec<Effect>, DeviceError> {
        self.refresh()?;
        if let Some(known) = self.store.command(id)? {
            return self.act_again(&known, &action, now);
        }
        let mut draft = self.memory.clone();
        let (at, clock) = draft.clock.stamp(now);
        let action = self.fill_in(action, &draft.replica, at)?;
        let expected_version = version_of(&draft.replica, &action);
        let act = Act {
            action: &action,
            at,
            pin_key: self.keys.pin.as_ref(),
        };
        if let Err(refusal) = draft.replica.act(&act) {
            // A wrong PIN is counted, or it could be tried as often as one likes.
            if draft.replica != self.memory.replica {
                self.commit(draft, |_, _, _| Ok(()))?;
            }
            return Err(refusal.into());
        }
        let command = DeviceCommand {
            v: VERSION,
            id,
            device: self.owner().device,
            seq: self.store.chain()?.next_seq,
            expected_version,
            occurred_at: at,
            clock,
            action,
        };
        self.keep(draft, &command)?;
        Ok(self.step(Input::Local, now))
    }

    fn keep(&mut self, draft: Memory, command: &DeviceCommand) -> Result<(), DeviceError> {
        let text = serde_json::to_string(command).map_err(DeviceError::Command)?;
        let hash = self.store.chain()?.head.after(&text);
        let new = NewCommand {
            id: command.id,
            seq: command.seq,
            text,
            hash,
            trip: command.action.trip(),
            kind: command.action.as_str(),
            occurred_at: command.occurred_at,
        };
        // The track of what ends here is whole.
        let is_end = matches!(
            command.action,
            DeviceAction::Complete { .. } | DeviceAction::Cancel { .. } | DeviceAction::GoOffline
        );
        self.commit(draft, |tx, _, _| {
            tx.append(&new)?;
            if is_end {
                seal_everything(tx)?;
            }
            Ok(())
        })
    }

    /// The same command once more: it is kept, and that is all.
    fn act_again(
        &mut self,
        known: &StoredCommand,
        action: &DeviceAction,
        now: DeviceTime,
    ) -> Result<Vec<Effect>, DeviceError> {
        let command = read_command(known)?;
        let same = command.action.as_str() == action.as_str()
            && command.action.trip() == action.trip()
            && command.id == known.id;
        if !same {
            return Err(DeviceError::CommandReused);
        }
        Ok(self.step(Input::Local, now))
    }

    /// What only the device knows.
    fn fill_in(
        &self,
        action: DeviceAction,
        replica: &Replica,
        at: DateTime<Utc>,
    ) -> Result<DeviceAction, DeviceError> {
        Ok(match action {
            DeviceAction::Start { trip, pin, .. } => {
                let known = replica.trips.get(&trip);
                let arrived_at = known.and_then(|known| known.current.state.arrived_at());
                DeviceAction::Start {
                    trip,
                    pin,
                    arrived_at: arrived_at.unwrap_or(at),
                }
            }
            DeviceAction::ReachStop { trip, .. } => DeviceAction::ReachStop {
                trip,
                place: replica.trips.get(&trip).and_then(next_place),
            },
            DeviceAction::Complete { trip, .. } => DeviceAction::Complete {
                trip,
                claim: self.claim(trip, replica, at)?.map(Box::new),
            },
            action => action,
        })
    }

    /// What the ride costs if it ends now; `None` if the device cannot say.
    fn claim(
        &self,
        id: TripId,
        replica: &Replica,
        at: DateTime<Utc>,
    ) -> Result<Option<FareClaim>, StoreError> {
        let mut after = replica.clone();
        let action = DeviceAction::Complete {
            trip: id,
            claim: None,
        };
        let act = Act {
            action: &action,
            at,
            pin_key: self.keys.pin.as_ref(),
        };
        if after.act(&act).is_err() {
            return Ok(None);
        }
        let Some(trip) = after.trips.get(&id) else {
            return Ok(None);
        };
        let TripState::Completed {
            started_at,
            completed_at,
            ..
        } = trip.current.state
        else {
            return Ok(None);
        };
        let Ok(tariff) = Tariff::new(trip.kit.tariff.clone()) else {
            return Ok(None);
        };
        let track = self.store.points(id, started_at..=completed_at)?;
        let over = RideOver {
            trip: &trip.current,
            quoted: &trip.kit.quoted,
            tariff: &tariff,
            plan: trip.kit.plan,
            straight: trip.kit.straight,
            track: &track,
        };
        Ok(claim(&over, &*self.ground).ok())
    }
}

/// Where the car drives to.
fn next_place(trip: &ReplicaTrip) -> Option<LatLng> {
    match trip.current.state {
        TripState::InProgress { leg, .. } => trip.current.stops.position(leg.stop()),
        _ => None,
    }
}

/// The trip's version as the device knows it.
fn version_of(replica: &Replica, action: &DeviceAction) -> Option<u32> {
    let trip = replica.trips.get(&action.trip()?)?;
    Some(trip.current.version)
}

/// A command as it was written.
pub(super) fn read_command(stored: &StoredCommand) -> Result<DeviceCommand, StoreError> {
    let what = "command";
    serde_json::from_str(&stored.text).map_err(|_| StoreError::Content { what })
}
