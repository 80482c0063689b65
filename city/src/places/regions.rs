//! Districts and towns: places by themselves, and what tells other places of one name apart.

use std::collections::HashMap;

use geo::Coord;
use wayfare_core::geo::LatLng;
use wayfare_core::places::{NewPlace, PlaceKind};

use super::names::{name_of, other_names};
use super::outline::Outline;
use super::plane::{Plane, distance_m};
use crate::osm::{Extract, Tags};

/// A node and a boundary of one name this near are one place; two nodes this near.
const SAME_WITHIN_M: f64 = 6_000.0;
const SAME_NODES_WITHIN_M: f64 = 800.0;

/// What a place is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tier {
    /// A part of a town.
    District,
    /// A town, a village, a municipality.
    Town,
    /// A county, a state: too large to tell anything apart.
    Larger,
}

/// Kinds of places: id, tier, how far its name carries from its node in metres, importance.
const KINDS: [(&str, Tier, f64, u8); 14] = [
    ("city", Tier::Town, 9_000.0, 225),
    ("town", Tier::Town, 4_500.0, 200),
    ("village", Tier::Town, 2_200.0, 165),
    ("municipality", Tier::Town, 4_000.0, 165),
    ("hamlet", Tier::Town, 900.0, 115),
    ("isolated_dwelling", Tier::Town, 300.0, 60),
    ("suburb", Tier::District, 1_800.0, 160),
    ("borough", Tier::District, 2_500.0, 160),
    ("quarter", Tier::District, 1_000.0, 140),
    ("neighbourhood", Tier::District, 700.0, 125),
    ("city_block", Tier::District, 200.0, 60),
    ("locality", Tier::Larger, 0.0, 60),
    ("island", Tier::Larger, 0.0, 110),
    ("islet", Tier::Larger, 0.0, 50),
];

/// A named area or the node that stands for it.
#[derive(Debug)]
struct Region {
    name: String,
    also: Vec<String>,
    category: String,
    tier: Tier,
    reach_m: f64,
    importance: u8,
    spot: Coord<f64>,
    outline: Option<Outline>,
}

/// The districts and towns of an extract.
#[derive(Debug)]
pub(super) struct Regions {
    plane: Plane,
    regions: Vec<Region>,
}

impl Regions {
    pub(super) fn of(extract: &Extract, plane: Plane) -> Self {
        let mut regions = Vec::new();
        for node in extract.tagged_nodes() {
            let spot = plane.spot(node.at);
            regions.extend(region(node.tags, spot, None));
        }
        for way in extract.ways().filter(|way| is_region(way.tags)) {
            if let Some(outline) = Outline::of_way(&plane, extract, &way) {
                regions.extend(of_outline(way.tags, outline));
            }
        }
        for relation in extract.relations().filter(|r| is_region(r.tags)) {
            if let Some(outline) = Outline::of_relation(&plane, extract, &relation) {
                regions.extend(of_outline(relation.tags, outline));
            }
        }
        Self { plane, regions }
    }

    /// "District, Town" of a position, as far as the map tells; `except` is left out.
    pub(super) fn context_of(&self, at: LatLng, except: &str) -> String {
        let spot = self.plane.spot(at);
        let (district, town) = self.by_boundaries(spot);
        let district = district.or_else(|| self.nearest(spot, Tier::District));
        let town = town.or_else(|| self.nearest(spot, Tier::Town));
        joined(district, town, except)
    }

    /// What a region is part of: a district of a town, anything of what its boundaries say.
    fn context_of_region(&self, region: &Region) -> String {
        let (district, town) = self.by_boundaries(region.spot);
        let town = match region.tier {
            Tier::Town => town,
            Tier::District | Tier::Larger => town.or_else(|| self.nearest(region.spot, Tier::Town)),
        };
        joined(district, town, &region.name)
    }

    /// District and town by the boundaries around a spot. Which level of administration is a town
    /// differs from country to country: where two levels of municipalities lie within each other,
    /// the inner one is the district.
    fn by_boundaries(&self, spot: Coord<f64>) -> (Option<&Region>, Option<&Region>) {
        let mut around: Vec<&Region> = self
            .regions
            .iter()
            .filter(|region| region.tier < Tier::Larger)
            .filter(|region| region.outline.as_ref().is_some_and(|o| o.holds(spot)))
            .collect();
        around.sort_by(|a, b| size_m2(a).total_cmp(&size_m2(b)));
        let is_town = |region: &&&Region| region.tier == Tier::Town;
        let town = around.iter().rev().find(is_town).copied();
        let district = around.iter().find(|region| region.tier == Tier::District);
        let inner_town = around.iter().find(is_town);
        let district = district
            .or(inner_town.filter(|inner| town.is_some_and(|town| town.name != inner.name)));
        (district.copied(), town)
    }

