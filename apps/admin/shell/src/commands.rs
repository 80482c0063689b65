//! What the page can ask of the shell. Tokens never go to the page: it gets the person only.

use std::collections::BTreeMap;

use tauri::ipc::Invoke;
use tauri::{AppHandle, Runtime, State};
use wayfare_core::client::Client;
use wayfare_core::id::ChallengeId;
use wayfare_core::phone::Phone;
use wayfare_core::wire::{Integrity, OtpChallenge, User};

use crate::city::CityWatch;
use crate::failure::CommandFailure;

/// The environment variables that matter to the page; it gets no others.
const VARIABLES: [&str; 5] = [
    "WAYFARE_LOOK",
    "WAYFARE_LANG",
    "LC_ALL",
    "LC_MESSAGES",
    "LANG",
];

/// Every command, for Tauri.
pub(crate) fn handler<R: Runtime>() -> impl Fn(Invoke<R>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![variables, request_otp, create_session, sign_out, integrity]
}

/// How the app was started: look and language.
#[tauri::command]
fn variables() -> BTreeMap<&'static str, String> {
    VARIABLES
        .into_iter()
        .filter_map(|name| Some((name, std::env::var(name).ok()?)))
        .collect()
}

/// Has a code sent to this phone.
#[tauri::command]
async fn request_otp(
    client: State<'_, Client>,
    phone: Phone,
) -> Result<OtpChallenge, CommandFailure> {
    Ok(client.request_otp(&phone).await?)
}

/// Signs in with the code, keeps the tokens, and begins to watch the city.
#[tauri::command]
async fn create_session<R: Runtime>(
    app: AppHandle<R>,
    client: State<'_, Client>,
    city: State<'_, CityWatch>,
    challenge_id: ChallengeId,
    code: String,
) -> Result<User, CommandFailure> {
    let device = format!("Admin app on {}", std::env::consts::OS);
    let session = client.create_session(challenge_id, &code, &device).await?;
    city.start(app, client.inner().clone());
    Ok(session.user)
}

/// Signs out. The tokens are gone from here even if the backend cannot be told.
#[tauri::command]
async fn sign_out(
    client: State<'_, Client>,
    city: State<'_, CityWatch>,
) -> Result<(), CommandFailure> {
    city.stop();
    Ok(client.sign_out().await?)
}

/// The city's numbers, asked for at once.
#[tauri::command]
async fn integrity(client: State<'_, Client>) -> Result<Integrity, CommandFailure> {
    Ok(client.integrity().await?)
}
