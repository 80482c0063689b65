//! What rides cost: who sets it, who sees it, and that what was promised can be proved.

mod by_road;
mod keys;
mod promotions;
mod quotes;
mod surge;
mod tariffs;

use serde_json::{Value, json};
use wayfare_core::pricing::{LineKind, Tariff};
use wayfare_core::quote::{QuotePromise, verify_quote};
use wayfare_core::signing::KeyRing;
use wayfare_core::vehicle::VehicleClass;
use wayfare_core::wire::{JwkSet, Point, Quote, QuoteList, TariffVersion, Trip};

use crate::actors::Actor;
use crate::harness::TestServer;
use crate::people::get;

/// Where the ride of the computed prices begins and ends: 0.02 degrees of latitude are 2223.90 m;
/// 2223 × 1.3 is 2889.9 → 2889 m, which take 371 s at 28 km/h. In a standard car base 150, distance
/// 216.7 → 217 and time 86.6 → 87 make 454; booking fee 60, tax 30.8 → 31, total 545.
const FROM: Point = Point {
    lat: 41.15,
    lng: -8.61,
};
const TO: Point = Point {
    lat: 41.17,
    lng: -8.61,
};

/// The body that asks for quotes of that ride, with these fields besides.
fn ride(more: Value) -> Value {
    let mut body = json!({ "pickup": FROM, "dropoff": TO });
    merge(&mut body, more);
    body
}

/// Puts the fields of one object into another one.
fn merge(into: &mut Value, fields: Value) {
    let Value::Object(fields) = fields else {
        panic!("not an object: {fields}")
    };
    into.as_object_mut().unwrap().extend(fields);
}

/// The quotes for this, one per class of vehicle.
async fn quotes(server: &TestServer, rider: &Actor, body: Value) -> QuoteList {
    rider.posts(server, "/v1/quotes", body).await.told(201)
}

/// The quote for this in a standard car.
async fn quote(server: &TestServer, rider: &Actor, body: Value) -> Quote {
    in_class(quotes(server, rider, body).await, VehicleClass::Standard)
}

fn in_class(list: QuoteList, class: VehicleClass) -> Quote {
    let mut quotes = list.quotes.into_iter();
    quotes.find(|quote| quote.vehicle_class == class).unwrap()
}

/// Makes a trip of a quote.
async fn take(server: &TestServer, rider: &Actor, quote: &Quote) -> Trip {
    let body = json!({ "quote_id": quote.id });
    rider.posts(server, "/v1/trips", body).await.told(201)
}

/// The lines of a quote but for the taxes and the rounding: kinds and amounts.
fn lines(quote: &Quote) -> Vec<(LineKind, i64)> {
    let lines = quote.fare.lines.iter();
    let shown = lines.filter(|line| !matches!(line.kind, LineKind::Tax | LineKind::Rounding));
    shown.map(|line| (line.kind, line.amount_minor)).collect()
}

/// The published keys, as somebody without an account gets them.
async fn key_ring(server: &TestServer) -> KeyRing {
    let keys: JwkSet = get(server, "/v1/signing-keys").send().await.told(200);
    KeyRing::try_from(&keys).unwrap()
}

/// What the signature of a quote proves.
async fn promise(server: &TestServer, quote: &Quote) -> QuotePromise {
    verify_quote(&key_ring(server).await, &quote.signed).unwrap()
}

/// A version of a tariff, as everybody who is signed in gets it.
async fn tariff(server: &TestServer, actor: &Actor, id: &str, version: u32) -> TariffVersion {
    let path = format!("/v1/tariffs/{id}/versions/{version}");
    actor.gets(server, &path).await.told(200)
}

/// The rules of a version, ready to compute with.
fn rules(tariff: &TariffVersion) -> Tariff {
    Tariff::new(serde_json::from_value(tariff.spec.clone()).unwrap()).unwrap()
}

/// The tariff of standard cars with these fields changed, as its version of this number.
async fn changed(server: &TestServer, actor: &Actor, version: u32, fields: Value) -> Value {
    let mut spec = tariff(server, actor, "default_standard", 1).await.spec;
    merge(&mut spec, json!({ "version": version }));
    merge(&mut spec, fields);
    spec
}

/// Enters a version of a tariff that is in force at once.
async fn enters(server: &TestServer, admin: &Actor, spec: Value) -> TariffVersion {
    let body = json!({ "spec": spec });
    let answer = admin.posts(server, "/v1/admin/tariffs", body).await;
    answer.told(201)
}
