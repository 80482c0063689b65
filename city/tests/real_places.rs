//! Search over real maps: what people would type, with the place that they mean.
//!
//! The maps are not part of the project. Where one is absent the test says so and passes; the
//! generated towns of the other tests always run.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use wayfare_city::{osm, places};
use wayfare_core::city::PackBytes;
use wayfare_core::geo::LatLng;
use wayfare_core::places::{PlaceIndex, encode};

/// The typed text, and the beginning of the name that is meant. Typed with slips, cut short,
/// without accents, in any order, as people do.
type Asked = (&'static str, &'static str);

const PORTO: &[Asked] = &[
    ("Rua do Almada", "Rua do Almada"),
    ("rua do almda", "Rua do Almada"),
    ("rua do almad", "Rua do Almada"),
    ("almada rua", "Rua do Almada"),
    ("sao bento", "São Bento"),
    ("saobento", "Porto - São Bento"),
    ("estação são bento", "Porto - São Bento"),
    ("av aliados", "Avenida dos Aliados"),
    ("Aliados 28", "Avenida dos Aliados 28"),
    ("28 avenida dos aliados", "Avenida dos Aliados 28"),
    ("pc da liberdade 128", "Praça da Liberdade 128"),
    ("praca liberdade", "Praça da Liberdade"),
    ("r. fernandes tomas", "Rua de Fernandes Tomás"),
    ("fernades tomaz", "Rua de Fernandes Tomás"),
    ("rua 31 de janeiro", "Rua de 31 de Janeiro"),
    ("sa da bandera", "Rua de Sá da Bandeira"),
    ("santa catarina", "Rua de Santa Catarina"),
    ("rua sta catarina", "Rua de Santa Catarina"),
    ("torre clerigos", "Torre dos Clérigos"),
    ("livraria lelo", "Livraria Lello"),
    ("majestic", "Café Majestic"),
    ("metro trindade", "Trindade"),
    ("mercado bolhao", "Mercado do Bolhão"),
    ("teatro sao joao", "Teatro Nacional São João"),
    ("hospital santo antonio", "Hospital Geral de Santo António"),
    ("ponte d luis", "Ponte"),
    ("ribeira", "Ribeira"),
    ("cedofeita", "Rua de Cedofeita"),
    ("camara municipal", "Câmara Municipal do Porto"),
    ("porto", "Porto"),
];

const STATE_COLLEGE: &[Asked] = &[
    ("119 S Burrowes St", "119 South Burrowes Street"),
    ("burrowes 119", "119 South Burrowes Street"),
    ("120 n barnrd", "120 North Barnard Street"),
    ("west college ave", "West College Avenue"),
    ("300 w colege avenue", "West College Avenue"),
    ("e beaver av 101", "101 East Beaver Avenue"),
    ("208 south allen", "208 South Allen Street"),
    ("beaver stad", "Beaver Stadium"),
    ("stadium beaver", "Beaver Stadium"),
    ("bever stadium", "Beaver Stadium"),
    ("old main", "Old Main"),
    ("penn state", "Penn State University"),
    ("hospital", "Mount Nittany Medical Center"),
    ("mt nittany medical", "Mount Nittany Medical Center"),
    ("walmart supercenter", "Walmart Supercenter"),
    ("mcdonalds", "McDonald's"),
    ("starbucks", "Starbucks"),
    ("curtin rd", "Curtin Road"),
    ("main st boalsburg", "West Main Street"),
    ("bryce jordan", "Bryce Jordan Center"),
    ("atherton st", "North Atherton Street"),
    ("lemont", "Lemont"),
];

const LIECHTENSTEIN: &[Asked] = &[
    ("Landstrasse 40 triesen", "Landstrasse 40"),
    ("landstr. 40", "Landstrasse 40"),
    ("staedtle 6", "Städtle 6"),
    ("stadtle", "Städtle"),
    ("Schloss Vaduz", "Schloss Vaduz"),
    ("schlos vadutz", "Schloss Vaduz"),
    ("feldkircher str schaan", "Feldkircher Strasse"),
    ("zollstraße", "Zollstrasse"),
    ("zoll strasse", "Zollstrasse"),
    ("bahnhof schaan", "Bahnhof Schaan-Vaduz"),
    ("landesspital", "Liechtensteinisches Landesspital"),
    ("spital", "Liechtensteinisches Landesspital"),
    ("Mauren", "Mauren"),
    ("vadu", "Vaduz"),
    ("rathaus vaduz", "Rathaus Vaduz"),
];

const MONACO: &[Asked] = &[
    ("bd albert 1er", "Boulevard Albert 1er"),
    ("bd des moulins", "Boulevard des Moulins"),
    ("grimaldi rue", "Rue Grimaldi"),
    ("casino", "Casino de Monte"),
    ("cafe de paris", "Café de Paris"),
    ("gare", "Monaco - Monte Carlo"),
    ("av ostende", "Avenue d'Ostende"),
    ("musee oceanographique", "Musée Océanographique"),
    ("stade louis 2", "Stade Louis"),
    ("monte carlo", "Monte-Carlo"),
];

fn open(map: &str) -> Option<PlaceIndex> {
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data");
    let path = PathBuf::from(data).join(map);
    if !path.exists() {
        println!("skipped: no {}", path.display());
        return None;
    }
    let extract = osm::read(&path, &mut |_| {}).unwrap();
    let bytes = encode(&places::collect(&extract)).unwrap();
    println!("{map}: {} bytes", bytes.len());
    Some(PlaceIndex::open(PackBytes::new(bytes)).unwrap())
}

/// Asks as somebody who stands there, prints what does not come first, and fails when something
/// is not among the first five or too little comes first.
fn ask(map: &str, (lat, lng): (f64, f64), queries: &[Asked]) {
    let Some(index) = open(map) else {
        return;
    };
    let near = LatLng::from_degrees(lat, lng).unwrap();
    let (mut first, mut took) = (0, Vec::new());
    for (typed, meant) in queries {
        let started = Instant::now();
        let found = index.search(typed, Some(near), 5);
        took.push(started.elapsed());
        let names: Vec<&str> = found.iter().map(|place| place.name.as_str()).collect();
        let rank = names.iter().position(|name| name.starts_with(meant));
        assert!(rank.is_some(), "{typed:?}: no {meant:?} in {names:?}");
        if rank == Some(0) {
            first += 1;
        } else {
            println!("{typed:?}: {meant:?} at {rank:?} of {names:?}");
        }
    }
    took.sort();
    let (asked, slowest) = (queries.len(), took[took.len() - 1]);
    println!(
        "{map}: {first} of {asked} first; median {:?}, slowest {slowest:?}",
        took[asked / 2]
    );
    assert!(first * 100 >= asked * 80, "{first} of {asked}");
    if !cfg!(debug_assertions) {
        assert!(slowest < Duration::from_millis(20), "{took:?}");
    }
}

#[test]
fn what_people_mean_is_found_in_porto() {
    ask("porto/centre.osm.pbf", (41.1466, -8.6110), PORTO);
}

#[test]
fn what_people_mean_is_found_in_state_college() {
    ask(
        "osm/state-college.osm.pbf",
        (40.7934, -77.8600),
        STATE_COLLEGE,
    );
}

#[test]
fn what_people_mean_is_found_in_liechtenstein() {
    ask(
        "osm/liechtenstein.osm.pbf",
        (47.1410, 9.5215),
        LIECHTENSTEIN,
    );
}

#[test]
fn what_people_mean_is_found_in_monaco() {
    ask("osm/monaco.osm.pbf", (43.7384, 7.4246), MONACO);
}
