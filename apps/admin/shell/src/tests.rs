//! The shell's side of `../contract.json`: what it takes from the page and answers to it.

use serde_json::{Value, json};
use tauri::ipc::{CallbackFn, InvokeBody};
use tauri::test::{
    INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder, mock_context, noop_assets,
};
use tauri::webview::InvokeRequest;
use tauri::{App, WebviewWindowBuilder};
use wayfare_core::client::{Client, ClientOptions};
use wayfare_core::wire::{ErrorCode, Integrity, LedgerIntegrity, TripCounts};

use crate::city::CityWatch;
use crate::commands;
use crate::failure::CommandFailure;

/// Nobody listens on this port.
const NOBODY: &str = "http://127.0.0.1:1";

fn contract(part: &str) -> Value {
    let whole: Value = serde_json::from_str(include_str!("../../contract.json")).unwrap();
    whole[part].clone()
}

/// The shell without a window, and a backend that is not there.
fn shell() -> App<MockRuntime> {
    let options = ClientOptions {
        attempts_max: 1,
        ..ClientOptions::default()
    };
    mock_builder()
        .manage(Client::with_options(NOBODY.parse().unwrap(), options).unwrap())
        .manage(CityWatch::default())
        .invoke_handler(commands::handler())
        .build(mock_context(noop_assets()))
        .unwrap()
}

fn command(app: &App<MockRuntime>, name: &str, arguments: Value) -> Result<Value, Value> {
    let window = WebviewWindowBuilder::new(app, name, Default::default())
        .build()
        .unwrap();
    let request = InvokeRequest {
        cmd: name.to_owned(),
        callback: CallbackFn(0),
        error: CallbackFn(1),
        url: "tauri://localhost".parse().unwrap(),
        body: InvokeBody::Json(arguments),
        headers: Default::default(),
        invoke_key: INVOKE_KEY.to_owned(),
    };
    get_ipc_response(&window, request).map(|body| body.deserialize().unwrap())
}

#[test]
fn failures_are_written_as_the_page_reads_them() {
    let failure = CommandFailure {
        code: Some(ErrorCode::WrongOtp),
        transient: false,
        signed_out: false,
        retry_after_s: None,
        detail: "The code is wrong.".to_owned(),
    };
    assert_eq!(serde_json::to_value(&failure).unwrap(), contract("failure"));
}

#[test]
fn the_citys_numbers_are_written_as_the_page_reads_them() {
    let city: Result<Integrity, CommandFailure> = Ok(Integrity {
        ledger: LedgerIntegrity {
            transactions: 12,
            imbalance_minor: 0,
        },
        double_assignments: 0,
        unbooked_trips: 0,
        trips: TripCounts {
            requested: 1,
            assigned: 2,
            arrived: 3,
            in_progress: 4,
            completed: 5,
            cancelled: 6,
            expired: 7,
        },
    });
    assert_eq!(serde_json::to_value(&city).unwrap(), contract("city_now"));
}

#[test]
fn a_backend_that_is_not_there_is_a_failure_that_may_pass() {
    let app = shell();
    for (name, arguments) in [
        ("request_otp", contract("request_otp")),
        ("create_session", contract("create_session")),
    ] {
        assert_eq!(
            command(&app, name, arguments),
            Err(contract("no_answer")),
            "{name}"
        );
    }
}

#[test]
fn a_call_that_needs_a_session_says_when_there_is_none() {
    let failure = command(&shell(), "integrity", json!({})).unwrap_err();
    assert_eq!(
        (&failure["signed_out"], &failure["transient"]),
        (&json!(true), &json!(false))
    );
}

#[test]
fn a_number_that_is_none_does_not_reach_the_backend() {
    let refused = command(&shell(), "request_otp", json!({ "phone": "910" })).unwrap_err();
    assert!(refused.as_str().unwrap().contains("phone"), "{refused}");
}

#[test]
fn the_page_learns_no_variable_but_look_and_language() {
    let variables = command(&shell(), "variables", json!({})).unwrap();
    let known = [
        "WAYFARE_LOOK",
        "WAYFARE_LANG",
        "LC_ALL",
        "LC_MESSAGES",
        "LANG",
    ];
    assert!(
        variables
            .as_object()
            .unwrap()
            .keys()
            .all(|name| known.contains(&name.as_str())),
        "{variables}"
    );
}
