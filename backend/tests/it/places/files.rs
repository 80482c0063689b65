//! The files of the pack: parts of them, their names, and how long they may be kept.

use std::fs;

use reqwest::header::{
    ACCEPT_RANGES, ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_TYPE, ETAG, HeaderMap,
};
use reqwest::{Method, Response};
use serde_json::Value;
use wayfare_core::wire::{CityView, ErrorCode};

use super::start;
use crate::harness::TestServer;
use crate::people::get;

async fn file(server: &TestServer, path: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = server.http.get(server.url(&format!("/v1/city/{path}")));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

fn text<'a>(headers: &'a HeaderMap, name: &reqwest::header::HeaderName) -> &'a str {
    headers[name].to_str().unwrap()
}

#[tokio::test]
async fn every_file_of_the_pack_is_there_as_it_is() {
    let (town, server) = start().await;
    let city: CityView = get(&server, "/v1/city").send().await.told(200);
    assert_eq!(city.version, town.manifest.version);
    assert!(city.files.len() > 6, "{:?}", city.files);
    for named in &city.files {
        let path = format!("{}/{}", city.version, named.name);
        let answer = file(&server, &path, &[]).await;
        assert_eq!(answer.status(), 200, "{}", named.name);
        let is_style = named.name.starts_with("style-");
        let bytes = answer.bytes().await.unwrap();
        if !is_style {
            assert_eq!(bytes, fs::read(town.pack().join(&named.name)).unwrap());
        }
    }
    let manifest = file(&server, "manifest.json", &[])
        .await
        .bytes()
        .await
        .unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    assert_eq!(manifest["version"], city.version);
}

#[tokio::test]
async fn parts_of_the_map_are_given_out() {
    let (town, server) = start().await;
    let map = fs::read(town.pack().join("map.pmtiles")).unwrap();
    let whole = file(&server, "map.pmtiles", &[]).await;
    assert_eq!(
        text(whole.headers(), &CONTENT_TYPE),
        "application/vnd.pmtiles"
    );
    assert_eq!(text(whole.headers(), &ACCEPT_RANGES), "bytes");
    assert_eq!(text(whole.headers(), &ACCESS_CONTROL_ALLOW_ORIGIN), "*");
    let etag = text(whole.headers(), &ETAG).to_owned();

    let part = file(&server, "map.pmtiles", &[("Range", "bytes=7-15")]).await;
    assert_eq!(part.status(), 206);
    let told = format!("bytes 7-15/{}", map.len());
    assert_eq!(text(part.headers(), &CONTENT_RANGE), told);
    assert_eq!(part.bytes().await.unwrap(), map[7..16]);
    let end = file(&server, "map.pmtiles", &[("Range", "bytes=-5")]).await;
    assert_eq!(end.bytes().await.unwrap(), map[map.len() - 5..]);

    let beyond = format!("bytes={}-", map.len());
    let beyond = file(&server, "map.pmtiles", &[("Range", &beyond)]).await;
    assert_eq!(beyond.status(), 416);
    assert_eq!(
        text(beyond.headers(), &CONTENT_RANGE),
        format!("bytes */{}", map.len())
    );

    let known = file(&server, "map.pmtiles", &[("If-None-Match", &etag)]).await;
    assert_eq!(known.status(), 304);
    let range = ("Range", "bytes=0-1");
    let same = file(&server, "map.pmtiles", &[range, ("If-Range", &etag)]).await;
    assert_eq!(same.status(), 206);
    let other = file(&server, "map.pmtiles", &[range, ("If-Range", "\"other\"")]).await;
    assert_eq!(
        (other.status().as_u16(), other.bytes().await.unwrap().len()),
        (200, map.len())
    );

    let url = server.url("/v1/city/map.pmtiles");
    let head = server.http.head(&url).send().await.unwrap();
    assert_eq!(text(head.headers(), &CONTENT_LENGTH), map.len().to_string());
    assert_eq!(head.bytes().await.unwrap().len(), 0);
    let ask = server
        .http
        .request(Method::OPTIONS, &url)
        .send()
        .await
        .unwrap();
    assert_eq!(ask.status(), 204);
    assert!(
        ask.headers()["access-control-allow-headers"]
            .to_str()
            .unwrap()
            .contains("Range")
    );
}

