//! The page's side of `contract.json`: what it sends to the shell and understands from it.

use serde_json::Value;
use wayfare_core::wire::{ErrorCode, Integrity};
use wayfare_ui::CallFailure;

use super::{CreateSession, Outcome, RequestOtp};

fn contract(part: &str) -> Value {
    let whole: Value = serde_json::from_str(include_str!("../../../contract.json")).unwrap();
    whole[part].clone()
}

#[test]
fn a_failure_of_the_shell_is_understood() {
    let failure: CallFailure = serde_json::from_value(contract("failure")).unwrap();
    assert_eq!(
        (failure.code, failure.transient),
        (Some(ErrorCode::WrongOtp), false)
    );
    let too_many: CallFailure = serde_json::from_value(contract("too_many")).unwrap();
    assert_eq!(too_many.retry_after_s, Some(90));
    let no_answer: CallFailure = serde_json::from_value(contract("no_answer")).unwrap();
    assert_eq!((no_answer.code, no_answer.transient), (None, true));
}

#[test]
fn the_citys_numbers_are_understood() {
    let city: Outcome<Integrity> = serde_json::from_value(contract("city_now")).unwrap();
    assert_eq!(city.unwrap().trips.expired, 7);
    let unknown: Outcome<Integrity> = serde_json::from_value(contract("city_unknown")).unwrap();
    assert_eq!(unknown.unwrap_err().detail, "the server cannot be reached");
}

#[test]
fn commands_are_sent_as_the_shell_reads_them() {
    let request = RequestOtp {
        phone: "+351910000001".parse().unwrap(),
    };
    assert_eq!(
        serde_json::to_value(request).unwrap(),
        contract("request_otp")
    );
    let create = CreateSession {
        challenge_id: "challenge_0192f3c1b0a07c31b2b1d9a8f0c3e5d7"
            .parse()
            .unwrap(),
        code: "123456".to_owned(),
    };
    assert_eq!(
        serde_json::to_value(create).unwrap(),
        contract("create_session")
    );
}
