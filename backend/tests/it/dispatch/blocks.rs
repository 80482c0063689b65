//! People who do not want to meet again: who may wish it, who learns of it, and what dispatch makes
//! of it.

use serde_json::{Value, json};
use wayfare_core::id::{BlockId, TripId};
use wayfare_core::trip::TripStatus;
use wayfare_core::wire::{BlockPage, ErrorCode, PairBlock, PairBlockPage, WishedBy};

use super::times_asked;
use crate::actors::{
    Actor, admin, alice, bob, carol, dan, everything, north_of_pickup, ride_until,
};
use crate::harness::TestServer;
use crate::people::{Answer, count, delete, put};

const BLOCKS: &str = "SELECT count(*) FROM dispatch.blocks";

impl Actor {
    async fn tries_to_block(&self, server: &TestServer, trip: TripId) -> Answer {
        let path = format!("/v1/trips/{trip}/block");
        put(server, &path).by(&self.session).send().await
    }

    async fn blocks_other_of(&self, server: &TestServer, trip: TripId) {
        self.tries_to_block(server, trip).await.done();
    }

    async fn blocks(&self, server: &TestServer) -> BlockPage {
        self.gets(server, "/v1/blocks").await.told(200)
    }

    async fn deletes(&self, server: &TestServer, path: &str) -> Answer {
        delete(server, path).by(&self.session).send().await
    }

    async fn keeps_apart(&self, server: &TestServer, rider: &Actor, driver: &Actor) -> Answer {
        let pair = json!({
            "rider_id": format!("rider_{}", rider.id().uuid().simple()),
            "driver_id": format!("driver_{}", driver.id().uuid().simple()),
        });
        put(server, "/v1/admin/blocks")
            .by(&self.session)
            .json(pair)
            .await
    }
}

/// Asks for a trip while `near` waits at the pickup and `far` a way off. Answers which of them is
/// asked for it.
async fn asked<'a>(
    server: &TestServer,
    rider: &Actor,
    near: &'a Actor,
    far: &'a Actor,
) -> &'a Actor {
    near.is_free_at(server, north_of_pickup(50.0)).await;
    far.is_free_at(server, north_of_pickup(1500.0)).await;
    let before = times_asked(server, near).await;
    let trip = rider.requests_trip(server).await;
    let offer = crate::harness::wait_for("an offer for anybody", || async {
        let mut offers = near.offers(server).await;
        offers.extend(far.offers(server).await);
        offers.pop()
    })
    .await;
    assert_eq!(offer.trip_id, trip.id);
    rider.cancels(server, trip.id, "changed_mind").await;
    if times_asked(server, near).await > before {
        near
    } else {
        far
    }
}

async fn rode(server: &TestServer) -> (Actor, Actor, TripId) {
    let (alice, bob) = (alice(server).await, bob(server).await);
    let trip = ride_until(server, &alice, &bob, TripStatus::Completed).await;
    (alice, bob, trip.id)
}

#[tokio::test]
async fn a_rider_does_not_meet_a_blocked_driver_until_the_block_is_taken_back() {
    let server = TestServer::start().await;
    let (alice, bob, trip) = rode(&server).await;
    let (carol, dan) = (carol(&server).await, dan(&server).await);
    assert_eq!(asked(&server, &alice, &bob, &dan).await.id(), bob.id());
    for _ in 0..2 {
        alice.blocks_other_of(&server, trip).await;
    }
    assert_eq!(asked(&server, &alice, &bob, &dan).await.id(), dan.id());
    assert_eq!(asked(&server, &carol, &bob, &dan).await.id(), bob.id());

    let page = alice.blocks(&server).await;
    let [block] = page.blocks.as_slice() else {
        panic!("{page:?}")
    };
    assert_eq!(block.first_name.as_deref(), Some("Bob"));
    let path = format!("/v1/blocks/{}", block.id);
    alice.deletes(&server, &path).await.done();
    alice
        .deletes(&server, &path)
        .await
        .refused(404, ErrorCode::NotFound);
    assert_eq!(asked(&server, &alice, &bob, &dan).await.id(), bob.id());
}

#[tokio::test]
async fn a_driver_does_not_meet_a_blocked_rider_and_the_rider_learns_nothing() {
    let server = TestServer::start().await;
    let (alice, bob, trip) = rode(&server).await;
    let dan = dan(&server).await;
    let before = everything(&server).await;
    let seen = json!(alice.sees(&server, trip).await);
    bob.blocks_other_of(&server, trip).await;
    assert_eq!(everything(&server).await, before, "no message, no version");
    assert_eq!(json!(alice.sees(&server, trip).await), seen);
    assert_eq!(alice.blocks(&server).await.blocks, []);
    let page = bob.blocks(&server).await;
    assert_eq!(page.blocks[0].first_name.as_deref(), Some("Alice"));
    let shown = json!(page).to_string();
    assert!(!shown.contains(&alice.id().uuid().simple().to_string()));
    assert_eq!(asked(&server, &alice, &bob, &dan).await.id(), dan.id());

    let path = format!("/v1/blocks/{}", page.blocks[0].id);
    alice
        .deletes(&server, &path)
        .await
        .refused(404, ErrorCode::NotFound);
    assert_eq!(count(&server, BLOCKS).await, 1);
}

