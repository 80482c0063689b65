//! `wayfare city serve`: the city without a login and without a database.

use std::fs;

use nix::sys::signal::Signal;
use serde_json::{Value, json};
use wayfare_core::wire::Point;

use crate::harness::http_client;
use crate::program::{Serving, wayfare};
use crate::town::{Town, corner};

/// The city of a town without a login, in a process of its own.
struct OpenCity(Serving);

impl OpenCity {
    fn start(town: &Town, more: &[&str]) -> Self {
        let mut command = wayfare();
        command
            .args(["city", "serve", "--bind", "127.0.0.1:0", "--city"])
            .arg(town.pack())
            .args(more);
        Self(Serving::start(&mut command))
    }

    async fn get(&self, path: &str) -> (u16, String) {
        let answer = http_client()
            .get(format!("{}{path}", self.0.address))
            .send()
            .await
            .unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

#[tokio::test]
async fn everything_is_there_without_a_login() {
    let town = Town::build();
    let serving = OpenCity::start(&town, &[]);
    let (status, body) = serving.get("/v1/places/search?q=flores").await;
    let found: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(status, 200, "{body}");
    assert_eq!(found["places"][0]["name"], "Rua das Flores", "{body}");
    let at = Point::from(corner(1, 1));
    let (status, body) = serving
        .get(&format!("/v1/places/reverse?lat={}&lng={}", at.lat, at.lng))
        .await;
    assert_eq!(status, 200, "{body}");
    let stops = [Point::from(corner(0, 0)), Point::from(corner(1, 0))];
    let answer = http_client()
        .post(format!("{}/v1/routes", serving.0.address))
        .json(&json!({ "stops": stops }))
        .send()
        .await
        .unwrap();
    let way: Value = answer.json().await.unwrap();
    assert!(way["distance_m"].as_i64() > Some(900), "{way}");
    let (status, body) = serving.get("/v1/city").await;
    assert_eq!(status, 200, "{body}");
    let (status, _) = serving.get("/v1/city/map.pmtiles").await;
    assert_eq!(status, 200);
    let (status, body) = serving.get("/v1/places/search").await;
    assert_eq!(status, 400, "{body}");
    assert_eq!(
        serde_json::from_str::<Value>(&body).unwrap()["code"],
        "invalid_request"
    );
    let (status, body) = serving.get("/").await;
    assert!(status == 200 && body.contains("--map-library"), "{body}");
}

#[tokio::test]
async fn the_page_gets_the_map_library_and_nothing_else_of_its_folder() {
    let town = Town::build();
    let library = town.pack().parent().unwrap().join("library");
    fs::create_dir(&library).unwrap();
    fs::write(library.join("maplibre-gl.mjs"), "export const a = 1;").unwrap();
    fs::write(library.join(".hidden"), "secret").unwrap();
    let mut serving = OpenCity::start(&town, &["--map-library", library.to_str().unwrap()]);
    let (status, page) = serving.get("/").await;
    assert!(status == 200 && page.contains("<div id=\"map\""), "{page}");
    for (path, wanted) in [
        ("/map.js", 200),
        ("/page.css", 200),
        ("/map-library/maplibre-gl.mjs", 200),
    ] {
        assert_eq!(serving.get(path).await.0, wanted, "{path}");
    }
    for path in [
        "/absent.js",
        "/map-library/.hidden",
        "/map-library/..%2Fpack%2Fmanifest.json",
        "/map-library/absent.js",
        "/map-library/",
    ] {
        assert_eq!(serving.get(path).await.0, 404, "{path}");
    }
    assert_eq!(serving.0.end(Signal::SIGTERM), Some(0));
}
