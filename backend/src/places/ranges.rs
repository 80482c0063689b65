//! Which bytes of a file a request wants: RFC 9110, section 14.

use std::ops::Range;

/// What a `Range` header asks of a file of this length.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of it: no range, several of them, or one that is not understood, which all may be ignored.
    All,
    /// These bytes.
    Part(Range<usize>),
    /// Bytes that the file does not have.
    Nothing,
}

/// Reads the header of a request.
pub(super) fn wanted(header: Option<&str>, length: usize) -> Wanted {
    let Some(range) = header.and_then(|text| text.trim().strip_prefix("bytes=")) else {
        return Wanted::All;
    };
    let Some((first, last)) = range.split_once('-') else {
        return Wanted::All;
    };
    match (number(first), number(last)) {
        (Some(Some(first)), Some(last)) => {
            if last.is_some_and(|last| last < first) {
                return Wanted::All;
            }
            if first >= length {
                return Wanted::Nothing;
            }
            let end = last.map_or(length, |last| last.saturating_add(1).min(length));
            Wanted::Part(first..end)
        }
        (Some(None), Some(Some(0))) => Wanted::Nothing,
        (Some(None), Some(Some(count))) if length > 0 => {
            Wanted::Part(length.saturating_sub(count)..length)
        }
        (Some(None), Some(Some(_))) => Wanted::Nothing,
        _ => Wanted::All,
    }
}

/// `Some(None)` for nothing, `None` for what is no number.
fn number(text: &str) -> Option<Option<usize>> {
    let text = text.trim();
    if text.is_empty() {
        return Some(None);
    }
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // More digits than fit are more bytes than there are.
    Some(Some(text.parse().unwrap_or(usize::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_of_a_range_is_understood() {
        use Wanted::{All, Nothing, Part};
        for (header, wanted_of_100) in [
            (None, All),
            (Some("bytes=0-9"), Part(0..10)),
            (Some("bytes=10-"), Part(10..100)),
            (Some("bytes=-10"), Part(90..100)),
            (Some("bytes=-1000"), Part(0..100)),
            (Some("bytes=90-1000"), Part(90..100)),
            (Some("bytes=99-99999999999999999999999"), Part(99..100)),
            (Some("bytes=100-"), Nothing),
            (Some("bytes=99999999999999999999999-"), Nothing),
            (Some("bytes=-0"), Nothing),
            (Some("bytes=9-3"), All),
            (Some("bytes=-"), All),
            (Some("bytes=a-b"), All),
            (Some("bytes=+1-2"), All),
            (Some("bytes=0-1,4-5"), All),
            (Some("lines=0-1"), All),
            (Some(""), All),
        ] {
            assert_eq!(wanted(header, 100), wanted_of_100, "{header:?}");
        }
        assert_eq!(wanted(Some("bytes=0-"), 0), Nothing);
        assert_eq!(wanted(Some("bytes=-5"), 0), Nothing);
    }
}
