//! What people go to: the station, the hospital, the university, squares, shops, and the districts
//! by name.

use rand::RngExt;

use super::cells::{Cell, Use};
use super::ground::{OLD_TOWN, Spot};
use super::houses::House;
use super::land::rectangle;
use super::names::{Kind, Namer};
use super::sheet::{Sheet, Tags, tags};
use crate::chance::Chance;

/// Where trains end.
pub(super) const STATION: Spot = Spot::new(900.0, 900.0);

/// Something large that takes a block of its own, where one is there.
struct Landmark {
    at: Spot,
    name: &'static str,
    /// What the block is.
    ground: &'static [(&'static str, &'static str)],
    /// What the house in it is.
    house: &'static [(&'static str, &'static str)],
}

const LANDMARKS: [Landmark; 10] = [
    Landmark {
        at: STATION,
        name: "Estação Central",
        ground: &[("landuse", "railway")],
        house: &[("railway", "station"), ("building", "train_station")],
    },
    Landmark {
        at: Spot::new(2100.0, -200.0),
        name: "Hospital de Santa Vela",
        ground: &[("amenity", "hospital")],
        house: &[("building", "hospital")],
    },
    Landmark {
        at: Spot::new(-1500.0, 2300.0),
        name: "Universidade",
        ground: &[("amenity", "university")],
        house: &[("building", "university")],
    },
    Landmark {
        at: Spot::new(-900.0, 600.0),
        name: "Mercado Municipal",
        ground: &[("landuse", "retail")],
        house: &[("amenity", "marketplace"), ("building", "retail")],
    },
    Landmark {
        at: Spot::new(60.0, 460.0),
        name: "Câmara Municipal",
        ground: &[("place", "square")],
        house: &[("amenity", "townhall"), ("building", "public")],
    },
    Landmark {
        at: Spot::new(330.0, 120.0),
        name: "Sé Catedral",
        ground: &[("landuse", "religious")],
        house: &[("amenity", "place_of_worship"), ("building", "cathedral")],
    },
    Landmark {
        at: Spot::new(-480.0, 880.0),
        name: "Museu da Cidade",
        ground: &[("landuse", "commercial")],
        house: &[("tourism", "museum"), ("building", "public")],
    },
    Landmark {
        at: Spot::new(600.0, -2250.0),
        name: "Galerias Margem Sul",
        ground: &[("landuse", "retail")],
        house: &[("shop", "mall"), ("building", "retail")],
    },
    Landmark {
        at: Spot::new(2700.0, 2300.0),
        name: "Estádio Municipal",
        ground: &[("leisure", "sports_centre")],
        house: &[("leisure", "stadium"), ("building", "stadium")],
    },
    Landmark {
        at: Spot::new(700.0, 3000.0),
        name: "Cemitério da Colina",
        ground: &[("landuse", "cemetery")],
        house: &[("building", "chapel")],
    },
];

/// Districts: name, kind, where.
const DISTRICTS: [(&str, &str, Spot); 10] = [
    ("Centro Histórico", "suburb", OLD_TOWN),
    ("Ribeira", "quarter", Spot::new(-300.0, -550.0)),
    ("Estação", "quarter", Spot::new(1000.0, 1050.0)),
    ("Cidade Universitária", "suburb", Spot::new(-1450.0, 2450.0)),
    ("Margem Sul", "suburb", Spot::new(300.0, -2300.0)),
    ("Nascente", "suburb", Spot::new(2700.0, 700.0)),
    ("Poente", "suburb", Spot::new(-2900.0, 100.0)),
    ("Colina", "suburb", Spot::new(600.0, 3250.0)),
    ("Zona Industrial", "suburb", Spot::new(2500.0, -2400.0)),
    ("Aeroporto", "suburb", Spot::new(5200.0, 2300.0)),
];

/// A kind of shop: how often against the others, what it is, and how its name begins.
type Shop = (f64, (&'static str, &'static str), &'static [&'static str]);

