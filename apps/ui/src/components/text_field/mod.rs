//! One line of text with its label, a hint, and what is wrong with it.

use dioxus::prelude::*;

use crate::components::typed::use_typed;

/// What is typed here; it decides the keyboard and what the phone offers to fill in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FieldKind {
    /// Any words.
    #[default]
    Text,
    /// The person's own telephone number.
    OwnPhone,
}

impl FieldKind {
    /// The input's `type`, `inputmode` and `autocomplete`.
    const fn attributes(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Text => ("text", "text", "off"),
            Self::OwnPhone => ("tel", "tel", "tel"),
        }
    }
}

/// A field that shows `value` and reports what is typed.
#[component]
pub fn TextField(
    id: String,
    label: String,
    value: String,
    on_input: EventHandler<String>,
    on_submit: EventHandler<()>,
    #[props(default)] kind: FieldKind,
    #[props(default)] hint: String,
    #[props(default)] problem: String,
    #[props(default)] read_only: bool,
) -> Element {
    let (input_type, input_mode, autocomplete) = kind.attributes();
    let invalid = !problem.is_empty();
    let typed = use_typed(&value);
    rsx! {
        div { class: "wf-field", "data-state": if invalid { "invalid" } else { "valid" },
            label { r#for: "{id}", "{label}" }
            for input in typed.input() {
                input {
                    key: "{input}",
                    id: "{id}",
                    class: "wf-figures",
                    r#type: input_type,
                    inputmode: input_mode,
                    autocomplete,
                    initial_value: "{value}",
                    readonly: read_only,
                    maxlength: "64",
                    "aria-invalid": if invalid { "true" },
                    "aria-describedby": "{id}-hint",
                    onmounted: move |event| async move {
                        // A field that cannot take the focus is still there to be pressed.
                        let _ = event.set_focus(true).await;
                    },
                    oninput: move |event| {
                        typed.report(&event.value());
                        on_input.call(event.value());
                    },
                    onkeydown: move |event| {
                        if event.key() == Key::Enter {
                            on_submit.call(());
                        }
                    },
                }
            }
            p { id: "{id}-hint", class: "wf-field-hint",
                if invalid {
                    "{problem}"
                } else {
                    "{hint}"
                }
            }
        }
    }
}