#[tokio::test]
async fn only_the_two_of_a_trip_with_a_driver_block_each_other() {
    let server = TestServer::start().await;
    let (alice, bob, carol) = (
        alice(&server).await,
        bob(&server).await,
        carol(&server).await,
    );
    let trip = alice.requests_trip(&server).await;
    alice
        .tries_to_block(&server, trip.id)
        .await
        .refused(409, ErrorCode::WrongTripState);
    bob.is_free_at(&server, north_of_pickup(100.0)).await;
    let offer = bob.is_offered_trip(&server).await;
    for stranger in [&bob, &carol] {
        stranger
            .tries_to_block(&server, trip.id)
            .await
            .refused(404, ErrorCode::NotFound);
    }
    assert_eq!(count(&server, BLOCKS).await, 0);
    bob.accepts(&server, &offer).await;
    alice.blocks_other_of(&server, trip.id).await;
    bob.blocks_other_of(&server, trip.id).await;
    assert_eq!(count(&server, BLOCKS).await, 2);
    bob.arrives(&server, trip.id).await;
}

#[tokio::test]
async fn a_list_comes_in_pages_and_holds_two_hundred_at_most() {
    let server = TestServer::start().await;
    let (alice, bob, trip) = rode(&server).await;
    let riders = "INSERT INTO identity.users (id, phone, created_at)
        SELECT gen_random_uuid(), '+35195' || lpad(n::text, 7, '0'), now()
        FROM generate_series(1, 200) n";
    sqlx::query(riders).execute(&server.pool).await.unwrap();
    let wishes = "INSERT INTO dispatch.blocks (rider_id, driver_id, wished_by, created_at)
        SELECT u.id, d.id, 'driver', now() FROM identity.users u, fleet.drivers d
        WHERE u.phone LIKE '+35195%'";
    sqlx::query(wishes).execute(&server.pool).await.unwrap();
    let problem = bob
        .tries_to_block(&server, trip)
        .await
        .refused(409, ErrorCode::TooMany);
    assert!(problem.detail.contains("200"), "{}", problem.detail);
    alice.blocks_other_of(&server, trip).await;

    let mut ids: Vec<BlockId> = Vec::new();
    let mut path = "/v1/blocks?limit=70".to_owned();
    loop {
        let page: BlockPage = bob.gets(&server, &path).await.told(200);
        ids.extend(page.blocks.iter().map(|block| block.id));
        match page.next_cursor {
            Some(cursor) => path = format!("/v1/blocks?limit=70&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(ids.len(), 200);
    assert!(ids.is_sorted_by(|one, next| one > next), "newest first");
    let path = format!("/v1/blocks/{}", ids[0]);
    bob.deletes(&server, &path).await.done();
    bob.blocks_other_of(&server, trip).await;
    for limit in [0, 101] {
        bob.gets(&server, &format!("/v1/blocks?limit={limit}"))
            .await
            .refused(400, ErrorCode::InvalidRequest);
    }
}

#[tokio::test]
async fn admins_keep_people_apart_and_let_them_meet_again() {
    let server = TestServer::start().await;
    let (alice, bob, trip) = rode(&server).await;
    let (admin, dan) = (admin(&server).await, dan(&server).await);
    alice.blocks_other_of(&server, trip).await;
    let block: PairBlock = admin.keeps_apart(&server, &alice, &bob).await.told(200);
    let again: PairBlock = admin.keeps_apart(&server, &alice, &bob).await.told(200);
    assert_eq!((block.wished_by, &block), (WishedBy::Admin, &again));
    let path = format!("/v1/admin/blocks?rider_id={}", block.rider_id);
    let page: PairBlockPage = admin.gets(&server, &path).await.told(200);
    let wishes: Vec<WishedBy> = page.blocks.iter().map(|block| block.wished_by).collect();
    assert_eq!(wishes, [WishedBy::Admin, WishedBy::Rider]);
    let path = format!("{path}&driver_id=driver_{}", dan.id().uuid().simple());
    let none: PairBlockPage = admin.gets(&server, &path).await.told(200);
    assert_eq!(none.blocks, []);
    assert_eq!(alice.blocks(&server).await.blocks.len(), 1, "one's own");

    let wished = page.blocks[1].id;
    for id in [wished, block.id] {
        assert_eq!(asked(&server, &alice, &bob, &dan).await.id(), dan.id());
        let path = format!("/v1/admin/blocks/{id}");
        admin.deletes(&server, &path).await.done();
        admin
            .deletes(&server, &path)
            .await
            .refused(404, ErrorCode::NotFound);
    }
    assert_eq!(asked(&server, &alice, &bob, &dan).await.id(), bob.id());
}

#[tokio::test]
async fn others_than_admins_and_pairs_that_cannot_be_are_refused() {
    let server = TestServer::start().await;
    let (alice, bob, admin) = (
        alice(&server).await,
        bob(&server).await,
        admin(&server).await,
    );
    bob.keeps_apart(&server, &alice, &bob)
        .await
        .refused(403, ErrorCode::Forbidden);
    alice
        .gets(&server, "/v1/admin/blocks")
        .await
        .refused(403, ErrorCode::Forbidden);
    let path = format!("/v1/admin/blocks/block_{}", "0".repeat(32));
    alice
        .deletes(&server, &path)
        .await
        .refused(403, ErrorCode::Forbidden);
    admin
        .keeps_apart(&server, &bob, &bob)
        .await
        .refused(400, ErrorCode::InvalidRequest);
    admin
        .keeps_apart(&server, &bob, &alice)
        .await
        .refused(404, ErrorCode::NotFound);
    let answer = put(&server, "/v1/admin/blocks")
        .by(&admin.session)
        .json(Value::Null)
        .await;
    answer.refused(400, ErrorCode::InvalidRequest);
    assert_eq!(count(&server, BLOCKS).await, 0);
}
