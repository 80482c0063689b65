//! Places joined by the ways between them: drives.

use super::lattice::{Placed, hop_between, moved_on_arc};
use super::line::{self, OnLine};
use super::thin::{Kept, Sighting};
use super::{MatchedDrive, Passage};
use crate::geo::LatLng;
use crate::roads::hierarchy::Search;
use crate::roads::network::{ArcId, RoadNetwork};
use crate::roads::snap::RoadPoint;

/// Arcs on which the followers of a point are looked for.
const FOLLOWED_ARCS_MAX: usize = 8;

/// A lone place that few points support is an outlier.
const STANDING_POINTS_MIN: usize = 3;

/// A point of the track on its road.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) index: usize,
    pub(super) sigma_m: f64,
    pub(super) on_road: RoadPoint,
    at_ms: i64,
    driven_mm: u64,
}

/// A way through the places of a chain.
#[derive(Debug)]
pub(super) struct Drive {
    pub(super) places: Vec<Place>,
    arcs: Vec<ArcId>,
    start_mm: u32,
    start_at: LatLng,
    /// Length of all arcs but the last.
    before_last_mm: u64,
    /// How far along the last arc it went, and where that is.
    reached_mm: u32,
    reached_at: LatLng,
    geometry: Vec<LatLng>,
}

/// Part of an arc that a standing or creeping car may be on.
struct Part {
    arc: ArcId,
    shape: Vec<LatLng>,
    part_mm: (u64, u64),
    /// Driven at the start of the part.
    driven_mm: u64,
}

/// Drives through the places of a chain: one, unless the ways cannot be found again.
pub(super) fn join(
    network: &RoadNetwork,
    search: &mut Search,
    kept: &[Kept],
    chain: Vec<Placed>,
) -> Vec<Drive> {
    if is_outlier(kept, &chain) {
        return Vec::new();
    }
    let mut drives = Vec::new();
    let mut current: Option<(Drive, Placed)> = None;
    for placed in chain {
        let (mut drive, from) = match current.take() {
            Some(current) => current,
            None => {
                current = Some((Drive::start(kept, &placed), placed));
                continue;
            }
        };
        if drive.go(network, search, kept, (&from, &placed)) {
            drive.place(kept, &placed);
            current = Some((drive, placed));
        } else {
            drives.push(drive.finish(network, kept, &from));
            current = Some((Drive::start(kept, &placed), placed));
        }
    }
    if let Some((drive, last)) = current {
        drives.push(drive.finish(network, kept, &last));
    }
    drives
}

/// One place alone among others, where the car did not even stand.
fn is_outlier(kept: &[Kept], chain: &[Placed]) -> bool {
    let [alone] = chain else {
        return false;
    };
    let points = kept
        .get(alone.kept)
        .map_or(0, |kept| kept.followers.len().saturating_add(1));
    kept.len() > 1 && points < STANDING_POINTS_MIN
}

impl Drive {
    fn start(kept: &[Kept], placed: &Placed) -> Self {
        let candidate = &placed.candidate;
        let mut drive = Self {
            places: Vec::new(),
            arcs: vec![candidate.seed.arc],
            start_mm: candidate.along_mm,
            start_at: candidate.at,
            before_last_mm: 0,
            reached_mm: candidate.along_mm,
            reached_at: candidate.at,
            geometry: Vec::new(),
        };
        drive.place(kept, placed);
        drive
    }

    fn driven_mm(&self) -> u64 {
        self.before_last_mm
            .saturating_add(u64::from(self.reached_mm))
            .saturating_sub(u64::from(self.start_mm))
    }

    /// Notes the place of a point that was kept.
    fn place(&mut self, kept: &[Kept], placed: &Placed) {
        let Some(kept) = kept.get(placed.kept) else {
            return;
        };
        let on_road = placed.candidate.road_point(kept.first.at);
        self.note(&kept.first, on_road, self.driven_mm());
    }

    fn note(&mut self, point: &Sighting, on_road: RoadPoint, driven_mm: u64) {
        let so_far = self.places.last().map_or(0, |place| place.driven_mm);
        self.places.push(Place {
            index: point.index,
            sigma_m: point.sigma_m,
            on_road,
            at_ms: point.at_ms,
            driven_mm: driven_mm.max(so_far),
        });
    }

    /// Drives on to the next place; false if there is no way.
    fn go(
        &mut self,
        network: &RoadNetwork,
        search: &mut Search,
        kept: &[Kept],
        (from, to): (&Placed, &Placed),
    ) -> bool {
        let (start, end) = (&from.candidate, &to.candidate);
        let stays =
            hop_between(kept, from, to).is_some_and(|hop| moved_on_arc(start, end, &hop).is_some());
        let followed = if stays {
            Vec::new()
        } else {
            match network.shortest(search, &[start.seed], &[end.seed]) {
                Some(path) => path.arcs,
                None => return false,
            }
        };
        let parts = self.parts_ahead(network, followed.get(1..).unwrap_or_default(), end.along_mm);
        self.place_followers(kept, from, &parts);
        for arc in followed.into_iter().skip(1) {
            self.before_last_mm = self
                .before_last_mm
                .saturating_add(self.last_arc_mm(network));
            self.arcs.push(arc);
            self.reached_mm = 0;
        }
        if end.along_mm >= self.reached_mm {
            (self.reached_mm, self.reached_at) = (end.along_mm, end.at);
        }
        true
    }

