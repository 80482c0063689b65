//! Checking a PIN on the device, slowly enough that it cannot be guessed.

use chrono::{DateTime, TimeDelta, Utc};

use super::{LocalRefusal, ReplicaTrip};
use crate::sync::pin_check::PinKey;
use crate::trip::{Pin, Refusal};

/// So many wrong PINs may be typed in a row; after each further one it takes longer to the next.
const WRONG_PINS_FREE: u32 = 5;
const FIRST_LOCK_S: i64 = 60;
/// The lock does not double any more from here.
const LOCK_S_MAX: i64 = 3_600;

impl ReplicaTrip {
    /// Whether no PIN is taken at this time.
    pub(super) fn check_lock(&self, at: DateTime<Utc>) -> Result<(), LocalRefusal> {
        match self.locked_until {
            Some(until) if at < until => Err(LocalRefusal::TooManyPins { until }),
            _ => Ok(()),
        }
    }

    /// Checks a PIN, and counts if it is wrong.
    pub(super) fn check_pin(
        &mut self,
        pin: Pin,
        key: &PinKey,
        at: DateTime<Utc>,
    ) -> Result<(), LocalRefusal> {
        let check = &self.kit.pin_check;
        if check.trip == self.kit.trip.request.trip && key.matches(check, pin) {
            self.pin = Some(pin);
            self.wrong_pins = 0;
            self.locked_until = None;
            return Ok(());
        }
        self.wrong_pins = self.wrong_pins.saturating_add(1);
        if let Some(doubled) = self.wrong_pins.checked_sub(WRONG_PINS_FREE) {
            let lock_s = 2_i64
                .saturating_pow(doubled)
                .saturating_mul(FIRST_LOCK_S)
                .min(LOCK_S_MAX);
            self.locked_until = at.checked_add_signed(TimeDelta::seconds(lock_s));
        }
        Err(Refusal::WrongPin.into())
    }
}
