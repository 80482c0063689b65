//! Zones as GeoJSON.

use geojson::{
    Feature, FeatureCollection, Geometry, GeometryValue, JsonObject, JsonValue, Position,
};

use super::Zone;
use crate::geo::LatLng;

pub(super) fn write(zones: &[Zone]) -> String {
    FeatureCollection {
        bbox: None,
        features: zones.iter().map(feature).collect(),
        foreign_members: None,
    }
    .to_string()
}

fn feature(zone: &Zone) -> Feature {
    let text = |value: &str| JsonValue::String(value.to_owned());
    let properties = JsonObject::from_iter([
        ("id".to_owned(), text(&zone.id)),
        ("kind".to_owned(), text(zone.kind.as_str())),
        ("name".to_owned(), text(&zone.name)),
    ]);
    Feature {
        bbox: None,
        geometry: Some(Geometry::new(geometry(zone))),
        id: None,
        properties: Some(properties),
        foreign_members: None,
    }
}

fn geometry(zone: &Zone) -> GeometryValue {
    let polygon = |rings: &Vec<Vec<LatLng>>| rings.iter().map(|points| ring(points)).collect();
    match (zone.polygons.as_slice(), zone.lines.as_slice()) {
        ([one], _) => GeometryValue::Polygon {
            coordinates: polygon(one),
        },
        ([], [one]) => GeometryValue::LineString {
            coordinates: line(one),
        },
        ([], lines) => GeometryValue::MultiLineString {
            coordinates: lines.iter().map(|points| line(points)).collect(),
        },
        (polygons, _) => GeometryValue::MultiPolygon {
            coordinates: polygons.iter().map(polygon).collect(),
        },
    }
}

fn ring(points: &[LatLng]) -> Vec<Position> {
    points.iter().chain(points.first()).map(position).collect()
}

fn line(points: &[LatLng]) -> Vec<Position> {
    points.iter().map(position).collect()
}

fn position(at: &LatLng) -> Position {
    Position::from([at.lng(), at.lat()])
}
