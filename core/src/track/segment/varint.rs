//! Whole numbers in as few bytes as they need, in the one shortest form.

use super::SegmentError;

const MORE: u8 = 0x80;
const BITS: u32 = 7;

pub(super) fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= u64::from(MORE) {
        bytes.push(low_bits(number) | MORE);
        number >>= BITS;
    }
    bytes.push(low_bits(number));
}

pub(super) fn put_folded(bytes: &mut Vec<u8>, number: i32) {
    let folded = (number << 1) ^ (number >> 31);
    put(bytes, u64::from(folded.cast_unsigned()));
}

pub(super) fn put_folded_64(bytes: &mut Vec<u8>, number: i64) {
    let folded = (number << 1) ^ (number >> 63);
    put(bytes, folded.cast_unsigned());
}

const fn low_bits(number: u64) -> u8 {
    let [low, ..] = number.to_le_bytes();
    low & !MORE
}

/// Bytes that are read from the front.
pub(super) struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    pub(super) const fn of(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn byte(&mut self) -> Result<u8, SegmentError> {
        let (first, rest) = self.0.split_first().ok_or(SegmentError::Malformed)?;
        self.0 = rest;
        Ok(*first)
    }

    /// A number of up to 64 bits. Longer ones, and those written longer than they need, are refused.
    pub(super) fn varint(&mut self) -> Result<u64, SegmentError> {
        let mut number = 0_u64;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & !MORE);
            let shifted = bits.checked_shl(shift).ok_or(SegmentError::Malformed)?;
            if shifted.checked_shr(shift) != Some(bits) {
                return Err(SegmentError::Malformed);
            }
            number |= shifted;
            if byte & MORE == 0 {
                let padded = byte == 0 && shift > 0;
                return if padded {
                    Err(SegmentError::Malformed)
                } else {
                    Ok(number)
                };
            }
        }
        Err(SegmentError::Malformed)
    }

    pub(super) fn folded(&mut self) -> Result<i32, SegmentError> {
        let folded = u32::try_from(self.varint()?).map_err(|_| SegmentError::Malformed)?;
        let sign = if folded & 1 == 0 { 0 } else { u32::MAX };
        Ok(((folded >> 1) ^ sign).cast_signed())
    }

    pub(super) fn folded_64(&mut self) -> Result<i64, SegmentError> {
        let folded = self.varint()?;
        let sign = if folded & 1 == 0 { 0 } else { u64::MAX };
        Ok(((folded >> 1) ^ sign).cast_signed())
    }
}
