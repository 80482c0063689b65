//! What the ground is used for: water, parks, woods, fields, the airport, and the town's border.

use std::f64::consts::FRAC_PI_2;

use rand::RngExt;

use super::cells::{Cell, Use};
use super::ground::{Ground, PARK, Spot, blob};
use super::names::Namer;
use super::ring::AIRPORT;
use super::sheet::{Part, Sheet, tags};
use crate::chance::Chance;

/// The river runs from one edge of the map to the other.
const RIVER_EAST_M: [i32; 2] = [-7200, 7600];
const RIVER_STEP_M: i32 = 80;
const LAKE: Spot = Spot::new(-2340.0, 1330.0);
const WOODS: usize = 60;

/// What the land is drawn with.
pub(super) struct LandPen<'a> {
    pub(super) ground: &'a Ground,
    pub(super) chance: Chance,
    pub(super) names: &'a mut Namer,
    pub(super) sheet: &'a mut Sheet,
}

impl LandPen<'_> {
    pub(super) fn draw(&mut self, town: &str, cells: &[Cell]) {
        self.draw_border(town);
        self.draw_built_up();
        self.draw_country();
        self.draw_river();
        self.draw_park();
        for cell in cells {
            self.draw_cell(cell);
        }
        self.draw_airport();
        self.draw_railway();
    }

    fn draw_border(&mut self, town: &str) {
        let corners = [
            (-6400.0, -5600.0),
            (-1200.0, -6100.0),
            (5200.0, -5500.0),
            (6900.0, -900.0),
            (6700.0, 4300.0),
            (1600.0, 5900.0),
            (-5200.0, 5400.0),
            (-6700.0, 700.0),
        ];
        let corners = corners.map(|(east_m, north_m)| Spot::new(east_m, north_m));
        let way = self.sheet.area(
            &corners,
            tags(&[("boundary", "administrative"), ("admin_level", "8")]),
        );
        self.sheet.relation(
            vec![(Part::Way(way), "outer")],
            tags(&[
                ("type", "boundary"),
                ("boundary", "administrative"),
                ("admin_level", "8"),
                ("name", town),
            ]),
        );
    }

    fn draw_built_up(&mut self) {
        let mut outline = Vec::new();
        for step in 0..64_u32 {
            let angle = std::f64::consts::TAU * f64::from(step) / 64.0;
            let radius_m = self.ground.suburb_m(angle) + 90.0;
            outline.push(Spot::MIDDLE.polar(angle, radius_m));
        }
        let what = tags(&[("landuse", "residential")]);
        self.sheet.area(&outline, what);
        let centre = self.ground.outline([-6.0, 6.0, -2.0, 9.0]);
        self.sheet.area(&centre, tags(&[("landuse", "commercial")]));
    }

    fn draw_country(&mut self) {
        for _ in 0..WOODS {
            let angle = self.chance.random::<f64>() * std::f64::consts::TAU;
            let middle = Spot::MIDDLE.polar(angle, self.chance.random_range(5100.0..6500.0));
            if middle.distance_m(AIRPORT) < 2000.0 || self.ground.off_river_m(middle).abs() < 700.0
            {
                continue;
            }
            let radius_m = self.chance.random_range(180.0..430.0);
            let corners = blob(&mut self.chance, middle, radius_m, 1.4);
            let what = match self.chance.random::<f64>() {
                ..0.5 => tags(&[("natural", "wood")]),
                ..0.8 => tags(&[("landuse", "farmland")]),
                _ => tags(&[("landuse", "meadow")]),
            };
            self.sheet.area(&corners, what);
        }
    }

    fn draw_river(&mut self) {
        let name = format!("Rio {}", self.names.family());
        let [west, east] = RIVER_EAST_M;
        let steps = (east - west) / RIVER_STEP_M;
        let middle: Vec<Spot> = (0..=steps)
            .map(|step| f64::from(west + step * RIVER_STEP_M))
            .map(|east_m| Spot::new(east_m, self.ground.river_m(east_m)))
            .collect();
        let line = tags(&[("waterway", "river"), ("name", &name)]);
        self.sheet.line(&middle, line);
        let bank = |side: f64| -> Vec<Spot> {
            middle
                .iter()
                .zip(middle.iter().skip(1))
                .map(|(from, to)| {
                    let half_m = self.ground.river_half_m(from.east_m);
                    from.polar(from.angle_to(*to) + side * FRAC_PI_2, half_m)
                })
                .collect()
        };
        let (mut outline, mut back) = (bank(-1.0), bank(1.0));
        back.reverse();
        outline.append(&mut back);
        let area = tags(&[("natural", "water"), ("water", "river"), ("name", &name)]);
        self.sheet.area(&outline, area);
    }

    fn draw_park(&mut self) {
        let [west, east, south, north] = PARK;
        let outline = self
            .ground
            .outline([west + 0.2, east + 0.8, south - 0.8, north + 0.3]);
        let after = self.names.after();
        let park = tags(&[("leisure", "park"), ("name", &format!("Parque {after}"))]);
        self.sheet.area(&outline, park);
        let lake = blob(&mut self.chance, LAKE, 150.0, 1.35);
        let water = [("natural", "water"), ("water", "lake")];
        let name = format!("Lago {after}");
        let water = [water[0], water[1], ("name", name.as_str())];
        self.sheet.area(&lake, tags(&water));
        let mut round: Vec<Spot> = lake.iter().map(|spot| LAKE.toward(*spot, 1.22)).collect();
        round.extend(round.first().copied());
        self.sheet.line(&round, tags(&[("highway", "footway")]));
        for (from, to) in [(0, 7), (10, 13), (20, 19), (25, 1)] {
            if let (Some(from), Some(to)) = (round.get(from), outline.get(to)) {
                let line = [*from, from.toward(*to, 0.5).plus(Spot::new(12.0, 9.0)), *to];
                self.sheet.line(&line, tags(&[("highway", "footway")]));
            }
        }
        let grove = blob(
            &mut self.chance,
            LAKE.plus(Spot::new(-330.0, -60.0)),
            120.0,
            1.2,
        );
        self.sheet.area(&grove, tags(&[("natural", "wood")]));
    }

    fn draw_cell(&mut self, cell: &Cell) {
        let inset = |part: f64| cell.corners.map(|corner| cell.middle.toward(corner, part));
        let after = self.names.after();
        match cell.uses {
            Use::Houses | Use::Landmark => {}
            Use::Park => {
                let name = format!("Jardim {after}");
                let park = tags(&[("leisure", "park"), ("name", &name)]);
                self.sheet.area(&inset(0.86), park);
            }
            Use::School => {
                let name = format!("Escola Básica {after}");
                let school = tags(&[("amenity", "school"), ("name", &name)]);
                self.sheet.area(&inset(0.8), school);
                self.halls(
                    cell,
                    &[(-30.0, 10.0, 60.0, 16.0), (25.0, -30.0, 18.0, 45.0)],
                );
            }
            Use::Sports => {
                self.sheet
                    .area(&inset(0.82), tags(&[("landuse", "recreation_ground")]));
                let pitch = rectangle(cell.middle, 105.0, 68.0);
                let what = tags(&[("leisure", "pitch"), ("sport", "soccer")]);
                self.sheet.area(&pitch, what);
            }
            Use::Shops => {
                self.sheet
                    .area(&inset(0.85), tags(&[("landuse", "retail")]));
                self.halls(cell, &[(-35.0, 20.0, 80.0, 55.0)]);
            }
            Use::Works => {
                self.sheet
                    .area(&inset(0.9), tags(&[("landuse", "industrial")]));
                let halls = [(-55.0, 45.0, 90.0, 40.0), (60.0, -60.0, 50.0, 70.0)];
                self.halls(cell, &halls);
            }
            Use::Gardens => {
                self.sheet
                    .area(&inset(0.86), tags(&[("landuse", "allotments")]));
            }
        }
    }

    /// Large buildings in a block: metres off its middle, width and depth.
    fn halls(&mut self, cell: &Cell, halls: &[(f64, f64, f64, f64)]) {
        for (east_m, north_m, width_m, depth_m) in halls {
            let middle = cell.middle.plus(Spot::new(*east_m, *north_m));
            let corners = rectangle(middle, *width_m, *depth_m);
            self.sheet.area(&corners, tags(&[("building", "yes")]));
        }
    }

    fn draw_airport(&mut self) {
        let name = format!("Aeroporto {}", self.names.after());
        let at = |east_m: f64, north_m: f64| AIRPORT.plus(Spot::new(east_m, north_m));
        let field = [
            at(-230.0, -400.0),
            at(250.0, -1500.0),
            at(1150.0, -1500.0),
            at(1250.0, 1450.0),
            at(300.0, 1450.0),
            at(-230.0, 500.0),
        ];
        self.sheet.area(
            &field,
            tags(&[("aeroway", "aerodrome"), ("name", &name), ("iata", "SVL")]),
        );
        let terminal = rectangle(at(215.0, -20.0), 52.0, 250.0);
        let what = tags(&[
            ("aeroway", "terminal"),
            ("building", "yes"),
            ("name", &format!("{name} Terminal")),
        ]);
        self.sheet.area(&terminal, what);
        let apron = rectangle(at(345.0, -20.0), 170.0, 560.0);
        self.sheet.area(&apron, tags(&[("aeroway", "apron")]));
        let runway = [at(780.0, -1350.0), at(840.0, 1300.0)];
        let what = tags(&[("aeroway", "runway"), ("ref", "18/36")]);
        self.sheet.line(&runway, what);
        for (from, to) in [
            (at(620.0, -1300.0), at(670.0, 1250.0)),
            (at(430.0, 120.0), at(648.0, 160.0)),
            (at(430.0, -160.0), at(645.0, -140.0)),
            (at(620.0, -1300.0), at(780.0, -1340.0)),
            (at(670.0, 1250.0), at(838.0, 1290.0)),
        ] {
            self.sheet
                .line(&[from, to], tags(&[("aeroway", "taxiway")]));
        }
        let parking = rectangle(at(0.0, 170.0), 220.0, 110.0);
        self.sheet.area(&parking, tags(&[("amenity", "parking")]));
        let rank = tags(&[("amenity", "taxi"), ("name", "Táxis Aeroporto")]);
        self.sheet.point(at(158.0, -60.0), rank);
    }

    /// The railway comes up from a tunnel outside of the town.
    fn draw_railway(&mut self) {
        let under = [
            Spot::new(900.0, 900.0),
            Spot::new(1700.0, 1700.0),
            Spot::new(2300.0, 2900.0),
            Spot::new(2500.0, 4450.0),
        ];
        let above = [
            Spot::new(2500.0, 4450.0),
            Spot::new(2620.0, 5000.0),
            Spot::new(2900.0, 5700.0),
        ];
        let rail = [("railway", "rail"), ("tunnel", "yes"), ("layer", "-2")];
        self.sheet.line(&under, tags(&rail));
        self.sheet.line(&above, tags(&[("railway", "rail")]));
    }
}

/// A rectangle by its middle, its width and its depth.
pub(super) fn rectangle(middle: Spot, width_m: f64, depth_m: f64) -> [Spot; 4] {
    let (east_m, north_m) = (width_m / 2.0, depth_m / 2.0);
    [
        middle.plus(Spot::new(-east_m, -north_m)),
        middle.plus(Spot::new(east_m, -north_m)),
        middle.plus(Spot::new(east_m, north_m)),
        middle.plus(Spot::new(-east_m, north_m)),
    ]
}
