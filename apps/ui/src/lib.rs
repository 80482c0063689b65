//! What the rider's, the driver's and the admin's app have in common: how they look, what they say,
//! what they are built of, and how a person signs in.
//!
//! The crate draws with Dioxus but brings no renderer: it compiles natively and to wasm. It knows
//! the core's domain and wire types and never calls the backend; an app gives it a
//! [`login::LoginPort`] that does.
//!
//! Screens draw view models, which are pure enums, and send events; they decide nothing.

mod call;
pub mod components;
pub mod login;
mod settings;
pub mod text;
pub mod theme;

pub use call::CallFailure;
pub use settings::Settings;
