//! Devices of people, and the keys that they sign and check with. Stub.
