//! Draws the steps of signing in, and the account that is signed in.

use dioxus::prelude::*;
use wayfare_core::wire::User;

use super::{CODE_LENGTH, Digits, Event, LoginHandle, Problem, SentCode, Step};
use crate::components::app_frame::use_texts;
use crate::components::{
    Button, ButtonKind, ButtonState, CodeField, FieldKind, Notice, Sheet, TextField, Tone,
};

/// The sheet for whatever step the login is at, until somebody is signed in.
#[component]
pub fn LoginSheet(login: LoginHandle) -> Element {
    match login.read().step {
        Step::Phone { entry, problem } => rsx! {
            PhoneSheet { login, entry, problem }
        },
        Step::Sending { phone, waited_s } => rsx! {
            PhoneSheet { login, entry: phone.as_str().to_owned(), sending_s: waited_s }
        },
        Step::Code {
            sent,
            digits,
            problem,
        } => rsx! {
            CodeSheet { login, sent, digits, problem }
        },
        Step::Verifying {
            sent,
            digits,
            waited_s,
        } => rsx! {
            CodeSheet { login, sent, digits, checking_s: waited_s }
        },
        Step::SignedIn { .. } | Step::SigningOut { .. } => rsx! {},
    }
}

/// Number, then "text me a code"; the same sheet while the code is on its way.
#[component]
fn PhoneSheet(
    login: LoginHandle,
    entry: String,
    #[props(default)] problem: Option<Problem>,
    sending_s: Option<u32>,
) -> Element {
    let texts = use_texts();
    let (heading, lead) = match sending_s {
        None => (
            texts.say("login-phone-heading"),
            texts.say("login-phone-lead"),
        ),
        Some(seconds) => {
            let values = [
                ("phone", entry.as_str().into()),
                ("seconds", seconds.into()),
            ];
            (
                texts.say("login-sending-heading"),
                texts.say_with("login-sending-lead", values),
            )
        }
    };
    let wrong_entry = problem == Some(Problem::PhoneNotInternational);
    let said = problem.map(|problem| problem.say(&texts));
    let submit = move |()| login.send(Event::PhoneSubmitted);
    rsx! {
        Sheet {
            heading,
            lead,
            actions: rsx! {
                Button {
                    label: texts.say("login-phone-submit"),
                    state: phone_button(&entry, sending_s),
                    on_press: submit,
                }
                if sending_s.is_some() {
                    Button {
                        label: texts.say("login-sending-cancel"),
                        kind: ButtonKind::Quiet,
                        on_press: move |()| login.send(Event::PhoneChangeWanted),
                    }
                }
            },
            if let Some((what, remedy)) = said.clone().filter(|_| !wrong_entry) {
                Notice { tone: Tone::Stop, what, remedy }
            }
            TextField {
                id: "phone",
                label: texts.say("login-phone-label"),
                hint: texts.say("login-phone-hint"),
                problem: said.filter(|_| wrong_entry).map(|(what, remedy)| format!("{what} {remedy}")).unwrap_or_default(),
                kind: FieldKind::OwnPhone,
                value: entry,
                read_only: sending_s.is_some(),
                on_input: move |text| login.send(Event::PhoneTyped(text)),
                on_submit: submit,
            }
        }
    }
}

fn phone_button(entry: &str, sending_s: Option<u32>) -> ButtonState {
    match sending_s {
        Some(_) => ButtonState::Busy,
        None if entry.trim().is_empty() => ButtonState::Disabled,
        None => ButtonState::Ready,
    }
}

