//! Positions in few bytes, all numbers with the highest byte first:
//!
//! | What | Bytes |
//! |---|---|
//! | 1: seen, 2: gone | 1 |
//! | the driver | 16 |
//! | when, in microseconds since 1970 | 8 |
//! | latitude, longitude in 10⁻⁷ degrees (only seen) | 4 + 4 |
//! | heading in hundredths of a degree; 65535: unknown (only seen) | 2 |
//! | speed in hundredths of a metre per second; 65535: unknown (only seen) | 2 |

use chrono::DateTime;
use uuid::Uuid;
use wayfare_core::geo::LatLng;
use wayfare_core::id::DriverId;
use wayfare_dispatch::Fix;

use super::sharing::PositionChange;
use crate::platform::exchange::Malformed;

/// Bytes of a change that is the longest.
pub(super) const FIX_BYTES: usize = 37;
const SEEN: u8 = 1;
const GONE: u8 = 2;
const UNKNOWN: u16 = u16::MAX;
const HEADING_MAX: u16 = 36_000;

/// Appends a change.
pub(super) fn write(change: &PositionChange, to: &mut Vec<u8>) {
    let (kind, driver, at) = match change {
        PositionChange::Seen { driver, fix } => (SEEN, driver, fix.at),
        PositionChange::Gone { driver, at } => (GONE, driver, *at),
    };
    to.push(kind);
    to.extend_from_slice(driver.uuid().as_bytes());
    to.extend_from_slice(&at.timestamp_micros().to_be_bytes());
    if let PositionChange::Seen { fix, .. } = change {
        to.extend_from_slice(&fix.position.lat_e7().to_be_bytes());
        to.extend_from_slice(&fix.position.lng_e7().to_be_bytes());
        to.extend_from_slice(&hundredths(fix.heading_deg).to_be_bytes());
        to.extend_from_slice(&hundredths(fix.speed_mps).to_be_bytes());
    }
}

/// Reads all changes of a message, or none.
pub(super) fn read_all(mut bytes: &[u8]) -> Result<Vec<PositionChange>, Malformed> {
    let mut changes = Vec::with_capacity(bytes.len() / FIX_BYTES);
    while !bytes.is_empty() {
        changes.push(read(&mut bytes)?);
    }
    Ok(changes)
}

fn read(bytes: &mut &[u8]) -> Result<PositionChange, Malformed> {
    let [kind] = take(bytes)?;
    let driver = DriverId::from_uuid(Uuid::from_bytes(take(bytes)?));
    let at = i64::from_be_bytes(take(bytes)?);
    let at = DateTime::from_timestamp_micros(at).ok_or(Malformed)?;
    match kind {
        GONE => Ok(PositionChange::Gone { driver, at }),
        SEEN => {
            let lat_e7 = i32::from_be_bytes(take(bytes)?);
            let lng_e7 = i32::from_be_bytes(take(bytes)?);
            let heading = u16::from_be_bytes(take(bytes)?);
            if heading > HEADING_MAX && heading != UNKNOWN {
                return Err(Malformed);
            }
            let speed = u16::from_be_bytes(take(bytes)?);
            let fix = Fix {
                position: LatLng::from_e7(lat_e7, lng_e7).map_err(|_| Malformed)?,
                heading_deg: whole(heading),
                speed_mps: whole(speed),
                at,
            };
            Ok(PositionChange::Seen { driver, fix })
        }
        _ => Err(Malformed),
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], Malformed> {
    let (taken, rest) = bytes.split_first_chunk().ok_or(Malformed)?;
    *bytes = rest;
    Ok(*taken)
}

fn hundredths(number: Option<f32>) -> u16 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it was brought into the range"
    )]
    number.map_or(UNKNOWN, |number| {
        (number * 100.0).round().clamp(0.0, f32::from(UNKNOWN - 1)) as u16
    })
}

fn whole(hundredths: u16) -> Option<f32> {
    (hundredths != UNKNOWN).then(|| f32::from(hundredths) / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(heading_deg: Option<f32>, speed_mps: Option<f32>) -> PositionChange {
        PositionChange::Seen {
            driver: DriverId::from_uuid(Uuid::from_u128(0x0102_0304)),
            fix: Fix {
                position: LatLng::from_e7(411_500_000, -86_100_000).unwrap(),
                heading_deg,
                speed_mps,
                at: DateTime::from_timestamp_micros(1_795_000_000_123_456).unwrap(),
            },
        }
    }

    fn gone() -> PositionChange {
        PositionChange::Gone {
            driver: DriverId::from_uuid(Uuid::from_u128(5)),
            at: DateTime::from_timestamp_micros(1_795_000_000_000_001).unwrap(),
        }
    }

    fn written(changes: &[PositionChange]) -> Vec<u8> {
        let mut bytes = Vec::new();
        changes.iter().for_each(|change| write(change, &mut bytes));
        bytes
    }

    #[test]
    fn the_bytes_of_this_version_stay_as_they_are() {
        let bytes = written(&[seen(Some(270.5), None)]);
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(bytes.len(), FIX_BYTES);
        assert_eq!(
            hex,
            "01000000000000000000000000010203040006608b016112401886fde0fade37e069aaffff"
        );
    }

    #[test]
    fn what_is_written_is_read() {
        let changes = [
            seen(Some(0.0), Some(0.0)),
            gone(),
            seen(Some(360.0), Some(12.34)),
            seen(None, None),
        ];
        assert_eq!(read_all(&written(&changes)).unwrap(), changes);
        assert_eq!(read_all(&[]).unwrap(), []);
    }

    #[test]
    fn whatever_is_cut_off_or_changed_is_an_error_or_another_change() {
        let whole = written(&[seen(Some(90.0), Some(8.0)), gone()]);
        for length in 0..whole.len() {
            let read = read_all(&whole[..length]);
            assert_eq!(read.is_ok(), length == 0 || length == FIX_BYTES, "{length}");
        }
        for place in 0..whole.len() {
            for byte in 0..=u8::MAX {
                let mut changed = whole.clone();
                changed[place] = byte;
                // Must not panic; what it reads must be within the ranges.
                for change in read_all(&changed).unwrap_or_default() {
                    if let PositionChange::Seen { fix, .. } = change {
                        assert!(
                            fix.heading_deg
                                .is_none_or(|deg| (0.0..=360.0).contains(&deg))
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn a_place_that_is_none_is_malformed() {
        let mut bytes = written(&[seen(None, None)]);
        bytes[25..29].copy_from_slice(&900_000_001_i32.to_be_bytes());
        assert_eq!(read_all(&bytes), Err(Malformed));
    }
}
