//! Draws the city's numbers: a table of trips, and the promises with a tick or an alarm each.

use dioxus::prelude::*;
use wayfare_core::wire::{Integrity, TripCounts};
use wayfare_ui::components::app_frame::use_texts;
use wayfare_ui::components::{Notice, Tone};

use super::{CityNow, checks};

/// The panel's style.
pub const STYLE: &str = include_str!("style.css");

/// The whole panel. `refresh_s` is how often the shell asks again.
#[component]
pub fn CityPanel(city: CityNow, refresh_s: u32) -> Element {
    let texts = use_texts();
    let retry = |detail: &str| {
        let again = texts.say_with("admin-city-retry", [("seconds", refresh_s.into())]);
        if detail.is_empty() {
            again
        } else {
            format!("{again} {detail}")
        }
    };
    match city {
        CityNow::Asking { waited_s } => rsx! {
            Notice {
                tone: Tone::Wait,
                what: texts.say_with("admin-city-asking", [("seconds", waited_s.into())]),
            }
        },
        CityNow::Unavailable { detail } => rsx! {
            Notice { tone: Tone::Stop, what: texts.say("admin-city-unavailable"), remedy: retry(&detail) }
        },
        CityNow::Forbidden => rsx! {
            Notice {
                tone: Tone::Stop,
                what: texts.say("admin-city-forbidden"),
                remedy: texts.say("admin-city-forbidden-remedy"),
            }
        },
        CityNow::Seen {
            integrity, stale, ..
        } => rsx! {
            if let Some(detail) = &stale {
                Notice { tone: Tone::Wait, what: texts.say("admin-city-stale"), remedy: retry(detail) }
            }
            div { class: "wf-city", "data-state": if stale.is_some() { "stale" } else { "fresh" },
                Trips { trips: integrity.trips }
                Promises { integrity }
            }
        },
    }
}

/// Each state with the text that names it, in the order of a trip.
const fn states(trips: &TripCounts) -> [(&'static str, i64); 7] {
    [
        ("admin-trips-requested", trips.requested),
        ("admin-trips-assigned", trips.assigned),
        ("admin-trips-arrived", trips.arrived),
        ("admin-trips-in-progress", trips.in_progress),
        ("admin-trips-completed", trips.completed),
        ("admin-trips-cancelled", trips.cancelled),
        ("admin-trips-expired", trips.expired),
    ]
}

#[component]
fn Trips(trips: TripCounts) -> Element {
    let texts = use_texts();
    let states = states(&trips);
    let most = states
        .iter()
        .map(|(_, count)| *count)
        .max()
        .unwrap_or_default();
    rsx! {
        section { class: "wf-city-trips", "aria-labelledby": "wf-city-trips",
            h3 { id: "wf-city-trips", {texts.say("admin-trips")} }
            if most == 0 {
                Notice { tone: Tone::Wait, plain: true, what: texts.say("admin-trips-none") }
            }
            table {
                thead {
                    tr {
                        th { scope: "col", {texts.say("admin-trips-state")} }
                        th { scope: "col", class: "wf-city-number", {texts.say("admin-trips-count")} }
                        th { "aria-hidden": "true" }
                    }
                }
                tbody {
                    for (state, count) in states {
                        tr { key: "{state}", "data-state": state,
                            th { scope: "row", {texts.say(state)} }
                            td { class: "wf-city-number wf-figures", "{count}" }
                            td { class: "wf-city-share", "aria-hidden": "true",
                                progress { max: "{most.max(1)}", value: "{count}" }
                            }
                        }
                    }
                }
            }
        }
    }
}

#[component]
fn Promises(integrity: Integrity) -> Element {
    let texts = use_texts();
    rsx! {
        section { class: "wf-city-checks", "aria-labelledby": "wf-city-checks",
            h3 { id: "wf-city-checks", {texts.say("admin-checks")} }
            dl {
                div { class: "wf-city-check",
                    dt { {texts.say("admin-ledger-transactions")} }
                    dd { class: "wf-figures", "{integrity.ledger.transactions}" }
                }
                for check in checks(&integrity) {
                    div { key: "{check.name}", class: "wf-city-check", "data-kept": "{check.is_kept()}",
                        dt { {texts.say(check.name)} }
                        dd { class: "wf-figures", "{check.count}" }
                        dd { class: "wf-city-verdict",
                            Notice {
                                tone: if check.is_kept() { Tone::Go } else { Tone::Stop },
                                plain: check.is_kept(),
                                what: texts.say(if check.is_kept() { check.kept } else { check.broken }),
                            }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use wayfare_core::wire::{ErrorCode, LedgerIntegrity};
    use wayfare_ui::CallFailure;

    use super::*;

    fn seen(imbalance_minor: i64) -> CityNow {
        CityNow::default().answered(Ok(Integrity {
            ledger: LedgerIntegrity {
                transactions: 41,
                imbalance_minor,
            },
            double_assignments: 0,
            unbooked_trips: 0,
            trips: TripCounts {
                completed: 17,
                expired: 2,
                ..TripCounts::default()
            },
        }))
    }

    fn drawn(city: CityNow) -> String {
        let mut dom = VirtualDom::new_with_props(CityPanel, CityPanelProps { city, refresh_s: 5 });
        dom.rebuild_in_place();
        dioxus_ssr::render(&dom)
    }

    #[test]
    fn every_number_is_drawn() {
        let html = drawn(seen(0));
        for part in [
            ">17<",
            ">2<",
            ">41<",
            "Expired, no driver",
            "Every transaction sums to zero.",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert!(!html.contains("role=\"alert\""), "{html}");
    }

    #[test]
    fn a_broken_ledger_is_an_alarm() {
        let html = drawn(seen(-3));
        assert_eq!(html.matches("role=\"alert\"").count(), 1, "{html}");
        assert!(
            html.contains(">-3<") && html.contains("Stop payouts"),
            "{html}"
        );
    }

    #[test]
    fn old_numbers_say_that_they_are_old_and_why() {
        let failure = CallFailure {
            code: Some(ErrorCode::Unavailable),
            transient: true,
            signed_out: false,
            retry_after_s: None,
            detail: "refused".to_owned(),
        };
        let html = drawn(seen(0).answered(Err(failure)));
        for part in [
            ">17<",
            "data-state=\"stale\"",
            "The numbers below are old",
            "refused",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
    }
}
