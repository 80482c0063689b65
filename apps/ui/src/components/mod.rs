//! The parts that screens are made of. A folder each: code, style, and a page that says when to
//! use it.
//!
//! A component draws what it is given and calls back; it holds no state of the app, knows no text
//! and never fails. Its state shows in `data-*` attributes, which is what its style looks at.

pub mod app_frame;
pub mod backdrop;
pub mod button;
pub mod code_field;
pub mod notice;
pub mod sheet;
pub mod text_field;
mod typed;

#[cfg(test)]
mod tests;

pub use app_frame::{AppFrame, Layout};
pub use backdrop::Backdrop;
pub use button::{Button, ButtonKind, ButtonState};
pub use code_field::CodeField;
pub use notice::{Notice, Tone};
pub use sheet::{Detent, Sheet};
pub use text_field::{FieldKind, TextField};

/// Every component's style, in the order of the list above.
pub(crate) const STYLES: &[&str] = &[
    include_str!("app_frame/style.css"),
    include_str!("backdrop/style.css"),
    include_str!("button/style.css"),
    include_str!("code_field/style.css"),
    include_str!("notice/style.css"),
    include_str!("sheet/style.css"),
    include_str!("text_field/style.css"),
];
