//! The shell as Tauri shows it to its page: `window.__TAURI__`.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use wayfare_ui::CallFailure;

use super::Outcome;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["window", "__TAURI__", "core"], catch)]
    async fn invoke(command: &str, arguments: JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = ["window", "__TAURI__", "event"], js_name = listen, catch)]
    async fn add_listener(event: &str, heard: &JsValue) -> Result<JsValue, JsValue>;
}

/// Has the shell carry out a command.
pub(super) async fn command<A: Serialize, T: DeserializeOwned>(
    name: &str,
    arguments: A,
) -> Outcome<T> {
    let arguments =
        serde_wasm_bindgen::to_value(&arguments).map_err(|error| broken(name, &error))?;
    match invoke(name, arguments).await {
        Ok(answer) => serde_wasm_bindgen::from_value(answer).map_err(|error| broken(name, &error)),
        // What is no failure of ours comes from Tauri itself: no such command, or no Tauri.
        Err(thrown) => Err(serde_wasm_bindgen::from_value(thrown.clone())
            .unwrap_or_else(|_| broken(name, &thrown.as_string().unwrap_or_default()))),
    }
}

fn broken(command: &str, why: &dyn std::fmt::Display) -> CallFailure {
    let detail = format!("the shell could not carry out `{command}`: {why}");
    CallFailure {
        code: None,
        transient: false,
        signed_out: false,
        retry_after_s: None,
        detail,
    }
}

/// Waits.
pub(crate) async fn pause(length: Duration) {
    gloo_timers::future::sleep(length).await;
}

/// The events of one name, from now until this is dropped.
///
/// Only the newest that was not taken yet is kept: each one replaces what the one before said.
pub(crate) struct Events<T> {
    newest: Rc<Newest<T>>,
    listener: Rc<Listener>,
}

struct Newest<T> {
    event: RefCell<Option<T>>,
    waiting: RefCell<Option<Waker>>,
}

/// What has to stay alive while Tauri may call, and what ends it.
struct Listener {
    _heard: Closure<dyn FnMut(JsValue)>,
    remove: RefCell<Option<js_sys::Function>>,
    dropped: Cell<bool>,
}

#[derive(Deserialize)]
struct Delivered<T> {
    payload: T,
}

impl<T: DeserializeOwned + 'static> Events<T> {
    pub(super) fn of(name: &'static str) -> Self {
        let newest = Rc::new(Newest {
            event: RefCell::new(None),
            waiting: RefCell::new(None),
        });
        let heard = {
            let newest = Rc::clone(&newest);
            Closure::<dyn FnMut(JsValue)>::new(move |event| newest.put(event))
        };
        let callback = heard.as_ref().clone();
        let listener = Rc::new(Listener {
            _heard: heard,
            remove: RefCell::new(None),
            dropped: Cell::new(false),
        });
        let added = Rc::clone(&listener);
        wasm_bindgen_futures::spawn_local(async move {
            // Without a listener no event comes; the page then shows how old its numbers are.
            let remove = add_listener(name, &callback).await.ok();
            added
                .remove
                .replace(remove.and_then(|function| function.dyn_into().ok()));
            if added.dropped.get() {
                added.end();
            }
        });
        Self { newest, listener }
    }

    /// The next event, once there is one.
    pub(crate) async fn next(&mut self) -> T {
        poll_fn(|context| match self.newest.event.take() {
            Some(event) => Poll::Ready(event),
            None => {
                self.newest.waiting.replace(Some(context.waker().clone()));
                Poll::Pending
            }
        })
        .await
    }
}

impl<T> Drop for Events<T> {
    fn drop(&mut self) {
        self.listener.dropped.set(true);
        self.listener.end();
    }
}

impl<T: DeserializeOwned> Newest<T> {
    fn put(&self, event: JsValue) {
        // An event that cannot be read is of another version of the shell; the numbers then age.
        if let Ok(Delivered { payload }) = serde_wasm_bindgen::from_value(event) {
            self.event.replace(Some(payload));
            if let Some(waker) = self.waiting.take() {
                waker.wake();
            }
        }
    }
}

impl Listener {
    fn end(&self) {
        if let Some(remove) = self.remove.take() {
            // It cannot be removed twice, and a listener that is gone already is what we want.
            let _ = remove.call0(&JsValue::UNDEFINED);
        }
    }
}
