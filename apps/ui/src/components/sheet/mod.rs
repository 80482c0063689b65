//! The sheet: it holds what matters now. Its top line always says what is going on.

use dioxus::prelude::*;

/// How far the sheet is drawn out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Detent {
    /// Its top line only.
    Peek,
    /// More than half of the window, or less if that is enough.
    Half,
    /// Nearly the whole window.
    Full,
    /// As high as its content, up to nearly the whole window: for forms, which are not drawn out.
    #[default]
    Fit,
}

impl Detent {
    /// The next one up; from the top back to the lowest. A sheet that fits stays as it is.
    pub const fn next(self) -> Self {
        match self {
            Self::Peek => Self::Half,
            Self::Half => Self::Full,
            Self::Full => Self::Peek,
            Self::Fit => Self::Fit,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Peek => "peek",
            Self::Half => "half",
            Self::Full => "full",
            Self::Fit => "fit",
        }
    }
}

/// The handle of a sheet that can be drawn out: what it is called and what pressing it does.
#[derive(Debug, Clone, PartialEq)]
pub struct Handle {
    /// Its name for a screen reader.
    pub label: String,
    /// Called with the detent that is wanted.
    pub on_detent: EventHandler<Detent>,
}

/// A sheet at the bottom of a phone, a card on a desk.
#[component]
pub fn Sheet(
    heading: String,
    #[props(default)] lead: String,
    #[props(default)] detent: Detent,
    handle: Option<Handle>,
    actions: Element,
    children: Element,
) -> Element {
    rsx! {
        section { class: "wf-sheet", "aria-labelledby": "wf-sheet-heading", "data-detent": detent.name(),
            if let Some(handle) = handle {
                button {
                    class: "wf-sheet-handle",
                    r#type: "button",
                    "aria-label": "{handle.label}",
                    onclick: move |_| handle.on_detent.call(detent.next()),
                }
            }
            header { class: "wf-sheet-top",
                h2 { id: "wf-sheet-heading", role: "status", "{heading}" }
                if !lead.is_empty() {
                    p { class: "wf-figures", "{lead}" }
                }
            }
            div { class: "wf-sheet-body", {children} }
            div { class: "wf-sheet-actions", {actions} }
        }
    }
}
