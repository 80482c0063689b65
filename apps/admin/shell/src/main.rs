//! The admin's desktop app: the window's shell.
//!
//! It owns the session, its tokens and every call to the backend; the page in the window only
//! draws, and reaches the shell by the commands in [`commands`]. Tokens stay in this process's
//! memory: closing the window ends the sign-in here. A start that cannot succeed ends with a
//! sentence on standard error; a call that fails is a [`failure::CommandFailure`] for the page.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod city;
mod commands;
mod failure;
#[cfg(test)]
mod tests;

use std::process::ExitCode;

use tauri::{Builder, Wry};
use wayfare_core::client::{Client, ClientError, ClientOptions};

use crate::city::CityWatch;

/// Where the backend is if nobody says otherwise: on this machine.
const API_DEFAULT: &str = "http://127.0.0.1:8080";

/// Why the app cannot start.
#[derive(Debug, thiserror::Error)]
enum StartError {
    #[error("WAYFARE_API: `{address}` is not the address of a backend")]
    Address {
        address: String,
        #[source]
        source: url::ParseError,
    },
    #[error("the client cannot be set up: {0}")]
    Client(#[source] ClientError),
    #[error("the window cannot be opened: {0}")]
    Window(#[source] tauri::Error),
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("wayfare-admin: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), StartError> {
    let address = std::env::var("WAYFARE_API")
        .ok()
        .filter(|address| !address.is_empty());
    let client = client(address.unwrap_or_else(|| API_DEFAULT.to_owned()))?;
    Builder::<Wry>::new()
        .manage(client)
        .manage(CityWatch::default())
        .invoke_handler(commands::handler())
        .run(tauri::generate_context!())
        .map_err(StartError::Window)
}

fn client(address: String) -> Result<Client, StartError> {
    let base = address
        .parse()
        .map_err(|source| StartError::Address { address, source })?;
    // A person waits: two more tries, then they are told.
    let options = ClientOptions {
        attempts_max: 3,
        ..ClientOptions::default()
    };
    Client::with_options(base, options).map_err(StartError::Client)
}