    fn last_arc_mm(&self, network: &RoadNetwork) -> u64 {
        self.arcs
            .last()
            .and_then(|arc| network.arc(*arc))
            .map_or(0, |arc| u64::from(arc.length_mm))
    }

    /// The next stretches of road: the rest of this arc and those that follow.
    fn parts_ahead(&self, network: &RoadNetwork, next: &[ArcId], end_mm: u32) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut driven_mm = self.driven_mm();
        let mut start_mm = u64::from(self.reached_mm);
        let arcs = self.arcs.last().into_iter().chain(next);
        for (index, arc) in arcs.enumerate().take(FOLLOWED_ARCS_MAX) {
            let whole_mm = network
                .arc(*arc)
                .map_or(0, |known| u64::from(known.length_mm));
            let until_mm = if index == next.len() {
                u64::from(end_mm).max(start_mm)
            } else {
                whole_mm
            };
            parts.push(Part {
                arc: *arc,
                shape: network.shape(*arc),
                part_mm: (start_mm, until_mm),
                driven_mm,
            });
            driven_mm = driven_mm.saturating_add(until_mm.saturating_sub(start_mm));
            start_mm = 0;
        }
        parts
    }

    /// Notes the places of the points that were put aside after one that was kept.
    fn place_followers(&mut self, kept: &[Kept], after: &Placed, parts: &[Part]) {
        let Some(kept) = kept.get(after.kept) else {
            return;
        };
        let reach_mm = reach_mm(kept.reach_m).saturating_add(self.driven_mm());
        for follower in &kept.followers {
            let nearest = parts
                .iter()
                .filter(|part| part.driven_mm <= reach_mm)
                .filter_map(|part| Some((part, part.nearest(follower.at, reach_mm)?)))
                .min_by(|(_, a), (_, b)| a.distance_m.total_cmp(&b.distance_m));
            if let Some((part, place)) = nearest {
                let (on_road, driven_mm) = part.point(&place);
                self.note(follower, on_road, driven_mm);
            }
        }
    }

    /// Notes the points after the last place and draws the line.
    fn finish(mut self, network: &RoadNetwork, kept: &[Kept], last: &Placed) -> Self {
        let parts = self.parts_ahead(network, &[], self.reached_mm);
        self.place_followers(kept, last, &parts);
        let mut drawn = vec![self.start_at];
        for (index, arc) in self.arcs.iter().enumerate() {
            let shape = network.shape(*arc);
            let from_mm = if index == 0 { self.start_mm } else { 0 };
            let is_last = index.saturating_add(1) == self.arcs.len();
            let to_mm = if is_last {
                u64::from(self.reached_mm)
            } else {
                u64::MAX
            };
            drawn.extend(line::bends(&shape, (u64::from(from_mm), to_mm)));
        }
        drawn.push(self.reached_at);
        drawn.dedup();
        self.geometry = drawn;
        self
    }

    /// The drive; `None` if the car only stood.
    pub(super) fn into_matched(self) -> Option<MatchedDrive> {
        let length_mm = self.driven_mm();
        if length_mm == 0 {
            return None;
        }
        let points = (self.places.first()?.index, self.places.last()?.index);
        let passages = self
            .places
            .iter()
            .map(|place| Passage {
                point: place.index,
                at_ms: place.at_ms,
                driven_mm: place.driven_mm,
            })
            .collect();
        Some(MatchedDrive {
            arcs: self.arcs,
            start_along_mm: self.start_mm,
            geometry: self.geometry,
            length_mm,
            points,
            passages,
        })
    }
}

impl Part {
    fn nearest(&self, to: LatLng, driven_max_mm: u64) -> Option<OnLine> {
        let (start_mm, end_mm) = self.part_mm;
        let allowed_mm = driven_max_mm.saturating_sub(self.driven_mm);
        let until_mm = end_mm.min(start_mm.saturating_add(allowed_mm));
        line::nearest(&self.shape, (start_mm, until_mm), to)
    }

    fn point(&self, place: &OnLine) -> (RoadPoint, u64) {
        let into_mm = place.along_mm.saturating_sub(self.part_mm.0);
        let on_road = RoadPoint {
            arc: self.arc,
            at: place.at,
            along_mm: u32::try_from(place.along_mm).unwrap_or(u32::MAX),
            distance_m: place.distance_m,
        };
        (on_road, self.driven_mm.saturating_add(into_mm))
    }
}

/// How far a car may have crept while its points were taken together, in millimetres.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sixty metres and a bit"
)]
fn reach_mm(reach_m: f64) -> u64 {
    (2000.0 * reach_m) as u64
}
