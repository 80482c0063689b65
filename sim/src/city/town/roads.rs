//! The roads under the pen: pieces between crossings, each part of a named road.

use std::collections::HashMap;

use super::ground::{Spot, crossing_of};
use super::sheet::{NodeId, Sheet};

/// Two places nearer than this on a piece are one.
const SAME_M: f64 = 12.0;

/// What kind of road, as OpenStreetMap calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    Motorway,
    MotorwayLink,
    Trunk,
    TrunkLink,
    Primary,
    Secondary,
    Tertiary,
    Residential,
    Living,
    Service,
    Pedestrian,
}

impl Class {
    pub(super) fn highway(self) -> &'static str {
        match self {
            Self::Motorway => "motorway",
            Self::MotorwayLink => "motorway_link",
            Self::Trunk => "trunk",
            Self::TrunkLink => "trunk_link",
            Self::Primary => "primary",
            Self::Secondary => "secondary",
            Self::Tertiary => "tertiary",
            Self::Residential => "residential",
            Self::Living => "living_street",
            Self::Service => "service",
            Self::Pedestrian => "pedestrian",
        }
    }

    /// Middle of the road to the front of the houses.
    pub(super) fn half_width_m(self) -> f64 {
        match self {
            Self::Motorway | Self::MotorwayLink | Self::Trunk | Self::TrunkLink => 20.0,
            Self::Primary => 13.0,
            Self::Secondary => 11.0,
            Self::Tertiary => 9.0,
            Self::Residential => 7.0,
            Self::Living | Self::Service | Self::Pedestrian => 6.0,
        }
    }
}

/// Position of a road in [`Roads::all`].
pub(super) type RoadId = usize;
/// Position of a piece in [`Roads::pieces`].
pub(super) type PieceId = usize;

/// What the pieces of a road have in common.
#[derive(Debug, Clone)]
pub(super) struct Road {
    pub(super) class: Class,
    pub(super) one_way: bool,
    pub(super) name: Option<String>,
    pub(super) more: Vec<(&'static str, String)>,
}

impl Road {
    pub(super) fn new(class: Class, name: impl Into<Option<String>>) -> Self {
        Self {
            class,
            one_way: false,
            name: name.into(),
            more: Vec::new(),
        }
    }

    pub(super) fn one_way(self) -> Self {
        Self {
            one_way: true,
            ..self
        }
    }

    pub(super) fn with(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.more.push((key, value.into()));
        self
    }
}

/// A stretch that is off the ground.
#[derive(Debug, Clone)]
pub(super) struct Span {
    pub(super) from: NodeId,
    pub(super) to: NodeId,
    pub(super) tags: Vec<(&'static str, String)>,
}

/// From one crossing to the next, in driving direction if the road is one-way.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) road: RoadId,
    pub(super) nodes: Vec<NodeId>,
    pub(super) spans: Vec<Span>,
}

/// All roads and their pieces, those of one road one after the other.
#[derive(Debug, Default)]
pub(super) struct Roads {
    pub(super) all: Vec<Road>,
    pub(super) pieces: Vec<Piece>,
}

impl Roads {
    pub(super) fn road(&mut self, road: Road) -> RoadId {
        self.all.push(road);
        self.all.len() - 1
    }

    pub(super) fn piece(&mut self, road: RoadId, nodes: Vec<NodeId>) -> PieceId {
        self.pieces.push(Piece {
            road,
            nodes,
            spans: Vec::new(),
        });
        self.pieces.len() - 1
    }

    pub(super) fn spots(&self, sheet: &Sheet, piece: PieceId) -> Vec<Spot> {
        let nodes = self.pieces.get(piece).map(|piece| piece.nodes.as_slice());
        let nodes = nodes.unwrap_or_default();
        nodes.iter().map(|node| sheet.at(*node)).collect()
    }

    /// The node at a part of a piece's length, a new one if there is none near.
    pub(super) fn node_at(&mut self, sheet: &mut Sheet, piece: PieceId, part: f64) -> NodeId {
        let spots = self.spots(sheet, piece);
        self.node_along(sheet, piece, length_m(&spots) * part)
    }

    /// The node so many metres along a piece, a new one if there is none near.
    pub(super) fn node_along(&mut self, sheet: &mut Sheet, piece: PieceId, along_m: f64) -> NodeId {
        let spots = self.spots(sheet, piece);
        let Some(piece) = self.pieces.get_mut(piece) else {
            return 0;
        };
        let mut gone_m = 0.0;
        for (index, (from, to)) in pairs(&spots).enumerate() {
            let step_m = from.distance_m(to);
            let here = |at: usize| piece.nodes.get(at).copied().unwrap_or(0);
            if along_m <= gone_m + step_m || index + 2 == spots.len() {
                let rest_m = (along_m - gone_m).clamp(0.0, step_m);
                if rest_m < SAME_M {
                    return here(index);
                }
                if step_m - rest_m < SAME_M {
                    return here(index + 1);
                }
                let node = sheet.bend(from.toward(to, rest_m / step_m));
                piece.nodes.insert(index + 1, node);
                return node;
            }
            gone_m += step_m;
        }
        piece.nodes.last().copied().unwrap_or(0)
    }
}

/// Neighbours on a line.
pub(super) fn pairs(spots: &[Spot]) -> impl Iterator<Item = (Spot, Spot)> + '_ {
    spots.iter().copied().zip(spots.iter().copied().skip(1))
}

pub(super) fn length_m(spots: &[Spot]) -> f64 {
    pairs(spots).map(|(from, to)| from.distance_m(to)).sum()
}

/// How far along the first line the second is crossed for the first time.
pub(super) fn crossed_at_m(first: &[Spot], second: &[Spot]) -> Option<f64> {
    let mut gone_m = 0.0;
    for (from, to) in pairs(first) {
        let nearest = pairs(second)
            .filter_map(|other| crossing_of((from, to), other))
            .map(|(part, _)| part)
            .min_by(f64::total_cmp);
        if let Some(part) = nearest {
            return Some(gone_m + part * from.distance_m(to));
        }
        gone_m += from.distance_m(to);
    }
    None
}

/// How many pieces meet at a node.
pub(super) fn arms(roads: &Roads) -> HashMap<NodeId, Vec<PieceId>> {
    let mut arms: HashMap<NodeId, Vec<PieceId>> = HashMap::new();
    for (index, piece) in roads.pieces.iter().enumerate() {
        for end in [piece.nodes.first(), piece.nodes.last()]
            .into_iter()
            .flatten()
        {
            arms.entry(*end).or_default().push(index);
        }
    }
    arms
}
