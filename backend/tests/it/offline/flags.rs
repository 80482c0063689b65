//! `/v1/admin/sync/flags`: what admins see, and who may.

use serde_json::Value;
use wayfare_core::sync::DeviceAction;
use wayfare_core::wire::{ErrorCode, SyncFlag, SyncFlagKind, SyncFlagPage};

use super::phone::{DevicePhone, sends};
use crate::actors::{admin, bob};
use crate::harness::TestServer;

#[tokio::test]
async fn admins_page_through_flags_and_are_done_with_them() {
    let server = TestServer::start().await;
    let (admin, bob) = (admin(&server).await, bob(&server).await);
    for _ in 0..3 {
        let mut phone = DevicePhone::of(&server, &bob).await;
        phone.does(DeviceAction::GoOffline);
        let mut batch = phone.batch();
        batch.seal = DevicePhone::new(1).seal(batch.prev_hash, &batch.commands, 1);
        let answer = sends(&server, &bob, &batch).await;
        answer.refused(422, ErrorCode::SignatureInvalid);
    }
    let page = async |query: &str| -> SyncFlagPage {
        let path = format!("/v1/admin/sync/flags{query}");
        admin.gets(&server, &path).await.told(200)
    };
    let all = page("").await.flags;
    assert_eq!(all.len(), 3);
    assert!(all.is_sorted_by(|newer, older| newer.id > older.id));
    assert!(
        all.iter()
            .all(|flag| flag.kind == SyncFlagKind::SignatureInvalid
                && flag.user_id == bob.id()
                && flag.device_id.is_some())
    );

    let first = page("?limit=2").await;
    assert_eq!(first.flags, all[..2]);
    let rest = page(&format!("?limit=2&cursor={}", first.next_cursor.unwrap())).await;
    assert_eq!((rest.flags, rest.next_cursor), (all[2..].to_vec(), None));

    let path = format!("/v1/admin/sync/flags/{}/resolution", all[0].id);
    let done: SyncFlag = admin.posts(&server, &path, Value::Null).await.told(200);
    assert!(done.resolved_at.is_some());
    let again: SyncFlag = admin.posts(&server, &path, Value::Null).await.told(200);
    assert_eq!(again, done);
    assert_eq!(page("?open=true").await.flags, all[1..]);
    assert_eq!(page("?open=false").await.flags, [done]);

    let missing = "/v1/admin/sync/flags/999/resolution";
    let answer = admin.posts(&server, missing, Value::Null).await;
    answer.refused(404, ErrorCode::NotFound);
    let answer = bob.gets(&server, "/v1/admin/sync/flags").await;
    answer.refused(403, ErrorCode::Forbidden);
    let answer = bob.posts(&server, &path, Value::Null).await;
    answer.refused(403, ErrorCode::Forbidden);
}
