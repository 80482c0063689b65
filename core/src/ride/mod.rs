//! What a ride costs when it is over, from everything that is known of it: the same on a phone and on
//! the server.
//!
//! Stub: moved here from the server by whoever owns this.
