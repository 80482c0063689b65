//! Instructions for a driver: where to do what.
//!
//! A step is told where a driver has to decide or do something: nothing is said on the way straight
//! on, along the bends of a street, and where only a small access road leaves. Two turns that one
//! drives as one (across the gap of a dual carriageway, over a short slip road) are told as one.

mod choice;
mod drafts;
mod roundabout;
mod sight;
mod words;

use super::drive::Part;
use super::network::RoadNetwork;
use super::route::{Leg, scaled_ms};
use crate::geo::LatLng;
use drafts::{Draft, drafts};

/// A street without a name right after a turn is called by the name that it takes within this
/// length, in millimetres.
const NAME_SOON_MM: u64 = 100_000;

/// What a driver does at the start of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Maneuver {
    /// Set off.
    Depart,
    /// Keep to the road whose name changes.
    Continue,
    /// A turn by less than 60 degrees.
    SlightLeft,
    /// A turn.
    Left,
    /// A turn by more than 120 degrees.
    SharpLeft,
    /// A turn by less than 60 degrees.
    SlightRight,
    /// A turn.
    Right,
    /// A turn by more than 120 degrees.
    SharpRight,
    /// Turn round.
    UTurn,
    /// Take this exit of a roundabout, counted from 1.
    Roundabout(u8),
    /// Join a motorway or main road from a ramp.
    Merge,
    /// Leave by a ramp, to the left.
    RampLeft,
    /// Leave by a ramp, to the right.
    RampRight,
    /// Go onto a boat.
    Ferry,
    /// A stop is reached; the position of the stop in the request.
    Arrive(usize),
}

/// A part of a route with one instruction at its start.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What to do.
    pub maneuver: Maneuver,
    /// Where.
    pub at: LatLng,
    /// Street that is driven after it; empty when it has no name.
    pub street: String,
    /// Direction after it, degrees clockwise from north.
    pub bearing_deg: u16,
    /// Length until the next step in metres.
    pub distance_m: u32,
    /// Time until the next step in seconds.
    pub duration_s: u32,
    /// First point of the geometry that belongs to it.
    pub geometry_index: usize,
}

/// Everything that the steps of a leg are made of.
pub(super) struct LegSteps<'a> {
    pub(super) network: &'a RoadNetwork,
    pub(super) leg: &'a Leg,
    pub(super) parts: &'a [Part],
    /// The geometry of the route up to the end of this leg.
    pub(super) geometry: &'a [LatLng],
    /// The stop that the leg ends at, as a position in the request.
    pub(super) stop: usize,
    /// Multiplier of durations in basis points.
    pub(super) slowness_bps: u32,
}

/// A place on a leg.
#[derive(Clone, Copy)]
struct Mark {
    mm: u64,
    ms: u64,
}

impl LegSteps<'_> {
    /// From `Depart` to `Arrive`. The lengths of the steps add up to the leg's, rounded to metres,
    /// and so do their times.
    pub(super) fn list(&self) -> Vec<Step> {
        let drafts = drafts(self.network, self.parts);
        let mut steps = Vec::with_capacity(drafts.len().saturating_add(2));
        steps.extend(self.departure(drafts.first()));
        for (index, draft) in drafts.iter().enumerate() {
            let next = drafts.get(index.saturating_add(1));
            steps.extend(self.step(draft, next));
        }
        steps.push(self.arrival());
        steps
    }

    fn departure(&self, next: Option<&Draft>) -> Option<Step> {
        let part = self.parts.first()?;
        let driven = self.geometry.get(part.geometry_index..).unwrap_or_default();
        let ahead = sight::bearing_ahead(driven.iter().copied());
        let draft = Draft::at(0, Maneuver::Depart);
        let mut step = self.step(&draft, next)?;
        step.at = self.leg.start.at;
        step.bearing_deg = whole_degrees(ahead.unwrap_or_default());
        Some(step)
    }

    fn arrival(&self) -> Step {
        let first = self.parts.first().map_or(0, |part| part.geometry_index);
        let driven = self.geometry.get(first..).unwrap_or_default();
        let back = sight::bearing_ahead(driven.iter().rev().copied());
        let last = self.parts.last();
        Step {
            maneuver: Maneuver::Arrive(self.stop),
            at: self.leg.end.at,
            street: last.map_or_else(String::new, |part| self.name(part).to_owned()),
            bearing_deg: whole_degrees(back.map_or(0.0, sight::opposite)),
            distance_m: 0,
            duration_s: 0,
            geometry_index: self.geometry.len().saturating_sub(1),
        }
    }

    fn step(&self, draft: &Draft, next: Option<&Draft>) -> Option<Step> {
        let part = self.parts.get(draft.part)?;
        let end = next.and_then(|next| self.parts.get(next.part));
        let (from, to) = (self.mark(Some(part)), self.mark(end));
        let after = self.parts.get(draft.after..).unwrap_or_default();
        Some(Step {
            maneuver: draft.maneuver,
            at: part.shape.first().copied()?,
            street: self.street(draft, next),
            bearing_deg: whole_degrees(sight::bearing_into(after).unwrap_or_default()),
            distance_m: whole_between(from.mm, to.mm, 1_000),
            duration_s: whole_between(from.ms, to.ms, 1_000),
            geometry_index: part.geometry_index,
        })
    }

    /// Where a part starts, or the end of the leg.
    fn mark(&self, part: Option<&Part>) -> Mark {
        let (mm, ms) = part.map_or((self.leg.length_mm, self.leg.duration_ms), |part| {
            (part.starts_mm, part.starts_ms)
        });
        Mark {
            mm,
            ms: scaled_ms(ms, self.slowness_bps),
        }
    }

    /// The street of a step: the first name there is, of those close behind its start; of a ramp
    /// the road that it leads to.
    fn street(&self, draft: &Draft, next: Option<&Draft>) -> String {
        let leads_on = matches!(draft.maneuver, Maneuver::RampLeft | Maneuver::RampRight);
        let end = match next {
            Some(next) if !leads_on => next.part.max(draft.after.saturating_add(1)),
            _ => self.parts.len(),
        };
        let driven = self.parts.get(draft.after..end).unwrap_or_default();
        let start_mm = driven.first().map_or(0, |part| part.starts_mm);
        let soon_mm = start_mm.saturating_add(NAME_SOON_MM);
        driven
            .iter()
            .take_while(|part| part.starts_mm <= soon_mm || leads_on)
            .map(|part| self.name(part))
            .find(|name| !name.is_empty())
            .unwrap_or_default()
            .to_owned()
    }

    fn name(&self, part: &Part) -> &str {
        self.network.name(part.arc.name)
    }
}

/// The whole units between two places, so that those of neighbours add up.
fn whole_between(from: u64, to: u64, unit: u64) -> u32 {
    let whole = |value: u64| {
        let half_up = value.saturating_add(unit / 2);
        half_up.checked_div(unit).unwrap_or_default()
    };
    u32::try_from(whole(to).saturating_sub(whole(from))).unwrap_or(u32::MAX)
}

/// From 0 to 359.
fn whole_degrees(bearing_deg: f64) -> u16 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a bearing is from 0 to 360"
    )]
    let whole = libm::round(bearing_deg) as u16;
    whole % 360
}

#[cfg(test)]
mod tests;
