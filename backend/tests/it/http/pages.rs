//! What the server says about itself: the API's description, its page, and the metrics.

use std::collections::BTreeSet;

use serde_json::Value;
use wayfare_core::wire::ErrorCode;

use crate::actors::{alice, bob};
use crate::harness::TestServer;
use crate::people::get;

/// The source of core's client, where every operation is named.
const CLIENT_CALLS: &str = include_str!("../../../../core/src/client/calls.rs");

fn operations(spec: &Value) -> Vec<(&str, &Value)> {
    let paths = spec["paths"].as_object().unwrap().values();
    let operations = paths.flat_map(|path| path.as_object().unwrap().values());
    operations
        .map(|operation| (operation["operationId"].as_str().unwrap(), operation))
        .collect()
}

#[tokio::test]
async fn the_api_description_has_every_operation_that_the_client_uses() {
    let server = TestServer::start().await;
    let answer = get(&server, "/openapi.json").send().await;
    assert_eq!(answer.status, 200);
    assert!(answer.body["openapi"].as_str().unwrap().starts_with("3."));
    let described = operations(&answer.body);
    let ids: BTreeSet<&str> = described.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids.len(), described.len(), "no id twice");

    let texts = CLIENT_CALLS.split('"').skip(1).step_by(2);
    let is_id = |text: &&str| {
        text.contains('_') && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
    };
    let mut used: BTreeSet<&str> = texts.filter(is_id).collect();
    used.insert("refresh_session");
    assert!(used.len() > 20, "{used:?}");
    let missing: Vec<_> = used.difference(&ids).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[tokio::test]
async fn every_operation_says_what_it_is_for_and_how_it_fails() {
    let server = TestServer::start().await;
    let spec = get(&server, "/openapi.json").send().await.body;
    for (id, operation) in operations(&spec) {
        assert!(
            !operation["summary"].as_str().unwrap_or_default().is_empty(),
            "{id}"
        );
        let answers = operation["responses"].as_object().unwrap();
        assert!(answers.keys().any(|status| status.starts_with('2')), "{id}");
        for status in ["400", "401", "404", "413", "429", "500", "503"] {
            let content = &answers[status]["content"];
            assert!(
                content["application/problem+json"].is_object(),
                "{id} {status}"
            );
        }
    }
}

/// The values of all attributes of this name in a page.
fn attributes<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let mark = format!(" {name}=\"");
    let after = page
        .match_indices(&mark)
        .map(|(at, found)| &page[at + found.len()..]);
    after.map(|rest| rest.split('"').next().unwrap()).collect()
}

#[tokio::test]
async fn the_page_of_the_api_needs_no_other_host() {
    let server = TestServer::start().await;
    let root = server.http.get(server.url("/")).send().await.unwrap();
    assert_eq!(root.url().path(), "/docs", "the root leads to it");
    let answer = server.http.get(server.url("/docs")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let posted = crate::people::post(&server, "/docs").send().await;
    posted.refused(405, ErrorCode::MethodNotAllowed);
    assert_eq!(posted.headers["allow"], "GET");
    let deleted = crate::people::delete(&server, "/v1/trips").send().await;
    deleted.refused(405, ErrorCode::MethodNotAllowed);
    assert_eq!(deleted.headers["allow"], "GET, POST");
    let kind = answer.headers()["content-type"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(kind.starts_with("text/html"), "{kind}");
    let page = answer.text().await.unwrap();
    assert!(page.contains("create_trip"), "it shows this API");

    let (scripts, styles) = (
        page.matches("<script").count(),
        page.matches("<style").count(),
    );
    assert!(
        scripts >= 1 && styles >= 1,
        "code and style come with the page"
    );
    let head = page.split_once("<script").unwrap().0;
    assert!(
        !head.contains("<link") && !head.contains("@import"),
        "{:.200}",
        head
    );
    let tags = page
        .match_indices("<script")
        .map(|(at, _)| &page[at..at + 60]);
    for tag in tags.filter(|tag| tag.split('>').next().unwrap().contains(" src=")) {
        assert!(!tag.contains("//"), "{tag}");
    }
    let own_style = page.split("</style>").next().unwrap();
    for remote in ["url(http", "url(\"http", "url(//", "url('http"] {
        assert!(!own_style.contains(remote), "{remote}");
    }
    let elsewhere = |address: &&str| address.starts_with("http") || address.starts_with("//");
    let links = attributes(head, "href")
        .into_iter()
        .chain(attributes(head, "src"));
    assert_eq!(links.filter(elsewhere).count(), 0);
}

/// The value of a metric's line, 0 if it is not there.
async fn metric(server: &TestServer, line: &str) -> f64 {
    let answer = server
        .http
        .get(server.url("/metrics"))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    let text = answer.text().await.unwrap();
    let found = text.lines().find_map(|found| found.strip_prefix(line));
    found.map_or(0.0, |value| value.trim().parse().unwrap())
}

#[tokio::test]
async fn requests_are_counted_by_operation_and_status() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    for (path, line) in [
        (
            "/v1/trips/trip_0",
            "wayfare_http_requests_total{operation=\"get_trip\",status=\"400\"}",
        ),
        (
            "/v1/drivers/me",
            "wayfare_http_requests_total{operation=\"get_driver\",status=\"404\"}",
        ),
        (
            "/secret",
            "wayfare_http_requests_total{operation=\"other\",status=\"404\"}",
        ),
        (
            "/v1/me",
            "wayfare_http_request_seconds_count{operation=\"get_me\"}",
        ),
    ] {
        let before = metric(&server, line).await;
        for _ in 0..3 {
            alice.gets(&server, path).await;
        }
        // Other tests of this process count as well.
        let after = metric(&server, line).await;
        assert!(after >= before + 3.0, "{line}: {before} → {after}");
    }
    let text = server
        .http
        .get(server.url("/metrics"))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(
        !text.contains("trip_0") && !text.contains("/v1/"),
        "no path becomes a label"
    );
}

#[tokio::test]
async fn the_open_streams_are_counted() {
    let server = TestServer::start().await;
    let bob = bob(&server).await;
    let listeners = [
        bob.listens(&server, None).await,
        bob.listens(&server, None).await,
    ];
    assert!(metric(&server, "wayfare_streams_open").await >= 2.0);
    drop(listeners);
}

#[tokio::test]
async fn health_answers_whoever_asks() {
    let server = TestServer::start().await;
    for path in ["/health", "/health/live", "/health/ready"] {
        assert_eq!(get(&server, path).send().await.status, 200, "{path}");
    }
    get(&server, "/health/x")
        .send()
        .await
        .refused(404, ErrorCode::NotFound);
}
