//! Writes the lines of trips to standard output: `wayfare-parity SEED FROM TO [--digest]`.
//!
//! The last line on standard error says how long the computation took and, with `--digest`, the
//! SHA-256 of all that was written, as JSON. Exit status 2 for arguments that are not understood, 1
//! when standard output is closed early.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use wayfare_parity::{TRIPS_PER_CHUNK, write_trips};

/// What is asked for.
struct Arguments {
    seed: u64,
    from: u64,
    to: u64,
    digest: bool,
}

impl Arguments {
    fn read(words: &[String]) -> Option<Self> {
        let (numbers, options) = words.split_at_checked(3)?;
        let mut numbers = numbers.iter().map(|word| word.parse().ok());
        let digest = match options {
            [] => false,
            [option] if option == "--digest" => true,
            _ => return None,
        };
        Some(Self {
            seed: numbers.next()??,
            from: numbers.next()??,
            to: numbers.next()??,
            digest,
        })
    }
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let Some(arguments) = Arguments::read(&words) else {
        eprintln!("usage: wayfare-parity SEED FROM TO [--digest]");
        return ExitCode::from(2);
    };
    match write_all(&arguments) {
        Ok(report) => {
            eprintln!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("wayfare-parity: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write_all(arguments: &Arguments) -> io::Result<serde_json::Value> {
    let mut stdout = io::stdout().lock();
    let mut hash = arguments.digest.then(Sha256::new);
    let mut computed = Duration::ZERO;
    let mut chunk = Vec::new();
    let mut next = arguments.from;
    while next < arguments.to {
        let end = next.saturating_add(TRIPS_PER_CHUNK).min(arguments.to);
        chunk.clear();
        let started = Instant::now();
        write_trips(arguments.seed, next, end, &mut chunk);
        computed += started.elapsed();
        if let Some(hash) = &mut hash {
            hash.update(&chunk);
        }
        stdout.write_all(&chunk)?;
        next = end;
    }
    stdout.flush()?;
    let digest = hash.map(|hash| hexadecimal(&hash.finalize()));
    Ok(serde_json::json!({
        "computed_ms": u64::try_from(computed.as_millis()).unwrap_or(u64::MAX),
        "sha256": digest,
    }))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Option<Arguments> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Arguments::read(&words)
    }

    #[test]
    fn the_digest_is_made_only_when_asked_for() {
        assert!(read("1 0 64 --digest").is_some_and(|arguments| arguments.digest));
        assert!(read("1 0 64").is_some_and(|arguments| !arguments.digest));
    }

    #[test]
    fn other_arguments_are_refused() {
        for line in ["", "1 0", "1 0 x", "1 0 64 --other", "1 0 64 --digest 5"] {
            assert!(read(line).is_none(), "{line}");
        }
    }

    #[test]
    fn digests_are_written_in_hexadecimal() {
        assert_eq!(hexadecimal(&[0, 15, 255]), "000fff");
    }
}
