//! The desk of a signed-in admin: areas on the left, the chosen one in the middle.

use std::time::Duration;

use dioxus::prelude::*;
use wayfare_core::wire::{Integrity, User};
use wayfare_ui::components::app_frame::use_texts;
use wayfare_ui::components::{Button, ButtonKind, ButtonState};
use wayfare_ui::login::{Event, LoginHandle};

use crate::bridge::{self, Outcome};
use crate::city::{self, CityNow, CityPanel};

/// How often the shell asks for the numbers; the same as its own constant.
const REFRESH_S: u32 = 5;

/// The desk.
#[component]
pub(crate) fn Desk(login: LoginHandle, user: User, #[props(default)] leaving: bool) -> Element {
    let texts = use_texts();
    let city = use_city(login);
    rsx! {
        style { "{city::STYLE}" }
        style { {include_str!("style.css")} }
        div { class: "wf-desk",
            nav { class: "wf-desk-rail", "aria-label": texts.say("admin-areas"),
                h1 { {texts.say("admin-app-name")} }
                ul {
                    li { "aria-current": "page", {texts.say("admin-area-city")} }
                }
                div { class: "wf-desk-account",
                    p { {texts.say("admin-signed-in-as")} }
                    p { class: "wf-desk-who wf-figures",
                        "{user.name.as_deref().unwrap_or(user.phone.as_str())}"
                    }
                    Button {
                        label: texts.say("home-sign-out"),
                        kind: ButtonKind::Quiet,
                        state: if leaving { ButtonState::Busy } else { ButtonState::Ready },
                        on_press: move |()| login.send(Event::SignOutWanted),
                    }
                }
            }
            main { class: "wf-desk-area",
                header {
                    h2 { {texts.say("admin-area-city")} }
                    if let CityNow::Seen { age_s, .. } = city() {
                        p { class: "wf-figures",
                            {texts.say_with("admin-city-age", [("seconds", age_s.into())])}
                        }
                    }
                }
                CityPanel { city: city(), refresh_s: REFRESH_S }
            }
        }
    }
}

/// The city's numbers: asked for once, then whenever the shell brings newer ones.
fn use_city(login: LoginHandle) -> Signal<CityNow> {
    let city = use_signal(CityNow::default);
    use_future(move || async move {
        let mut newer = bridge::city_now();
        let mut outcome = bridge::integrity().await;
        loop {
            take(city, login, outcome);
            outcome = newer.next().await;
        }
    });
    use_future(move || async move {
        let mut city = city;
        loop {
            bridge::pause(Duration::from_secs(1)).await;
            let later = city.peek().clone().one_second_later();
            city.set(later);
        }
    });
    city
}

fn take(mut city: Signal<CityNow>, login: LoginHandle, outcome: Outcome<Integrity>) {
    if outcome.as_ref().is_err_and(|failure| failure.signed_out) {
        login.send(Event::SessionEnded);
        return;
    }
    let answered = city.peek().clone().answered(outcome);
    city.set(answered);
}
