//! Names of streets: each byte with odds that depend on the two before it.

use super::coder::{Coder, Odds, Reader};
use crate::roads::error::RoadsError;
use crate::roads::network::flat::Names;

/// Ends a name. No text holds it.
const END: u8 = 0;
/// Longer names are refused.
const LENGTH_MAX: usize = 1 << 12;
/// Contexts that have odds of their own.
const CONTEXT_BITS: u32 = 12;

/// Learns which letters follow which.
struct Letters(Vec<[Odds; 256]>);

impl Letters {
    fn new() -> Self {
        Self(vec![[Odds::EVEN; 256]; 1 << CONTEXT_BITS])
    }

    /// Codes a byte that follows two others.
    fn code<C: Coder>(&mut self, coder: &mut C, before: [u8; 2], byte: u8) -> u8 {
        let pair = u32::from(u16::from_be_bytes(before));
        let context = pair
            .wrapping_mul(0x9e37_79b1)
            .checked_shr(u32::BITS.saturating_sub(CONTEXT_BITS))
            .unwrap_or(0);
        let odds = usize::try_from(context)
            .ok()
            .and_then(|c| self.0.get_mut(c));
        let Some(odds) = odds else { return END };
        // A leading one, then the bits that are known.
        let mut known = 1_u8;
        for shift in (1..8).rev() {
            known = known << 1 | Self::bit(coder, odds, known, byte, shift);
        }
        // The last bit would push the leading one out.
        known << 1 | Self::bit(coder, odds, known, byte, 0)
    }

    fn bit<C: Coder>(coder: &mut C, odds: &mut [Odds; 256], known: u8, byte: u8, shift: u8) -> u8 {
        let value = byte.checked_shr(u32::from(shift)).unwrap_or(0) & 1 == 1;
        let odds = odds.get_mut(usize::from(known));
        u8::from(odds.is_some_and(|odds| coder.bit(odds, value)))
    }
}

/// Writes names.
pub(super) fn write<C: Coder>(coder: &mut C, names: &Names) -> Result<(), RoadsError> {
    let mut letters = Letters::new();
    for name in names.iter() {
        if name.len() > LENGTH_MAX || name.bytes().any(|byte| byte == END) {
            return Err(RoadsError::Unfit("the name of a street is no text"));
        }
        let mut before = [END, END];
        for byte in name.bytes().chain([END]) {
            letters.code(coder, before, byte);
            before = [before[1], byte];
        }
    }
    Ok(())
}

/// Reads that many names.
pub(super) fn read(coder: &mut Reader<'_>, count: u32) -> Result<Names, RoadsError> {
    let mut letters = Letters::new();
    let mut names = Names::default();
    let mut bytes = Vec::new();
    for _ in 0..count {
        bytes.clear();
        let mut before = [END, END];
        loop {
            let byte = letters.code(coder, before, END);
            if byte == END {
                break;
            }
            if bytes.len() >= LENGTH_MAX || coder.is_past_end() {
                return Err(RoadsError::Damaged("a name does not end"));
            }
            bytes.push(byte);
            before = [before[1], byte];
        }
        let name = std::str::from_utf8(&bytes);
        names.push(name.map_err(|_| RoadsError::Damaged("a name is no text"))?)?;
    }
    Ok(names)
}
