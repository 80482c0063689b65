//! Which points of a track take part: points by time, those that are useless left out, and those
//! that say nothing new taken together.

use super::TrackFix;
use super::likelihood::sigma_m;
use crate::geo::LatLng;

/// Points closer to the last one than this many standard deviations are noise.
const THIN_SIGMAS: f64 = 1.5;
const THIN_M_MIN: f64 = 5.0;
const THIN_M_MAX: f64 = 30.0;

/// A car stands while all its points are within this many standard deviations of their middle,
const STAND_SIGMAS: f64 = 4.0;
const STAND_M_MAX: f64 = 60.0;
/// for at least so long, seen at least so often.
const STAND_MS_MIN: i64 = 20_000;
const STAND_POINTS_MIN: usize = 4;
/// So many points that stay together are of a standing car, however short the time.
const STAND_PLACES_MAX: usize = 64;

/// A point that is good for something.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sighting {
    /// Position in the track.
    pub(super) index: usize,
    pub(super) at: LatLng,
    pub(super) at_ms: i64,
    /// Standard deviation along each axis in metres.
    pub(super) sigma_m: f64,
}

/// Points that are no farther from each other than noise explains. One place is sought for them.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    /// Of a moving car the first point, of a standing one the middle.
    pub(super) at: LatLng,
    pub(super) sigma_m: f64,
    /// How far from there the points are at most, in metres.
    pub(super) reach_m: f64,
    pub(super) first: Sighting,
    /// By time.
    pub(super) followers: Vec<Sighting>,
}

impl Kept {
    fn one(sighting: Sighting) -> Self {
        Self {
            at: sighting.at,
            sigma_m: sighting.sigma_m,
            reach_m: reach_m(sighting.sigma_m),
            first: sighting,
            followers: Vec::new(),
        }
    }

    /// When the car was last seen here.
    pub(super) fn left_ms(&self) -> i64 {
        self.followers
            .last()
            .map_or(self.first.at_ms, |follower| follower.at_ms)
    }

    pub(super) fn points(&self) -> impl Iterator<Item = &Sighting> {
        std::iter::once(&self.first).chain(&self.followers)
    }
}

fn reach_m(sigma_m: f64) -> f64 {
    (THIN_SIGMAS * sigma_m).clamp(THIN_M_MIN, THIN_M_MAX)
}

/// The points that take part, by time.
pub(super) fn thin(track: &[TrackFix]) -> Vec<Kept> {
    let mut sightings: Vec<Sighting> = track
        .iter()
        .enumerate()
        .filter_map(|(index, fix)| {
            Some(Sighting {
                index,
                at: fix.at,
                at_ms: fix.at_ms,
                sigma_m: sigma_m(fix.accuracy_m)?,
            })
        })
        .collect();
    sightings.sort_by_key(|sighting| sighting.at_ms);
    let mut kept: Vec<Kept> = Vec::new();
    for sighting in sightings {
        match kept.last_mut() {
            Some(last)
                if last.at.distance_m(sighting.at)
                    < last.reach_m.max(reach_m(sighting.sigma_m)) =>
            {
                last.followers.push(sighting);
            }
            _ => kept.push(Kept::one(sighting)),
        }
    }
    join_stands(kept)
}

/// Makes one of what a car said while it stood.
fn join_stands(kept: Vec<Kept>) -> Vec<Kept> {
    let mut joined = Vec::with_capacity(kept.len());
    let mut rest = kept.as_slice();
    while let Some((first, others)) = rest.split_first() {
        match Stand::at_start_of(rest) {
            Some((stand, more)) => {
                joined.push(stand.join(first, others.get(..more).unwrap_or(others)));
                rest = others.get(more..).unwrap_or_default();
            }
            None => {
                joined.push(first.clone());
                rest = others;
            }
        }
    }
    joined
}

/// Points of a car that may be standing.
#[derive(Debug, Clone, Copy, Default)]
struct Stand {
    points: usize,
    sum_lat_e7: i64,
    sum_lng_e7: i64,
    sigma_m: f64,
}

impl Stand {
    /// The stand with which a track begins, if it does, and how many places it takes together with
    /// the first.
    fn at_start_of(kept: &[Kept]) -> Option<(Self, usize)> {
        let first = kept.first()?;
        let (mut stand, mut places) = (Self::default(), 0_usize);
        let mut candidates = kept.iter().take(STAND_PLACES_MAX);
        loop {
            let place = candidates.next();
            // All there are, and they are too few.
            let Some(place) = place else {
                if places < STAND_PLACES_MAX {
                    return None;
                }
                break;
            };
            stand.add(place);
            places = places.saturating_add(1);
            if place.at.distance_m(first.at) > 2.0 * stand.radius_m() {
                return None;
            }
            let lasts_ms = place.left_ms().saturating_sub(first.first.at_ms);
            if lasts_ms >= STAND_MS_MIN && stand.points >= STAND_POINTS_MIN {
                break;
            }
        }
        let mut seen = kept.iter().take(places);
        if !seen.all(|place| stand.holds(place)) {
            return None;
        }
        for place in kept.iter().skip(places) {
            if !stand.holds(place) {
                break;
            }
            stand.add(place);
            places = places.saturating_add(1);
        }
        Some((stand, places.saturating_sub(1)))
    }

    fn add(&mut self, place: &Kept) {
        for point in place.points() {
            self.points = self.points.saturating_add(1);
            let (lat_e7, lng_e7) = (point.at.lat_e7(), point.at.lng_e7());
            self.sum_lat_e7 = self.sum_lat_e7.saturating_add(i64::from(lat_e7));
            self.sum_lng_e7 = self.sum_lng_e7.saturating_add(i64::from(lng_e7));
        }
        self.sigma_m = self.sigma_m.max(place.sigma_m);
    }

    fn radius_m(&self) -> f64 {
        (STAND_SIGMAS * self.sigma_m).min(STAND_M_MAX)
    }

    fn holds(&self, place: &Kept) -> bool {
        let middle = self.middle();
        middle.is_some_and(|middle| middle.distance_m(place.at) <= self.radius_m())
    }

    fn middle(&self) -> Option<LatLng> {
        let points = i64::try_from(self.points).ok()?;
        let mean = |sum: i64| i32::try_from(sum.checked_div(points)?).ok();
        LatLng::from_e7(mean(self.sum_lat_e7)?, mean(self.sum_lng_e7)?).ok()
    }

    fn join(&self, first: &Kept, others: &[Kept]) -> Kept {
        let mut joined = first.clone();
        joined
            .followers
            .extend(others.iter().flat_map(Kept::points).copied());
        joined.at = self.middle().unwrap_or(first.at);
        joined.sigma_m = self.sigma_m;
        joined.reach_m = self.radius_m();
        joined
    }
}
