//! What stands before every message: the version of the format, and who sends.

use super::Malformed;

/// The version of all formats. Raise it when one of them changes: it is part of the names of channels
/// and tables as well.
pub(super) const VERSION: u8 = 1;
const SENDER_BYTES: usize = 8;
/// More than any instance sends at once; what is longer comes from elsewhere.
const MESSAGE_MAX_BYTES: usize = 1024 * 1024;

/// Puts a message into its envelope.
pub(super) fn seal(sender: u64, message: &[u8]) -> Vec<u8> {
    let mut sealed = Vec::with_capacity(message.len() + SENDER_BYTES + 1);
    sealed.push(VERSION);
    sealed.extend_from_slice(&sender.to_be_bytes());
    sealed.extend_from_slice(message);
    sealed
}

/// Who sends, and what.
pub(super) fn open(bytes: &[u8]) -> Result<(u64, &[u8]), Malformed> {
    if bytes.len() > MESSAGE_MAX_BYTES {
        return Err(Malformed);
    }
    let (version, rest) = bytes.split_first().ok_or(Malformed)?;
    let (sender, message) = rest.split_first_chunk().ok_or(Malformed)?;
    if *version == VERSION {
        Ok((u64::from_be_bytes(*sender), message))
    } else {
        Err(Malformed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_and_nothing_else_does() {
        let sealed = seal(7, b"hello");
        assert_eq!(open(&sealed), Ok((7, &b"hello"[..])));
        assert_eq!(open(&seal(7, b"")), Ok((7, &b""[..])));
        for length in 0..=SENDER_BYTES {
            assert_eq!(open(&sealed[..length]), Err(Malformed), "{length}");
        }
        let mut of_tomorrow = sealed;
        of_tomorrow[0] = VERSION + 1;
        assert_eq!(open(&of_tomorrow), Err(Malformed));
        assert_eq!(open(&seal(7, &vec![0; MESSAGE_MAX_BYTES])), Err(Malformed));
    }
}
