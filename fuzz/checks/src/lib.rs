//! What must hold for every tariff, for the facts of every trip and for every track.
//!
//! Each function takes any bytes and panics when a promise is broken. Bytes that begin like JSON are
//! read as JSON, so that the documented examples are inputs as they stand; all others choose the
//! values of something well formed, which leads deeper. `cargo xtask fuzz` searches for bytes that
//! break a promise; the tests of this crate repeat the committed ones in `fuzz/seeds`.

mod facts;
mod fares;
mod from_bytes;
mod tariff;
mod track;

pub use facts::facts;
pub use tariff::tariff;
pub use track::track;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The text, if these bytes begin like a JSON object or array.
fn as_json(data: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(data).ok()?;
    text.trim_start().starts_with(['{', '[']).then_some(text)
}

/// # Panics
///
/// When what is written as JSON is not read back as the same.
#[expect(clippy::expect_used, reason = "a broken promise ends the run")]
fn assert_reads_back<T>(value: &T)
where
    T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let text = serde_json::to_string(value).expect("JSON can be written");
    let back: T = serde_json::from_str(&text).expect("JSON can be read back");
    assert_eq!(&back, value, "{text}");
}

#[cfg(test)]
mod tests;
