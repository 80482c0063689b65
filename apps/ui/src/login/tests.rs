//! Every way through signing in, and every way it can fail.

use chrono::DateTime;
use wayfare_core::id::ChallengeId;
use wayfare_core::wire::{ErrorCode, OtpChallenge, User};

use super::{Attempt, Digits, Event, Intent, Login, Problem, Step, update};
use crate::CallFailure;
use crate::text::{Language, Texts};

const PHONE: &str = "+351910000001";
const CHALLENGE: &str = "challenge_0192f3c1b0a07c31b2b1d9a8f0c3e5d7";

/// A login that keeps the last intent, as an app would carry it out.
#[derive(Default)]
struct Walk {
    login: Login,
    intent: Option<Intent>,
}

impl Walk {
    fn then(self, event: Event) -> Self {
        let (login, intent) = update(self.login, event);
        Self { login, intent }
    }

    fn to_sending() -> Self {
        Self::default()
            .then(Event::PhoneTyped(PHONE.to_owned()))
            .then(Event::PhoneSubmitted)
    }

    fn to_code() -> Self {
        let walk = Self::to_sending();
        let attempt = walk.login.attempt;
        walk.then(Event::CodeSent(attempt, Ok(challenge())))
    }

    fn to_verifying() -> Self {
        Self::to_code().then(Event::CodeTyped(Digits::of("123456")))
    }

    fn to_signed_in() -> Self {
        let walk = Self::to_verifying();
        let attempt = walk.login.attempt;
        walk.then(Event::SessionOpened(attempt, Ok(ana())))
    }

    fn check_fails(failure: CallFailure) -> Self {
        let walk = Self::to_verifying();
        let attempt = walk.login.attempt;
        walk.then(Event::SessionOpened(attempt, Err(failure)))
    }

    fn problem(&self) -> Option<&Problem> {
        match &self.login.step {
            Step::Phone { problem, .. } | Step::Code { problem, .. } => problem.as_ref(),
            _ => None,
        }
    }

    fn resend_in_s(&self) -> u32 {
        match &self.login.step {
            Step::Code { sent, .. } => sent.resend_in_s,
            other => panic!("not at the code: {other:?}"),
        }
    }
}

fn challenge() -> OtpChallenge {
    OtpChallenge {
        challenge_id: CHALLENGE.parse().unwrap(),
        expires_at: DateTime::UNIX_EPOCH,
        resend_after_s: 30,
    }
}

fn ana() -> User {
    serde_json::from_value(serde_json::json!({
        "id": "user_0192f3c1b0a07c31b2b1d9a8f0c3e5d7", "phone": PHONE, "name": "Ana", "roles": ["rider"],
    }))
    .unwrap()
}

fn answered(code: ErrorCode) -> CallFailure {
    CallFailure {
        code: Some(code),
        transient: false,
        signed_out: false,
        retry_after_s: None,
        detail: format!("the backend said {code}"),
    }
}

fn no_connection() -> CallFailure {
    CallFailure {
        code: None,
        transient: true,
        signed_out: false,
        retry_after_s: None,
        detail: "connection refused".to_owned(),
    }
}

#[test]
fn a_person_signs_in_with_number_and_code() {
    let walk = Walk::to_sending();
    assert_eq!(
        walk.intent,
        Some(Intent::RequestCode(Attempt(1), PHONE.parse().unwrap()))
    );
    let walk = Walk::to_code();
    assert_eq!(walk.resend_in_s(), 30);
    let walk = Walk::to_verifying();
    let challenge: ChallengeId = CHALLENGE.parse().unwrap();
    let code = Digits::of("123456");
    assert_eq!(
        walk.intent,
        Some(Intent::OpenSession {
            attempt: Attempt(2),
            challenge,
            code
        })
    );
    assert_eq!(Walk::to_signed_in().login.user(), Some(&ana()));
}

