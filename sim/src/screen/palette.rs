//! The colours of the screen: quiet, with one accent, and legible on dark and light terminals.

use ratatui::style::{Color, Modifier, Style};

use crate::fleet::CarState;

pub(super) const ACCENT: Color = Color::Cyan;
pub(super) const GOOD: Color = Color::Green;
pub(super) const BAD: Color = Color::Red;
pub(super) const ROAD: Color = Color::DarkGray;

/// Names and frames.
pub(super) fn quiet() -> Style {
    Style::new().fg(Color::DarkGray)
}

/// Values.
pub(super) fn strong() -> Style {
    Style::new().add_modifier(Modifier::BOLD)
}

/// A value that must be zero.
pub(super) fn zero(is_zero: bool) -> Style {
    strong().fg(if is_zero { GOOD } else { BAD })
}

/// A car on the map and in the legend.
pub(super) fn car(state: CarState) -> Color {
    match state {
        CarState::Offline => Color::DarkGray,
        CarState::Free => Color::Green,
        CarState::ToPickup => Color::Yellow,
        CarState::AtPickup => Color::Magenta,
        CarState::Riding => Color::Cyan,
    }
}
