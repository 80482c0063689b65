//! Pieces of tracks, each kept once. Stub.
