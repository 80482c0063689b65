//! The rider's window: the login, then the home.

use std::rc::Rc;

use dioxus::prelude::*;
use wayfare_ui::Settings;
use wayfare_ui::components::app_frame::use_texts;
use wayfare_ui::components::{AppFrame, Backdrop, Notice, Tone};
use wayfare_ui::login::{AccountSheet, LoginHandle, LoginSheet, Step, use_login};

use crate::backend::Backend;

/// The whole app.
#[component]
pub(crate) fn App() -> Element {
    let settings = use_context::<Settings>();
    let login = use_login(|| Rc::new(consume_context::<Backend>()));
    rsx! {
        AppFrame { look: settings.look, language: settings.language,
            Room { login }
        }
    }
}

#[component]
fn Room(login: LoginHandle) -> Element {
    let texts = use_texts();
    rsx! {
        Backdrop { name: texts.say("rider-app-name") }
        match login.read().step {
            Step::SignedIn { user } | Step::SigningOut { user, .. } => rsx! {
                AccountSheet { login, user,
                    Notice {
                        tone: Tone::Wait,
                        what: texts.say("rider-home-next"),
                        remedy: texts.say("rider-home-next-remedy"),
                    }
                }
            },
            _ => rsx! {
                LoginSheet { login }
            },
        }
    }
}
