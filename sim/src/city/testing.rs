//! A small city for tests, made without files.

use std::sync::{Arc, LazyLock};

use wayfare_core::city::PackBytes;
use wayfare_core::geo::LatLng;
use wayfare_core::places::{self, NewPlace, PlaceIndex, PlaceKind};
use wayfare_core::roads::{
    self, ContractionInput, JunctionIndex, RoadClass, RoadData, RoadNetwork, Segment, SegmentFlags,
};
use wayfare_core::zones::Zones;

use super::{City, Plane};

/// Streets from west to east and from south to north, and how far they are apart.
const STREETS: u32 = 16;
const GAP_M: f64 = 220.0;

/// The south-west corner of the city.
pub(crate) fn corner() -> LatLng {
    LatLng::from_degrees(41.14, -8.64).unwrap()
}

/// Sixteen by sixteen streets of 30, 40 and 50 km/h, every fourth of them one-way, with a name each.
pub(crate) fn city() -> Arc<City> {
    static CITY: LazyLock<Arc<City>> = LazyLock::new(|| Arc::new(build()));
    CITY.clone()
}

fn build() -> City {
    let data = data();
    let input = ContractionInput::of(&data).unwrap();
    let contraction = wayfare_city::roads::contract(&input, &mut |_| {});
    let bytes = roads::encode(&data, &contraction).unwrap();
    let roads = RoadNetwork::open(PackBytes::new(bytes)).unwrap();
    let bytes = places::encode(&streets(&data)).unwrap();
    let places = PlaceIndex::open(PackBytes::new(bytes)).unwrap();
    let name = "Vila Clara".to_owned();
    City::new(name, Arc::new(roads), places, &Zones::default())
}

fn junction(column: u32, row: u32) -> JunctionIndex {
    row * STREETS + column
}

fn data() -> RoadData {
    let plane = Plane::around(corner());
    let mut data = RoadData {
        names: vec![String::new()],
        ..RoadData::default()
    };
    for row in 0..STREETS {
        for column in 0..STREETS {
            // Streets lie closer in the middle.
            let bent = |index: u32| {
                let part = f64::from(index) / f64::from(STREETS - 1) - 0.5;
                (part + 1.2 * part.powi(3)) * f64::from(STREETS - 1) * GAP_M + 2200.0
            };
            data.junctions.push(plane.at(bent(column), bent(row)));
        }
    }
    for line in 0..STREETS {
        data.names.push(format!("Rua do Moinho {line}"));
        data.names.push(format!("Avenida da Fonte {line}"));
        for along in 1..STREETS {
            let name = 2 * line + 1;
            let row = (junction(along - 1, line), junction(along, line));
            let column = (junction(line, along - 1), junction(line, along));
            data.segments.push(segment(line, row, name));
            data.segments.push(segment(line, column, name + 1));
        }
    }
    data
}

fn segment(line: u32, (start, end): (JunctionIndex, JunctionIndex), name: u32) -> Segment {
    let speed_dkmh = match line % 3 {
        0 => 300,
        1 => 400,
        _ => 500,
    };
    let (start, end) = if line % 8 == 1 {
        (end, start)
    } else {
        (start, end)
    };
    Segment {
        start,
        end,
        bends: Vec::new(),
        class: RoadClass::Residential,
        forward_dkmh: speed_dkmh,
        backward_dkmh: if line % 4 == 1 { 0 } else { speed_dkmh },
        name,
        flags: SegmentFlags::default(),
    }
}

fn streets(data: &RoadData) -> Vec<NewPlace> {
    let shape = |name: usize| -> Vec<LatLng> {
        data.segments
            .iter()
            .filter(|segment| segment.name as usize == name)
            .map(|segment| data.junctions[segment.start as usize])
            .collect()
    };
    let place = |(index, name): (usize, &String)| NewPlace {
        kind: PlaceKind::Street,
        name: name.clone(),
        also: Vec::new(),
        number: None,
        category: "residential".to_owned(),
        context: String::new(),
        importance: 10,
        at: shape(index)[7],
        shape: vec![shape(index)],
    };
    data.names.iter().enumerate().skip(1).map(place).collect()
}
