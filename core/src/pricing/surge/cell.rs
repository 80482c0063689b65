//! The cells that surge is computed for.

use std::fmt;
use std::str::FromStr;

use h3o::{CellIndex, Resolution};
use serde::{Deserialize, Serialize};

use crate::geo::LatLng;

/// Not a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an H3 cell of resolution 8, such as 883969a41dfffff")]
pub struct CellError;

/// A cell of the H3 grid at resolution 8: a hexagon about a kilometre wide (0.74 km² on average).
///
/// It is written as H3 writes it: fifteen hexadecimal digits. Every machine finds the same cell for
/// a position, since h3o is compiled without `std` and takes its transcendentals from `libm`; no
/// package of the workspace may switch its `std` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cell(CellIndex);

impl Cell {
    /// The cell that a position is in.
    pub fn of(position: LatLng) -> Self {
        // Degrees of a position are finite, and nothing else is refused.
        let position = h3o::LatLng::new(position.lat(), position.lng()).unwrap_or_default();
        Self(position.to_cell(Resolution::Eight))
    }

    /// The cells that touch this one, in ascending order: six, or five around the twelve pentagons
    /// of the grid.
    pub fn neighbours(self) -> Vec<Self> {
        let disk: Vec<CellIndex> = self.0.grid_disk(1);
        let mut ring: Vec<Self> = disk
            .into_iter()
            .filter(|index| *index != self.0)
            .map(Self)
            .collect();
        ring.sort_unstable();
        ring
    }

    /// Its middle.
    pub fn centre(self) -> LatLng {
        on_earth(h3o::LatLng::from(self.0))
    }

    /// Its corners, counter-clockwise, the first one not repeated at the end.
    pub fn boundary(self) -> Vec<LatLng> {
        self.0.boundary().iter().copied().map(on_earth).collect()
    }
}

/// H3's positions are on the earth but for the last bits of a floating-point number.
fn on_earth(position: h3o::LatLng) -> LatLng {
    const NULL_ISLAND: LatLng = match LatLng::from_e7(0, 0) {
        Ok(position) => position,
        Err(_) => unreachable!(),
    };
    let lat = position.lat().clamp(-90.0, 90.0);
    let lng = position.lng().clamp(-180.0, 180.0);
    LatLng::from_degrees(lat, lng).unwrap_or(NULL_ISLAND)
}

impl FromStr for Cell {
    type Err = CellError;

    fn from_str(text: &str) -> Result<Self, CellError> {
        let index: CellIndex = text.parse().map_err(|_| CellError)?;
        let cell = Self(index);
        if index.resolution() == Resolution::Eight && cell.to_string() == text {
            Ok(cell)
        } else {
            Err(CellError)
        }
    }
}

impl TryFrom<String> for Cell {
    type Error = CellError;

    fn try_from(text: String) -> Result<Self, CellError> {
        text.parse()
    }
}

impl From<Cell> for String {
    fn from(cell: Cell) -> Self {
        cell.to_string()
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(feature = "openapi")]
crate::wire::openapi::string_type!(Cell, "h3-cell", "^8[0-9a-f]{14}$");

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lat: f64, lng: f64) -> Cell {
        Cell::of(LatLng::from_degrees(lat, lng).unwrap())
    }

    #[test]
    fn positions_are_in_the_cells_that_the_reference_library_finds() {
        // From H3's C library, version 4.5.0: latLngToCell at resolution 8.
        for (lat, lng, cell) in [
            (37.775_938, -122.417_95, "8828308281fffff"),
            (48.864_716, 2.349_014, "881fb4662dfffff"),
            (43.7384, 7.4246, "883969a41dfffff"),
            (90.0, 0.0, "880326233bfffff"),
            (-90.0, 12.0, "88f29380e1fffff"),
        ] {
            assert_eq!(at(lat, lng).to_string(), cell);
        }
        let monaco = at(43.7384, 7.4246).centre();
        assert_eq!(
            (monaco.lat_e7(), monaco.lng_e7()),
            (437_357_221, 74_286_091)
        );
    }

    #[test]
    fn a_cell_is_around_its_centre_everywhere_on_earth() {
        for (lat, lng) in [
            (43.7384, 7.4246),
            (0.0, 0.0),
            (-33.9, 179.9999),
            (-33.9, -180.0),
            (71.2, 180.0),
            (90.0, 0.0),
            (-90.0, 12.0),
            (64.7, 10.536), // next to a pentagon
        ] {
            let here = LatLng::from_degrees(lat, lng).unwrap();
            let cell = Cell::of(here);
            assert!(cell.centre().distance_m(here) < 800.0, "{lat} {lng}");
            assert_eq!(Cell::of(cell.centre()), cell, "{lat} {lng}");
            let corners = cell.boundary();
            assert!((5..=10).contains(&corners.len()), "{lat} {lng}");
            for corner in corners {
                let radius_m = cell.centre().distance_m(corner);
                assert!((300.0..800.0).contains(&radius_m), "{lat} {lng} {radius_m}");
            }
        }
    }

    #[test]
    fn neighbours_touch_each_other() {
        let monaco = at(43.7384, 7.4246);
        let ring = monaco.neighbours();
        assert_eq!(ring.len(), 6);
        assert!(ring.is_sorted());
        for neighbour in ring {
            assert_ne!(neighbour, monaco);
            assert!(neighbour.neighbours().contains(&monaco));
        }
        let pentagon: Cell = "8808000001fffff".parse().unwrap();
        assert_eq!(pentagon.neighbours().len(), 5);
    }

    #[test]
    fn a_cell_is_written_as_h3_writes_it() {
        let cell = at(43.7384, 7.4246);
        assert_eq!(cell.to_string().parse(), Ok(cell));
        let json = serde_json::to_string(&cell).unwrap();
        assert_eq!(serde_json::from_str::<Cell>(&json).unwrap(), cell);
        let capitals = cell.to_string().to_uppercase();
        for text in [
            "",
            "8828308281ffff",
            "8928308280fffff",  // resolution 9
            "8828308281ffffff", // too long
            "088283082 81fff",
            capitals.as_str(),
        ] {
            assert_eq!(text.parse::<Cell>(), Err(CellError), "{text}");
        }
    }
}
