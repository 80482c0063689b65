//! The roads of an extract: what a car may drive on, how fast, and which turns are forbidden.

use wayfare_core::roads::{Contraction, ContractionInput, RoadData};

use crate::osm::Extract;

/// The roads of an extract. No segment at all is possible; the caller refuses that.
pub fn collect(_extract: &Extract) -> RoadData {
    RoadData::default() // Stub
}

/// Contracts the turns of a network; `progress` gets a share from 0 to 1 now and then.
pub fn contract(_input: &ContractionInput, _progress: &mut dyn FnMut(f64)) -> Contraction {
    Contraction {
        ranks: Vec::new(),
        shortcuts: Vec::new(),
    } // Stub
}
