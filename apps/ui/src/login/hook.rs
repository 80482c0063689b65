//! Joins the login's model to an app: runs its intents and feeds it the answers.

use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use dioxus::prelude::*;
use wayfare_core::id::ChallengeId;
use wayfare_core::phone::Phone;
use wayfare_core::wire::{OtpChallenge, User};

use super::{Digits, Event, Intent, Login, update};
use crate::CallFailure;

/// A call under way.
pub type Answer<T> = Pin<Box<dyn Future<Output = Result<T, CallFailure>>>>;

/// A length of time going by.
pub type Pause = Pin<Box<dyn Future<Output = ()>>>;

/// What the login needs from the app around it. Calls must end by themselves: the app's client
/// has the time limits.
pub trait LoginPort {
    /// Has a code sent to this phone.
    fn request_code(&self, phone: Phone) -> Answer<OtpChallenge>;
    /// Opens a session with the code, and keeps its tokens.
    fn open_session(&self, challenge: ChallengeId, code: Digits) -> Answer<User>;
    /// Ends the session. Its tokens are gone from this device even if the backend did not answer.
    fn end_session(&self) -> Answer<()>;
    /// Waits.
    fn pause(&self, length: Duration) -> Pause;
}

/// The login of an app: what to draw, and where events go.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LoginHandle {
    model: Signal<Login>,
    send: Callback<Event>,
}

impl LoginHandle {
    /// The model as it is now; the component that reads it is drawn again when it changes.
    pub fn read(&self) -> Login {
        self.model.cloned()
    }

    /// Tells the login what happened.
    pub fn send(&self, event: Event) {
        self.send.call(event);
    }
}

/// The login of this app. Call it in the app's root: its calls live as long as the component.
pub fn use_login(port: impl FnOnce() -> Rc<dyn LoginPort>) -> LoginHandle {
    let model = use_signal(Login::default);
    let port = use_hook(port);
    let clock = Rc::clone(&port);
    use_future(move || {
        let port = Rc::clone(&clock);
        async move {
            loop {
                port.pause(Duration::from_secs(1)).await;
                if model.peek().counts_seconds() {
                    dispatch(model, &port, Event::SecondPassed);
                }
            }
        }
    });
    // A callback runs in the component it was made in, so a call that it starts outlives the
    // screen that sent the event.
    let send = use_callback(move |event| dispatch(model, &port, event));
    LoginHandle { model, send }
}

fn dispatch(mut model: Signal<Login>, port: &Rc<dyn LoginPort>, event: Event) {
    let before = model.peek().clone();
    let (after, intent) = update(before, event);
    model.set(after);
    if let Some(intent) = intent {
        let port = Rc::clone(port);
        spawn(async move {
            let answer = carry_out(intent, port.as_ref()).await;
            dispatch(model, &port, answer);
        });
    }
}

async fn carry_out(intent: Intent, port: &dyn LoginPort) -> Event {
    match intent {
        Intent::RequestCode(attempt, phone) => {
            Event::CodeSent(attempt, port.request_code(phone).await)
        }
        Intent::OpenSession {
            attempt,
            challenge,
            code,
        } => Event::SessionOpened(attempt, port.open_session(challenge, code).await),
        Intent::EndSession(attempt) => {
            // The tokens are gone from here either way; a session that the backend was not told
            // about ends by its age.
            let _ = port.end_session().await;
            Event::SignedOut(attempt)
        }
    }
}
