//! A town that nobody built, drawn from a seed as an OpenStreetMap extract: the same for the same
//! seed.
//!
//! About thirteen kilometres across with its surroundings. Avenues run through all of it, streets
//! between them, courts and crescents in the blocks, and narrow one-way lanes in the old town. A
//! river flows through from west to east and few bridges cross it, so that the fastest way is often
//! not the straight one. A ring road goes round, and a motorway leads to the airport.

mod avenues;
mod cells;
mod grid;
mod ground;
mod houses;
mod land;
mod landmarks;
mod lay;
mod names;
mod ring;
mod roads;
mod sheet;
#[cfg(test)]
mod tests;
mod write;
mod zones;

use rand::RngExt;

use crate::chance::{Stream, chance};
use grid::Pen;
use ground::Ground;
use land::LandPen;
use landmarks::LandmarkPen;
use names::Namer;
use ring::RingPen;
use roads::Roads;

pub use ground::Spot;
pub use sheet::{Node, NodeId, Part, Relation, Sheet, Tags, Way, WayId};
pub use write::{WriteError, write};
pub use zones::zones;

const NAMES: [&str; 8] = [
    "Santa Vela",
    "Pontalva",
    "Ribeirinha",
    "Alta Serra",
    "Vila Clara",
    "Monte Azul",
    "Porto Novo",
    "Foz do Rio",
];

/// A town on paper.
#[derive(Debug, Clone, PartialEq)]
pub struct Town {
    /// What it is called.
    pub name: &'static str,
    /// Everything in it.
    pub sheet: Sheet,
}

/// The town of a seed.
pub fn draw(seed: u64) -> Town {
    let mut dice = chance(seed, Stream::Streets);
    let name = NAMES
        .get(dice.random_range(0..NAMES.len()))
        .copied()
        .unwrap_or("Wayfare");
    let ground = Ground::draw(&mut dice);
    let stream = |part| chance(seed, Stream::Town(part));
    let mut names = Namer::new(stream(0));
    let (mut sheet, mut roads) = (Sheet::default(), Roads::default());
    let corridors = ring::corridors();
    let mut pen = Pen {
        ground: &ground,
        chance: stream(1),
        names: &mut names,
        sheet: &mut sheet,
        roads: &mut roads,
        corridors: &corridors,
    };
    let grid = pen.draw_grid();
    let cells = pen.fill_cells(&grid);
    RingPen {
        ground: &ground,
        names: &mut names,
        sheet: &mut sheet,
        roads: &mut roads,
    }
    .draw(&grid);
    lay::free_for_walkers(&mut roads, &sheet);
    let houses = houses::draw(&roads, &cells, &mut stream(2), &mut sheet);
    let mut crossings = stream(3);
    let lit = lay::shape_crossings(&grid, &mut crossings, &mut names, &mut sheet, &mut roads);
    lay::lay(&roads, &lit, &mut crossings, &mut sheet);
    LandPen {
        ground: &ground,
        chance: stream(4),
        names: &mut names,
        sheet: &mut sheet,
    }
    .draw(name, &cells);
    LandmarkPen {
        chance: stream(5),
        names: &mut names,
        sheet: &mut sheet,
    }
    .draw(name, &cells, &houses);
    Town { name, sheet }
}
