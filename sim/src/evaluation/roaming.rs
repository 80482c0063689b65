//! Cars without a trip. A driver who has waited for long somewhere drives to where riders are likely;
//! otherwise all cars would gather, trip by trip, where many go to and few leave from.

use std::sync::Arc;
use std::time::Duration;

use wayfare_core::geo::LatLng;
use wayfare_core::roads::{RoadNetwork, RouteRequest};

/// A drive without a rider, along the roads.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Roam {
    /// Positions on the way, and how far along it they are in metres.
    path: Arc<[(LatLng, f64)]>,
    begins: Duration,
    takes: Duration,
}

impl Roam {
    /// The drive from one place to another, or `None` where no road leads.
    pub(super) fn along(
        roads: &RoadNetwork,
        (from, to): (LatLng, LatLng),
        begins: Duration,
    ) -> Option<Self> {
        let request = RouteRequest {
            steps: false,
            ..RouteRequest::through(vec![from, to])
        };
        let route = roads
            .with_search(|search| roads.route(search, &request))
            .ok()?;
        let mut last = *route.geometry.first()?;
        let mut along_m = 0.0;
        let path = route.geometry.iter().map(|at| {
            along_m += last.distance_m(*at);
            last = *at;
            (*at, along_m)
        });
        Some(Self {
            path: path.collect(),
            begins,
            takes: Duration::from_millis(route.duration_ms),
        })
    }

    pub(super) fn ends(&self) -> Duration {
        self.begins + self.takes
    }

    /// Where the car is, at an even speed.
    pub(super) fn position(&self, now: Duration) -> Option<LatLng> {
        let (last, length_m) = *self.path.last()?;
        let takes = self.takes.as_secs_f64();
        let driven = now.saturating_sub(self.begins).as_secs_f64();
        if driven >= takes {
            return Some(last);
        }
        let along_m = length_m * driven / takes;
        let passed = self.path.partition_point(|(_, at_m)| *at_m <= along_m);
        self.path.get(passed.saturating_sub(1)).map(|(at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::{Stream, chance};
    use crate::city::testing;

    #[test]
    fn a_car_that_roams_gets_nearer_to_where_it_goes() {
        let city = testing::city();
        let (from, to) = city.draw_trip(&mut chance(1, Stream::Demand));
        let second = Duration::from_secs;
        let roam = Roam::along(&city.roads, (from, to), second(100)).unwrap();
        let left_m = |at| roam.position(at).unwrap().distance_m(to);
        let takes = roam.ends() - second(100);
        assert!(left_m(second(0)) > 700.0 && left_m(second(100)) > 700.0);
        assert!(left_m(second(100) + takes / 2) < left_m(second(100)));
        assert!(left_m(roam.ends()) < 30.0 && left_m(roam.ends() + takes) < 30.0);
    }
}
