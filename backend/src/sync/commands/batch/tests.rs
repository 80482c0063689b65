use chrono::{DateTime, Utc};
use uuid::Uuid;
use wayfare_core::id::{BootId, CommandId, TripId};
use wayfare_core::signing::{KeyId, SigningKey};
use wayfare_core::sync::{ClockReading, DeviceAction, TimeSource};
use wayfare_core::trip::Pin;

use super::*;

const DEVICE: DeviceId = DeviceId::from_uuid(Uuid::from_u128(0xDE));
const BOOT: BootId = BootId::from_uuid(Uuid::from_u128(0xB0));

fn noon() -> DateTime<Utc> {
    "2026-01-05T12:00:00Z".parse().unwrap()
}

fn command(seq: u64) -> DeviceCommand {
    DeviceCommand {
        v: command::VERSION,
        id: CommandId::from_uuid(Uuid::from_u128(seq.into())),
        device: DEVICE,
        seq,
        expected_version: None,
        occurred_at: noon(),
        clock: ClockReading {
            boot: BOOT,
            monotonic_ms: seq,
            source: TimeSource::Server,
            jumped: false,
        },
        action: DeviceAction::Start {
            trip: TripId::from_uuid(Uuid::from_u128(1)),
            pin: Pin::from_number(719),
            arrived_at: noon(),
        },
    }
}

fn key() -> SigningKey {
    SigningKey::from_seed(KeyId(0), &[7; 32])
}

fn ring() -> KeyRing {
    let mut ring = KeyRing::default();
    ring.insert(key().public());
    ring
}

fn texts(seqs: &[u64]) -> Vec<String> {
    seqs.iter()
        .map(|seq| serde_json::to_string(&command(*seq)).unwrap())
        .collect()
}

fn batch_of(commands: Vec<String>, last_seq: u64) -> CommandBatch {
    let prev_hash = ChainHash::first(DEVICE);
    let head = commands
        .iter()
        .fold(prev_hash, |head, text| head.after(text));
    let seal = BatchSeal {
        device_id: DEVICE,
        last_seq,
        head,
    };
    CommandBatch {
        device_id: DEVICE,
        oldest_seq: 1,
        prev_hash,
        commands,
        seal: key().sign(Purpose::DeviceBatch, &seal).unwrap().into(),
        sent: SentAt {
            at: noon(),
            boot: BOOT,
            monotonic_ms: 1000,
        },
    }
}

fn refusal(batch: &CommandBatch) -> String {
    let failure = Batch::read(batch).unwrap_err();
    assert_eq!(failure.code(), ErrorCode::InvalidRequest);
    failure.to_string()
}

#[test]
fn a_batch_is_read_in_its_order_and_with_its_chain() {
    let batch = batch_of(texts(&[4, 5, 6]), 6);
    let read = Batch::read(&batch).unwrap();
    assert_eq!(read.first_seq(), 4);
    assert_eq!(read.commands[0].before, batch.prev_hash);
    assert_eq!(read.commands[1].before, read.commands[0].after);
    assert_eq!(read.commands[2].command, command(6));
    read.check_seal(&ring()).unwrap();
}

#[test]
fn the_first_text_that_is_wrong_is_named_without_what_it_says() {
    let good = texts(&[1, 2, 3]);
    let spoilt = |change: &dyn Fn(&mut DeviceCommand)| {
        let mut wrong = command(2);
        change(&mut wrong);
        serde_json::to_string(&wrong).unwrap()
    };
    let long = format!("{}{}", good[1], " ".repeat(COMMAND_BYTES_MAX));
    for (text, told) in [
        (String::new(), "no command"),
        ("{}".to_owned(), "no command"),
        (good[1].replace("\"0719\"", "\"07190\""), "action"),
        (good[1].replace("\"start\"", "\"fly\""), "action"),
        (format!("{} {{}}", good[1]), "more after it"),
        (long, "bytes"),
        (spoilt(&|c| c.v = 2), "version 2"),
        (
            spoilt(&|c| c.device = DeviceId::from_uuid(Uuid::nil())),
            "another device",
        ),
        (spoilt(&|c| c.seq = 3), "`seq` is 3, not 2"),
        (spoilt(&|c| c.seq = 1), "`seq` is 1, not 2"),
        (spoilt(&|c| c.id = command(1).id), "`id`"),
    ] {
        let told_of = refusal(&batch_of(vec![good[0].clone(), text, good[2].clone()], 3));
        assert!(told_of.contains("`commands[1]`"), "{told_of}");
        assert!(told_of.contains(told), "{told_of}");
        assert!(!told_of.contains("0719"), "{told_of}");
    }
    assert!(refusal(&batch_of(texts(&[0]), 0)).contains("`seq` must be"));
    assert!(refusal(&batch_of(texts(&[u64::MAX]), u64::MAX)).contains("`seq` must be"));
    assert!(refusal(&batch_of(vec![], 0)).contains("1 to 500"));
}

#[test]
fn only_the_devices_own_seal_over_exactly_this_batch_is_taken() {
    let batch = batch_of(texts(&[1, 2]), 2);
    let refused = |change: &dyn Fn(&mut CommandBatch)| {
        let mut changed = batch.clone();
        change(&mut changed);
        Batch::read(&changed).unwrap().check_seal(&ring()).is_err()
    };
    assert!(!refused(&|_| {}));
    // One seal is not that of another part of the same chain, order or text.
    assert!(refused(&|b| drop(b.commands.pop())));
    assert!(refused(&|b| b.commands[1] = format!("{} ", b.commands[1])));
    assert!(refused(&|b| b.prev_hash = b.prev_hash.after("x")));
    assert!(refused(&|b| b.seal = batch_of(texts(&[1, 2]), 3).seal));
    assert!(refused(&|b| b.seal = "a.b.c".to_owned()));
    assert!(refused(&|b| b.seal = String::new()));
    let stranger = SigningKey::from_seed(KeyId(0), &[8; 32]);
    assert!(refused(&|b| {
        let read = Batch::read(&batch).unwrap();
        let seal = BatchSeal {
            device_id: DEVICE,
            last_seq: 2,
            head: read.commands[1].after,
        };
        b.seal = stranger.sign(Purpose::DeviceBatch, &seal).unwrap().into();
    }));
    // Signed by the device, but as something else.
    assert!(refused(&|b| {
        b.seal = key().sign(Purpose::Receipt, &()).unwrap().into();
    }));
}