    /// The node whose name carries best to a spot.
    fn nearest(&self, spot: Coord<f64>, tier: Tier) -> Option<&Region> {
        self.regions
            .iter()
            .filter(|region| region.tier == tier && region.outline.is_none())
            .map(|region| (distance_m(region.spot, spot) / region.reach_m, region))
            .filter(|(share, _)| *share <= 1.0)
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, region)| region)
    }

    /// The regions as places. One that is a node and a boundary comes once, where its node is.
    pub(super) fn places(&self) -> Vec<NewPlace> {
        let mut by_name: HashMap<&str, Vec<&Region>> = HashMap::new();
        for region in &self.regions {
            let known = by_name.entry(&region.name).or_default();
            let is_known = known.iter().any(|other| {
                let is_within =
                    |a: &Region, b: &Region| a.outline.as_ref().is_some_and(|o| o.holds(b.spot));
                let are_nodes = other.outline.is_none() && region.outline.is_none();
                let within_m = if are_nodes {
                    SAME_NODES_WITHIN_M
                } else {
                    SAME_WITHIN_M
                };
                distance_m(other.spot, region.spot) <= within_m
                    || is_within(region, other)
                    || is_within(other, region)
            });
            if !is_known {
                known.push(region);
            }
        }
        let mut regions: Vec<&Region> = by_name.into_values().flatten().collect();
        regions.sort_by(|a, b| a.name.cmp(&b.name).then(a.spot.x.total_cmp(&b.spot.x)));
        regions
            .into_iter()
            .filter_map(|region| {
                let at = self.plane.position(region.spot)?;
                Some(NewPlace {
                    kind: PlaceKind::Area,
                    name: region.name.clone(),
                    also: region.also.clone(),
                    number: None,
                    category: region.category.clone(),
                    context: self.context_of_region(region),
                    importance: region.importance,
                    at,
                    shape: Vec::new(),
                })
            })
            .collect()
    }
}

fn joined(district: Option<&Region>, town: Option<&Region>, except: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for region in [district, town].into_iter().flatten() {
        let name = region.name.as_str();
        if name != except && !parts.contains(&name) {
            parts.push(name);
        }
    }
    parts.join(", ")
}

fn size_m2(region: &Region) -> f64 {
    region.outline.as_ref().map_or(0.0, Outline::size_m2)
}

fn is_region(tags: Tags<'_>) -> bool {
    tags.is("boundary", "administrative")
        || tags.get("place").is_some()
        || tags.is("landuse", "residential")
}

fn of_outline(tags: Tags<'_>, outline: Outline) -> Option<Region> {
    let spot = outline.middle()?;
    region(tags, spot, Some(outline))
}

fn region(tags: Tags<'_>, spot: Coord<f64>, outline: Option<Outline>) -> Option<Region> {
    let name = name_of(tags)?;
    let level = tags.get("admin_level").and_then(|l| l.parse::<u8>().ok());
    let admin_level = level.filter(|_| tags.is("boundary", "administrative"));
    let kind = tags.get("place").and_then(|place| {
        let kind = KINDS.iter().find(|(id, ..)| *id == place)?;
        Some((kind.0.to_owned(), kind.1, kind.2, kind.3))
    });
    let (category, tier, reach_m, importance) = match (kind, admin_level) {
        (Some(kind), _) => kind,
        (None, Some(level)) if outline.is_some() => of_level(level)?,
        (None, None) if outline.is_some() && tags.is("landuse", "residential") => {
            ("neighbourhood".to_owned(), Tier::Larger, 0.0, 100)
        }
        (None, _) => return None,
    };
    Some(Region {
        also: other_names(tags, &name, &[]),
        name,
        category,
        tier,
        reach_m,
        importance: importance.saturating_add(population_bonus(tags)),
        spot,
        outline,
    })
}

fn of_level(level: u8) -> Option<(String, Tier, f64, u8)> {
    let (category, tier, importance) = match level {
        3..=5 => ("region", Tier::Larger, 170),
        6 => ("county", Tier::Larger, 165),
        7 | 8 => ("municipality", Tier::Town, 165),
        9..=11 => ("district", Tier::District, 140),
        _ => return None,
    };
    Some((category.to_owned(), tier, 0.0, importance))
}

/// Up to 30 for the largest.
fn population_bonus(tags: Tags<'_>) -> u8 {
    let population = tags.get("population").and_then(|p| p.parse::<u32>().ok());
    let digits = population.map_or(0, |people| people.checked_ilog10().unwrap_or(0));
    u8::try_from(digits.saturating_sub(2) * 6).map_or(30, |bonus| bonus.min(30))
}
