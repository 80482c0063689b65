use proptest::collection::vec;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

/// 2026-11-20T12:00:00Z.
const NOON_MS: i64 = 1_795_176_000_000;
const HOUR_MS: i64 = 3_600_000;

/// A device in a world where the true time is known.
#[derive(Debug, Clone, Copy)]
struct World {
    true_ms: i64,
    boot: u128,
    booted_ms: i64,
    /// What the wall says beyond the truth.
    wall_off_ms: i64,
    /// How many millionths the monotonic clock is too fast.
    fast_ppm: i64,
}

impl World {
    fn new() -> Self {
        Self {
            true_ms: NOON_MS,
            boot: 1,
            booted_ms: NOON_MS - HOUR_MS,
            wall_off_ms: 0,
            fast_ppm: 0,
        }
    }

    fn now(&self) -> DeviceTime {
        let lasts_ms = self.true_ms - self.booted_ms;
        let monotonic_ms = lasts_ms + lasts_ms * self.fast_ppm / 1_000_000;
        DeviceTime {
            boot: BootId::from_uuid(Uuid::from_u128(self.boot)),
            monotonic_ms: u64::try_from(monotonic_ms).unwrap(),
            wall: moment(self.true_ms + self.wall_off_ms),
        }
    }

    fn pass(&mut self, ms: i64) -> DeviceTime {
        self.true_ms += ms;
        self.now()
    }

    fn reboot(&mut self) {
        self.boot += 1;
        self.true_ms += 60_000;
        self.booted_ms = self.true_ms - 30_000;
    }

    /// Asks the server, which looks at its clock `there_ms` after the question went out.
    fn ask(&mut self, clock: &mut TrustedClock, there_ms: i64, back_ms: i64) {
        let sent = self.now();
        let server = moment(self.true_ms + there_ms);
        let received = self.pass(there_ms + back_ms);
        clock.heard_server(&Exchange {
            sent,
            received,
            server,
        });
    }

    /// How far a stamp that is made now is from the truth, what it is from, and whether it tells of a
    /// jump.
    fn stamp(&self, clock: &mut TrustedClock) -> (i64, TimeSource, bool) {
        let (at, reading) = clock.stamp(self.now());
        assert_eq!(reading.monotonic_ms, self.now().monotonic_ms);
        let off_ms = at.timestamp_millis() - self.true_ms;
        (off_ms, reading.source, reading.jumped)
    }
}

#[test]
fn the_middle_of_an_exchange_has_the_time_of_the_server() {
    let (mut world, mut clock) = (World::new(), TrustedClock::default());
    world.wall_off_ms = 7 * HOUR_MS;
    world.ask(&mut clock, 200, 200);
    assert_eq!(world.stamp(&mut clock), (0, TimeSource::Server, false));
    // A way that is not as long as the way back puts the time off by half of the difference.
    let mut clock = TrustedClock::default();
    world.ask(&mut clock, 300, 100);
    assert_eq!(world.stamp(&mut clock).0, 100);
}

#[test]
fn the_shortest_way_to_the_server_counts_until_drift_makes_it_less_sure() {
    let (mut world, mut clock) = (World::new(), TrustedClock::default());
    world.ask(&mut clock, 10, 50);
    world.pass(1_000);
    // A call that waits half a minute for changes, and is answered in the end.
    world.ask(&mut clock, 30_000, 100);
    assert_eq!(world.stamp(&mut clock).0, -20);
    // Until 300 s have passed the first is unsure by less than 60 ms, as this one is.
    world.pass(297_000 - 30_100 - 120);
    world.ask(&mut clock, 0, 120);
    assert_eq!(world.stamp(&mut clock).0, -20);
    world.pass(5_000);
    world.ask(&mut clock, 0, 120);
    assert_eq!(world.stamp(&mut clock).0, -60);
}

#[test]
fn a_poor_answer_is_better_than_none_and_gives_way_to_a_good_one() {
    let (mut world, mut clock) = (World::new(), TrustedClock::default());
    world.wall_off_ms = -HOUR_MS;
    world.ask(&mut clock, 30_000, 0);
    assert_eq!(world.stamp(&mut clock).0, 15_000);
    world.pass(60_000);
    world.ask(&mut clock, 20, 20);
    assert_eq!(world.stamp(&mut clock).0, 0);
}

