//! What happens to commands whose chain or seal is not as it should be.

use wayfare_core::sync::DeviceAction;
use wayfare_core::wire::{BatchAnswer, CommandBatch, CommandOutcome, ErrorCode, SyncFlagKind};

use super::phone::{DevicePhone, codes, flag_kinds, flags, sends};
use crate::actors::{Actor, admin, bob, everything};
use crate::harness::TestServer;

const OFFLINE: DeviceAction = DeviceAction::GoOffline;

/// How many commands are kept.
async fn kept(server: &TestServer) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM sync.commands")
        .fetch_one(&server.pool)
        .await
        .unwrap()
}

async fn answer(server: &TestServer, actor: &Actor, batch: &CommandBatch) -> BatchAnswer {
    sends(server, actor, batch).await.told(200)
}

#[tokio::test]
async fn a_broken_chain_is_flagged_and_its_commands_count() {
    let server = TestServer::start().await;
    let (admin, bob) = (admin(&server).await, bob(&server).await);
    let mut phone = DevicePhone::of(&server, &bob).await;
    phone.does(OFFLINE);
    phone.syncs_all(&server, &bob).await;
    // As if another command had been at 1.
    phone.head = phone.head.after("something else");
    let first = phone.does(OFFLINE);
    phone.does(OFFLINE);
    phone.syncs_all(&server, &bob).await;
    let told = flags(&server, &admin).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].kind, SyncFlagKind::ChainBroken);
    assert_eq!(told[0].command_id, Some(first));
    assert_eq!(told[0].device_id, Some(phone.device));
    // From here on the chain is whole again.
    phone.does(OFFLINE);
    phone.syncs_all(&server, &bob).await;
    assert_eq!(flags(&server, &admin).await.len(), 1);
}

#[tokio::test]
async fn commands_that_are_missing_are_asked_for() {
    let server = TestServer::start().await;
    let (admin, bob) = (admin(&server).await, bob(&server).await);
    let mut phone = DevicePhone::of(&server, &bob).await;
    for _ in 0..4 {
        phone.does(OFFLINE);
    }
    let later = phone.batch_of(&phone.waiting[2..]);
    let told = answer(&server, &bob, &later).await;
    assert_eq!((told.results, told.next_seq), (vec![], 1));
    assert_eq!(kept(&server).await, 0);
    phone.syncs_all(&server, &bob).await;
    assert_eq!(flag_kinds(&server, &admin).await, []);
}

#[tokio::test]
async fn commands_that_are_lost_are_flagged_and_the_others_count() {
    let server = TestServer::start().await;
    let (admin, bob) = (admin(&server).await, bob(&server).await);
    let mut phone = DevicePhone::of(&server, &bob).await;
    for _ in 0..4 {
        phone.does(OFFLINE);
    }
    phone.waiting.drain(..2);
    phone.syncs_all(&server, &bob).await;
    assert_eq!(
        flag_kinds(&server, &admin).await,
        [SyncFlagKind::SequenceGap]
    );
    phone.does(OFFLINE);
    phone.syncs_all(&server, &bob).await;
    assert_eq!(kept(&server).await, 3);
    assert_eq!(flag_kinds(&server, &admin).await.len(), 1);
}

#[tokio::test]
async fn a_restored_backup_is_flagged_and_loses_nothing() {
    let server = TestServer::start().await;
    let (admin, bob) = (admin(&server).await, bob(&server).await);
    let mut phone = DevicePhone::of(&server, &bob).await;
    phone.does(OFFLINE);
    let backup = phone.clone();
    for _ in 0..2 {
        phone.does(OFFLINE);
    }
    phone.syncs_all(&server, &bob).await;

    let mut restored = backup;
    for _ in 0..3 {
        restored.does(OFFLINE);
    }
    let told = answer(&server, &bob, &restored.batch()).await;
    let seen: Vec<_> = told.results.iter().map(|result| result.duplicate).collect();
    // The first is the same command; 2 and 3 are others than before; 4 is new.
    assert_eq!(seen, [true, false, false, false]);
    assert_eq!(codes(&told.results), [None; 4]);
    assert_eq!(told.next_seq, 5);
    use SyncFlagKind::{ChainBroken, SequenceReused};
    let kinds = flag_kinds(&server, &admin).await;
    assert_eq!(kinds, [SequenceReused, ChainBroken]);
    assert_eq!(kept(&server).await, 6);
    let again = answer(&server, &bob, &restored.batch()).await;
    assert!(again.results.iter().all(|result| result.duplicate));
    assert_eq!(kept(&server).await, 6);
}

