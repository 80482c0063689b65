//! What lies behind the sheet before there is a map: a drawn piece of a city and the app's name.
//!
//! It is a picture, not a place. It shows no car and no position, and screen readers skip it.

use dioxus::prelude::*;

/// The whole picture is a grid of streets, turned a little.
const TURN: &str = "rotate(-14 195 300)";
const STREETS: &str = "M-160-120V960M-84-120V960M-10-120V960M136-120V960M204-120V960M346-120V960M420-120V960 \
    M494-120V960M-220-40H620M-220 104H620M-220 168H620M-220 404H620M-220 470H620M-220 606H620M-220 676H620";
const AVENUES: &str = "M64-120V960M276-120V960M-220 32H620M-220 340H620M-220 540H620";
const RIVER: &str = "M-220 330C-60 322 20 300 110 256S260 206 340 220 520 250 640 232";
const BRIDGES: &str = "M64 236V316M276 176V256";
const PARK: &str = "M288 46H408V156H288Z";
const ROUTE: &str = "M136 470V340H276V168H204V96";

/// A picture of streets, with the app's name in the corner.
#[component]
pub fn Backdrop(name: String) -> Element {
    rsx! {
        div { class: "wf-backdrop",
            svg {
                class: "wf-backdrop-city",
                view_box: "0 0 390 844",
                preserve_aspect_ratio: "xMidYMin slice",
                "aria-hidden": "true",
                g { transform: TURN,
                    path { class: "wf-backdrop-park", d: PARK }
                    path { class: "wf-backdrop-street", d: STREETS }
                    path { class: "wf-backdrop-avenue", d: AVENUES }
                    path { class: "wf-backdrop-river", d: RIVER }
                    path { class: "wf-backdrop-avenue", d: BRIDGES }
                    path { class: "wf-backdrop-casing", d: ROUTE }
                    path { class: "wf-backdrop-route", d: ROUTE }
                    circle { class: "wf-backdrop-end", cx: "136", cy: "470", r: "9" }
                    circle { class: "wf-backdrop-end", cx: "204", cy: "96", r: "9" }
                }
            }
            div { class: "wf-backdrop-brand",
                svg { class: "wf-backdrop-mark", view_box: "0 0 28 28", "aria-hidden": "true",
                    circle { class: "wf-backdrop-mark-ground", cx: "14", cy: "14", r: "14" }
                    path { class: "wf-backdrop-mark-way", d: "M7 10 10.5 19 14 11 17.5 19 21 10" }
                }
                h1 { "{name}" }
            }
        }
    }
}