/// The code, then "sign in"; the same sheet while it is being checked.
#[component]
fn CodeSheet(
    login: LoginHandle,
    sent: SentCode,
    digits: Digits,
    #[props(default)] problem: Option<Problem>,
    checking_s: Option<u32>,
) -> Element {
    let texts = use_texts();
    let phone = sent.phone.as_str();
    let (heading, lead) = match checking_s {
        None => {
            let lead = texts.say_with("login-code-lead", [("phone", phone.into())]);
            (texts.say("login-code-heading"), lead)
        }
        Some(seconds) => {
            let values = [("phone", phone.into()), ("seconds", seconds.into())];
            (
                texts.say("login-verifying-heading"),
                texts.say_with("login-verifying-lead", values),
            )
        }
    };
    let refused = matches!(problem, Some(Problem::CodeWrong | Problem::CodeExpired));
    let missing = digits.missing();
    let hint = match missing {
        0 => String::new(),
        count => texts.say_with("login-code-hint", [("count", count.into())]),
    };
    let submit = move |()| login.send(Event::CodeSubmitted);
    rsx! {
        Sheet {
            heading,
            lead,
            actions: rsx! {
                Button {
                    label: texts.say("login-code-submit"),
                    state: code_button(missing, checking_s),
                    on_press: submit,
                }
                CodeAlternatives { login, resend_in_s: sent.resend_in_s, checking: checking_s.is_some() }
            },
            if let Some((what, remedy)) = problem.map(|problem| problem.say(&texts)) {
                Notice { tone: Tone::Stop, what, remedy }
            }
            CodeField {
                id: "code",
                label: texts.say_with("login-code-label", [("length", CODE_LENGTH.into())]),
                hint,
                length: CODE_LENGTH,
                value: digits.as_str().to_owned(),
                invalid: refused,
                read_only: checking_s.is_some(),
                on_input: move |text: String| login.send(Event::CodeTyped(Digits::of(&text))),
                on_submit: submit,
            }
        }
    }
}

fn code_button(missing: usize, checking_s: Option<u32>) -> ButtonState {
    match (checking_s, missing) {
        (Some(_), _) => ButtonState::Busy,
        (None, 0) => ButtonState::Ready,
        (None, _) => ButtonState::Disabled,
    }
}

/// What else can be done at the code: another code, another number, or no more waiting.
#[component]
fn CodeAlternatives(login: LoginHandle, resend_in_s: u32, checking: bool) -> Element {
    let texts = use_texts();
    if checking {
        return rsx! {
            Button {
                label: texts.say("login-verifying-cancel"),
                kind: ButtonKind::Quiet,
                on_press: move |()| login.send(Event::CheckAbandoned),
            }
        };
    }
    let (resend, state) = match resend_in_s {
        0 => (texts.say("login-code-resend"), ButtonState::Ready),
        seconds => {
            let label = texts.say_with("login-code-resend-wait", [("seconds", seconds.into())]);
            (label, ButtonState::Disabled)
        }
    };
    rsx! {
        Button {
            label: resend,
            kind: ButtonKind::Quiet,
            state,
            on_press: move |()| login.send(Event::NewCodeWanted),
        }
        Button {
            label: texts.say("login-code-change-phone"),
            kind: ButtonKind::Quiet,
            on_press: move |()| login.send(Event::PhoneChangeWanted),
        }
    }
}

/// Who is signed in, what comes next for them (the children), and the way out.
#[component]
pub fn AccountSheet(login: LoginHandle, user: User, children: Element) -> Element {
    let texts = use_texts();
    let heading = match &user.name {
        Some(name) => texts.say_with("home-greeting", [("name", name.as_str().into())]),
        None => texts.say("home-greeting-no-name"),
    };
    let (sign_out, state) = match login.read().step {
        Step::SigningOut { waited_s, .. } => {
            let label = texts.say_with("home-signing-out", [("seconds", waited_s.into())]);
            (label, ButtonState::Busy)
        }
        _ => (texts.say("home-sign-out"), ButtonState::Ready),
    };
    rsx! {
        Sheet {
            heading,
            lead: texts.say_with("home-phone", [("phone", user.phone.as_str().into())]),
            actions: rsx! {
                Button {
                    label: sign_out,
                    kind: ButtonKind::Quiet,
                    state,
                    on_press: move |()| login.send(Event::SignOutWanted),
                }
            },
            {children}
            Notice { tone: Tone::Go, what: texts.say("home-session") }
        }
    }
}
