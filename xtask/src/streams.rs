//! Compares two streams of lines byte for byte while they are written, in constant memory.
//!
//! Only the line that is being read is kept, so that a difference can be shown with its whole line.
//! A stream that ends early differs there.

use std::fmt;
use std::io::{self, BufRead};

/// The longest line that is shown whole, in bytes.
const SHOWN_BYTES_MAX: usize = 1 << 20;

/// What became of the comparison.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Both ended, and nothing differed.
    Same {
        /// The length of each.
        bytes: u64,
    },
    /// They differ.
    Different(Difference),
}

/// The first line that differs.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    /// The first byte of the line that differs, from 1.
    pub(crate) column: usize,
    /// The line on the left; `None` if the stream has ended.
    pub(crate) left: Option<String>,
    /// The line on the right; `None` if the stream has ended.
    pub(crate) right: Option<String>,
}

impl Difference {
    /// Whether neither stream simply ended, as one does whose program died.
    pub(crate) fn both_go_on(&self) -> bool {
        self.left.is_some() && self.right.is_some()
    }

    /// The lines that there are.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &str> {
        [self.left.as_deref(), self.right.as_deref()]
            .into_iter()
            .flatten()
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ended = "(the stream has ended)";
        writeln!(f, "The first difference is at byte {} of:", self.column)?;
        writeln!(f, "  native: {}", self.left.as_deref().unwrap_or(ended))?;
        write!(f, "  wasm:   {}", self.right.as_deref().unwrap_or(ended))
    }
}

/// Reads both to their ends or to the first difference. `progress` is told now and then how many
/// bytes were the same, and the line that comes next as far as it is known.
pub(crate) fn compare(
    left: &mut impl BufRead,
    right: &mut impl BufRead,
    mut progress: impl FnMut(u64, &[u8]),
) -> io::Result<Outcome> {
    let mut bytes = 0_u64;
    let mut line = Vec::new();
    loop {
        let (ours, theirs) = (left.fill_buf()?, right.fill_buf()?);
        let length = ours.len().min(theirs.len());
        let both_ended = ours.is_empty() && theirs.is_empty();
        let same = common_length(ours, theirs);
        keep_last_line(&mut line, ours.get(..same).unwrap_or_default());
        left.consume(same);
        right.consume(same);
        bytes = bytes.saturating_add(u64::try_from(same).unwrap_or(u64::MAX));
        if both_ended {
            return Ok(Outcome::Same { bytes });
        }
        if same < length || length == 0 {
            return Ok(Outcome::Different(Difference {
                column: line.len() + 1,
                left: rest_of_line(&line, left)?,
                right: rest_of_line(&line, right)?,
            }));
        }
        progress(bytes, &line);
    }
}

/// How many bytes are the same from the start.
fn common_length(ours: &[u8], theirs: &[u8]) -> usize {
    let length = ours.len().min(theirs.len());
    // Comparing whole slices is many times faster than byte by byte, and they are nearly always
    // the same.
    if ours.get(..length) == theirs.get(..length) {
        return length;
    }
    let pairs = ours.iter().zip(theirs);
    pairs.take_while(|(our, their)| our == their).count()
}

/// Brings the unfinished line up to date with what was read.
fn keep_last_line(line: &mut Vec<u8>, read: &[u8]) {
    let unfinished = match read.iter().rposition(|byte| *byte == b'\n') {
        None => read,
        Some(end) => {
            line.clear();
            read.get(end + 1..).unwrap_or_default()
        }
    };
    line.extend_from_slice(unfinished);
}

/// The line of which the start is known; `None` if the stream ends where the other goes on.
fn rest_of_line(start: &[u8], stream: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = start.to_vec();
    let before = line.len();
    while line.len() < SHOWN_BYTES_MAX {
        let read = stream.fill_buf()?;
        if read.is_empty() {
            break;
        }
        let end = read.iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(read.len(), |end| end + 1);
        line.extend_from_slice(read.get(..taken).unwrap_or_default());
        stream.consume(taken);
        if end.is_some() {
            break;
        }
    }
    let ended = line.len() == before;
    Ok((!ended).then(|| {
        String::from_utf8_lossy(&line)
            .trim_end_matches('\n')
            .to_owned()
    }))
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    /// Compares with buffers of these sizes, so that chunks end in all kinds of places.
    fn compare_buffered(left: &str, right: &str, sizes: (usize, usize)) -> Outcome {
        let mut left = BufReader::with_capacity(sizes.0, left.as_bytes());
        let mut right = BufReader::with_capacity(sizes.1, right.as_bytes());
        compare(&mut left, &mut right, |_, _| {}).unwrap()
    }

    const SIZES: [(usize, usize); 5] = [(1, 1), (2, 3), (7, 5), (64, 3), (4096, 4096)];

    #[test]
    fn equal_streams_are_the_same_however_they_arrive() {
        let text = "{\"trip\":0}\n{\"trip\":1}\n";
        for sizes in SIZES {
            let outcome = compare_buffered(text, text, sizes);
            assert_eq!(outcome, Outcome::Same { bytes: 22 }, "{sizes:?}");
        }
    }

    #[test]
    fn the_first_difference_is_shown_with_both_whole_lines() {
        let left = "{\"trip\":0}\n{\"trip\":1,\"fare\":640}\n{\"trip\":2}\n";
        let right = "{\"trip\":0}\n{\"trip\":1,\"fare\":641}\n{\"trip\":3}\n";
        for sizes in SIZES {
            let expected = Difference {
                column: 20,
                left: Some("{\"trip\":1,\"fare\":640}".to_owned()),
                right: Some("{\"trip\":1,\"fare\":641}".to_owned()),
            };
            let outcome = compare_buffered(left, right, sizes);
            assert_eq!(outcome, Outcome::Different(expected), "{sizes:?}");
        }
    }

    #[test]
    fn a_stream_that_ends_early_differs_there() {
        for sizes in SIZES {
            let expected = Difference {
                column: 1,
                left: Some("two".to_owned()),
                right: None,
            };
            let outcome = compare_buffered("one\ntwo\n", "one\n", sizes);
            assert_eq!(outcome, Outcome::Different(expected), "{sizes:?}");
        }
        let Outcome::Different(difference) = compare_buffered("", "one", (8, 8)) else {
            panic!("an empty stream is not the same as one with a line")
        };
        assert!(!difference.both_go_on());
        assert_eq!(difference.lines().collect::<Vec<_>>(), ["one"]);
    }

    #[test]
    fn a_missing_line_end_is_a_difference() {
        let outcome = compare_buffered("one\n", "one", (8, 8));
        assert!(matches!(outcome, Outcome::Different(_)), "{outcome:?}");
    }

    #[test]
    fn progress_names_the_bytes_so_far_and_the_line_that_comes() {
        let mut told = Vec::new();
        let (mut left, mut right) = ("one\ntw".as_bytes(), "one\ntw".as_bytes());
        compare(&mut left, &mut right, |bytes, line| {
            told.push((bytes, line.to_vec()));
        })
        .unwrap();
        assert_eq!(told, [(6, b"tw".to_vec())]);
    }
}
