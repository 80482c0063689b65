//! The whole window: the look, the language, and the room that everything stands in.

use std::rc::Rc;

use dioxus::prelude::*;

use crate::text::{Language, Texts};
use crate::theme::{Look, style_sheet};

/// How the window's room is shared out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Layout {
    /// A phone: the map is the room, a sheet lies at the bottom.
    #[default]
    Phone,
    /// A desk: sheets stand as cards in the middle.
    Desk,
}

impl Layout {
    const fn name(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Desk => "desk",
        }
    }
}

/// The outermost component of an app. Everything inside finds the texts by [`use_texts`].
#[component]
pub fn AppFrame(
    look: Look,
    language: Language,
    #[props(default)] layout: Layout,
    children: Element,
) -> Element {
    use_context_provider(|| Rc::new(Texts::new(language)));
    let styles = use_hook(style_sheet);
    rsx! {
        style { "{styles}" }
        div {
            class: "wf-app",
            lang: language.tag(),
            dir: language.direction(),
            "data-look": look.name(),
            "data-layout": layout.name(),
            {children}
        }
    }
}

/// The texts of the app that this component is in; English outside of any.
pub fn use_texts() -> Rc<Texts> {
    use_hook(|| try_consume_context().unwrap_or_else(|| Rc::new(Texts::new(Language::English))))
}
