//! What people do with a device: tell it something, read what it says, take photos. A driver's phone
//! also measures where it is.
//!
//! Whatever was being done when a program ended in a commit, it is noted whether it was kept.

use rand::RngExt;
use uuid::Uuid;
use wayfare_core::id::{BlobId, CommandId, TripId};
use wayfare_core::sync::DeviceAction;
use wayfare_core::sync::device::Notice;
use wayfare_core::track::segment::SegmentPoint;
use wayfare_core::wire::{BlobKind, NewBlob};

use super::agenda::{SECOND, utc};
use super::backend::Backend;
use super::checks::{Done, hash_of};
use super::phone::{Called, Stored};
use super::world::{Event, World};

impl<B: Backend> World<B> {
    /// Tells the phone. The driver sees what became of it, and tries again if nothing did.
    pub(super) fn act(&mut self, account: usize, action: DeviceAction) {
        let again = self.deeds.unsure.remove(&account);
        let (id, action) = match again {
            // Who does not know whether something was kept says it again, under the same name.
            Some((id, unsure))
                if unsure.as_str() == action.as_str() && unsure.trip() == action.trip() =>
            {
                (id, unsure)
            }
            _ => (
                CommandId::from_uuid(Uuid::from_u128(self.net.random())),
                action,
            ),
        };
        let time = self.time(account);
        if self.play.logged {
            self.log(account, &format!("does: {}", said(&action)));
        }
        let wanted = action.clone();
        let called = self.accounts[account].call(|device| device.act(id, action, time));
        let knew = self.deeds.is_known(id);
        let torn = matches!(called, Called::Torn(_));
        let mut stored = self.follow(account, called);
        if torn && self.is_wrong_pin(&wanted) {
            // What was being kept was how often the PIN was wrong.
            stored = Stored::No;
        }
        let done = Done {
            account,
            id,
            kind: wanted.as_str(),
            at: self.now,
            stored,
        };
        if torn {
            self.deeds.unsure.insert(account, (id, wanted));
        }
        if stored != Stored::No || knew {
            self.deeds.note(done);
        }
        if let Some(driver) = self.drivers.get_mut(account) {
            driver.busy_until = self.now + driver.chance.random_range(SECOND..8 * SECOND);
        }
    }

    fn is_wrong_pin(&self, action: &DeviceAction) -> bool {
        matches!(action, DeviceAction::Start { trip, pin, .. } if self.pins.get(trip) != Some(pin))
    }

    /// Reads what the phone has to say, and says that it was read.
    pub(super) fn read_notices(&mut self, account: usize) {
        let Called::Done(notices) = self.accounts[account].call(|device| device.notices()) else {
            return;
        };
        for kept in notices {
            // People do not read everything at once.
            if self.healed.is_none() && self.net.random_bool(0.3) {
                continue;
            }
            let id = kept.id;
            if let Notice::CommandRejected { command, .. } = &kept.notice {
                self.deeds.told.insert(*command);
            }
            if matches!(kept.notice, Notice::FareCorrected { .. }) {
                self.deeds.corrections_told += 1;
            }
            if self.play.logged {
                self.log(account, &format!("reads: {:?}", kept.notice.words()));
            }
            match self.accounts[account].call(|device| device.seen(id)) {
                Called::Done(_) => {}
                Called::Torn(_) => return self.crash_torn(account),
                Called::Broken(error) => {
                    return self.fail(format!("a notice is not seen: {error}"));
                }
                Called::Refused(_) | Called::Off => return,
            }
        }
    }

    fn crash_torn(&mut self, account: usize) {
        self.faults.torn_commits += 1;
        self.crash(account);
    }

    /// A driver's phone measures where it is, and writes it down now and then.
    pub(super) fn fix(&mut self, driver: usize) {
        if self.healed.is_some() {
            return;
        }
        let busy = self.accounts[driver]
            .device
            .as_ref()
            .is_some_and(|device| device.replica().driven().is_some());
        let person = &mut self.drivers[driver];
        let pause = if busy {
            person.chance.random_range(3_000..8_000)
        } else {
            person.chance.random_range(20_000..60_000)
        };
        self.agenda.at(self.now + pause, Event::Fix(driver));
        if self.accounts[driver].device.is_none() {
            return;
        }
        let person = &mut self.drivers[driver];
        if let Some(fix) = person.car.fix(self.now, &mut person.chance) {
            person.fixes.push(fix);
        }
        let satellite = person.chance.random_bool(0.05);
        let write = person.fixes.len() >= 5 || person.chance.random_bool(0.3);
        if satellite {
            self.hear_satellite(driver);
        }
        if write {
            self.write_fixes(driver);
        }
    }

    fn hear_satellite(&mut self, account: usize) {
        let (time, now) = (self.time(account), utc(self.now));
        let called = self.accounts[account].call(|device| {
            device.heard_satellite(time, now);
            Ok(())
        });
        if matches!(called, Called::Torn(_)) {
            self.crash_torn(account);
        }
    }

    /// Gives the device what was measured.
    pub(super) fn write_fixes(&mut self, account: usize) {
        let Some(driver) = self.drivers.get_mut(account) else {
            return;
        };
        let fixes = std::mem::take(&mut driver.fixes);
        self.record(account, fixes);
    }

    /// Gives a device measurements.
    pub(super) fn record(&mut self, account: usize, mut fixes: Vec<SegmentPoint>) {
        if fixes.is_empty() {
            return;
        }
        let whole = fixes.clone();
        if !self.play.protections.segments_are_whole && self.net.random_bool(0.1) {
            fixes.pop();
        }
        let time = self.time(account);
        let called = self.accounts[account].call(|device| device.record(&fixes, time));
        let stored = match called {
            Called::Done(()) => Stored::Yes,
            Called::Torn(stored) => {
                self.crash_torn(account);
                stored
            }
            Called::Refused(why) | Called::Broken(why) => {
                return self.fail(format!("points are not kept: {why}"));
            }
            Called::Off => Stored::No,
        };
        self.deeds
            .note_points(self.accounts[account].user, &whole, stored);
    }

    /// Photographs something.
    pub(super) fn photograph(&mut self, account: usize, trip: Option<TripId>) {
        let size = self.net.random_range(1..60_000_usize);
        let mut content = vec![0; size];
        self.net.fill(content.as_mut_slice());
        let blob = NewBlob {
            blob_id: BlobId::from_uuid(Uuid::from_u128(self.net.random())),
            kind: BlobKind::Photo,
            trip_id: trip,
            media_type: "image/jpeg".to_owned(),
            size: u64::try_from(size).unwrap_or_default(),
            sha256: hash_of(&content),
            taken_at: utc(self.now),
        };
        let time = self.time(account);
        let id = blob.blob_id;
        let called = self.accounts[account].call(|device| device.add_blob(&blob, &content, time));
        let stored = self.follow(account, called);
        self.deeds.note_blob(id, content, stored);
        if stored != Stored::No
            && let Some(trip) = trip
        {
            self.deeds.photographed.insert(trip);
        }
        self.log(account, "takes a photo");
    }
}

/// What a log says of an action.
fn said(action: &DeviceAction) -> String {
    match action.trip() {
        Some(trip) => format!("{} {trip}", action.as_str()),
        None => action.as_str().to_owned(),
    }
}
