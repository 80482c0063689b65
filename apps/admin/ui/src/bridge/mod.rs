//! The commands and events of the shell around this page.
//!
//! A command answers its value or a [`CallFailure`], both as JSON. `contract.json` beside this
//! package pins that JSON, and tests on both sides read it. Natively there is no shell: every
//! command fails and no event comes.

#[cfg_attr(target_arch = "wasm32", path = "tauri.rs")]
#[cfg_attr(not(target_arch = "wasm32"), path = "nowhere.rs")]
mod host;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use wayfare_core::id::ChallengeId;
use wayfare_core::phone::Phone;
use wayfare_core::wire::{Integrity, OtpChallenge, User};
use wayfare_ui::CallFailure;
use wayfare_ui::login::{Answer, Digits, LoginPort, Pause};

pub(crate) use host::{Events, pause};

/// What a call of the shell came to, as events bring it.
pub(crate) type Outcome<T> = Result<T, CallFailure>;

/// The event by which the shell brings newer numbers.
const CITY_NOW: &str = "city-now";

/// No arguments.
#[derive(Serialize)]
struct Nothing {}

/// Arguments of `request_otp`.
#[derive(Serialize)]
struct RequestOtp {
    phone: Phone,
}

/// Arguments of `create_session`. Tauri wants the names of arguments in camel case.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CreateSession {
    challenge_id: ChallengeId,
    code: String,
}

/// The login's calls, made by the shell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shell;

impl LoginPort for Shell {
    fn request_code(&self, phone: Phone) -> Answer<OtpChallenge> {
        Box::pin(host::command("request_otp", RequestOtp { phone }))
    }

    fn open_session(&self, challenge: ChallengeId, code: Digits) -> Answer<User> {
        let code = code.as_str().to_owned();
        Box::pin(host::command(
            "create_session",
            CreateSession {
                challenge_id: challenge,
                code,
            },
        ))
    }

    fn end_session(&self) -> Answer<()> {
        Box::pin(host::command("sign_out", Nothing {}))
    }

    fn pause(&self, length: Duration) -> Pause {
        Box::pin(pause(length))
    }
}

/// The environment variables that the shell was started with, of those that matter to the page.
pub(crate) async fn variables() -> Outcome<BTreeMap<String, String>> {
    host::command("variables", Nothing {}).await
}

/// The city's numbers, asked for at once.
pub(crate) async fn integrity() -> Outcome<Integrity> {
    host::command("integrity", Nothing {}).await
}

/// The city's numbers, each time the shell has asked for them.
pub(crate) fn city_now() -> Events<Outcome<Integrity>> {
    Events::of(CITY_NOW)
}