#[tokio::test]
async fn nothing_counts_that_the_device_did_not_seal() {
    let server = TestServer::start().await;
    let (admin, bob) = (admin(&server).await, bob(&server).await);
    let mut phone = DevicePhone::of(&server, &bob).await;
    bob.goes_online(&server).await;
    phone.does(OFFLINE);
    phone.does(OFFLINE);
    let before = everything(&server).await;
    let right = phone.batch();
    let spoilt = |change: &dyn Fn(&mut CommandBatch)| {
        let mut batch = right.clone();
        change(&mut batch);
        batch
    };
    for batch in [
        spoilt(&|b| b.seal = "a.b.c".to_owned()),
        spoilt(&|b| b.seal = DevicePhone::new(8).seal(b.prev_hash, &b.commands, 2)),
        spoilt(&|b| b.seal = phone.seal(b.prev_hash, &b.commands, 3)),
        spoilt(&|b| b.seal = phone.seal(b.prev_hash, &b.commands[..1], 1)),
        spoilt(&|b| b.commands[0] = format!(" {}", b.commands[0])),
        spoilt(&|b| b.prev_hash = b.prev_hash.after("x")),
    ] {
        let refused = sends(&server, &bob, &batch).await;
        refused.refused(422, ErrorCode::SignatureInvalid);
    }
    assert_eq!(everything(&server).await, before);
    assert_eq!(kept(&server).await, 0);
    // However often it comes, it is told once.
    assert_eq!(
        flag_kinds(&server, &admin).await,
        [SyncFlagKind::SignatureInvalid]
    );
    phone.syncs_all(&server, &bob).await;
}

#[tokio::test]
async fn a_batch_that_is_not_understood_changes_nothing() {
    let server = TestServer::start().await;
    let bob = bob(&server).await;
    bob.goes_online(&server).await;
    let mut phone = DevicePhone::of(&server, &bob).await;
    for _ in 0..3 {
        phone.does(OFFLINE);
    }
    let before = everything(&server).await;
    let good = phone.batch();
    let with = |text: String| {
        let mut batch = good.clone();
        batch.commands[1] = text;
        batch.seal = phone.seal(batch.prev_hash, &batch.commands, 3);
        batch
    };
    let text = &good.commands[1];
    for batch in [
        with("{".to_owned()),
        with("\u{0}".to_owned()),
        with(text.replace("go_offline", "fly")),
        with(text.replace("\"seq\":2", "\"seq\":3")),
        with(text.replace("\"v\":1", "\"v\":2")),
        with(text.replace(
            &phone.device.to_string(),
            &DevicePhone::new(1).device.to_string(),
        )),
        with(good.commands[0].clone()),
        with(format!("{text}{}", " ".repeat(65 * 1024))),
    ] {
        let refused = sends(&server, &bob, &batch).await;
        let problem = refused.refused(400, ErrorCode::InvalidRequest);
        assert!(problem.detail.contains("commands[1]"), "{}", problem.detail);
    }
    let mut none = good.clone();
    none.commands.clear();
    let mut many = good.clone();
    many.commands = vec![text.clone(); 501];
    for batch in [none, many] {
        let refused = sends(&server, &bob, &batch).await;
        refused.refused(400, ErrorCode::InvalidRequest);
    }
    assert_eq!(everything(&server).await, before);
    assert_eq!(kept(&server).await, 0);
    phone.syncs_all(&server, &bob).await;
}

#[tokio::test]
async fn a_command_of_another_device_stays_that_devices() {
    let server = TestServer::start().await;
    let bob = bob(&server).await;
    let mut phone = DevicePhone::of(&server, &bob).await;
    let id = phone.does(OFFLINE);
    phone.syncs_all(&server, &bob).await;
    // Another device says that this command was given there.
    let mut other = DevicePhone::of(&server, &bob).await;
    let own = other.does(OFFLINE);
    let kept_there = &mut other.waiting[0];
    kept_there.text = kept_there.text.replace(&own.to_string(), &id.to_string());
    other.head = kept_there.before.after(&kept_there.text);
    other.does(OFFLINE);
    let told = answer(&server, &bob, &other.batch()).await;
    assert_eq!(codes(&told.results), [Some(ErrorCode::AlreadyExists), None]);
    assert_eq!(told.results[1].outcome, CommandOutcome::Applied);
    assert_eq!(told.next_seq, 3);
}

#[tokio::test]
async fn a_large_batch_of_a_whole_shift_is_taken() {
    let server = TestServer::start().await;
    let bob = bob(&server).await;
    let mut phone = DevicePhone::of(&server, &bob).await;
    for _ in 0..500 {
        phone.does(OFFLINE);
    }
    // White space counts, and more than other requests may have.
    let mut batch = phone.batch();
    for text in &mut batch.commands {
        text.push_str(&" ".repeat(1500));
    }
    batch.seal = phone.seal(batch.prev_hash, &batch.commands, 500);
    let told = answer(&server, &bob, &batch).await;
    assert_eq!(told.results.len(), 500);
    for text in &mut batch.commands {
        text.push_str(&" ".repeat(4000));
    }
    let refused = sends(&server, &bob, &batch).await;
    refused.refused(413, ErrorCode::BodyTooLarge);
}