#[test]
fn an_answer_that_contradicts_the_one_before_counts_however_long_it_took() {
    let (mut world, mut clock) = (World::new(), TrustedClock::default());
    world.ask(&mut clock, 10, 10);
    // The server's own clock is put right by a minute.
    world.true_ms += 60_000;
    world.booted_ms += 60_000;
    world.ask(&mut clock, 2_000, 2_000);
    assert_eq!(world.stamp(&mut clock).0, 0);
}

#[test]
fn an_exchange_that_spans_two_runs_or_ends_before_it_begins_says_nothing() {
    let (mut world, mut clock) = (World::new(), TrustedClock::default());
    let sent = world.now();
    let server = moment(NOON_MS + 5 * HOUR_MS);
    let earlier = DeviceTime {
        monotonic_ms: sent.monotonic_ms - 1,
        ..sent
    };
    world.reboot();
    for received in [earlier, world.now()] {
        clock.heard_server(&Exchange {
            sent,
            received,
            server,
        });
    }
    assert_eq!(world.stamp(&mut clock), (0, TimeSource::Wall, false));
}

#[test]
fn setting_the_wall_clock_changes_no_time_and_is_told_once() {
    for jump_ms in [12 * HOUR_MS, -12 * HOUR_MS, 2_500, -2_500] {
        for is_anchored in [true, false] {
            let (mut world, mut clock) = (World::new(), TrustedClock::default());
            if is_anchored {
                world.ask(&mut clock, 20, 20);
            }
            assert!(!world.stamp(&mut clock).2);
            world.pass(60_000);
            world.wall_off_ms = jump_ms;
            let (off_ms, _, jumped) = world.stamp(&mut clock);
            assert_eq!((off_ms, jumped), (0, true), "{jump_ms} {is_anchored}");
            world.pass(60_000);
            let (off_ms, _, jumped) = world.stamp(&mut clock);
            assert_eq!((off_ms, jumped), (0, false), "{jump_ms} {is_anchored}");
        }
    }
}

#[test]
fn a_wall_clock_that_goes_there_and_back_between_two_stamps_is_noticed_if_anything_was_heard() {
    let (mut world, mut clock) = (World::new(), TrustedClock::default());
    world.stamp(&mut clock);
    world.wall_off_ms = HOUR_MS;
    world.ask(&mut clock, 20, 20);
    world.wall_off_ms = 0;
    assert!(world.stamp(&mut clock).2);
}

#[test]
fn small_moves_add_up_to_a_jump_and_drift_does_not() {
    let (mut world, mut clock) = (World::new(), TrustedClock::default());
    world.stamp(&mut clock);
    for _ in 0..4 {
        world.wall_off_ms += 1_500;
        world.pass(1_000);
        world.ask(&mut clock, 20, 20);
    }
    assert!(world.stamp(&mut clock).2);
    // Twelve hours in which the network sets the wall and the monotonic clock runs fast.
    let (mut world, mut clock) = (World::new(), TrustedClock::default());
    world.fast_ppm = 90;
    world.stamp(&mut clock);
    world.pass(12 * HOUR_MS);
    assert!(!world.stamp(&mut clock).2);
}

#[test]
fn after_a_reboot_the_wall_counts_as_it_was_known_before() {
    for wall_off_ms in [0, 3 * HOUR_MS, -12 * HOUR_MS] {
        let (mut world, mut clock) = (World::new(), TrustedClock::default());
        world.wall_off_ms = wall_off_ms;
        world.ask(&mut clock, 20, 20);
        world.stamp(&mut clock);
        world.reboot();
        assert_eq!(world.stamp(&mut clock), (0, TimeSource::Wall, false));
        // The offset of a clock that is set during the run is known as well.
        world.wall_off_ms += HOUR_MS;
        assert!(world.stamp(&mut clock).2);
        world.reboot();
        let (off_ms, source, jumped) = world.stamp(&mut clock);
        assert_eq!((off_ms, source, jumped), (0, TimeSource::Wall, false));
    }
}

