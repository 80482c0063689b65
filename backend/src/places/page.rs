//! The page of `wayfare city serve`, and the map library that draws it.
//!
//! The library is not ours and not in this program: its files come from a folder that whoever starts
//! the server names. Nothing is fetched from elsewhere.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use poem::http::{StatusCode, header};
use poem::web::{Data, Path as PathParam};
use poem::{Endpoint, EndpointExt, IntoResponse, Response, Route, get, handler};
use wayfare_core::wire::ErrorCode;

use crate::platform::failure::Failure;

/// Name, kind and content of the page's own files.
const FILES: [(&str, &str, &str); 3] = [
    (
        "",
        "text/html; charset=utf-8",
        include_str!("../../../city/assets/page/index.html"),
    ),
    (
        "map.js",
        "text/javascript; charset=utf-8",
        include_str!("../../../city/assets/page/map.js"),
    ),
    (
        "page.css",
        "text/css; charset=utf-8",
        include_str!("../../../city/assets/page/page.css"),
    ),
];
const NO_LIBRARY: &str = "\
The map is at /v1/city. To see it here, start with --map-library DIR: a folder with \
maplibre-gl.mjs, maplibre-gl.css and pmtiles.js.\n";

/// Where the map library is.
#[derive(Debug, Clone)]
struct Library(Option<Arc<PathBuf>>);

/// The page at `/`, and the library at `/map-library`.
pub(super) fn page_files(library: Option<&Path>) -> impl Endpoint<Output = Response> + use<> {
    let library = Library(library.map(|path| Arc::new(path.to_owned())));
    Route::new()
        .at("/", get(page_file))
        .at("/:name", get(page_file))
        .at("/map-library/:name", get(library_file))
        .data(library)
        .map_to_response()
}

#[handler]
fn page_file(
    name: Option<PathParam<String>>,
    Data(library): Data<&Library>,
) -> poem::Result<Response> {
    if library.0.is_none() {
        return Ok(NO_LIBRARY.with_content_type("text/plain").into_response());
    }
    let name = name.map(|PathParam(name)| name).unwrap_or_default();
    let found = FILES.iter().find(|(known, ..)| *known == name);
    let (_, kind, text) = found.ok_or_else(nothing)?;
    Ok(text.with_content_type(*kind).into_response())
}

#[handler]
async fn library_file(
    PathParam(name): PathParam<String>,
    Data(library): Data<&Library>,
) -> poem::Result<Response> {
    let folder = library.0.as_ref().ok_or_else(nothing)?;
    // A name and nothing that leads elsewhere.
    let harmless = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if name.starts_with('.') || !name.chars().all(harmless) {
        return Err(nothing().into());
    }
    let bytes = tokio::fs::read(folder.join(&name))
        .await
        .map_err(|_| nothing())?;
    let kind = match name.rsplit('.').next().unwrap_or_default() {
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        _ => "application/octet-stream",
    };
    Ok(Response::builder()
        .status(StatusCode::OK)
        .header(header::CONTENT_TYPE, kind)
        .body(bytes))
}

fn nothing() -> Failure {
    Failure::refused(ErrorCode::NotFound, "there is nothing at this path")
}
