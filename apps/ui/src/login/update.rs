//! The one function that changes a [`Login`].

use wayfare_core::phone::Phone;
use wayfare_core::wire::OtpChallenge;

use super::{Attempt, Digits, Event, Intent, Login, Problem, SentCode, Step};
use crate::CallFailure;

/// Longer than any number, even one typed with spaces and brackets.
const ENTRY_LETTERS_MAX: usize = 32;

/// What the model becomes by this event, and the call to make, if any.
///
/// An event that does not fit the step (an answer that nobody waits for any more, a second press)
/// changes nothing.
pub fn update(login: Login, event: Event) -> (Login, Option<Intent>) {
    let Login { step, attempt } = login;
    match (step, event) {
        (Step::Phone { .. }, Event::PhoneTyped(text)) => {
            let entry = text.chars().take(ENTRY_LETTERS_MAX).collect();
            stay(
                Step::Phone {
                    entry,
                    problem: None,
                },
                attempt,
            )
        }
        (Step::Phone { entry, .. }, Event::PhoneSubmitted) => match international(&entry) {
            Some(phone) => request_code(phone, attempt),
            None => stay(
                Step::Phone {
                    entry,
                    problem: Some(Problem::PhoneNotInternational),
                },
                attempt,
            ),
        },
        (Step::Sending { phone, .. }, Event::CodeSent(answered, outcome))
            if answered == attempt =>
        {
            stay(code_sent(phone, outcome), attempt)
        }
        (Step::Sending { phone, .. }, Event::PhoneChangeWanted) => {
            stay(correct(&phone), attempt.next())
        }
        (Step::Code { sent, problem, .. }, Event::CodeTyped(digits)) => {
            code_typed(sent, digits, problem, attempt)
        }
        (Step::Code { sent, digits, .. }, Event::CodeSubmitted) if digits.missing() == 0 => {
            open_session(sent, digits, attempt)
        }
        (Step::Code { sent, .. }, Event::NewCodeWanted) if sent.resend_in_s == 0 => {
            request_code(sent.phone, attempt)
        }
        (Step::Code { sent, .. }, Event::PhoneChangeWanted) => stay(correct(&sent.phone), attempt),
        (Step::Verifying { sent, .. }, Event::SessionOpened(answered, outcome))
            if answered == attempt =>
        {
            let step = match outcome {
                Ok(user) => Step::SignedIn { user },
                Err(failure) => code_refused(sent, &failure),
            };
            stay(step, attempt)
        }
        (Step::Verifying { sent, .. }, Event::CheckAbandoned) => stay(
            Step::Code {
                sent,
                digits: Digits::default(),
                problem: None,
            },
            attempt.next(),
        ),
        (Step::SignedIn { user }, Event::SignOutWanted) => {
            let attempt = attempt.next();
            let step = Step::SigningOut { user, waited_s: 0 };
            (Login { step, attempt }, Some(Intent::EndSession(attempt)))
        }
        (Step::SigningOut { .. }, Event::SignedOut(answered)) if answered == attempt => {
            stay(Step::default(), attempt)
        }
        (Step::SignedIn { user }, Event::SessionEnded) => stay(
            Step::Phone {
                entry: user.phone.as_str().to_owned(),
                problem: Some(Problem::SessionEnded),
            },
            attempt,
        ),
        (step, Event::SecondPassed) => stay(one_second_later(step), attempt),
        (step, _) => stay(step, attempt),
    }
}

fn stay(step: Step, attempt: Attempt) -> (Login, Option<Intent>) {
    (Login { step, attempt }, None)
}

fn request_code(phone: Phone, attempt: Attempt) -> (Login, Option<Intent>) {
    let attempt = attempt.next();
    let intent = Intent::RequestCode(attempt, phone.clone());
    (
        Login {
            step: Step::Sending { phone, waited_s: 0 },
            attempt,
        },
        Some(intent),
    )
}

fn open_session(sent: SentCode, digits: Digits, attempt: Attempt) -> (Login, Option<Intent>) {
    let attempt = attempt.next();
    let intent = Intent::OpenSession {
        attempt,
        challenge: sent.challenge,
        code: digits.clone(),
    };
    (
        Login {
            step: Step::Verifying {
                sent,
                digits,
                waited_s: 0,
            },
            attempt,
        },
        Some(intent),
    )
}

fn code_sent(phone: Phone, outcome: Result<OtpChallenge, CallFailure>) -> Step {
    match outcome {
        Ok(challenge) => Step::Code {
            sent: SentCode {
                phone,
                challenge: challenge.challenge_id,
                resend_in_s: challenge.resend_after_s,
            },
            digits: Digits::default(),
            problem: None,
        },
        Err(failure) => Step::Phone {
            entry: phone.as_str().to_owned(),
            problem: Some(Problem::of_code_request(&failure)),
        },
    }
}

fn code_typed(
    sent: SentCode,
    digits: Digits,
    problem: Option<Problem>,
    attempt: Attempt,
) -> (Login, Option<Intent>) {
    if digits.missing() == 0 {
        return open_session(sent, digits, attempt);
    }
    // What went wrong stays readable until the next code is begun.
    let problem = if digits.is_empty() { problem } else { None };
    stay(
        Step::Code {
            sent,
            digits,
            problem,
        },
        attempt,
    )
}

fn code_refused(mut sent: SentCode, failure: &CallFailure) -> Step {
    let problem = Problem::of_code_check(failure);
    if problem == Problem::CodeExpired {
        // Nothing can be done with this one, so the way to the next must be open.
        sent.resend_in_s = 0;
    }
    Step::Code {
        sent,
        digits: Digits::default(),
        problem: Some(problem),
    }
}

fn correct(phone: &Phone) -> Step {
    Step::Phone {
        entry: phone.as_str().to_owned(),
        problem: None,
    }
}

fn one_second_later(mut step: Step) -> Step {
    match &mut step {
        Step::Sending { waited_s, .. }
        | Step::Verifying { waited_s, .. }
        | Step::SigningOut { waited_s, .. } => *waited_s = waited_s.saturating_add(1),
        Step::Code { sent, .. } => sent.resend_in_s = sent.resend_in_s.saturating_sub(1),
        Step::Phone { .. } | Step::SignedIn { .. } => {}
    }
    step
}

/// The number that a person means: spaces, dashes, dots and brackets do not count, and `00` is `+`.
fn international(entry: &str) -> Option<Phone> {
    let bare: String = entry
        .chars()
        .filter(|letter| !matches!(letter, ' ' | '-' | '.' | '(' | ')' | '/' | '\u{a0}'))
        .collect();
    let number = match bare.strip_prefix("00") {
        Some(rest) => format!("+{rest}"),
        None => bare,
    };
    number.parse().ok()
}

impl Attempt {
    const fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}
