//! What a driver has to be told at one junction.

use super::super::data::RoadClass;
use super::super::drive::Part;
use super::super::network::{RoadArc, RoadNetwork};
use super::Maneuver;
use super::sight::{bearing_ahead, bearing_into, bearing_out_of, turned};

/// Less than this is straight on, in degrees.
const STRAIGHT_DEG: f64 = 30.0;
/// From here on a way goes round a corner.
const CORNER_DEG: f64 = 45.0;
/// From here on it is a turn, less is a slight one.
const TURN_DEG: f64 = 60.0;
/// From here on the turn is sharp.
const SHARP_DEG: f64 = 120.0;
/// A way that turns so much more than another is no rival of it.
const CLEAR_DEG: f64 = 45.0;
/// A way that turns so much more than one that goes straight on is no fork of it.
const FORK_DEG: f64 = 25.0;
/// The same where both have the name of the street.
const SPLIT_DEG: f64 = 15.0;

/// A way that is not taken.
#[derive(Debug, Clone, Copy)]
struct Other {
    arc: RoadArc,
    angle: f64,
}

/// A junction on the way: from the end of one part into another.
#[derive(Debug, Clone)]
pub(super) struct Crossing<'a> {
    before: &'a Part,
    after: &'a Part,
    /// To the right, or negative to the left, in degrees.
    pub(super) angle: f64,
    /// The other ways that one may take, turning round left out.
    others: Vec<Other>,
    turns_round: bool,
}

impl<'a> Crossing<'a> {
    /// The junction at the start of the part `index`. `None` at the start of the leg.
    pub(super) fn at(network: &RoadNetwork, parts: &'a [Part], index: usize) -> Option<Self> {
        let (driven, ahead) = parts.split_at_checked(index)?;
        let (before, after) = (driven.last()?, ahead.first()?);
        let reverse = network.reverse(before.id);
        let from_deg = bearing_out_of(driven);
        let angle_to = |bearing: Option<f64>| from_deg.zip(bearing).map(|(a, b)| turned(a, b));
        let others = network
            .turns(before.id)
            .into_iter()
            .filter(|(id, _)| *id != after.id && Some(*id) != reverse)
            .filter_map(|(id, _)| {
                let arc = network.arc(id)?;
                // A road that is drawn twice is one road.
                let is_twin = arc.to == after.arc.to && arc.length_mm == after.arc.length_mm;
                let angle = angle_to(bearing_ahead(network.shape(id)))?;
                (!is_twin).then_some(Other { arc, angle })
            });
        Some(Self {
            before,
            after,
            angle: angle_to(bearing_into(ahead)).unwrap_or_default(),
            others: others.collect(),
            turns_round: reverse == Some(after.id),
        })
    }

    /// What to tell, if there is anything to tell.
    pub(super) fn maneuver(&self) -> Option<Maneuver> {
        if self.turns_round {
            return Some(Maneuver::UTurn);
        }
        let (before, after) = (&self.before.arc, &self.after.arc);
        match (is_ferry(before), is_ferry(after)) {
            (false, true) => return Some(Maneuver::Ferry),
            (true, false) if self.angle.abs() < TURN_DEG => return Some(Maneuver::Continue),
            _ => {}
        }
        if !before.flags.link && after.flags.link && is_main(after) {
            return self.ramp();
        }
        if before.flags.link && !after.flags.link && is_main(before) && is_main(after) {
            return self.joining();
        }
        self.turn()
    }

    /// From a road onto a ramp of a main road.
    fn ramp(&self) -> Option<Maneuver> {
        let side = if self.angle.abs() < CORNER_DEG {
            self.side()?
        } else {
            self.angle
        };
        Some(if side < 0.0 {
            Maneuver::RampLeft
        } else {
            Maneuver::RampRight
        })
    }

    /// From a ramp onto a main road.
    fn joining(&self) -> Option<Maneuver> {
        if self.angle.abs() < CORNER_DEG {
            Some(Maneuver::Merge)
        } else {
            Some(by_angle(self.angle))
        }
    }

    fn turn(&self) -> Option<Maneuver> {
        let deviation = self.angle.abs();
        let mut rivals = self
            .others
            .iter()
            .filter(|other| self.is_rival(other))
            .peekable();
        if rivals.peek().is_none() {
            // The road bends, which everybody sees, unless it becomes another road there.
            let tells = deviation >= CORNER_DEG && self.before.arc.name != self.after.arc.name;
            return tells.then(|| by_angle(self.angle));
        }
        if deviation >= TURN_DEG {
            return Some(by_angle(self.angle));
        }
        let keeps_name = self.before.arc.name == self.after.arc.name;
        let is_named = self.after.arc.name != 0;
        if keeps_name && is_named {
            let is_doubtful = rivals.any(|rival| self.draws_off_its_street(rival));
            return is_doubtful.then(|| self.slight()).flatten();
        }
        if deviation < STRAIGHT_DEG {
            return rivals
                .any(|rival| self.forks_with(rival))
                .then(|| self.slight())
                .flatten();
        }
        // A bend of a road without a name, where all else turns off sharply.
        let is_clear = rivals.all(|rival| rival.angle.abs() >= deviation + CLEAR_DEG);
        if keeps_name && is_clear {
            return None;
        }
        Some(by_angle(self.angle))
    }

