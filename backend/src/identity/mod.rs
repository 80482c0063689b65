//! Who people are: accounts, one-time passwords, sessions and their tokens. It owns the schema
//! `identity`.
//!
//! **Signing in.** A phone asks for a one-time password and sends it back. Only the newest password
//! of a phone counts, a few times, for a few minutes, once. The answers are the same whether the
//! number is known or not; the first sign-in makes the account.
//!
//! **Tokens.** An access token is a JWT that names the person and the session. It is checked against
//! the session at every request, so a session that ended is out at once. A refresh token gets the
//! next pair of tokens, once.
//!
//! **A refresh token that comes back was copied**, and the whole session ends: thief and owner have
//! to sign in again, and only the owner can. There is one exception. A phone that loses the network
//! may never get the answer to its refresh, and then has only the used token to ask with. So a token
//! that was used less than a minute ago, and whose successor nobody has used, is answered with a
//! fresh successor, and the unused one is good for nothing any more. If it was a thief who asked, the
//! owner is left with the replaced token and ends the session with it.

pub mod api;
mod hs256;
mod otp;
mod queries;
pub mod service;
mod sessions;
mod tokens;

pub use service::SessionCheck;
pub use tokens::Tokens;
