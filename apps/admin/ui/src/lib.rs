//! The page inside the admin window.
//!
//! It only draws. Sessions, tokens and every call to the backend belong to the shell around it,
//! which it reaches over [`bridge`]. A call that fails comes back as a
//! [`wayfare_ui::CallFailure`] and shows in the page; without a shell the page says so.

pub mod bridge;
pub mod city;
mod desk;

use std::rc::Rc;

use dioxus::prelude::*;
use wayfare_ui::Settings;
use wayfare_ui::components::app_frame::use_texts;
use wayfare_ui::components::{AppFrame, Backdrop, Layout, Notice, Sheet, Tone};
use wayfare_ui::login::{LoginHandle, LoginSheet, Step, use_login};
use wayfare_ui::text::Language;
use wayfare_ui::theme::Look;

use crate::bridge::Shell;
use crate::desk::Desk;

/// The whole page, once the shell has said how it was started.
#[component]
pub fn App() -> Element {
    let start = use_resource(|| async { bridge::variables().await });
    match &*start.read() {
        None => rsx! {},
        Some(Err(_)) => rsx! {
            AppFrame { look: Look::System, language: Language::English, layout: Layout::Desk, NoShell {} }
        },
        Some(Ok(variables)) => {
            // A page cannot refuse to start: with a look that does not exist it has the system's.
            let settings = Settings::read(|name| variables.get(name).cloned());
            let (look, language) =
                settings.map_or_else(|_| Default::default(), |read| (read.look, read.language));
            rsx! {
                AppFrame { look, language, layout: Layout::Desk, Room {} }
            }
        }
    }
}

/// The login, then the desk.
#[component]
fn Room() -> Element {
    let texts = use_texts();
    let login: LoginHandle = use_login(|| Rc::new(Shell));
    match login.read().step {
        Step::SignedIn { user } => rsx! {
            Desk { login, user }
        },
        Step::SigningOut { user, .. } => rsx! {
            Desk { login, user, leaving: true }
        },
        _ => rsx! {
            Backdrop { name: texts.say("admin-app-name") }
            LoginSheet { login }
        },
    }
}

/// What a browser shows that opens the page without the shell.
#[component]
fn NoShell() -> Element {
    let texts = use_texts();
    rsx! {
        Backdrop { name: texts.say("admin-app-name") }
        Sheet { heading: texts.say("admin-app-name"), actions: rsx! {},
            Notice {
                tone: Tone::Stop,
                what: texts.say("admin-no-shell"),
                remedy: texts.say("admin-no-shell-remedy"),
            }
        }
    }
}