    /// Whether another way may be mistaken for the one that is taken: not if that is a real turn,
    /// which is always told, nor if the other is a mere exit or drive along the way.
    fn is_rival(&self, other: &Other) -> bool {
        if self.angle.abs() >= TURN_DEG {
            return true;
        }
        let after = &self.after.arc;
        let is_exit = other.arc.flags.link && !after.flags.link;
        let is_access = other.arc.class == RoadClass::Service && after.class < RoadClass::Service;
        let is_private = other.arc.flags.destination_only && !after.flags.destination_only;
        !(is_exit || is_access || is_private)
    }

    /// Whether a driver who follows the name of the street may follow the other way instead.
    fn draws_off_its_street(&self, rival: &Other) -> bool {
        let deviation = self.angle.abs();
        if rival.arc.name == self.after.arc.name {
            return rival.angle.abs() < deviation + SPLIT_DEG && self.step_down(rival) < 2;
        }
        deviation >= STRAIGHT_DEG
            && rival.angle.abs() < STRAIGHT_DEG
            && rival.arc.class <= self.after.arc.class
    }

    /// Whether another way goes on about as straight and is not much smaller.
    fn forks_with(&self, rival: &Other) -> bool {
        let apart = (rival.angle - self.angle).abs();
        let is_straight = rival.angle.abs() < self.angle.abs() + FORK_DEG && apart < TURN_DEG;
        let keeps_class = self.before.arc.class == self.after.arc.class;
        let step_down = self.step_down(rival);
        is_straight && (step_down == 0 || (step_down < 3 && !keeps_class))
    }

    /// By how many classes another way is smaller.
    fn step_down(&self, rival: &Other) -> u8 {
        importance(&rival.arc).saturating_sub(importance(&self.after.arc))
    }

    /// To one side: of the way nearest to it, or of straight on.
    fn slight(&self) -> Option<Maneuver> {
        Some(match self.side()? {
            side if side < 0.0 => Maneuver::SlightLeft,
            _ => Maneuver::SlightRight,
        })
    }

    /// On which side of the way nearest to it the taken one lies: negative is left. `None` if there
    /// is no other way.
    fn side(&self) -> Option<f64> {
        let apart = self.others.iter().map(|other| self.angle - other.angle);
        apart.min_by(|a, b| a.abs().total_cmp(&b.abs()))
    }
}

/// A turn by so many degrees, to the right or, if negative, to the left.
pub(super) fn by_angle(angle: f64) -> Maneuver {
    let (slight, turn, sharp) = if angle < 0.0 {
        (Maneuver::SlightLeft, Maneuver::Left, Maneuver::SharpLeft)
    } else {
        (Maneuver::SlightRight, Maneuver::Right, Maneuver::SharpRight)
    };
    match angle.abs() {
        deviation if deviation < TURN_DEG => slight,
        deviation if deviation <= SHARP_DEG => turn,
        _ => sharp,
    }
}

/// Whether it is a turn of any kind, told by its angle.
pub(super) fn is_turn(maneuver: Maneuver) -> bool {
    matches!(
        maneuver,
        Maneuver::SlightLeft
            | Maneuver::Left
            | Maneuver::SharpLeft
            | Maneuver::SlightRight
            | Maneuver::Right
            | Maneuver::SharpRight
    )
}

/// Whether it is a turn by a few degrees.
pub(super) fn is_slight(maneuver: Maneuver) -> bool {
    matches!(maneuver, Maneuver::SlightLeft | Maneuver::SlightRight)
}

/// Motorways and trunk roads: their slip roads are ramps.
pub(super) fn is_main(arc: &RoadArc) -> bool {
    arc.class <= RoadClass::Trunk
}

fn is_ferry(arc: &RoadArc) -> bool {
    arc.class == RoadClass::Ferry
}

/// 0 for the largest roads.
fn importance(arc: &RoadArc) -> u8 {
    match arc.class {
        RoadClass::Motorway => 0,
        RoadClass::Trunk => 1,
        RoadClass::Primary => 2,
        RoadClass::Secondary => 3,
        RoadClass::Tertiary => 4,
        RoadClass::Unclassified | RoadClass::Residential => 5,
        RoadClass::LivingStreet => 6,
        RoadClass::Service => 7,
        RoadClass::Ferry => 8,
    }
}
