//! Speeds learned from drivers' tracks.
//!
//! Every drive says how long it took over each arc that it drove at least half of: the time between
//! two points is shared out over the road between them in proportion to what was expected there,
//! waiting at lights and turning left aside. The latest few of these are kept for each arc, and
//! their median counts as soon as there are several, so that no single drive, however wrong, moves
//! anything.

use std::collections::BTreeMap;

use super::error::RoadsError;
use super::matching::{MatchedDrive, MatchedTrack, Passage};
use super::network::{ArcId, RoadNetwork};

/// Observations kept for each arc; older ones make room.
const KEPT_MAX: usize = 16;
/// Fewer say nothing.
const OBSERVATIONS_MIN: usize = 3;

/// Points closer together along the road are taken together.
const STRETCH_MM_MIN: u64 = 25_000;
/// Silence that is longer says nothing about each arc it was bridged by.
const SILENCE_MS_MAX: i64 = 120_000;
/// Who is slower in m/s has stopped for something else than traffic; who is faster was mismatched.
const PACE_MIN: f64 = 1.0;
const PACE_MAX: f64 = 50.0;
/// Turns and lights explain at most this share of the time that a stretch took.
const TURNS_SHARE_MAX: f64 = 0.6;
/// A drive that saw less of an arc than this share does not speak for it.
const SEEN_SHARE_MIN: f64 = 0.5;
/// An arc is driven between this much faster and this much slower than it was built with.
const FASTER_MAX: f64 = 2.0;
const SLOWER_MAX: f64 = 10.0;

/// What was learned about an arc.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArcSpeed {
    /// Time to drive the whole arc in milliseconds, lights and turns not counted.
    pub duration_ms: u32,
    /// How many drives say so.
    pub observations: usize,
}

/// Speeds on arcs, learned from drivers' tracks. Of one network: ids of arcs mean nothing in
/// another.
#[derive(Debug, Clone, Default)]
pub struct LiveSpeeds {
    arcs: BTreeMap<ArcId, Latest>,
}

/// The latest durations of an arc in milliseconds, the oldest first.
#[derive(Debug, Clone, Default)]
struct Latest(Vec<u32>);

/// An arc of a drive and where on the drive it lies, in millimetres from the drive's start; the
/// first arc starts before that.
struct Driven {
    arc: ArcId,
    start_mm: i64,
    length_mm: i64,
    duration_ms: f64,
    /// Expected for the turn into the next arc.
    turn_ms: f64,
}

/// What one drive saw of an arc.
#[derive(Default)]
struct Seen {
    share: f64,
    duration_ms: f64,
}

impl LiveSpeeds {
    /// Learns from a track laid onto the roads.
    pub fn observe(&mut self, network: &RoadNetwork, track: &MatchedTrack) {
        for drive in &track.drives {
            let driven = driven(network, drive);
            let mut seen: BTreeMap<ArcId, Seen> = BTreeMap::new();
            for (from, to) in stretches(&drive.passages) {
                observe_stretch(&driven, from, to, &mut seen);
            }
            for (arc, seen) in seen {
                let Some(built) = network.arc(arc) else {
                    continue;
                };
                if seen.share >= SEEN_SHARE_MIN {
                    let duration_ms = plausible(seen.duration_ms / seen.share, built.duration_ms);
                    self.arcs.entry(arc).or_default().push(duration_ms);
                }
            }
        }
    }

    /// What was learned about an arc; `None` while too few drives passed it.
    pub fn arc(&self, arc: ArcId) -> Option<ArcSpeed> {
        let latest = self.arcs.get(&arc)?;
        Some(ArcSpeed {
            duration_ms: latest.median()?,
            observations: latest.0.len(),
        })
    }

    /// How many arcs enough is known about.
    pub fn learned_count(&self) -> usize {
        self.arcs
            .values()
            .filter(|latest| latest.0.len() >= OBSERVATIONS_MIN)
            .count()
    }

    /// Lets time pass: the older half of what was seen on each arc is forgotten. Who calls this
    /// every hour has speeds of the last hours.
    pub fn fade(&mut self) {
        self.arcs.retain(|_, latest| {
            let gone = latest.0.len().div_ceil(2);
            latest.0.drain(..gone);
            !latest.0.is_empty()
        });
    }
}

impl Latest {
    fn push(&mut self, duration_ms: u32) {
        if self.0.len() >= KEPT_MAX {
            self.0.remove(0);
        }
        self.0.push(duration_ms);
    }

    fn median(&self) -> Option<u32> {
        if self.0.len() < OBSERVATIONS_MIN {
            return None;
        }
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied()
    }
}

