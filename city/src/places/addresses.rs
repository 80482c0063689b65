//! House numbers: on nodes, on buildings, and on the lines between two of them.

use std::collections::{HashMap, HashSet};

use geo::Coord;
use wayfare_core::geo::LatLng;
use wayfare_core::places::{NewPlace, PlaceKind};

use super::names::{list, name_of, text};
use super::outline::Outline;
use super::plane::{Plane, distance_m, distance_to_line_m};
use super::regions::Regions;
use crate::osm::{Extract, MemberKind, NodeIndex, Tags, Way};

/// Numbers of one house that are kept.
const NUMBERS_OF_HOUSE: usize = 20;
/// Houses that one line stands for, at most.
const NUMBERS_OF_LINE: u32 = 400;
/// A house that does not name its street belongs to the nearest one this near …
const NEAREST_STREET_M: f64 = 100.0;
/// … when any other is this many times as far, plus a bit.
const CLEARLY_NEARER: f64 = 1.4;
const CLEARLY_NEARER_M: f64 = 5.0;

/// A house as it is tagged.
struct House<'a> {
    tags: Tags<'a>,
    at: LatLng,
    /// Name of the street of a relation that it is in.
    street: Option<String>,
}

/// The addresses of an extract. `streets` are those that were collected.
pub(super) fn collect(
    extract: &Extract,
    plane: &Plane,
    regions: &Regions,
    streets: &[NewPlace],
) -> Vec<NewPlace> {
    let nearest = NearestStreet::new(plane, streets);
    let known: HashSet<&str> = streets.iter().map(|street| street.name.as_str()).collect();
    let mut addresses = Vec::new();
    let mut add = |street: String, number: String, at: LatLng| {
        // An address takes the context of its street; only one without a street needs its own.
        let context = if known.contains(street.as_str()) {
            String::new()
        } else {
            regions.context_of(at, &street)
        };
        addresses.push(NewPlace {
            kind: PlaceKind::Address,
            name: street,
            also: Vec::new(),
            number: Some(number),
            category: String::new(),
            context,
            importance: 40,
            at,
            shape: Vec::new(),
        });
    };
    for house in houses(extract, plane) {
        let Some(street) = street_of(&house, plane, &nearest) else {
            continue;
        };
        let numbers = house.tags.get("addr:housenumber").unwrap_or_default();
        for number in list(numbers).take(NUMBERS_OF_HOUSE) {
            add(street.clone(), number, house.at);
        }
    }
    for (street, number, at) in on_lines(extract, plane, &nearest) {
        add(street, number, at);
    }
    addresses
}

fn is_numbered(tags: Tags<'_>) -> bool {
    tags.get("addr:housenumber").is_some()
}

fn houses<'a>(extract: &'a Extract, plane: &Plane) -> Vec<House<'a>> {
    let (of_nodes, of_ways) = streets_of_members(extract);
    let mut houses = Vec::new();
    for node in extract.tagged_nodes().filter(|node| is_numbered(node.tags)) {
        houses.push(House {
            tags: node.tags,
            at: node.at,
            street: of_nodes.get(&node.node).cloned(),
        });
    }
    for (way, index) in extract.ways().zip(0_u32..) {
        if !is_numbered(way.tags) {
            continue;
        }
        let middle = Outline::of_way(plane, extract, &way).and_then(|outline| outline.middle());
        let at = match middle {
            Some(middle) => plane.position(middle),
            None => way.nodes.first().and_then(|node| extract.position(*node)),
        };
        houses.extend(at.map(|at| House {
            tags: way.tags,
            at,
            street: of_ways.get(&index).cloned(),
        }));
    }
    for relation in extract.relations().filter(|r| is_numbered(r.tags)) {
        let middle = Outline::of_relation(plane, extract, &relation).and_then(|o| o.middle());
        houses.extend(middle.and_then(|middle| {
            Some(House {
                tags: relation.tags,
                at: plane.position(middle)?,
                street: None,
            })
        }));
    }
    houses
}

type StreetOf<K> = HashMap<K, String>;