#[test]
fn a_number_is_understood_however_it_is_written() {
    for entry in [
        "+351 910 000 001",
        "00351910000001",
        "+351-910.000.001",
        "+(351) 910000001",
    ] {
        let walk = Walk::default()
            .then(Event::PhoneTyped(entry.to_owned()))
            .then(Event::PhoneSubmitted);
        assert!(
            matches!(&walk.login.step, Step::Sending { phone, .. } if phone.as_str() == PHONE),
            "{entry}"
        );
    }
}

#[test]
fn a_number_without_its_country_code_is_not_sent() {
    for entry in ["", "910000001", "+", "call me"] {
        let walk = Walk::default()
            .then(Event::PhoneTyped(entry.to_owned()))
            .then(Event::PhoneSubmitted);
        assert_eq!(
            (walk.problem(), &walk.intent),
            (Some(&Problem::PhoneNotInternational), &None),
            "{entry}"
        );
        assert!(
            matches!(&walk.login.step, Step::Phone { entry: kept, .. } if kept == entry),
            "{entry}"
        );
    }
    let mended = Walk::default()
        .then(Event::PhoneSubmitted)
        .then(Event::PhoneTyped("+3".to_owned()));
    assert_eq!(mended.problem(), None);
}

#[test]
fn each_failure_to_send_a_code_is_named_and_keeps_the_number() {
    let cases = [
        (
            CallFailure {
                transient: false,
                ..no_connection()
            },
            Problem::Unreadable,
        ),
        (no_connection(), Problem::Unreachable),
        (
            answered(ErrorCode::RateLimited),
            Problem::TooMany {
                retry_after_s: None,
            },
        ),
        (answered(ErrorCode::Forbidden), Problem::NotAllowed),
        (answered(ErrorCode::Internal), Problem::Server),
        (answered(ErrorCode::Unavailable), Problem::Server),
        (
            answered(ErrorCode::InvalidRequest),
            Problem::Refused {
                detail: "the backend said invalid_request".to_owned(),
            },
        ),
    ];
    for (failure, problem) in cases {
        let walk = Walk::to_sending();
        let attempt = walk.login.attempt;
        let walk = walk.then(Event::CodeSent(attempt, Err(failure)));
        assert_eq!(walk.problem(), Some(&problem));
        assert!(matches!(&walk.login.step, Step::Phone { entry, .. } if entry == PHONE));
    }
}

#[test]
fn each_failure_to_check_a_code_is_named_and_empties_the_field() {
    let cases = [
        (answered(ErrorCode::WrongOtp), Problem::CodeWrong),
        (answered(ErrorCode::OtpExpired), Problem::CodeExpired),
        (answered(ErrorCode::NotFound), Problem::CodeExpired),
        (
            answered(ErrorCode::RateLimited),
            Problem::TooMany {
                retry_after_s: None,
            },
        ),
        (no_connection(), Problem::Unreachable),
    ];
    for (failure, problem) in cases {
        let walk = Walk::check_fails(failure);
        assert_eq!(walk.problem(), Some(&problem));
        assert!(matches!(&walk.login.step, Step::Code { digits, .. } if digits.is_empty()));
    }
}

#[test]
fn what_went_wrong_stays_until_the_next_code_is_begun() {
    let walk =
        Walk::check_fails(answered(ErrorCode::WrongOtp)).then(Event::CodeTyped(Digits::default()));
    assert_eq!(walk.problem(), Some(&Problem::CodeWrong));
    assert_eq!(walk.then(Event::CodeTyped(Digits::of("9"))).problem(), None);
}

#[test]
fn an_expired_code_opens_the_way_to_a_new_one() {
    let walk = Walk::check_fails(answered(ErrorCode::OtpExpired)).then(Event::NewCodeWanted);
    assert!(matches!(walk.intent, Some(Intent::RequestCode(..))));
}

