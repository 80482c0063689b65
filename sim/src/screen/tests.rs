//! The screen drawn into memory.

use super::*;
use crate::clock::SimClock;
use crate::inbox::Inbox;
use crate::movement::Drive;
use crate::tally::Tally;
use crate::world::Parts;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

fn world() -> World {
    let city = crate::city::testing::city();
    let clock = SimClock::start(10.0);
    let mut chance = crate::chance::chance(2, crate::chance::Stream::Fleet);
    let demand = crate::demand::Demand::drawn(city.clone(), 300.0, 2);
    let mut places = |count| -> Vec<LatLng> {
        (0..count)
            .map(|_| demand.draw_pickup(&city, &mut chance))
            .collect()
    };
    let (homes, hotspots) = (places(40), places(300));
    let folder = tempfile::tempdir().unwrap();
    World::new(Parts {
        city,
        clock,
        tally: Arc::new(Tally::new(clock).unwrap()),
        homes,
        hotspots,
        inbox: Inbox::new(folder.path()).unwrap(),
        dead_zones: crate::dead_zones::DeadZones::new(1, 0.0),
        ground: crate::ground::SharedGround::unknown(),
        seed: 2,
        api: "http://127.0.0.1:1".parse().unwrap(),
    })
}

fn sign() -> Sign {
    Sign {
        city: "Vila Clara".to_owned(),
        seed: 2,
        drivers: 40,
        riders_per_hour: Some(300.0),
        target: Some(200),
        api_page: "http://127.0.0.1:8080/docs".to_owned(),
    }
}

fn picture(world: &World, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let (view, map) = (look(world, &sign()), Map::of(world));
    terminal.draw(|frame| draw(frame, &view, &map)).unwrap();
    terminal.backend().to_string()
}

#[tokio::test]
async fn the_screen_shows_the_city_and_where_the_api_page_is() {
    let world = world();
    for car in 0..world.fleet.len() {
        world.fleet.set_state(car, CarState::Free);
        world
            .fleet
            .set_off(car, Drive::standing(world.city.zones[car % 5].centre));
    }
    (0..8).for_each(|car| world.fleet.set_state(car, CarState::Riding));
    world.tally.event("Ana asks for a trip".to_owned());
    let picture = picture(&world, 120, 40);
    for shown in [
        "Wayfare Vila Clara",
        "0/200",
        "http://127.0.0.1:8080/docs",
        "Ana asks for a trip",
        "q ends the day",
        "20 % of 40 drivers busy",
        "•",
        "ledger, – bookings",
        "fares, 0 proven",
    ] {
        assert!(picture.contains(shown), "no {shown:?} in\n{picture}");
    }
    let braille = picture
        .chars()
        .filter(|c| ('\u{2801}'..='\u{28ff}').contains(c))
        .count();
    assert!(braille > 200, "{braille} characters of map in\n{picture}");
}

#[tokio::test]
async fn every_size_of_terminal_gets_a_picture() {
    let world = world();
    for (width, height) in [(1, 1), (20, 3), (79, 24), (80, 24), (200, 24), (80, 90)] {
        let picture = picture(&world, width, height);
        assert_eq!(
            picture.contains("From request to offer"),
            width >= 80 && height >= 24
        );
    }
}
