//! Something that happened, and what to do about it.

use dioxus::prelude::*;

/// How serious it is. Each tone has its own sign as well as its own colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// It failed, or it is dangerous.
    Stop,
    /// It waits, is old, or is not there yet.
    Wait,
    /// It is in order.
    Go,
}

impl Tone {
    const fn name(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Wait => "wait",
            Self::Go => "go",
        }
    }

    /// A triangle, a clock, a tick.
    const fn sign(self) -> &'static str {
        match self {
            Self::Stop => "M10 2.5 18.5 17.5H1.5Z M10 8v4 M10 14.6v.1",
            Self::Wait => "M10 2a8 8 0 1 0 0 16 8 8 0 0 0 0-16Z M10 5.6V10l3 2",
            Self::Go => "M10 2a8 8 0 1 0 0 16 8 8 0 0 0 0-16Z M6.4 10.2 9 12.8l4.8-5.2",
        }
    }
}

/// One line that says what happened, one that says what to do. A failure is spoken at once.
#[component]
pub fn Notice(
    tone: Tone,
    what: String,
    #[props(default)] remedy: String,
    #[props(default)] plain: bool,
) -> Element {
    rsx! {
        div {
            class: "wf-notice",
            role: if tone == Tone::Stop { "alert" } else { "status" },
            "data-tone": tone.name(),
            "data-plain": "{plain}",
            svg { class: "wf-notice-sign", view_box: "0 0 20 20", "aria-hidden": "true",
                path { d: tone.sign() }
            }
            p { class: "wf-notice-what", "{what}" }
            if !remedy.is_empty() {
                p { class: "wf-notice-remedy", "{remedy}" }
            }
        }
    }
}