#[test]
fn a_wall_clock_that_lost_its_battery_is_not_believed() {
    let (mut world, mut clock) = (World::new(), TrustedClock::default());
    world.ask(&mut clock, 20, 20);
    world.stamp(&mut clock);
    let told_ms = world.true_ms;
    world.reboot();
    world.wall_off_ms = -world.true_ms;
    // All that is known is that the run began after the last stamp: that was 30 s before it.
    assert_eq!(world.stamp(&mut clock), (-30_000, TimeSource::Wall, true));
    assert_eq!(world.true_ms - told_ms, 60_000);
    world.pass(5_000);
    assert_eq!(world.stamp(&mut clock), (-30_000, TimeSource::Wall, false));
    // The network sets the wall right; time stays as it is until server or satellite is heard.
    world.wall_off_ms = 0;
    world.pass(5_000);
    assert_eq!(world.stamp(&mut clock), (-30_000, TimeSource::Wall, true));
    world.ask(&mut clock, 20, 20);
    assert_eq!(world.stamp(&mut clock), (0, TimeSource::Server, false));
}

#[test]
fn an_offset_of_years_is_not_carried_into_the_next_run() {
    let (mut world, mut clock) = (World::new(), TrustedClock::default());
    world.wall_off_ms = -world.true_ms;
    world.ask(&mut clock, 20, 20);
    world.stamp(&mut clock);
    world.reboot();
    world.wall_off_ms = 0;
    assert_eq!(world.stamp(&mut clock), (0, TimeSource::Wall, false));
}

#[test]
fn time_does_not_run_back_when_a_wall_clock_was_ahead() {
    let (mut world, mut clock) = (World::new(), TrustedClock::default());
    world.ask(&mut clock, 20, 20);
    world.stamp(&mut clock);
    world.reboot();
    world.wall_off_ms = 12 * HOUR_MS;
    // Nothing on the device can tell that the wall was set while it was off.
    assert_eq!(world.stamp(&mut clock).0, 12 * HOUR_MS);
    world.ask(&mut clock, 20, 20);
    let ahead_ms = 12 * HOUR_MS - 40;
    assert_eq!(
        world.stamp(&mut clock),
        (ahead_ms + 1, TimeSource::Server, true)
    );
    world.pass(13 * HOUR_MS);
    assert_eq!(world.stamp(&mut clock), (0, TimeSource::Server, false));
}

#[test]
fn a_satellite_is_all_there_is_until_the_server_is_heard() {
    let (mut world, mut clock) = (World::new(), TrustedClock::default());
    world.wall_off_ms = 5 * HOUR_MS;
    clock.heard_satellite(world.now(), moment(world.true_ms - 200));
    assert_eq!(
        world.stamp(&mut clock),
        (-200, TimeSource::Satellite, false)
    );
    world.pass(1_000);
    world.ask(&mut clock, 20, 20);
    assert_eq!(world.stamp(&mut clock), (0, TimeSource::Server, false));
    clock.heard_satellite(world.now(), moment(world.true_ms - 200));
    assert_eq!(world.stamp(&mut clock).1, TimeSource::Server);
}

#[test]
fn a_satellite_keeps_a_long_run_right_and_a_false_one_moves_it_nowhere() {
    let (mut world, mut clock) = (World::new(), TrustedClock::default());
    world.ask(&mut clock, 20, 20);
    world.stamp(&mut clock);
    world.fast_ppm = 50;
    world.booted_ms = world.true_ms - HOUR_MS;
    world.pass(12 * HOUR_MS);
    let (off_ms, source, _) = world.stamp(&mut clock);
    assert!((2_000..2_500).contains(&off_ms), "{off_ms}");
    assert_eq!(source, TimeSource::Server);
    world.pass(5_000);
    clock.heard_satellite(world.now(), moment(world.true_ms - 100));
    assert_eq!(
        world.stamp(&mut clock),
        (-100, TimeSource::Satellite, false)
    );
    // One of another year, and one of an hour ahead.
    for false_ms in [-20 * 365 * 24 * HOUR_MS, HOUR_MS] {
        world.pass(60_000);
        clock.heard_satellite(world.now(), moment(world.true_ms + false_ms));
        let (off_ms, _, _) = world.stamp(&mut clock);
        assert!(off_ms.abs() < 3_000, "{false_ms} {off_ms}");
    }
}

