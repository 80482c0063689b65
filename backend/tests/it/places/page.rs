//! `wayfare city serve`: the city without a login and without a database.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use wayfare_core::wire::Point;

use crate::harness::http_client;
use crate::town::{Town, corner};

/// Ends with the test.
struct Serving(Child, String);

impl Serving {
    fn start(town: &Town, more: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_wayfare"))
            .args(["city", "serve", "--bind", "127.0.0.1:0", "--city"])
            .arg(town.pack())
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line
            .split_whitespace()
            .find(|word| word.starts_with("http://"));
        let address = address
            .unwrap_or_else(|| panic!("no address in {line:?}"))
            .to_owned();
        Self(child, address)
    }

    async fn get(&self, path: &str) -> (u16, String) {
        let answer = http_client()
            .get(format!("{}{path}", self.1))
            .send()
            .await
            .unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn everything_is_there_without_a_login() {
    let town = Town::build();
    let serving = Serving::start(&town, &[]);
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
        .post(format!("{}/v1/routes", serving.1))
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
    let mut serving = Serving::start(&town, &["--map-library", library.to_str().unwrap()]);
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
    kill(
        Pid::from_raw(serving.0.id().try_into().unwrap()),
        Signal::SIGTERM,
    )
    .unwrap();
    assert_eq!(serving.0.wait().unwrap().code(), Some(0));
}
