//! The lines that are written of a trip.

use std::fmt::Display;
use std::io::Write;

use serde::Serialize;

/// Writes lines, each with the trip's number and a name.
#[derive(Debug)]
pub(crate) struct Records<'a> {
    trip: u64,
    out: &'a mut Vec<u8>,
}

impl<'a> Records<'a> {
    pub(crate) const fn new(trip: u64, out: &'a mut Vec<u8>) -> Self {
        Self { trip, out }
    }

    /// One line: `{"trip":17,"name":value}`.
    pub(crate) fn write(&mut self, name: &str, value: &impl Serialize) {
        // Writing into memory cannot fail; a value that JSON cannot hold leaves a line that says so.
        let _ = write!(self.out, "{{\"trip\":{},\"{name}\":", self.trip);
        let start = self.out.len();
        if serde_json::to_writer(&mut *self.out, value).is_err() {
            self.out.truncate(start);
            self.out.extend_from_slice(b"\"cannot be written\"");
        }
        self.out.extend_from_slice(b"}\n");
    }

    /// One line with the value, or with the error's text.
    pub(crate) fn outcome<T: Serialize>(&mut self, name: &str, outcome: &Result<T, impl Display>) {
        match outcome {
            Ok(value) => self.write(name, value),
            Err(error) => self.refused(name, &[error]),
        }
    }

    /// One line with the texts of these errors.
    pub(crate) fn refused(&mut self, name: &str, errors: &[impl Display]) {
        let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
        self.write(name, &Refused { errors: texts });
    }
}

#[derive(Serialize)]
struct Refused {
    errors: Vec<String>,
}
