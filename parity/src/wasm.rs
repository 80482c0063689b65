//! What `run.mjs` calls: a chunk of lines at a time, left in this module's memory.

use std::sync::Mutex;

use crate::write_trips;

static CHUNK: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Writes the lines of these trips; returns how many bytes they are.
#[expect(unsafe_code, reason = "an export needs a name that no other has")]
#[unsafe(no_mangle)]
pub(crate) extern "C" fn run(seed: u64, from: u64, to: u64) -> usize {
    CHUNK.lock().map_or(0, |mut chunk| {
        chunk.clear();
        write_trips(seed, from, to, &mut chunk);
        chunk.len()
    })
}

/// Where the bytes of the last run are, until the next.
#[expect(unsafe_code, reason = "an export needs a name that no other has")]
#[unsafe(no_mangle)]
pub(crate) extern "C" fn chunk() -> *const u8 {
    CHUNK
        .lock()
        .map_or(std::ptr::null(), |chunk| chunk.as_ptr())
}
