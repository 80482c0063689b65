//! The keys, and that what is signed with them is what the rider was shown.

use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{TimeDelta, Utc};
use futures_util::future::join_all;
use serde_json::{Value, json};
use sqlx::ConnectOptions;
use tempfile::TempDir;
use wayfare_backend::Server;
use wayfare_backend::platform::config::{Config, Secret, Sources};
use wayfare_core::pricing::TariffRef;
use wayfare_core::quote::{QuotePromise, verify_quote};
use wayfare_core::signing::{Jws, KeyId, KeyRing};
use wayfare_core::wire::{JwkSet, Point, Quote, QuoteList};

use super::{key_ring, promise, quote, quotes, ride, rules, tariff};
use crate::actors::{Actor, alice};
use crate::harness::{TestDb, TestServer};
use crate::people::get;

/// Which key a text was signed with.
fn key_of(signed: &Jws) -> Value {
    let header = signed.as_str().split('.').next().unwrap();
    let header = BASE64_URL_SAFE_NO_PAD.decode(header).unwrap();
    serde_json::from_slice::<Value>(&header).unwrap()["kid"].clone()
}

/// A server on this database with its files in this folder.
async fn server_on(url: String, data_dir: &Path, signing_key: Option<&str>) -> Server {
    let mut config = Config::load(&Sources::default()).unwrap();
    config.database.url = Some(Secret::new(url));
    config.database.max_connections = 5;
    config.server.bind = "127.0.0.1:0".parse().unwrap();
    config.pricing.signing_key = signing_key.map(|key| Secret::new(key.to_owned()));
    let builder = Server::builder().config(config).data_dir(data_dir);
    builder.start().await.unwrap()
}

/// A server beside the first one that signs with another key.
async fn with_key(first: &TestServer, signing_key: &str) -> Server {
    let mut url = first.pool.connect_options().to_url_lossy();
    url.set_query(None);
    server_on(url.to_string(), first.data_dir(), Some(signing_key)).await
}

/// A quote that another server makes.
async fn quote_at(first: &TestServer, server: &Server, rider: &Actor) -> Quote {
    let url = format!("http://{}/v1/quotes", server.local_addr());
    let call = first.http.post(url).json(&ride(json!({})));
    let answer = call.bearer_auth(&rider.session.access_token).send().await;
    let answer = answer.unwrap();
    assert_eq!(answer.status(), 201);
    let list: QuoteList = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    list.quotes.into_iter().next().unwrap()
}

#[tokio::test]
async fn anybody_gets_the_keys_and_checks_quotes_with_them_and_the_tariff() {
    let server = TestServer::start().await;
    let keys: JwkSet = get(&server, "/v1/signing-keys").send().await.told(200);
    let [key] = keys.keys.as_slice() else {
        panic!("one key: {keys:?}")
    };
    let mut shown = serde_json::to_value(key).unwrap();
    let x = shown.as_object_mut().unwrap().remove("x").unwrap();
    assert_eq!(
        BASE64_URL_SAFE_NO_PAD
            .decode(x.as_str().unwrap())
            .unwrap()
            .len(),
        32
    );
    let wanted = json!({
        "kty": "OKP", "crv": "Ed25519", "kid": "1", "alg": "EdDSA", "use": "sig",
    });
    assert_eq!(shown, wanted, "and nothing else, above all no `d`");

    let alice = alice(&server).await;
    let ring = KeyRing::try_from(&keys).unwrap();
    let list = quotes(&server, &alice, ride(json!({}))).await;
    assert_eq!(list.quotes.len(), 2);
    for quote in list.quotes {
        let promise = verify_quote(&ring, &quote.signed).unwrap();
        let (id, version) = (&promise.tariff.id, promise.tariff.version);
        let tariff = tariff(&server, &alice, id, version).await;
        promise.check_fare(&rules(&tariff)).unwrap();
    }
}

#[tokio::test]
async fn a_promise_says_what_the_rider_was_shown() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let stops = [(41.16, -8.62), (41.165, -8.6)].map(|(lat, lng)| Point { lat, lng });
    let pickup_at = Utc::now() + TimeDelta::hours(20);
    let body = ride(json!({ "waypoints": stops, "pickup_at": pickup_at }));
    for quote in quotes(&server, &alice, body).await.quotes {
        let tariff = tariff(&server, &alice, &quote.tariff_id, quote.tariff_version).await;
        let QuotePromise {
            v,
            quote: id,
            rider,
            vehicle_class,
            pickup,
            waypoints,
            dropoff,
            pickup_at,
            tariff: named,
            facts,
            fare,
            issued_at,
            expires_at,
        } = promise(&server, &quote).await;
        assert_eq!((v, id, rider), (1, quote.id, alice.id().into()));
        assert_eq!(vehicle_class, quote.vehicle_class);
        assert_eq!(Point::from(pickup), quote.pickup);
        let waypoints: Vec<Point> = waypoints.into_iter().map(Point::from).collect();
        assert_eq!((&waypoints, waypoints.len()), (&quote.waypoints, 2));
        assert_eq!(Point::from(dropoff), quote.dropoff);
        assert!(pickup_at.is_some());
        assert_eq!(pickup_at, quote.pickup_at);
        assert_eq!(named, TariffRef::of(&rules(&tariff)));
        assert_eq!(named.digest.to_string(), tariff.digest);
        assert_eq!(
            (named.id, named.version),
            (quote.tariff_id, quote.tariff_version)
        );
        assert_eq!(
            (facts.distance_m, facts.duration_s),
            (quote.distance_m, quote.duration_s)
        );
        assert_eq!(Some(facts.started_at.to_utc()), quote.pickup_at);
        assert_eq!((facts.waypoints.len(), facts.surge_bps), (2, 10_000));
        assert_eq!(fare, quote.fare);
        assert_eq!(expires_at, quote.expires_at);
        assert_eq!(expires_at - issued_at, TimeDelta::seconds(300));
    }
}