#[tokio::test]
async fn a_version_may_be_kept_for_ever_and_the_newest_is_asked_for_again() {
    let (town, server) = start().await;
    let version = &town.manifest.version;
    let kept = file(&server, &format!("{version}/roads.bin"), &[]).await;
    assert!(text(kept.headers(), &CACHE_CONTROL).contains("immutable"));
    let newest = file(&server, "roads.bin", &[]).await;
    assert_eq!(text(newest.headers(), &CACHE_CONTROL), "public, no-cache");
    get(&server, "/v1/city/0123456789abcdef/roads.bin")
        .send()
        .await
        .refused(404, ErrorCode::NotFound);
}

#[tokio::test]
async fn a_style_names_its_parts_at_this_server() {
    let (town, server) = start().await;
    let style: Value = get(&server, "/v1/city/style-day.json")
        .send()
        .await
        .told(200);
    let base = format!("{}/v1/city/{}", server.base_url, town.manifest.version);
    assert_eq!(
        style["sources"]["city"]["url"],
        format!("pmtiles://{base}/map.pmtiles")
    );
    assert!(!style.to_string().contains("{base}"));
    let glyphs = style["glyphs"].as_str().unwrap();
    let fonts: Vec<&str> = town
        .manifest
        .files
        .iter()
        .filter_map(|file| file.name.strip_prefix("fonts/")?.strip_suffix("/0-255.pbf"))
        .collect();
    assert!(!fonts.is_empty());
    for font in fonts {
        let url = glyphs
            .replace("{fontstack}", &font.replace(' ', "%20"))
            .replace("{range}", "0-255");
        let answer = server.http.get(url).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{font}");
        assert_eq!(
            text(answer.headers(), &CONTENT_TYPE),
            "application/x-protobuf"
        );
    }

    let behind = [("Host", "map.example.org"), ("X-Forwarded-Proto", "https")];
    let style = file(&server, "style-night.json", &behind)
        .await
        .text()
        .await
        .unwrap();
    assert!(
        style.contains("pmtiles://https://map.example.org/v1/city/"),
        "{style}"
    );
}

#[tokio::test]
async fn no_path_leads_out_of_the_pack() {
    let (_town, server) = start().await;
    for path in [
        "..%2Fpack%2Froads.bin",
        "%2e%2e/ten-streets.osm.pbf",
        "..%2Ften-streets.osm.pbf",
        "%2Fetc%2Fpasswd",
        "fonts",
        "fonts/",
        ".lock",
        "",
        "roads.bin/",
        "roads.bin%00",
    ] {
        let answer = file(&server, path, &[]).await;
        assert_eq!(answer.status(), 404, "{path:?}");
    }
}

#[tokio::test]
async fn a_map_does_not_use_up_what_else_may_be_asked() {
    let town = crate::town::Town::build();
    let pack = town.pack();
    let server = TestServer::start_with(|config| {
        config.city.pack = Some(pack);
        config.limits.anonymous_per_window = 2;
        config.limits.city_files_per_window = 4;
    })
    .await;
    for _ in 0..4 {
        assert_eq!(file(&server, "zones.geojson", &[]).await.status(), 200);
    }
    get(&server, "/v1/city/zones.geojson")
        .send()
        .await
        .refused(429, ErrorCode::RateLimited);
    let _: CityView = get(&server, "/v1/city").send().await.told(200);
}

#[tokio::test]
async fn files_go_out_as_they_are_also_to_who_takes_them_packed() {
    let (town, server) = start().await;
    let packed = ("Accept-Encoding", "gzip, br");
    for name in ["map.pmtiles", "manifest.json", "style-day.json"] {
        let plain = file(&server, name, &[]).await;
        let answer = file(&server, name, &[packed]).await;
        assert!(!answer.headers().contains_key("content-encoding"), "{name}");
        assert_eq!(answer.headers()[ETAG], plain.headers()[ETAG]);
        assert_eq!(answer.bytes().await.unwrap(), plain.bytes().await.unwrap());
    }
    let map = fs::read(town.pack().join("map.pmtiles")).unwrap();
    let part = file(
        &server,
        "map.pmtiles",
        &[packed, ("Range", "bytes=10-2009")],
    )
    .await;
    assert_eq!(part.status(), 206);
    assert!(!part.headers().contains_key("content-encoding"));
    assert_eq!(part.bytes().await.unwrap(), map[10..2010]);
}
