//! How the apps look: the tokens, the look that is on, and the one style sheet made of both and of
//! every component's own.
//!
//! Nothing here fails. A component's style may use tokens only; a test below reads every sheet and
//! refuses a literal colour, length or duration outside `tokens.css`.

mod look;

#[cfg(test)]
mod tests;

pub use look::{Look, UnknownLook};

use crate::components;

/// Values by role, in every look.
pub(crate) const TOKENS: &str = include_str!("tokens.css");
const BASE: &str = include_str!("base.css");

/// The whole style sheet: tokens first, then the page, then one part per component.
pub fn style_sheet() -> String {
    let mut sheet = String::from(TOKENS);
    for part in std::iter::once(&BASE).chain(components::STYLES) {
        sheet.push('\n');
        sheet.push_str(part);
    }
    sheet
}
