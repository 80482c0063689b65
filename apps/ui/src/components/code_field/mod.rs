//! A short code of digits: one-time passwords and trip PINs.
//!
//! It is a single input under drawn cells, so that pasting, the keyboard's suggestion of the code
//! from the message, and screen readers work as in any field.

use dioxus::prelude::*;

use crate::components::typed::use_typed;

/// A field of `length` digits: it shows `value` and reports the digits typed.
#[component]
pub fn CodeField(
    id: String,
    label: String,
    hint: String,
    length: usize,
    value: String,
    on_input: EventHandler<String>,
    on_submit: EventHandler<()>,
    #[props(default)] invalid: bool,
    #[props(default)] read_only: bool,
) -> Element {
    let typed = use_typed(&value);
    let digits: Vec<char> = value.chars().collect();
    rsx! {
        div { class: "wf-code", "data-state": if invalid { "invalid" } else { "valid" },
            label { r#for: "{id}", "{label}" }
            div { class: "wf-code-cells",
                for place in 0..length {
                    span {
                        key: "{place}",
                        class: "wf-figures",
                        "aria-hidden": "true",
                        "data-state": if place == digits.len() { "next" } else { "set" },
                        if let Some(digit) = digits.get(place) {
                            "{digit}"
                        }
                    }
                }
                for input in typed.input() {
                    input {
                        key: "{input}",
                        id: "{id}",
                        r#type: "text",
                        inputmode: "numeric",
                        autocomplete: "one-time-code",
                        initial_value: "{value}",
                        readonly: read_only,
                        "aria-invalid": if invalid { "true" },
                        "aria-describedby": "{id}-hint",
                        onmounted: move |event| async move {
                            // A field that cannot take the focus is still there to be pressed.
                            let _ = event.set_focus(true).await;
                        },
                        oninput: move |event| {
                            let digits = digits_of(&event.value(), length);
                            typed.report(&digits);
                            on_input.call(digits);
                        },
                        onkeydown: move |event| {
                            if event.key() == Key::Enter {
                                on_submit.call(());
                            }
                        },
                    }
                }
            }
            p { id: "{id}-hint", class: "wf-code-hint", "{hint}" }
        }
    }
}

/// The first `length` digits of what was typed or pasted.
fn digits_of(text: &str, length: usize) -> String {
    text.chars()
        .filter(char::is_ascii_digit)
        .take(length)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasted_code_keeps_its_digits_only() {
        assert_eq!(digits_of("123 456", 6), "123456");
        assert_eq!(digits_of("code: 98-76", 6), "9876");
        assert_eq!(digits_of("12345678", 6), "123456");
        assert_eq!(digits_of("", 6), "");
    }
}
