//! What can go wrong while signing in, and what to do about each.

use wayfare_core::wire::ErrorCode;

use crate::CallFailure;
use crate::text::Texts;

const SECONDS_OF_A_MINUTE: u32 = 60;

/// Why signing in did not go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// What was typed is no number with its country code.
    PhoneNotInternational,
    /// The code is not the one that was sent.
    CodeWrong,
    /// The code is too old, was used, or was typed wrong too often.
    CodeExpired,
    /// The backend wants a pause.
    TooMany {
        /// How long, in seconds, if it said so.
        retry_after_s: Option<u32>,
    },
    /// The backend could not be reached.
    Unreachable,
    /// The account is not allowed in.
    NotAllowed,
    /// The backend answered that it failed.
    Server,
    /// Something answered that is not the backend this app knows.
    Unreadable,
    /// The backend refused for another reason, given in its words.
    Refused {
        /// The backend's words.
        detail: String,
    },
    /// A session that was open is over.
    SessionEnded,
}

impl Problem {
    /// Why no code was sent.
    pub fn of_code_request(failure: &CallFailure) -> Self {
        match failure.code {
            Some(ErrorCode::RateLimited) => Self::TooMany {
                retry_after_s: failure.retry_after_s,
            },
            Some(ErrorCode::Forbidden) => Self::NotAllowed,
            Some(ErrorCode::Internal | ErrorCode::Unavailable) => Self::Server,
            None if failure.transient => Self::Unreachable,
            None => Self::Unreadable,
            Some(_) => Self::Refused {
                detail: failure.detail.clone(),
            },
        }
    }

    /// Why the code did not open a session.
    pub fn of_code_check(failure: &CallFailure) -> Self {
        match failure.code {
            Some(ErrorCode::WrongOtp) => Self::CodeWrong,
            Some(ErrorCode::OtpExpired | ErrorCode::NotFound) => Self::CodeExpired,
            _ => Self::of_code_request(failure),
        }
    }

    /// What happened and what to do, in the reader's language.
    pub fn say(&self, texts: &Texts) -> (String, String) {
        let (what, remedy) = match self {
            Self::PhoneNotInternational => (
                "problem-phone-not-international",
                "problem-phone-not-international-remedy",
            ),
            Self::CodeWrong => ("problem-code-wrong", "problem-code-wrong-remedy"),
            Self::CodeExpired => ("problem-code-expired", "problem-code-expired-remedy"),
            Self::TooMany { .. } => ("problem-too-many", "problem-too-many-remedy"),
            Self::Unreachable => ("problem-unreachable", "problem-unreachable-remedy"),
            Self::NotAllowed => ("problem-not-allowed", "problem-not-allowed-remedy"),
            Self::Server => ("problem-server", "problem-server-remedy"),
            Self::Unreadable => ("problem-unreadable", "problem-unreadable-remedy"),
            Self::Refused { .. } => ("problem-refused", "problem-refused-remedy"),
            Self::SessionEnded => ("problem-session-ended", "problem-session-ended-remedy"),
        };
        let what = match self {
            Self::Refused { detail } => texts.say_with(what, [("detail", detail.as_str().into())]),
            _ => texts.say(what),
        };
        let remedy = match self {
            Self::TooMany {
                retry_after_s: Some(seconds),
            } => {
                let minutes = seconds.div_ceil(SECONDS_OF_A_MINUTE);
                texts.say_with("problem-too-many-remedy-in", [("minutes", minutes.into())])
            }
            _ => texts.say(remedy),
        };
        (what, remedy)
    }
}