const SHOPS: [Shop; 17] = [
    (
        16.0,
        ("amenity", "cafe"),
        &["Café", "Confeitaria", "Pastelaria"],
    ),
    (
        15.0,
        ("amenity", "restaurant"),
        &["Restaurante", "Tasca", "Adega", "Casa"],
    ),
    (6.0, ("amenity", "bar"), &["Bar", "Taberna"]),
    (6.0, ("shop", "bakery"), &["Padaria", "Pão Quente"]),
    (6.0, ("amenity", "pharmacy"), &["Farmácia"]),
    (5.0, ("shop", "supermarket"), &["Supermercado", "Mercearia"]),
    (5.0, ("shop", "clothes"), &["Modas", "Alfaiataria"]),
    (
        4.0,
        ("tourism", "hotel"),
        &["Hotel", "Pensão", "Albergaria"],
    ),
    (4.0, ("amenity", "bank"), &["Banco", "Caixa"]),
    (3.0, ("shop", "hairdresser"), &["Cabeleireiro", "Barbearia"]),
    (3.0, ("shop", "books"), &["Livraria", "Papelaria"]),
    (3.0, ("amenity", "dentist"), &["Clínica Dentária"]),
    (3.0, ("shop", "florist"), &["Florista"]),
    (2.0, ("amenity", "post_office"), &["Correios"]),
    (2.0, ("amenity", "theatre"), &["Teatro"]),
    (2.0, ("amenity", "library"), &["Biblioteca"]),
    (2.0, ("amenity", "kindergarten"), &["Jardim de Infância"]),
];

/// One house of the old town in so many has a shop.
const SHOP_EVERY: f64 = 0.11;
/// Underground stations stand about so far from each other.
const METRO: [(f64, f64); 14] = [
    (0.0, 400.0),
    (900.0, 950.0),
    (1800.0, 900.0),
    (2700.0, 900.0),
    (-900.0, 900.0),
    (-1800.0, 900.0),
    (-2700.0, 300.0),
    (0.0, 1800.0),
    (-1500.0, 2250.0),
    (600.0, 3200.0),
    (0.0, -700.0),
    (0.0, -1800.0),
    (300.0, -2700.0),
    (2100.0, -100.0),
];
const TAXI_RANKS: [(&str, f64, f64); 5] = [
    ("Estação", 860.0, 800.0),
    ("Câmara", 20.0, 330.0),
    ("Hospital", 2000.0, -250.0),
    ("Universidade", -1400.0, 2200.0),
    ("Mercado", -830.0, 520.0),
];

/// Whether a block belongs to a landmark.
pub(super) fn has_landmark(corners: &[Spot; 4]) -> bool {
    LANDMARKS
        .iter()
        .any(|landmark| is_inside(landmark.at, corners))
}

/// Whether a place is in a block whose corners go counterclockwise.
pub(super) fn is_inside(spot: Spot, corners: &[Spot; 4]) -> bool {
    let next = corners.iter().cycle().skip(1);
    corners.iter().zip(next).all(|(from, to)| {
        let along = (to.east_m - from.east_m, to.north_m - from.north_m);
        let across = (spot.east_m - from.east_m, spot.north_m - from.north_m);
        along.0 * across.1 - along.1 * across.0 > 0.0
    })
}

/// What landmarks are drawn with.
pub(super) struct LandmarkPen<'a> {
    pub(super) chance: Chance,
    pub(super) names: &'a mut Namer,
    pub(super) sheet: &'a mut Sheet,
}

