//! Drives a device against a server over HTTP. Stub.