#[tokio::test]
async fn a_text_that_was_changed_proves_nothing() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let quote = quote(&server, &alice, ride(json!({}))).await;
    let ring = key_ring(&server).await;
    assert!(verify_quote(&ring, &quote.signed).is_ok());

    let parts: Vec<&str> = quote.signed.as_str().split('.').collect();
    let [header, payload, signature] = parts[..] else {
        panic!("three parts")
    };
    let encode = |json: &Value| BASE64_URL_SAFE_NO_PAD.encode(json.to_string());
    let decode = |part: &str| -> Value {
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    let mut cheaper = decode(payload);
    cheaper["fare"]["total_minor"] = json!(1);
    let mut receipt = decode(header);
    receipt["typ"] = json!("wayfare-receipt");
    let mut unsigned = decode(header);
    unsigned["alg"] = json!("none");
    let mut by_nobody = decode(header);
    by_nobody["kid"] = json!("2");
    let turned: String = signature.chars().rev().collect();
    for changed in [
        format!("{header}.{}.{signature}", encode(&cheaper)),
        format!("{}.{payload}.{signature}", encode(&receipt)),
        format!("{}.{payload}.{signature}", encode(&unsigned)),
        format!("{}.{payload}.{signature}", encode(&by_nobody)),
        format!("{header}.{payload}.{turned}"),
        format!("{header}.{payload}."),
    ] {
        let read = changed.parse::<Jws>();
        let proves = read.is_ok_and(|jws| verify_quote(&ring, &jws).is_ok());
        assert!(!proves, "{changed}");
    }
    let elsewhere = TestServer::start().await;
    assert!(verify_quote(&key_ring(&elsewhere).await, &quote.signed).is_err());
}

#[tokio::test]
async fn a_restart_keeps_the_key() {
    let mut server = TestServer::start().await;
    let alice = alice(&server).await;
    let before = (
        key_ring(&server).await,
        quote(&server, &alice, ride(json!({}))).await,
    );
    server.restart().await;
    let after = (
        key_ring(&server).await,
        quote(&server, &alice, ride(json!({}))).await,
    );
    assert_eq!(before.0, after.0);
    assert_eq!(
        [key_of(&before.1.signed), key_of(&after.1.signed)],
        ["1", "1"]
    );
    promise(&server, &before.1).await;
}

#[tokio::test]
async fn another_seed_is_the_next_version_and_what_the_first_one_signed_stays_good() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let first = quote(&server, &alice, ride(json!({}))).await;
    let seed = "0b".repeat(32);
    let rotated = with_key(&server, &seed).await;
    let second = quote_at(&server, &rotated, &alice).await;
    assert_eq!([key_of(&first.signed), key_of(&second.signed)], ["1", "2"]);

    // Both servers publish both keys at once.
    let url = format!("http://{}/v1/signing-keys", rotated.local_addr());
    let there = server.http.get(url).send().await.unwrap().bytes().await;
    let there: JwkSet = serde_json::from_slice(&there.unwrap()).unwrap();
    let ring = KeyRing::try_from(&there).unwrap();
    assert_eq!(ring, key_ring(&server).await);
    for signed in [&first.signed, &second.signed] {
        verify_quote(&ring, signed).unwrap();
    }

    // The seed has the version that it had, in capitals or not.
    rotated.shutdown().await.unwrap();
    let again = with_key(&server, &seed.to_uppercase()).await;
    let third = quote_at(&server, &again, &alice).await;
    assert_eq!(key_of(&third.signed), "2");
    assert_eq!(key_ring(&server).await, ring);
    again.shutdown().await.unwrap();
}

#[tokio::test]
async fn servers_that_start_at_once_with_keys_of_their_own_get_versions_of_their_own() {
    const CROWD: u32 = 4;
    let db = TestDb::create().await;
    let folders: Vec<TempDir> = (0..CROWD).map(|_| TempDir::new().unwrap()).collect();
    let starts = folders
        .iter()
        .map(|folder| server_on(db.url(), folder.path(), None));
    let servers = join_all(starts).await;
    let url = format!("http://{}/v1/signing-keys", servers[0].local_addr());
    let answer = crate::harness::http_client().get(url).send().await.unwrap();
    let keys: JwkSet = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!(keys.keys.len(), usize::try_from(CROWD).unwrap());
    let ring = KeyRing::try_from(&keys).expect("no version is given twice");
    for version in 1..=CROWD {
        assert!(ring.find(KeyId(version)).is_some(), "{version}");
    }
    for server in servers {
        server.shutdown().await.unwrap();
    }
}
