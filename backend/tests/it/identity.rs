//! `/v1/auth` and `/v1/me`: signing in, tokens, one's own account.

mod account;
mod input;
mod refresh;
mod sign_in;
