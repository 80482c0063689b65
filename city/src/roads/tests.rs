use std::collections::BTreeSet;

use wayfare_core::geo::LatLng;
use wayfare_core::roads::{RoadClass, RoadData, Segment};

use super::*;
use crate::osm::{ExtractBuilder, NewMember};

mod merged;
mod signs;
mod streets;
mod ways;

/// A town on a grid: node `10 * y + x` is `x` blocks east and `y` blocks north of a corner, a block
/// being a thousandth of a degree.
struct Town {
    builder: ExtractBuilder,
    next_id: i64,
}

fn corner(id: i64) -> LatLng {
    let (x, y) = (id % 10, id / 10);
    let e7 =
        |degrees: i32, blocks: i64| degrees * 10_000_000 + i32::try_from(blocks).unwrap() * 10_000;
    LatLng::from_e7(e7(41, y), e7(-8, x)).unwrap()
}

impl Town {
    fn new() -> Self {
        let mut builder = ExtractBuilder::new();
        for id in 0..100 {
            builder.node(id, corner(id), []);
        }
        Self {
            builder,
            next_id: 1_000,
        }
    }

    /// Puts something on a node.
    fn on(mut self, node: i64, tags: &[(&str, &str)]) -> Self {
        self.builder.node(node, corner(node), tags.iter().copied());
        self
    }

    /// A residential street with other tags besides.
    fn street(mut self, id: i64, nodes: &[i64], tags: &[(&str, &str)]) -> Self {
        let street = [("highway", "residential")].into_iter();
        let tags = street.chain(tags.iter().copied());
        self.builder.way(id, nodes.iter().copied(), tags);
        self
    }

    /// A sign: which ways, at which node or by which ways, to which ways.
    fn sign(mut self, kind: &str, from: &[i64], via: NewMember<'_>, to: &[i64]) -> Self {
        self = self.sign_with(
            from,
            &[via],
            to,
            &[("type", "restriction"), ("restriction", kind)],
        );
        self
    }

    fn sign_with(
        mut self,
        from: &[i64],
        via: &[NewMember<'_>],
        to: &[i64],
        tags: &[(&str, &str)],
    ) -> Self {
        let from = from.iter().map(|way| NewMember::Way(*way, "from"));
        let to = to.iter().map(|way| NewMember::Way(*way, "to"));
        let members: Vec<NewMember> = from.chain(via.iter().cloned()).chain(to).collect();
        self.next_id += 1;
        self.builder
            .relation(self.next_id, members, tags.iter().copied());
        self
    }

    fn roads(self) -> RoadData {
        collect(&self.builder.build())
    }
}

fn via(node: i64) -> NewMember<'static> {
    NewMember::Node(node, "via")
}

/// The node at a junction.
fn node_at(roads: &RoadData, junction: u32) -> i64 {
    let at = roads.junctions[junction as usize];
    (0..100).find(|id| corner(*id) == at).unwrap()
}

/// Where a segment starts and ends.
fn ends(roads: &RoadData, segment: &Segment) -> (i64, i64) {
    (node_at(roads, segment.start), node_at(roads, segment.end))
}

/// All segments by their ends.
fn all_ends(roads: &RoadData) -> Vec<(i64, i64)> {
    roads
        .segments
        .iter()
        .map(|segment| ends(roads, segment))
        .collect()
}

/// The segment that starts and ends at these nodes.
fn between(roads: &RoadData, from: i64, to: i64) -> &Segment {
    let mut found = roads
        .segments
        .iter()
        .filter(|segment| ends(roads, segment) == (from, to));
    let segment = found
        .next()
        .unwrap_or_else(|| panic!("no {from}-{to} in {:?}", all_ends(roads)));
    assert_eq!(found.next(), None, "one segment from {from} to {to}");
    segment
}

/// The bans as the nodes that are driven through.
fn banned(roads: &RoadData) -> BTreeSet<Vec<i64>> {
    let nodes = |ban: &wayfare_core::roads::TurnBan| {
        let segments = ban
            .segments
            .iter()
            .map(|index| &roads.segments[*index as usize]);
        let mut at = ban.first_via;
        let mut nodes = Vec::new();
        for (position, segment) in segments.enumerate() {
            let other = |end| {
                if segment.start == end {
                    segment.end
                } else {
                    segment.start
                }
            };
            if position == 0 {
                nodes.extend([node_at(roads, other(at)), node_at(roads, at)]);
            } else {
                assert!([segment.start, segment.end].contains(&at), "segments join");
                at = other(at);
                nodes.push(node_at(roads, at));
            }
        }
        nodes
    };
    roads.turn_bans.iter().map(nodes).collect()
}
