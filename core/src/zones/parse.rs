//! Zones from GeoJSON. Nothing is skipped and nothing is repaired: what cannot be a zone is an error
//! with the id of its feature.

use std::collections::BTreeSet;

use geojson::{Feature, GeometryValue, JsonObject, JsonValue, Position, feature};
use serde::Deserialize;

use super::error::{ZoneProblem, ZonesError};
use super::plane::Spot;
use super::{Zone, ZoneKind, Zones, rings};
use crate::geo::LatLng;

const NAME_CHARACTERS_MAX: usize = 200;
const ID_CHARACTERS_MAX: usize = 40;
const HALF_TURN_E7: u64 = 1_800_000_000;

/// The outermost of a file. Features are read one by one, so that an error can name its feature.
#[derive(Deserialize)]
struct Collection {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    features: Option<Vec<JsonValue>>,
    #[serde(default)]
    crs: Option<JsonValue>,
}

pub(super) fn parse(
    geojson: &str,
    default_kind: Option<ZoneKind>,
    id_prefix: Option<&str>,
) -> Result<Vec<Zone>, ZonesError> {
    if geojson.len() > Zones::BYTES_MAX {
        return Err(ZonesError::TooLarge {
            bytes: geojson.len(),
            max: Zones::BYTES_MAX,
        });
    }
    let features = features_of(geojson)?;
    super::at_most("features", features.len(), Zones::FEATURES_MAX)?;
    let count = features.len();
    let mut seen = BTreeSet::new();
    let mut points = 0_usize;
    let mut zones = Vec::with_capacity(count);
    for (position, value) in (1_usize..).zip(features) {
        let label = label_of(&value, position);
        let named = |problem| ZonesError::Feature {
            feature: label.clone(),
            problem,
        };
        let feature: Feature = serde_json::from_value(value)
            .map_err(|error| named(ZoneProblem::NotAFeature(error.to_string())))?;
        let generated = id_prefix.map(|prefix| match count {
            1 => prefix.to_owned(),
            _ => format!("{prefix}_{position}"),
        });
        let head = head_of(&feature, default_kind, generated).map_err(named)?;
        points = points.saturating_add(point_count(&feature));
        super::at_most("points", points, Zones::POINTS_MAX)?;
        let zone = zone_of(head, feature).map_err(named)?;
        if !seen.insert(zone.id.clone()) {
            return Err(named(ZoneProblem::SameId));
        }
        zones.push(zone);
    }
    Ok(zones)
}

fn features_of(geojson: &str) -> Result<Vec<JsonValue>, ZonesError> {
    let text = geojson.trim_start_matches('\u{feff}');
    let collection: Collection =
        serde_json::from_str(text).map_err(|error| ZonesError::NotGeoJson(error.to_string()))?;
    if collection.kind != "FeatureCollection" {
        let found: String = collection.kind.chars().take(40).collect();
        return Err(ZonesError::NotGeoJson(format!("its type is {found}")));
    }
    // RFC 7946 knows only WGS 84; older files name their system.
    if let Some(system) = collection.crs.as_ref().filter(|crs| !crs.is_null()) {
        let name = system
            .pointer("/properties/name")
            .and_then(JsonValue::as_str);
        let is_wgs84 = name.is_some_and(|name| name.ends_with("CRS84") || name.ends_with(":4326"));
        if !is_wgs84 {
            return Err(ZonesError::NotGeoJson(
                "its coordinates are not WGS 84 degrees".to_owned(),
            ));
        }
    }
    collection
        .features
        .ok_or_else(|| ZonesError::NotGeoJson("it has no features".to_owned()))
}

/// What errors call a feature: its id, whatever its form, or its position.
fn label_of(feature: &JsonValue, position: usize) -> String {
    let ids = [feature.pointer("/properties/id"), feature.get("id")];
    let mut texts = ids.into_iter().flatten().filter_map(|id| match id {
        JsonValue::String(text) if !text.is_empty() => Some(text.chars().take(80).collect()),
        JsonValue::Number(number) => Some(number.to_string()),
        _ => None,
    });
    texts
        .next()
        .unwrap_or_else(|| format!("feature {position}"))
}

/// What a zone is apart from its shape.
struct Head {
    id: String,
    name: String,
    kind: ZoneKind,
}

fn head_of(
    feature: &Feature,
    default_kind: Option<ZoneKind>,
    generated_id: Option<String>,
) -> Result<Head, ZoneProblem> {
    let nothing = JsonObject::new();
    let properties = feature.properties.as_ref().unwrap_or(&nothing);
    let property = |key: &str| properties.get(key).filter(|value| !value.is_null());
    let kind = match property("kind") {
        Some(value) => ZoneKind::deserialize(value)
            .map_err(|_| ZoneProblem::UnknownKind(value.to_string().chars().take(80).collect()))?,
        None => default_kind.ok_or(ZoneProblem::NoKind)?,
    };
    let id = match (property("id"), &feature.id, generated_id) {
        (Some(JsonValue::String(id)), _, _) => id.clone(),
        (Some(other), _, _) => return Err(ZoneProblem::BadId(other.to_string())),
        (None, Some(feature::Id::String(id)), None) => id.clone(),
        (None, Some(feature::Id::String(id)), Some(_)) if is_id(id) => id.clone(),
        (None, Some(feature::Id::Number(id)), None) => id.to_string(),
        (None, _, Some(generated)) => generated,
        (None, None, None) => return Err(ZoneProblem::NoId),
    };
    if !is_id(&id) {
        return Err(ZoneProblem::BadId(id.chars().take(80).collect()));
    }
    let name = match property("name") {
        None => id.clone(),
        Some(JsonValue::String(name)) if name.chars().count() <= NAME_CHARACTERS_MAX => {
            name.clone()
        }
        Some(_) => return Err(ZoneProblem::BadName),
    };
    Ok(Head { id, name, kind })
}

