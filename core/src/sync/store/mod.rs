//! The database of one person on one device: outbox, replica, tracks, files, cursors. Stub.
