//! What is new for a person, and a person's state as a whole. Stub.
