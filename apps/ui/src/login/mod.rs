//! Signing in by phone number and a code sent to it: the same for riders, drivers and admins.
//!
//! [`Login`] is all that a screen needs to draw, and [`update`] is the only thing that changes it:
//! pure, from an event to the next model and perhaps one [`Intent`], a call for the app to make. The
//! answer comes back as an event. [`use_login`] joins the two in an app.
//!
//! Failures are a [`Problem`] in the model, and each leaves the person at a step from which it can
//! be mended. An answer to a call that the person has since given up is dropped: every call has an
//! [`Attempt`], and only the current one's answer counts.

mod digits;
mod hook;
mod problem;
mod screen;
mod update;

#[cfg(test)]
mod tests;

use wayfare_core::id::ChallengeId;
use wayfare_core::phone::Phone;
use wayfare_core::wire::{OtpChallenge, User};

use crate::CallFailure;

pub use digits::Digits;
pub use hook::{Answer, LoginHandle, LoginPort, Pause, use_login};
pub use problem::Problem;
pub use screen::{AccountSheet, LoginSheet};
pub use update::update;

/// How many digits a code has.
pub const CODE_LENGTH: usize = 6;

/// Which call an answer belongs to. Each call has a higher number than the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Attempt(u32);

/// A person signing in: where they are and what they see.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Login {
    /// What the screen shows.
    pub step: Step,
    attempt: Attempt,
}

/// The steps of signing in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The number is being typed.
    Phone {
        /// What is typed so far.
        entry: String,
        /// What went wrong last.
        problem: Option<Problem>,
    },
    /// A code was asked for.
    Sending {
        /// For this number.
        phone: Phone,
        /// Since how many seconds.
        waited_s: u32,
    },
    /// The code is being typed.
    Code {
        /// The code that was sent.
        sent: SentCode,
        /// The digits typed so far.
        digits: Digits,
        /// What went wrong last.
        problem: Option<Problem>,
    },
    /// The code is being checked.
    Verifying {
        /// The code that was sent.
        sent: SentCode,
        /// What was typed.
        digits: Digits,
        /// Since how many seconds.
        waited_s: u32,
    },
    /// Signed in.
    SignedIn {
        /// Who.
        user: User,
    },
    /// The session is being ended.
    SigningOut {
        /// Whose.
        user: User,
        /// Since how many seconds.
        waited_s: u32,
    },
}

impl Default for Step {
    fn default() -> Self {
        Self::Phone {
            entry: String::new(),
            problem: None,
        }
    }
}

/// A code that is on its way to a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentCode {
    /// Whose phone.
    pub phone: Phone,
    /// The challenge that the code answers.
    pub challenge: ChallengeId,
    /// After how many seconds another one may be asked for; 0: now.
    pub resend_in_s: u32,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The text of the number field changed.
    PhoneTyped(String),
    /// A code was asked for, with the number that stands there.
    PhoneSubmitted,
    /// The backend answered whether it sent a code.
    CodeSent(Attempt, Result<OtpChallenge, CallFailure>),
    /// The digits of the code field changed. The last one submits.
    CodeTyped(Digits),
    /// The code that stands there was submitted.
    CodeSubmitted,
    /// Another code was asked for.
    NewCodeWanted,
    /// The person wants to go back and correct the number.
    PhoneChangeWanted,
    /// The person does not want to wait for the check any longer.
    CheckAbandoned,
    /// The backend answered whether the code was right.
    SessionOpened(Attempt, Result<User, CallFailure>),
    /// The person wants to sign out.
    SignOutWanted,
    /// The session is over, whatever the backend answered: its tokens are gone from here.
    SignedOut(Attempt),
    /// The backend ended the session: revoked, or too old to be renewed.
    SessionEnded,
    /// A second went by.
    SecondPassed,
}

/// A call for the app to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// Ask for a code to be sent; answer with [`Event::CodeSent`].
    RequestCode(Attempt, Phone),
    /// Open a session with the code; answer with [`Event::SessionOpened`].
    OpenSession {
        /// To be given back with the answer.
        attempt: Attempt,
        /// The challenge that the code answers.
        challenge: ChallengeId,
        /// The code.
        code: Digits,
    },
    /// End the session; answer with [`Event::SignedOut`].
    EndSession(Attempt),
}

impl Login {
    /// Whether seconds matter now: something is waited for, or a new code cannot be sent yet.
    pub fn counts_seconds(&self) -> bool {
        match &self.step {
            Step::Sending { .. } | Step::Verifying { .. } | Step::SigningOut { .. } => true,
            Step::Code { sent, .. } => sent.resend_in_s > 0,
            Step::Phone { .. } | Step::SignedIn { .. } => false,
        }
    }

    /// Who is signed in.
    pub fn user(&self) -> Option<&User> {
        match &self.step {
            Step::SignedIn { user } => Some(user),
            _ => None,
        }
    }
}