/// The streets that relations give their members.
fn streets_of_members(extract: &Extract) -> (StreetOf<NodeIndex>, StreetOf<u32>) {
    let (mut of_nodes, mut of_ways) = (HashMap::new(), HashMap::new());
    for relation in extract.relations() {
        if !relation.tags.is("type", "associatedStreet") {
            continue;
        }
        let of_member = || {
            let streets = relation.members.iter().filter(|m| m.role == "street");
            streets.filter_map(|m| way_name(extract, m.kind)).next()
        };
        let Some(street) = name_of(relation.tags).or_else(of_member) else {
            continue;
        };
        for member in relation.members.iter().filter(|m| m.role != "street") {
            match member.kind {
                MemberKind::Node(node) => of_nodes.insert(node, street.clone()),
                MemberKind::Way(way) => of_ways.insert(way, street.clone()),
            };
        }
    }
    (of_nodes, of_ways)
}

fn way_name(extract: &Extract, member: MemberKind) -> Option<String> {
    match member {
        MemberKind::Way(index) => name_of(extract.way(usize::try_from(index).ok()?)?.tags),
        MemberKind::Node(_) => None,
    }
}

fn street_of(house: &House<'_>, plane: &Plane, nearest: &NearestStreet<'_>) -> Option<String> {
    let tagged = |key| text(house.tags.get(key)?);
    tagged("addr:street")
        .or_else(|| house.street.clone())
        .or_else(|| tagged("addr:place"))
        .or_else(|| nearest.find(plane.spot(house.at)))
}

/// The numbers that lines between numbered nodes stand for.
fn on_lines(
    extract: &Extract,
    plane: &Plane,
    nearest: &NearestStreet<'_>,
) -> Vec<(String, String, LatLng)> {
    let lines: Vec<(Way<'_>, u32)> = extract
        .ways()
        .filter_map(|way| Some((way, step_of(way.tags)?)))
        .collect();
    if lines.is_empty() {
        return Vec::new();
    }
    let numbered: HashMap<NodeIndex, Tags<'_>> = extract
        .tagged_nodes()
        .filter(|node| is_numbered(node.tags))
        .map(|node| (node.node, node.tags))
        .collect();
    let mut found = Vec::new();
    for (way, step) in &lines {
        for stretch in stretches(extract, plane, way, &numbered) {
            let street = stretch
                .street
                .or_else(|| nearest.find(*stretch.line.first()?));
            let Some(street) = street else {
                continue;
            };
            let numbers = between(&stretch.line, stretch.first, stretch.last, *step);
            found.extend(numbers.into_iter().filter_map(|(number, spot)| {
                Some((street.clone(), number.to_string(), plane.position(spot)?))
            }));
        }
    }
    found
}

/// From a number to the next one on the same side.
fn step_of(tags: Tags<'_>) -> Option<u32> {
    match tags.get("addr:interpolation")? {
        "odd" | "even" => Some(2),
        "all" => Some(1),
        step => step.parse().ok().filter(|step| *step > 0),
    }
}

/// A part of a line from one number to the next.
struct Stretch {
    line: Vec<Coord<f64>>,
    first: u32,
    last: u32,
    /// The street that either end or the line names.
    street: Option<String>,
}

fn stretches(
    extract: &Extract,
    plane: &Plane,
    way: &Way<'_>,
    numbered: &HashMap<NodeIndex, Tags<'_>>,
) -> Vec<Stretch> {
    let mut stretches = Vec::new();
    let mut line: Vec<Coord<f64>> = Vec::new();
    let mut start: Option<(u32, Tags<'_>)> = None;
    for node in way.nodes {
        let Some(spot) = extract.position(*node).map(|at| plane.spot(at)) else {
            continue;
        };
        line.push(spot);
        let number = numbered.get(node).and_then(|tags| {
            let number = tags.get("addr:housenumber")?.trim().parse::<u32>().ok()?;
            Some((number, *tags))
        });
        let Some((last, tags)) = number else {
            continue;
        };
        let line = std::mem::replace(&mut line, vec![spot]);
        if let Some((first, first_tags)) = start.replace((last, tags)) {
            stretches.push(Stretch {
                line,
                first,
                last,
                street: [first_tags, tags, way.tags]
                    .into_iter()
                    .find_map(|tags| text(tags.get("addr:street")?)),
            });
        }
    }
    stretches
}

/// The numbers between two, spread evenly along a line.
fn between(line: &[Coord<f64>], first: u32, last: u32, step: u32) -> Vec<(u32, Coord<f64>)> {
    let count = first.abs_diff(last) / step;
    if !(2..=NUMBERS_OF_LINE).contains(&count) {
        return Vec::new();
    }
    let length_m: f64 = line
        .windows(2)
        .map(|part| distance_m(part[0], part[1]))
        .sum();
    let mut numbers = Vec::new();
    for index in 1..count {
        let number = if first < last {
            first + index * step
        } else {
            first - index * step
        };
        let mut left_m = length_m * f64::from(index) / f64::from(count);
        for part in line.windows(2) {
            let part_m = distance_m(part[0], part[1]);
            if left_m <= part_m && part_m > 0.0 {
                numbers.push((number, part[0] + (part[1] - part[0]) * (left_m / part_m)));
                break;
            }
            left_m -= part_m;
        }
    }
    numbers
}

/// A straight part of a street: the street and both ends.
type Part = (usize, Coord<f64>, Coord<f64>);

/// Lines of streets by the squares of a grid that they touch.
struct NearestStreet<'a> {
    streets: &'a [NewPlace],
    parts: HashMap<(i64, i64), Vec<Part>>,
}

fn square(spot: Coord<f64>) -> (i64, i64) {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a city is not as large as 64 bits"
    )]
    let of = |metres: f64| (metres / NEAREST_STREET_M).floor() as i64;
    (of(spot.x), of(spot.y))
}

