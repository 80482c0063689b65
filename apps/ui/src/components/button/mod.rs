//! A button that names its act.

use dioxus::prelude::*;

/// How much a button asks for attention. A screen has at most one `Primary`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ButtonKind {
    /// The one thing to do here.
    #[default]
    Primary,
    /// Something else that can be done.
    Quiet,
    /// Something that costs or cannot be undone.
    Danger,
}

/// Whether it can be pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ButtonState {
    /// It can.
    #[default]
    Ready,
    /// Not yet: something is missing.
    Disabled,
    /// It was pressed, and its act is under way; the sheet says what is awaited.
    Busy,
}

impl ButtonKind {
    const fn name(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Quiet => "quiet",
            Self::Danger => "danger",
        }
    }
}

impl ButtonState {
    const fn name(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Disabled => "disabled",
            Self::Busy => "busy",
        }
    }
}

/// A button as wide as its room.
#[component]
pub fn Button(
    label: String,
    on_press: EventHandler<()>,
    #[props(default)] kind: ButtonKind,
    #[props(default)] state: ButtonState,
) -> Element {
    rsx! {
        button {
            class: "wf-button wf-figures",
            r#type: "button",
            disabled: state != ButtonState::Ready,
            "aria-busy": if state == ButtonState::Busy { "true" },
            "data-kind": kind.name(),
            "data-state": state.name(),
            onclick: move |_| on_press.call(()),
            "{label}"
        }
    }
}
