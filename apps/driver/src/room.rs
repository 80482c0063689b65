//! The driver's window: the login, then the home.

use std::rc::Rc;

use dioxus::prelude::*;
use wayfare_core::wire::{Role, User};
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
        Backdrop { name: texts.say("driver-app-name") }
        match login.read().step {
            Step::SignedIn { user } | Step::SigningOut { user, .. } => rsx! {
                Home { login, user }
            },
            _ => rsx! {
                LoginSheet { login }
            },
        }
    }
}

/// What a signed-in driver can do next. Whether the account drives is one of its roles.
#[component]
fn Home(login: LoginHandle, user: User) -> Element {
    let texts = use_texts();
    let (what, remedy) = if user.roles.contains(&Role::Driver) {
        (
            "driver-home-next-registered",
            "driver-home-next-registered-remedy",
        )
    } else {
        (
            "driver-home-next-unregistered",
            "driver-home-next-unregistered-remedy",
        )
    };
    rsx! {
        AccountSheet { login, user,
            Notice { tone: Tone::Wait, what: texts.say(what), remedy: texts.say(remedy) }
        }
    }
}