#[test]
fn a_new_code_is_not_sent_before_its_time() {
    let mut walk = Walk::to_code().then(Event::NewCodeWanted);
    assert_eq!(walk.intent, None);
    for left in (0..30).rev() {
        assert!(walk.login.counts_seconds());
        walk = walk.then(Event::SecondPassed);
        assert_eq!(walk.resend_in_s(), left);
    }
    assert!(!walk.login.counts_seconds());
    assert!(matches!(
        walk.then(Event::NewCodeWanted).intent,
        Some(Intent::RequestCode(..))
    ));
}

#[test]
fn an_incomplete_code_is_not_sent() {
    let walk = Walk::to_code()
        .then(Event::CodeTyped(Digits::of("12345")))
        .then(Event::CodeSubmitted);
    assert_eq!(walk.intent, None);
    assert!(matches!(walk.login.step, Step::Code { .. }));
}

#[test]
fn an_answer_that_nobody_waits_for_any_more_changes_nothing() {
    let walk = Walk::to_sending();
    let first = walk.login.attempt;
    let walk = walk.then(Event::PhoneChangeWanted);
    let corrected = walk.login.clone();
    let walk = walk.then(Event::CodeSent(first, Ok(challenge())));
    assert_eq!(walk.login, corrected);
    let walk = walk.then(Event::PhoneSubmitted);
    let waiting = walk.login.clone();
    let walk = walk.then(Event::CodeSent(first, Err(no_connection())));
    assert_eq!(walk.login, waiting);
}

#[test]
fn a_check_that_was_given_up_does_not_sign_in() {
    let walk = Walk::to_verifying();
    let first = walk.login.attempt;
    let walk = walk
        .then(Event::CheckAbandoned)
        .then(Event::SessionOpened(first, Ok(ana())));
    assert_eq!(walk.login.user(), None);
}

#[test]
fn a_wait_says_how_long_it_has_been() {
    let walk = Walk::to_sending()
        .then(Event::SecondPassed)
        .then(Event::SecondPassed);
    assert!(matches!(walk.login.step, Step::Sending { waited_s: 2, .. }));
    let walk = Walk::to_verifying().then(Event::SecondPassed);
    assert!(matches!(
        walk.login.step,
        Step::Verifying { waited_s: 1, .. }
    ));
}

#[test]
fn signing_out_ends_at_an_empty_number() {
    let walk = Walk::to_signed_in().then(Event::SignOutWanted);
    let attempt = walk.login.attempt;
    assert_eq!(walk.intent, Some(Intent::EndSession(attempt)));
    assert_eq!(
        walk.then(Event::SignedOut(attempt)).login.step,
        Step::default()
    );
}

#[test]
fn a_session_ended_by_the_backend_says_so_and_keeps_the_number() {
    let walk = Walk::to_signed_in().then(Event::SessionEnded);
    assert_eq!(walk.problem(), Some(&Problem::SessionEnded));
    assert!(matches!(&walk.login.step, Step::Phone { entry, .. } if entry == PHONE));
}

#[test]
fn debug_output_holds_neither_code_nor_number() {
    let walk = Walk::to_verifying();
    let shown = format!(
        "{:?} {:?} {:?}",
        walk.login,
        walk.intent,
        Event::CodeTyped(Digits::of("123456"))
    );
    assert!(
        !shown.contains("123456") && !shown.contains(PHONE),
        "{shown}"
    );
}

#[test]
fn a_pause_that_the_backend_wants_is_said_in_minutes() {
    let texts = Texts::new(Language::English);
    let remedy = |retry_after_s| {
        Problem::TooMany { retry_after_s }
            .say(&texts)
            .1
            .replace(['\u{2068}', '\u{2069}'], "")
    };
    assert_eq!(remedy(Some(45)), "Try again in a minute.");
    assert_eq!(remedy(Some(61)), "Try again in 2 minutes.");
    assert_eq!(remedy(None), "Wait a little, then try again.");
}
