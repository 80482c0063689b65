use geo::{Area, Contains, Intersects, Validation};
use proptest::prelude::*;

use super::*;

/// Polygons with holes on a grid so small that most of them are broken in some way.
fn scribbles() -> impl Strategy<Value = Vec<Vec<Vec<(i32, i32)>>>> {
    let ring = prop_oneof![
        prop::collection::vec((0..7, 0..7), 3..6),
        (0..6, 0..6, 1..6, 1..6).prop_map(|(west, south, width, height)| {
            let (east, north) = (west + width, south + height);
            vec![(west, south), (east, south), (east, north), (west, north)]
        }),
        (1..6, 1..6, 1..3)
            .prop_map(|(x, y, r)| { vec![(x - r, y), (x, y - r), (x + r, y), (x, y + r)] }),
    ];
    prop::collection::vec(prop::collection::vec(ring, 1..4), 1..3)
}

/// What the crate `geo` thinks of polygons. It takes flat triangles for polygons; they are not.
fn geo_accepts(polygons: &geo::MultiPolygon<f64>) -> bool {
    let is_flat = |ring: &geo::LineString<f64>| {
        geo::Polygon::new(ring.clone(), Vec::new()).unsigned_area() < 1e-9
    };
    let mut rings = polygons
        .iter()
        .flat_map(|polygon| polygon.interiors().iter().chain([polygon.exterior()]));
    !rings.any(is_flat) && polygons.is_valid()
}

fn geo_polygons(polygons: &[Vec<Vec<(i32, i32)>>], scale: i32) -> geo::MultiPolygon<f64> {
    let ring = |points: &Vec<(i32, i32)>| {
        let closed = points.iter().chain(points.first());
        geo::LineString::from_iter(
            closed.map(|(x, y)| (f64::from(x * scale), f64::from(y * scale))),
        )
    };
    let polygon = |rings: &Vec<Vec<(i32, i32)>>| {
        geo::Polygon::new(ring(&rings[0]), rings[1..].iter().map(ring).collect())
    };
    geo::MultiPolygon::new(polygons.iter().map(polygon).collect())
}

fn parsed(polygons: &[Vec<Vec<(i32, i32)>>]) -> Result<Zones, ZonesError> {
    let closed = |points: &Vec<(i32, i32)>| -> Vec<(i32, i32)> {
        points.iter().chain(points.first()).copied().collect()
    };
    let coordinates: Vec<Vec<Vec<(i32, i32)>>> = polygons
        .iter()
        .map(|rings| rings.iter().map(closed).collect())
        .collect();
    let geometry = json!({"type": "MultiPolygon", "coordinates": coordinates});
    Zones::parse(&file(&[feature("scribble", "geofence", &geometry)]))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn shapes_are_valid_exactly_when_the_crate_geo_says_so(polygons in scribbles()) {
        let expected = geo_accepts(&geo_polygons(&polygons, 1));
        let ours = parsed(&polygons);
        prop_assert_eq!(ours.is_ok(), expected, "{:?}", ours);
    }

    #[test]
    fn a_position_strictly_inside_is_held_and_one_strictly_outside_is_not(
        polygons in scribbles(),
        spots in prop::collection::vec((0..70, 0..70), 20),
    ) {
        let Ok(zones) = parsed(&polygons) else { return Ok(()) };
        let reference = geo_polygons(&polygons, 10);
        for (x, y) in spots {
            let point = geo::Point::new(f64::from(x), f64::from(y));
            let held = !zones.containing(at(f64::from(y) / 10.0, f64::from(x) / 10.0)).is_empty();
            if reference.contains(&point) {
                prop_assert!(held, "{point:?} is inside");
            }
            if !reference.intersects(&point) {
                prop_assert!(!held, "{point:?} is outside");
            }
        }
    }

    #[test]
    fn a_closed_drive_crosses_a_ring_an_even_number_of_times(
        cordon in prop::collection::vec((0..7, 0..7), 3..6),
        stops in prop::collection::vec((0..7, 0..7), 1..8),
    ) {
        let Ok(_) = parsed(&[vec![cordon.clone()]]) else { return Ok(()) };
        let line: Vec<(f64, f64)> = cordon
            .iter()
            .chain(cordon.first())
            .map(|(x, y)| (f64::from(*x), f64::from(*y)))
            .collect();
        let zones = Zones::parse(&file(&[toll("cordon", &line)])).unwrap();
        // From far outside and back.
        let mut points = vec![(-3, -5)];
        points.extend(stops);
        points.push((-3, -5));
        prop_assert_eq!(zones.tolls_along(&way(&points)).len() % 2, 0);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,80}", cut in 0_usize..400) {
        let _ = Zones::parse(&text);
        let whole = file(&[feature("x", "geofence", &polygon(&[square(0.0, 0.0, 1.0)]))]);
        let part: String = whole.chars().take(cut).collect();
        if part.len() < whole.len() {
            prop_assert!(Zones::parse(&part).is_err());
        }
    }
}
