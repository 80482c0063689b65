//! Writes a town as an `.osm.pbf` file.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use wayfare_city::osm::{NewMember, PbfWriter};
use wayfare_core::geo::{LatLng, LatLngError};

use super::sheet::{Part, Sheet, Tags};
use crate::city::Plane;

/// Where the middle of the town lies, in degrees.
const ORIGIN: (f64, f64) = (41.158, -8.629);

/// Why a town is not in a file.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The file cannot be written.
    #[error("cannot write the map {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The town is not on earth.
    #[error("the town is not on earth: {0}")]
    Origin(#[from] LatLngError),
}

/// Writes everything on a sheet into a file.
pub fn write(sheet: &Sheet, path: &Path) -> Result<(), WriteError> {
    let file = |source| WriteError::File {
        path: path.to_owned(),
        source,
    };
    let writer = writer(sheet)?;
    let out = BufWriter::new(File::create(path).map_err(file)?);
    writer.write(out).map_err(file)
}

/// Where on earth the town lies.
pub(super) fn plane() -> Result<Plane, LatLngError> {
    let (lat, lng) = ORIGIN;
    Ok(Plane::around(LatLng::from_degrees(lat, lng)?))
}

fn writer(sheet: &Sheet) -> Result<PbfWriter, WriteError> {
    let plane = plane()?;
    let mut writer = PbfWriter::new();
    for (id, node) in (1..).zip(&sheet.nodes) {
        let at = plane.at(node.at.east_m, node.at.north_m);
        writer.node(id, at, &borrowed(&node.tags));
    }
    for (id, way) in (1..).zip(&sheet.ways) {
        writer.way(id, &way.nodes, &borrowed(&way.tags));
    }
    for (id, relation) in (1..).zip(&sheet.relations) {
        let members: Vec<NewMember<'_>> = relation
            .members
            .iter()
            .map(|(part, role)| match part {
                Part::Node(node) => NewMember::Node(*node, role),
                Part::Way(way) => NewMember::Way(*way, role),
            })
            .collect();
        writer.relation(id, &members, &borrowed(&relation.tags));
    }
    Ok(writer)
}

fn borrowed(tags: &Tags) -> Vec<(&str, &str)> {
    tags.iter()
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect()
}
