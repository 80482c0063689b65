//! Commands of devices: each applied once, or refused once. Stub.