impl LandmarkPen<'_> {
    pub(super) fn draw(&mut self, town: &str, cells: &[Cell], houses: &[House]) {
        let city = tags(&[("place", "city"), ("name", town), ("population", "164000")]);
        self.sheet
            .point(OLD_TOWN.plus(Spot::new(20.0, -15.0)), city);
        for (name, kind, at) in DISTRICTS {
            self.sheet
                .point(at, tags(&[("place", kind), ("name", name)]));
        }
        for landmark in &LANDMARKS {
            self.draw_landmark(landmark, cells);
        }
        self.draw_squares(cells);
        for (east_m, north_m) in METRO {
            let name = format!("Metro {}", capital(self.names.after()));
            let what = [
                ("railway", "station"),
                ("station", "subway"),
                ("name", &name),
            ];
            self.sheet
                .point(Spot::new(east_m + 18.0, north_m + 14.0), tags(&what));
        }
        for (name, east_m, north_m) in TAXI_RANKS {
            let name = format!("Táxis {name}");
            let what = tags(&[("amenity", "taxi"), ("name", &name)]);
            self.sheet.point(Spot::new(east_m, north_m), what);
        }
        self.draw_shops(houses);
        self.draw_outside(cells);
    }

    fn draw_landmark(&mut self, landmark: &Landmark, cells: &[Cell]) {
        let named = |pairs: &[(&str, &str)]| -> Tags {
            let mut tags = tags(pairs);
            tags.push(("name".to_owned(), landmark.name.to_owned()));
            tags
        };
        let Some(cell) = cells
            .iter()
            .find(|cell| is_inside(landmark.at, &cell.corners))
        else {
            self.sheet.point(landmark.at, named(landmark.house));
            return;
        };
        let corners = cell.corners.map(|corner| cell.middle.toward(corner, 0.84));
        let [south_west, _, north_east, _] = corners;
        let is_whole = landmark.ground.iter().any(|(key, _)| *key == "amenity");
        let ground = if is_whole {
            named(landmark.ground)
        } else {
            tags(landmark.ground)
        };
        self.sheet.area(&corners, ground);
        let size_m = south_west.distance_m(north_east);
        let house = rectangle(cell.middle, size_m * 0.36, size_m * 0.22);
        let what = if is_whole {
            tags(landmark.house)
        } else {
            named(landmark.house)
        };
        self.sheet.area(&house, what);
    }

    /// Small blocks of the old town without houses.
    fn draw_squares(&mut self, cells: &[Cell]) {
        let squares = cells
            .iter()
            .filter(|cell| cell.uses == Use::Park && cell.middle.distance_m(OLD_TOWN) < 1400.0);
        for cell in squares.take(9) {
            let name = self.names.name(Kind::Square);
            let what = tags(&[("place", "square"), ("name", &name)]);
            self.sheet.point(cell.middle, what);
            let statue = tags(&[("tourism", "artwork"), ("artwork_type", "statue")]);
            self.sheet
                .point(cell.middle.plus(Spot::new(4.0, 3.0)), statue);
        }
    }

    fn draw_shops(&mut self, houses: &[House]) {
        for house in houses {
            let every = if house.at.distance_m(OLD_TOWN) < 800.0 {
                SHOP_EVERY
            } else {
                0.012
            };
            if self.chance.random::<f64>() > every {
                continue;
            }
            let drawn = crate::chance::weighted(&mut self.chance, SHOPS.iter().map(|shop| shop.0));
            let Some((_, what, beginnings)) = drawn.and_then(|index| SHOPS.get(index)) else {
                continue;
            };
            let name = self.shop_name(beginnings);
            let number = house.number.to_string();
            let tags = tags(&[
                *what,
                ("name", &name),
                ("addr:street", &house.street),
                ("addr:housenumber", &number),
            ]);
            self.sheet.point(house.at, tags);
        }
    }

    fn shop_name(&mut self, beginnings: &[&'static str]) -> String {
        let beginning = self.names.pick(beginnings);
        if self.chance.random::<f64>() < 0.4 {
            format!("{beginning} {}", self.names.family())
        } else {
            format!("{beginning} {}", self.names.after())
        }
    }

    /// What stands in the suburbs: filling stations, supermarkets, churches.
    fn draw_outside(&mut self, cells: &[Cell]) {
        for cell in cells {
            if cell.uses == Use::Shops {
                let name = format!("Hipermercado {}", self.names.family());
                let what = tags(&[("shop", "supermarket"), ("name", &name)]);
                self.sheet
                    .point(cell.middle.plus(Spot::new(-30.0, 20.0)), what);
            } else if cell.uses == Use::Houses && cell.middle.distance_m(OLD_TOWN) > 900.0 {
                let place = cell.middle.toward(cell.corners[0], 0.75);
                match self.chance.random::<f64>() {
                    ..0.05 => {
                        let name = format!("Posto {}", self.names.family());
                        let what = tags(&[("amenity", "fuel"), ("name", &name)]);
                        self.sheet.point(place, what);
                    }
                    ..0.10 => {
                        let name = format!("Igreja {}", self.names.after());
                        let what = tags(&[("amenity", "place_of_worship"), ("name", &name)]);
                        self.sheet.point(place, what);
                    }
                    ..0.16 => {
                        let name = self.shop_name(&["Café", "Restaurante", "Padaria", "Talho"]);
                        let what = tags(&[("amenity", "cafe"), ("name", &name)]);
                        self.sheet.point(place, what);
                    }
                    _ => {}
                }
            }
        }
    }
}

/// "do Moinho" becomes "Moinho".
fn capital(after: &str) -> &str {
    after.split_once(' ').map_or(after, |(_, rest)| rest)
}