#[test]
fn what_the_server_told_of_is_before_what_happens_next() {
    let (world, mut clock) = (World::new(), TrustedClock::default());
    clock.happened(world.now(), moment(world.true_ms + 300));
    clock.happened(world.now(), moment(world.true_ms - 300));
    assert_eq!(clock.now(world.now()), moment(world.true_ms + 300));
    assert_eq!(world.stamp(&mut clock), (301, TimeSource::Wall, false));
    assert_eq!(world.stamp(&mut clock).0, 302);
}

#[test]
fn reading_the_clock_changes_nothing() {
    let (mut world, mut clock) = (World::new(), TrustedClock::default());
    assert_eq!(clock.now(world.now()), moment(world.true_ms));
    world.ask(&mut clock, 20, 20);
    let before = clock.clone();
    world.pass(500);
    assert_eq!(clock.now(world.now()), moment(world.true_ms));
    assert_eq!(clock, before);
}

#[derive(Debug, Clone)]
enum Happening {
    Pass(i64),
    Stamp,
    Wall(i64),
    Reboot,
    Ask(i64, i64),
    Satellite(i64),
    Kept,
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        4 => (0_i64..3 * HOUR_MS).prop_map(Happening::Pass),
        8 => Just(Happening::Stamp),
        2 => prop_oneof![-12 * HOUR_MS..12 * HOUR_MS, Just(-NOON_MS), any::<i32>().prop_map(i64::from)]
            .prop_map(Happening::Wall),
        1 => Just(Happening::Reboot),
        2 => (0_i64..5_000, 0_i64..5_000).prop_map(|(there, back)| Happening::Ask(there, back)),
        2 => prop_oneof![3 => -400_i64..1, 1 => -NOON_MS..NOON_MS].prop_map(Happening::Satellite),
        1 => Just(Happening::Kept),
    ]
}

proptest! {
    /// Whatever is done to a device, its stamps grow. Once the server was heard in a run, they are
    /// right within what the network, drift and a false satellite leave open, unless an earlier one
    /// was later already; and the clock that was kept is the clock.
    #[test]
    fn stamps_grow_and_are_right_once_the_server_was_heard(
        happenings in vec(happening(), 1..60),
        fast_ppm in -50_i64..50,
    ) {
        let (mut world, mut clock) = (World { fast_ppm, ..World::new() }, TrustedClock::default());
        let (mut last, mut heard_ms) = (None, None);
        for happening in happenings {
            match happening {
                Happening::Pass(ms) => { world.pass(ms); }
                Happening::Wall(off_ms) => world.wall_off_ms = off_ms,
                Happening::Reboot => { world.reboot(); heard_ms = None; }
                Happening::Ask(there_ms, back_ms) => {
                    world.ask(&mut clock, there_ms, back_ms);
                    heard_ms.get_or_insert(world.true_ms);
                }
                Happening::Satellite(off_ms) => {
                    clock.heard_satellite(world.now(), moment(world.true_ms + off_ms));
                }
                Happening::Kept => {
                    let json = serde_json::to_string(&clock).unwrap();
                    prop_assert_eq!(&serde_json::from_str::<TrustedClock>(&json).unwrap(), &clock);
                }
                Happening::Stamp => {
                    let (at, reading) = clock.stamp(world.now());
                    prop_assert!(last.is_none_or(|last| at > last), "{last:?} {at}");
                    let is_pushed = last.is_some_and(|last| (at - last).num_milliseconds() == 1);
                    if let Some(heard_ms) = heard_ms.filter(|_| !is_pushed) {
                        prop_assert_ne!(reading.source, TimeSource::Wall);
                        let off_ms = at.timestamp_millis() - world.true_ms;
                        let drift_ms = (world.true_ms - heard_ms) / 5_000;
                        prop_assert!(off_ms.abs() <= 5_000 + 1_100 + drift_ms, "{off_ms}");
                    }
                    last = Some(at);
                }
            }
        }
    }
}
