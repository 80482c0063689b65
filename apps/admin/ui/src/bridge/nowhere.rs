//! No shell: what the page finds when it is compiled for a machine instead of for its window.

use std::marker::PhantomData;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Outcome;
use wayfare_ui::CallFailure;

/// Fails: nobody is there to carry it out.
pub(super) async fn command<A: Serialize, T: DeserializeOwned>(
    name: &str,
    _arguments: A,
) -> Outcome<T> {
    let detail = format!("there is no shell to carry out `{name}`");
    Err(CallFailure {
        code: None,
        transient: false,
        signed_out: false,
        retry_after_s: None,
        detail,
    })
}

/// Never comes back: without a shell nothing is waited for.
pub(crate) async fn pause(_length: Duration) {
    std::future::pending().await
}

/// No events.
pub(crate) struct Events<T>(PhantomData<T>);

impl<T> Events<T> {
    pub(super) fn of(_name: &'static str) -> Self {
        Self(PhantomData)
    }

    /// Never comes back.
    pub(crate) async fn next(&mut self) -> T {
        std::future::pending().await
    }
}