fn is_id(text: &str) -> bool {
    (1..=ID_CHARACTERS_MAX).contains(&text.len())
        && text
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

fn point_count(feature: &Feature) -> usize {
    let rings = |rings: &Vec<Vec<Position>>| rings.iter().map(Vec::len).sum::<usize>();
    match feature.geometry.as_ref().map(|geometry| &geometry.value) {
        Some(GeometryValue::LineString { coordinates }) => coordinates.len(),
        Some(
            GeometryValue::MultiLineString { coordinates } | GeometryValue::Polygon { coordinates },
        ) => rings(coordinates),
        Some(GeometryValue::MultiPolygon { coordinates }) => coordinates.iter().map(rings).sum(),
        _ => 0,
    }
}

fn zone_of(head: Head, feature: Feature) -> Result<Zone, ZoneProblem> {
    let geometry = feature.geometry.map(|geometry| geometry.value);
    let (polygons, lines) = match (head.kind, geometry) {
        (ZoneKind::TollLine, Some(GeometryValue::LineString { coordinates })) => {
            (Vec::new(), vec![line(&coordinates)?])
        }
        (ZoneKind::TollLine, Some(GeometryValue::MultiLineString { coordinates })) => {
            (Vec::new(), all(&coordinates, line)?)
        }
        (ZoneKind::TollLine, other) => {
            return Err(wrong(
                head.kind,
                "LineString or MultiLineString",
                other.as_ref(),
            ));
        }
        (_, Some(GeometryValue::Polygon { coordinates })) => {
            (vec![all(&coordinates, ring)?], Vec::new())
        }
        (_, Some(GeometryValue::MultiPolygon { coordinates })) => {
            (all(&coordinates, |rings| all(rings, ring))?, Vec::new())
        }
        (_, other) => return Err(wrong(head.kind, "Polygon or MultiPolygon", other.as_ref())),
    };
    rings::check(&polygons)?;
    Ok(Zone {
        id: head.id,
        name: head.name,
        kind: head.kind,
        polygons,
        lines,
    })
}

fn wrong(kind: ZoneKind, wanted: &'static str, found: Option<&GeometryValue>) -> ZoneProblem {
    ZoneProblem::WrongGeometry {
        kind,
        wanted,
        found: found.map_or("nothing", GeometryValue::type_name),
    }
}

/// Each part of a geometry; there has to be one.
fn all<A, B>(
    parts: &[A],
    read: impl Fn(&A) -> Result<B, ZoneProblem>,
) -> Result<Vec<B>, ZoneProblem> {
    if parts.is_empty() {
        return Err(ZoneProblem::Empty);
    }
    parts.iter().map(read).collect()
}

#[expect(
    clippy::ptr_arg,
    reason = "it is passed to `all`, whose parts are vectors"
)]
fn line(positions: &Vec<Position>) -> Result<Vec<LatLng>, ZoneProblem> {
    let points = points(positions)?;
    let first = *points.first().ok_or(ZoneProblem::Empty)?;
    if points.len() < 2 {
        return Err(ZoneProblem::TooFewPoints(first));
    }
    Ok(points)
}

#[expect(
    clippy::ptr_arg,
    reason = "it is passed to `all`, whose parts are vectors"
)]
fn ring(positions: &Vec<Position>) -> Result<Vec<LatLng>, ZoneProblem> {
    let mut points = points(positions)?;
    let (Some(first), Some(last)) = (points.first().copied(), points.last().copied()) else {
        return Err(ZoneProblem::Empty);
    };
    // Three corners, the first of which is there twice.
    if points.len() < 4 {
        return Err(ZoneProblem::TooFewPoints(first));
    }
    if first != last {
        return Err(ZoneProblem::NotClosed(last));
    }
    points.pop();
    Ok(points)
}

/// Positions on earth. One that is the same as the one before it says nothing and is left out.
fn points(positions: &[Position]) -> Result<Vec<LatLng>, ZoneProblem> {
    let mut points: Vec<LatLng> = Vec::with_capacity(positions.len());
    for position in positions {
        let off_earth = || {
            let numbers: Vec<String> = position.as_slice().iter().map(f64::to_string).collect();
            ZoneProblem::OffEarth(numbers.join(", ").chars().take(80).collect())
        };
        let (Some(lng), Some(lat)) = (position.as_slice().first(), position.as_slice().get(1))
        else {
            return Err(off_earth());
        };
        let at = LatLng::from_degrees(*lat, *lng).map_err(|_| off_earth())?;
        if let Some(before) = points.last() {
            if *before == at {
                continue;
            }
            if Spot::from(*before).x.abs_diff(Spot::from(at).x) > HALF_TURN_E7 {
                return Err(ZoneProblem::DateLine(at));
            }
        }
        points.push(at);
    }
    Ok(points)
}
