//! A device: the store, the clock, the replica and the engine as one thing. Stub.
