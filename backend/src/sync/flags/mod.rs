//! What admins should look at. Stub.