/// The arcs of a drive in driving order.
fn driven(network: &RoadNetwork, drive: &MatchedDrive) -> Vec<Driven> {
    let mut start_mm = i64::from(drive.start_along_mm).saturating_neg();
    let mut driven = Vec::with_capacity(drive.arcs.len());
    let next = drive.arcs.iter().skip(1).map(Some).chain([None]);
    for (arc, next) in drive.arcs.iter().zip(next) {
        let Some(known) = network.arc(*arc) else {
            return Vec::new();
        };
        let turn_ms = next.map_or(0, |next| {
            let turns = network.turns(*arc);
            let into = turns.iter().find(|(to, _)| to == next);
            into.map_or(0, |(_, turn_ms)| *turn_ms)
        });
        driven.push(Driven {
            arc: *arc,
            start_mm,
            length_mm: i64::from(known.length_mm),
            duration_ms: f64::from(known.duration_ms),
            turn_ms: f64::from(turn_ms),
        });
        start_mm = start_mm.saturating_add(i64::from(known.length_mm));
    }
    driven
}

/// Pairs of passages far enough apart to say something, without a silence between them.
fn stretches(passages: &[Passage]) -> Vec<(&Passage, &Passage)> {
    let mut stretches = Vec::new();
    let Some(mut from) = passages.first() else {
        return stretches;
    };
    for pair in passages.windows(2) {
        let [before, here] = pair else { continue };
        if here.at_ms.saturating_sub(before.at_ms) > SILENCE_MS_MAX {
            from = here;
        } else if here.driven_mm.saturating_sub(from.driven_mm) >= STRETCH_MM_MIN {
            stretches.push((from, here));
            from = here;
        }
    }
    stretches
}

/// Shares out the time of a stretch over its arcs.
fn observe_stretch(
    driven: &[Driven],
    from: &Passage,
    to: &Passage,
    seen: &mut BTreeMap<ArcId, Seen>,
) {
    let took_ms = whole(to.at_ms.saturating_sub(from.at_ms));
    let start_mm = i64::try_from(from.driven_mm).unwrap_or(i64::MAX);
    let end_mm = i64::try_from(to.driven_mm).unwrap_or(i64::MAX);
    // Millimetres in a millisecond are metres in a second.
    let pace = whole(end_mm.saturating_sub(start_mm)) / took_ms.max(1.0);
    if !(PACE_MIN..=PACE_MAX).contains(&pace) {
        return;
    }
    let after = driven.partition_point(|arc| arc.end_mm() <= start_mm);
    let parts: Vec<(&Driven, f64)> = driven
        .iter()
        .skip(after)
        .take_while(|arc| arc.start_mm < end_mm)
        .map(|arc| (arc, arc.share_between(start_mm, end_mm)))
        .collect();
    let roads_ms: f64 = parts
        .iter()
        .map(|(arc, share)| share * arc.duration_ms)
        .sum();
    let turns_ms: f64 = parts
        .iter()
        .filter(|(arc, _)| arc.end_mm() <= end_mm)
        .map(|(arc, _)| arc.turn_ms)
        .sum();
    if roads_ms <= 0.0 {
        return;
    }
    let slowness = (took_ms - turns_ms.min(TURNS_SHARE_MAX * took_ms)) / roads_ms;
    for (arc, share) in parts {
        let seen = seen.entry(arc.arc).or_default();
        seen.share += share;
        seen.duration_ms += share * arc.duration_ms * slowness;
    }
}

impl Driven {
    fn end_mm(&self) -> i64 {
        self.start_mm.saturating_add(self.length_mm)
    }

    /// Which share of the arc lies between two places of the drive.
    fn share_between(&self, start_mm: i64, end_mm: i64) -> f64 {
        let inside_mm = self
            .end_mm()
            .min(end_mm)
            .saturating_sub(self.start_mm.max(start_mm));
        whole(inside_mm.max(0)) / whole(self.length_mm.max(1))
    }
}

/// Lengths and times as numbers to divide.
#[expect(clippy::cast_precision_loss, reason = "no drive is 2^53 mm or ms long")]
fn whole(number: i64) -> f64 {
    number as f64
}

/// Keeps a learned duration within reason of the one an arc was built with, both in milliseconds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to what fits"
)]
fn plausible(duration_ms: f64, built_ms: u32) -> u32 {
    let built_ms = f64::from(built_ms);
    let most = (built_ms * SLOWER_MAX).min(f64::from(u32::MAX));
    libm::round(duration_ms.clamp((built_ms / FASTER_MAX).min(most), most)).max(1.0) as u32
}

impl RoadNetwork {
    /// The same roads with the speeds that were learned where there are enough of them, and with
    /// their own elsewhere. `speeds` were learned on these roads.
    pub fn with_speeds(&self, speeds: &LiveSpeeds) -> Result<Self, RoadsError> {
        self.reweighted(|arc| {
            let learned = speeds.arc(arc).map(|learned| learned.duration_ms);
            let own = || self.arc(arc).map(|known| known.duration_ms);
            learned.or_else(own).unwrap_or(1)
        })
    }
}

#[cfg(test)]
mod tests;
