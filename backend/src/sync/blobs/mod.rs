//! Files that belong to people's work, as they come in pieces. Stub.
