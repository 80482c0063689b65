//! What a screen reader and a style sheet find in the drawn components.

use dioxus::prelude::*;

use super::{Button, ButtonKind, ButtonState, CodeField, Detent, Notice, Sheet, TextField, Tone};
use crate::components::AppFrame;
use crate::text::Language;
use crate::theme::Look;

fn drawn(root: fn() -> Element) -> String {
    let mut dom = VirtualDom::new(root);
    dom.rebuild_in_place();
    dioxus_ssr::render(&dom)
}

#[test]
fn a_busy_button_cannot_be_pressed_and_says_so() {
    let html = drawn(|| {
        rsx! { Button { label: "l", state: ButtonState::Busy, kind: ButtonKind::Quiet, on_press: |()| {} } }
    });
    for part in [
        "disabled=true",
        "aria-busy=\"true\"",
        "data-kind=\"quiet\"",
        "data-state=\"busy\"",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
}

#[test]
fn a_ready_button_is_neither_disabled_nor_busy() {
    let html = drawn(|| rsx! { Button { label: "l", on_press: |()| {} } });
    assert!(
        !html.contains("disabled") && !html.contains("aria-busy"),
        "{html}"
    );
}

#[test]
fn a_field_is_tied_to_its_label_and_to_what_is_wrong() {
    let html = drawn(|| {
        rsx! { TextField { id: "f", label: "l", value: "v", problem: "p", on_input: |_| {}, on_submit: |()| {} } }
    });
    for part in [
        "for=\"f\"",
        "id=\"f\"",
        "aria-invalid=\"true\"",
        "aria-describedby=\"f-hint\"",
        "id=\"f-hint\"",
        ">p<",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
}

#[test]
fn a_code_is_one_input_that_takes_a_code_from_a_message() {
    let html = drawn(|| {
        rsx! { CodeField { id: "c", label: "l", hint: "h", length: 4_usize, value: "12", on_input: |_| {}, on_submit: |()| {} } }
    });
    assert_eq!(html.matches("<input").count(), 1, "{html}");
    assert_eq!(html.matches("<span").count(), 4, "{html}");
    assert_eq!(html.matches("data-state=\"next\"").count(), 1, "{html}");
    assert!(
        html.contains("autocomplete=\"one-time-code\"") && html.contains("inputmode=\"numeric\""),
        "{html}"
    );
}

#[test]
fn a_failure_is_spoken_at_once_and_a_wait_is_not() {
    let failure = drawn(|| rsx! { Notice { tone: Tone::Stop, what: "w", remedy: "r" } });
    assert!(
        failure.contains("role=\"alert\"") && failure.contains(">r<"),
        "{failure}"
    );
    let wait = drawn(|| rsx! { Notice { tone: Tone::Wait, what: "w" } });
    assert!(
        wait.contains("role=\"status\"") && !wait.contains("wf-notice-remedy"),
        "{wait}"
    );
}

#[test]
fn a_sheet_is_named_by_its_top_line() {
    let html =
        drawn(|| rsx! { Sheet { heading: "h", detent: Detent::Peek, actions: rsx! {}, "c" } });
    for part in [
        "aria-labelledby=\"wf-sheet-heading\"",
        "id=\"wf-sheet-heading\"",
        "data-detent=\"peek\"",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    assert!(
        !html.contains("wf-sheet-handle"),
        "no handle unless it can be moved: {html}"
    );
}

#[test]
fn the_frame_says_its_language_and_its_look() {
    let html = drawn(|| rsx! { AppFrame { look: Look::Night, language: Language::Spanish, "c" } });
    for part in [
        "lang=\"es\"",
        "dir=\"ltr\"",
        "data-look=\"night\"",
        "data-layout=\"phone\"",
        "<style>",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
}

#[test]
fn a_handle_goes_up_and_then_back_to_the_lowest() {
    assert_eq!(
        [Detent::Peek, Detent::Half, Detent::Full].map(Detent::next),
        [Detent::Half, Detent::Full, Detent::Peek]
    );
    assert_eq!(Detent::Fit.next(), Detent::Fit);
}
