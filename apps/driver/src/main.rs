//! The driver's app. A window of a phone's size on a desktop; Android and iOS by the feature
//! `mobile`.
//!
//! So far a person signs in, sees who they are, and signs out. A setting that cannot be understood
//! ends the start with a sentence on standard error; whatever fails later shows in the window.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod backend;
mod room;

use std::process::ExitCode;

use dioxus::prelude::*;
use wayfare_core::client::{Client, ClientError, ClientOptions};
use wayfare_ui::Settings;
use wayfare_ui::theme::UnknownLook;

use crate::backend::Backend;

/// Why the app cannot start.
#[derive(Debug, thiserror::Error)]
enum StartError {
    #[error("WAYFARE_LOOK: {0}")]
    Look(#[from] UnknownLook),
    #[error("WAYFARE_API: `{address}` is not the address of a backend")]
    Address {
        address: String,
        #[source]
        source: url::ParseError,
    },
    #[error("the client cannot be set up: {0}")]
    Client(#[source] ClientError),
}

fn main() -> ExitCode {
    match prepare() {
        Ok((settings, backend)) => {
            window(&settings)
                .with_context(settings)
                .with_context(backend)
                .launch(room::App);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("wayfare-driver: {error}");
            ExitCode::FAILURE
        }
    }
}

fn prepare() -> Result<(Settings, Backend), StartError> {
    let settings = Settings::read(|name| std::env::var(name).ok())?;
    let address = settings.api.parse().map_err(|source| StartError::Address {
        address: settings.api.clone(),
        source,
    })?;
    // A person waits: two more tries, then they are told.
    let options = ClientOptions {
        attempts_max: 3,
        ..ClientOptions::default()
    };
    let client = Client::with_options(address, options).map_err(StartError::Client)?;
    Ok((settings, Backend::new(client)))
}

/// A phone is a window of its own.
#[cfg(not(feature = "desktop"))]
fn window(_settings: &Settings) -> LaunchBuilder {
    LaunchBuilder::mobile()
}

/// A window of a phone's size.
#[cfg(feature = "desktop")]
fn window(settings: &Settings) -> LaunchBuilder {
    use dioxus::desktop::{Config, LogicalSize, WindowBuilder};
    use wayfare_ui::text::Texts;

    const PHONE: LogicalSize<f64> = LogicalSize::new(390.0, 844.0);
    const SMALLEST_PHONE: LogicalSize<f64> = LogicalSize::new(320.0, 480.0);

    let window = WindowBuilder::new()
        .with_title(Texts::new(settings.language).say("driver-app-name"))
        .with_inner_size(PHONE)
        .with_min_inner_size(SMALLEST_PHONE)
        .with_always_on_top(false);
    LaunchBuilder::desktop().with_cfg(Config::new().with_window(window).with_menu(None))
}
