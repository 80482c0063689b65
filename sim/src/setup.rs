//! Before the day: the city, the demand, and what is said about them.

use std::path::Path;
use std::sync::Arc;

use wayfare_core::geo::LatLng;

use crate::chance::{Stream, chance};
use crate::city::{City, CityError};
use crate::cli::CityOrder;
use crate::demand::Demand;
use crate::ground::SharedGround;
use crate::replay::{Replay, ReplayError};

/// Likely places that are drawn beforehand.
const HOTSPOTS: usize = 400;

/// Why the day cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// No city.
    #[error(transparent)]
    City(#[from] CityError),
    /// No demand.
    #[error(transparent)]
    Replay(#[from] ReplayError),
}

/// A city and who wants to go where in it.
#[derive(Debug)]
pub struct Scene {
    /// The city.
    pub city: Arc<City>,
    /// What phones know of its ground.
    pub ground: SharedGround,
    /// The riders' wishes.
    pub demand: Demand,
    /// Where drivers begin the day.
    pub homes: Vec<LatLng>,
    /// Places where riders are likely.
    pub hotspots: Vec<LatLng>,
}

impl Scene {
    /// Draws or reads everything, and says in plain words what came of it.
    pub fn prepare(order: &CityOrder, say: impl Fn(String)) -> Result<Self, SetupError> {
        let city = Arc::new(City::open(&order.city)?);
        let ground = if order.offline_share > 0.0 {
            SharedGround::open(&order.city)?
        } else {
            SharedGround::unknown()
        };
        Self::of(city, ground, order, say)
    }

    /// The day in a city.
    fn of(
        city: Arc<City>,
        ground: SharedGround,
        order: &CityOrder,
        say: impl Fn(String),
    ) -> Result<Self, SetupError> {
        say(format!(
            "The city is {}: {} stretches of road, {} places with a name.",
            city.name,
            city.roads.arc_count(),
            city.places.len()
        ));
        let demand = demand(order, &city, &say)?;
        let mut chance = chance(order.seed, Stream::Fleet);
        let hotspots: Vec<LatLng> = (0..HOTSPOTS)
            .map(|_| demand.draw_pickup(&city, &mut chance))
            .collect();
        let homes = (0..order.drivers)
            .map(|_| demand.draw_pickup(&city, &mut chance))
            .collect();
        Ok(Self {
            city,
            ground,
            demand,
            homes,
            hotspots,
        })
    }
}

fn demand(
    order: &CityOrder,
    city: &Arc<City>,
    say: &impl Fn(String),
) -> Result<Demand, SetupError> {
    let Some(path) = &order.trips else {
        return Ok(Demand::drawn(
            city.clone(),
            order.riders_per_hour,
            order.seed,
        ));
    };
    let replay = Replay::read(path, &city.roads, &city.name)?;
    say(told(path, &replay));
    Ok(Demand::Replayed(replay))
}

fn told(path: &Path, replay: &Replay) -> String {
    let kept = replay.rows - replay.off_map;
    match replay.off_map {
        0 => format!("Replaying all {kept} trips of {}.", path.display()),
        off_map => format!(
            "Replaying {kept} of the {} trips of {}: {off_map} begin or end more than 300 m from \
             the roads of this map and are left out.",
            replay.rows,
            path.display()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::testing;
    use std::cell::RefCell;

    fn order() -> CityOrder {
        CityOrder {
            api: "http://127.0.0.1:1".parse().unwrap(),
            sms_spool: "spool".into(),
            admin_phone: "+351910000001".parse().unwrap(),
            drivers: 30,
            riders_per_hour: 300.0,
            speed: 10.0,
            seed: 4,
            offline_share: 0.0,
            until_trips: None,
            minutes: None,
            headless: true,
            city: "gone".into(),
            trips: None,
            summary: None,
        }
    }

    #[test]
    fn a_seed_gives_the_same_day() {
        let city = testing::city();
        let one = Scene::of(city.clone(), SharedGround::unknown(), &order(), |_| {}).unwrap();
        let two = Scene::of(city, SharedGround::unknown(), &order(), |_| {}).unwrap();
        assert_eq!((one.homes.len(), &one.homes), (30, &two.homes));
        assert_eq!(one.hotspots, two.hotspots);
    }

    #[test]
    fn trips_that_are_left_out_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trips.csv");
        let rows = "requested_at,pickup_lon,pickup_lat,dropoff_lon,dropoff_lat\n\
                    2013-07-01T00:00:30Z,-8.620,41.165,-8.629,41.158\n\
                    2013-07-01T00:00:40Z,-8.620,41.165,2.35,48.85\n";
        std::fs::write(&path, rows).unwrap();
        let said = RefCell::new(Vec::new());
        let order = CityOrder {
            trips: Some(path),
            ..order()
        };
        let city = testing::city();
        let scene = Scene::of(city, SharedGround::unknown(), &order, |text| {
            said.borrow_mut().push(text)
        })
        .unwrap();
        assert!(
            said.borrow()[1].starts_with("Replaying 1 of the 2 trips"),
            "{said:?}"
        );
        let pickup = LatLng::from_degrees(41.165, -8.620).unwrap();
        assert!(scene.homes.iter().all(|home| *home == pickup));
    }

    #[test]
    fn a_missing_pack_stops_the_day() {
        let error = Scene::prepare(&order(), |_| {}).unwrap_err();
        assert!(error.to_string().contains("gone"), "{error}");
    }
}