impl<'a> NearestStreet<'a> {
    fn new(plane: &Plane, streets: &'a [NewPlace]) -> Self {
        let mut parts: HashMap<_, Vec<_>> = HashMap::new();
        for (index, street) in streets.iter().enumerate() {
            let is_for_houses = matches!(street.category.as_str(), "street" | "square");
            for line in street.shape.iter().filter(|_| is_for_houses) {
                for (from, to) in line.iter().zip(line.iter().skip(1)) {
                    let (from, to) = (plane.spot(*from), plane.spot(*to));
                    for square in squares_along(from, to) {
                        parts.entry(square).or_default().push((index, from, to));
                    }
                }
            }
        }
        Self { streets, parts }
    }

    /// The street that is near, and clearly nearer than any other.
    fn find(&self, spot: Coord<f64>) -> Option<String> {
        let (x, y) = square(spot);
        let mut nearest: HashMap<&str, f64> = HashMap::new();
        for near in (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| (x + dx, y + dy))) {
            for (index, from, to) in self.parts.get(&near).into_iter().flatten() {
                let distance_m = distance_to_line_m(spot, *from, *to);
                let name = self.streets.get(*index).map_or("", |street| &street.name);
                let known = nearest.entry(name).or_insert(f64::INFINITY);
                *known = known.min(distance_m);
            }
        }
        let mut nearest: Vec<(&str, f64)> = nearest.into_iter().collect();
        nearest.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(b.0)));
        let (name, first_m) = *nearest.first()?;
        let second_m = nearest.get(1).map_or(f64::INFINITY, |(_, metres)| *metres);
        let is_clear = second_m >= first_m * CLEARLY_NEARER + CLEARLY_NEARER_M;
        (first_m <= NEAREST_STREET_M && is_clear).then(|| name.to_owned())
    }
}

/// The squares of spots along a line, half a square apart, without repeats.
fn squares_along(from: Coord<f64>, to: Coord<f64>) -> Vec<(i64, i64)> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a street is not as long as 32 bits"
    )]
    let steps = (distance_m(from, to) / (NEAREST_STREET_M / 2.0)).ceil() as u32;
    let mut squares: Vec<(i64, i64)> = (0..=steps)
        .map(|step| square(from + (to - from) * (f64::from(step) / f64::from(steps.max(1)))))
        .collect();
    squares.dedup();
    squares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_between_two_are_spread_along_the_line() {
        let line = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0)].map(|(x, y)| Coord { x, y });
        let numbers = between(&line, 9, 1, 2);
        let shown: Vec<_> = numbers
            .iter()
            .map(|(n, spot)| (*n, spot.x, spot.y))
            .collect();
        assert_eq!(shown, [(7, 5.0, 0.0), (5, 10.0, 0.0), (3, 10.0, 5.0)]);
        assert!(between(&line, 1, 2, 2).is_empty());
        assert!(between(&line, 1, u32::MAX, 1).is_empty(), "bounded");
    }
}
