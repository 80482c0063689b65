//! When a command happened, as far as its device is believed, and what is wrong with what it says.

use chrono::{DateTime, TimeDelta, Utc};
use wayfare_core::sync::DeviceCommand;
use wayfare_core::wire::{SentAt, SyncFlagKind};

use crate::platform::clock;

/// Two clocks that are both right differ by less.
const AHEAD_MAX: TimeDelta = TimeDelta::seconds(60);
/// What the monotonic clock and the time of an event may differ by.
const DRIFT_MAX: TimeDelta = TimeDelta::seconds(120);

/// When it happened, for the records: as the device says, but not later than now.
pub(super) fn happened_at(command: &DeviceCommand, now: DateTime<Utc>) -> DateTime<Utc> {
    // A device without a clock begins in 1970; what is before that is nonsense, and the database
    // does not keep all of it.
    let told = command.occurred_at.clamp(DateTime::UNIX_EPOCH, now);
    clock::as_kept(told)
}

/// What an admin should know about the time of a command, in words.
pub(super) fn doubts(
    command: &DeviceCommand,
    sent: SentAt,
    now: DateTime<Utc>,
) -> Vec<(SyncFlagKind, String)> {
    let mut doubts = Vec::new();
    let ahead = command.occurred_at.signed_duration_since(now);
    if ahead > AHEAD_MAX {
        let detail = format!("it happened {} s in the future", ahead.num_seconds());
        doubts.push((SyncFlagKind::FutureTime, detail));
    }
    if let Some(detail) = jump(command, sent, now) {
        doubts.push((SyncFlagKind::ClockJump, detail));
    }
    doubts
}

fn jump(command: &DeviceCommand, sent: SentAt, now: DateTime<Utc>) -> Option<String> {
    if command.clock.jumped {
        return Some("the device says that its clock jumped".to_owned());
    }
    if command.clock.boot != sent.boot {
        return None;
    }
    let Some(ago_ms) = sent.monotonic_ms.checked_sub(command.clock.monotonic_ms) else {
        return Some("by the monotonic clock it happened after it was sent".to_owned());
    };
    // So long ago that no device ran then.
    let ago = i64::try_from(ago_ms)
        .ok()
        .and_then(TimeDelta::try_milliseconds);
    let by_monotonic = ago.and_then(|ago| now.checked_sub_signed(ago));
    let off = by_monotonic.map(|by| command.occurred_at.signed_duration_since(by));
    match off {
        Some(off) if off.abs() <= DRIFT_MAX => None,
        Some(off) => Some(format!(
            "its time is {} s from what the monotonic clock says",
            off.num_seconds()
        )),
        None => Some("its monotonic clock is out of range".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;
    use wayfare_core::id::{BootId, CommandId, DeviceId};
    use wayfare_core::sync::{ClockReading, DeviceAction, TimeSource};

    use super::*;

    fn noon() -> DateTime<Utc> {
        "2026-01-05T12:00:00Z".parse().unwrap()
    }

    fn boot(number: u128) -> BootId {
        BootId::from_uuid(Uuid::from_u128(number))
    }

    /// Given this long before noon, when the monotonic clock stood so.
    fn given(before_s: i64, monotonic_s: u64) -> DeviceCommand {
        DeviceCommand {
            v: 1,
            id: CommandId::from_uuid(Uuid::nil()),
            device: DeviceId::from_uuid(Uuid::nil()),
            seq: 1,
            expected_version: None,
            occurred_at: noon() - TimeDelta::seconds(before_s),
            clock: ClockReading {
                boot: boot(1),
                monotonic_ms: monotonic_s * 1000,
                source: TimeSource::Wall,
                jumped: false,
            },
            action: DeviceAction::GoOffline,
        }
    }

    /// Sent at noon, a day after the device began.
    fn sent() -> SentAt {
        SentAt {
            at: noon(),
            boot: boot(1),
            monotonic_ms: 86_400_000,
        }
    }

    fn kinds(command: &DeviceCommand, sent: SentAt) -> Vec<SyncFlagKind> {
        let doubts = doubts(command, sent, noon());
        doubts.into_iter().map(|(kind, _)| kind).collect()
    }

    #[test]
    fn a_command_does_not_happen_in_the_future() {
        assert_eq!(
            happened_at(&given(60, 0), noon()),
            noon() - TimeDelta::seconds(60)
        );
        assert_eq!(happened_at(&given(-60, 0), noon()), noon());
        let mut ancient = given(0, 0);
        ancient.occurred_at = DateTime::<Utc>::MIN_UTC;
        assert_eq!(happened_at(&ancient, noon()), DateTime::UNIX_EPOCH);
    }

    #[test]
    fn only_clocks_that_contradict_each_other_are_doubted() {
        use SyncFlagKind::{ClockJump, FutureTime};
        let hour_ago = 86_400 - 3600;
        for (before_s, monotonic_s, told) in [
            (3600, hour_ago, vec![]),
            (3600 + 120, hour_ago, vec![]),
            (3600 + 121, hour_ago, vec![ClockJump]),
            (3600 - 121, hour_ago, vec![ClockJump]),
            (-60, 86_400, vec![]),
            (-61, 86_400, vec![FutureTime]),
            (-43_200, 86_400, vec![FutureTime, ClockJump]),
            (0, 86_401, vec![ClockJump]),
        ] {
            assert_eq!(
                kinds(&given(before_s, monotonic_s), sent()),
                told,
                "{before_s}"
            );
        }
    }

    #[test]
    fn the_monotonic_clock_of_another_run_says_nothing() {
        let restarted = SentAt {
            boot: boot(2),
            monotonic_ms: 5,
            ..sent()
        };
        assert_eq!(kinds(&given(40_000, 86_000), restarted), []);
        let mut jumped = given(40_000, 86_000);
        jumped.clock.jumped = true;
        assert_eq!(kinds(&jumped, restarted), [SyncFlagKind::ClockJump]);
    }
}
