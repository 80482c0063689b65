//! "City now": how many trips stand where, and whether the system keeps its promises.

mod panel;
mod view;

pub use panel::{CityPanel, STYLE};
pub use view::{Check, CityNow, checks};
