//! How much slower than free traffic each hour of the week is.

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeZone, Timelike, Weekday};
use serde::{Deserialize, Serialize};

/// What leaves durations alone.
const FREE_BPS: u32 = 10_000;
const MINUTES_PER_HOUR: u32 = 60;
const HALF_AN_HOUR: u32 = 30;
const HOURS: usize = 24;

/// Why numbers are no profile of speeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SpeedProfileError {
    /// A day has another number of hours.
    #[error("a day of a speed profile has 24 values, not {0}")]
    Hours(usize),
    /// Nobody drives so fast or so slowly.
    #[error("a value of a speed profile is from 5000 to 50000 basis points, not {0}")]
    Value(u32),
}

/// How much slower than free traffic each hour of the week is, in basis points: 10,000 leaves
/// durations alone, 15,000 makes them half as long again.
///
/// A value holds in the middle of its hour (that of hour 8 at 8:30); between the middles it changes
/// evenly, across midnight too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "UncheckedProfile")]
pub struct SpeedProfile {
    /// Monday to Friday, by hour; 24 of them.
    pub weekday_bps: Vec<u32>,
    /// Saturday and Sunday, by hour; 24 of them.
    pub weekend_bps: Vec<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UncheckedProfile {
    weekday_bps: Vec<u32>,
    weekend_bps: Vec<u32>,
}

impl TryFrom<UncheckedProfile> for SpeedProfile {
    type Error = SpeedProfileError;

    fn try_from(unchecked: UncheckedProfile) -> Result<Self, SpeedProfileError> {
        Self::new(unchecked.weekday_bps, unchecked.weekend_bps)
    }
}

impl Default for SpeedProfile {
    /// A city of no particular kind. At night durations are those of free traffic. On weekdays they
    /// rise to 1.40 times that in the morning (8:30) and 1.45 times in the evening (18:30), with
    /// about 1.2 between; on weekends to 1.2 in the afternoon. Learned speeds are better where
    /// there are some.
    fn default() -> Self {
        let day = |percent: [u32; HOURS]| percent.map(|value| value.saturating_mul(100)).to_vec();
        Self {
            weekday_bps: day([
                100, 100, 100, 100, 100, 100, 108, 127, 140, 128, 118, 117, //
                121, 121, 119, 123, 132, 143, 145, 130, 115, 108, 104, 101,
            ]),
            weekend_bps: day([
                100, 100, 100, 100, 100, 100, 100, 101, 104, 108, 113, 117, //
                119, 118, 117, 118, 119, 120, 119, 116, 111, 107, 104, 102,
            ]),
        }
    }
}

impl SpeedProfile {
    /// The smallest value: twice as fast as free traffic.
    pub const BPS_MIN: u32 = 5_000;
    /// The largest value: five times as slow as free traffic.
    pub const BPS_MAX: u32 = 50_000;

    /// A profile of 24 values for a day from Monday to Friday and 24 for a day of the weekend, in
    /// basis points from [`SpeedProfile::BPS_MIN`] to [`SpeedProfile::BPS_MAX`].
    pub fn new(weekday_bps: Vec<u32>, weekend_bps: Vec<u32>) -> Result<Self, SpeedProfileError> {
        for day in [&weekday_bps, &weekend_bps] {
            if day.len() != HOURS {
                return Err(SpeedProfileError::Hours(day.len()));
            }
            let fits = |bps: &u32| (Self::BPS_MIN..=Self::BPS_MAX).contains(bps);
            if let Some(bps) = day.iter().find(|bps| !fits(bps)) {
                return Err(SpeedProfileError::Value(*bps));
            }
        }
        Ok(Self {
            weekday_bps,
            weekend_bps,
        })
    }

    /// The multiplier of durations at a local time, in basis points, interpolated between the
    /// middles of hours. An hour that a profile made by hand lacks counts as free traffic.
    pub fn slowness_bps<Z: TimeZone>(&self, at: &DateTime<Z>) -> u32 {
        let local = at.naive_local();
        let (date, hour, minute) = (local.date(), local.hour(), local.minute());
        let here = self.hour_bps(date, hour);
        if minute >= HALF_AN_HOUR {
            let next = match hour {
                23 => self.hour_bps(date.checked_add_days(Days::new(1)).unwrap_or(date), 0),
                _ => self.hour_bps(date, hour.saturating_add(1)),
            };
            between(here, next, minute.saturating_sub(HALF_AN_HOUR))
        } else {
            let before = match hour {
                0 => self.hour_bps(date.checked_sub_days(Days::new(1)).unwrap_or(date), 23),
                _ => self.hour_bps(date, hour.saturating_sub(1)),
            };
            between(before, here, minute.saturating_add(HALF_AN_HOUR))
        }
    }

    fn hour_bps(&self, date: NaiveDate, hour: u32) -> u32 {
        let day = match date.weekday() {
            Weekday::Sat | Weekday::Sun => &self.weekend_bps,
            _ => &self.weekday_bps,
        };
        let hour = usize::try_from(hour).unwrap_or_default();
        day.get(hour).copied().unwrap_or(FREE_BPS)
    }
}

/// The value so many minutes after the middle of an hour, before that of the next.
fn between(first: u32, second: u32, minutes: u32) -> u32 {
    let part = |bps: u32, minutes: u32| u64::from(bps).saturating_mul(u64::from(minutes));
    let sum =
        part(first, MINUTES_PER_HOUR.saturating_sub(minutes)).saturating_add(part(second, minutes));
    let mean = sum.checked_div(u64::from(MINUTES_PER_HOUR));
    mean.and_then(|mean| u32::try_from(mean).ok())
        .unwrap_or(FREE_BPS)
}

#[cfg(test)]
mod tests {
    use chrono::{FixedOffset, Utc};

    use super::*;

    /// Free traffic, with these values at these hours of weekdays.
    fn weekdays(values: &[(usize, u32)]) -> SpeedProfile {
        let mut weekday_bps = vec![10_000; 24];
        for (hour, bps) in values {
            weekday_bps[*hour] = *bps;
        }
        SpeedProfile::new(weekday_bps, vec![12_000; 24]).unwrap()
    }

    fn monday(hour: u32, minute: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 3, 2, hour, minute, 0).unwrap()
    }

    #[test]
    fn a_value_holds_in_the_middle_of_its_hour_and_changes_evenly() {
        let profile = weekdays(&[(8, 16_000), (9, 13_000)]);
        assert_eq!(profile.slowness_bps(&monday(8, 30)), 16_000);
        assert_eq!(profile.slowness_bps(&monday(9, 0)), 14_500);
        assert_eq!(profile.slowness_bps(&monday(8, 15)), 14_500);
        assert_eq!(profile.slowness_bps(&monday(9, 20)), 13_500);
        assert_eq!(profile.slowness_bps(&monday(11, 0)), 10_000);
    }

    #[test]
    fn midnight_joins_the_weekend_and_the_week() {
        let profile = weekdays(&[]);
        assert_eq!(profile.slowness_bps(&monday(0, 0)), 11_000, "Sunday ends");
        assert_eq!(profile.slowness_bps(&monday(0, 29)), 10_033);
        let friday = Utc.with_ymd_and_hms(2026, 3, 6, 23, 45, 0).unwrap();
        assert_eq!(profile.slowness_bps(&friday), 10_500);
        let tuesday = Utc.with_ymd_and_hms(2026, 3, 3, 0, 0, 0).unwrap();
        assert_eq!(profile.slowness_bps(&tuesday), 10_000);
    }

    #[test]
    fn the_hour_is_that_of_the_local_clock() {
        let profile = weekdays(&[(8, 16_000)]);
        let east = FixedOffset::east_opt(3 * 3600).unwrap();
        assert_eq!(profile.slowness_bps(&monday(8, 30)), 16_000);
        let there = monday(5, 30).with_timezone(&east);
        assert_eq!(profile.slowness_bps(&there), 16_000);
    }

    #[test]
    fn a_profile_that_is_none_is_refused() {
        let day = |bps| vec![bps; 24];
        assert_eq!(
            SpeedProfile::new(vec![10_000; 23], day(10_000)),
            Err(SpeedProfileError::Hours(23))
        );
        assert_eq!(
            SpeedProfile::new(day(10_000), day(4_999)),
            Err(SpeedProfileError::Value(4_999))
        );
        assert_eq!(
            SpeedProfile::new(day(50_001), day(10_000)),
            Err(SpeedProfileError::Value(50_001))
        );
        assert!(SpeedProfile::new(day(5_000), day(50_000)).is_ok());
    }

    #[test]
    fn a_profile_from_a_file_is_checked_too() {
        let read = |json: &serde_json::Value| serde_json::from_value::<SpeedProfile>(json.clone());
        let mut json = serde_json::to_value(SpeedProfile::default()).unwrap();
        assert_eq!(read(&json).unwrap(), SpeedProfile::default());
        json["weekend_bps"][3] = 60_000.into();
        let error = read(&json).unwrap_err().to_string();
        assert!(error.contains("not 60000"), "{error}");
        json["weekend_bps"] = serde_json::json!([]);
        assert!(read(&json).is_err());
    }

    #[test]
    fn the_default_is_free_at_night_and_slow_at_the_two_peaks() {
        let profile = SpeedProfile::default();
        let SpeedProfile {
            weekday_bps,
            weekend_bps,
        } = profile.clone();
        assert!(SpeedProfile::new(weekday_bps, weekend_bps).is_ok());
        let at = |hour, minute| profile.slowness_bps(&monday(hour, minute));
        assert_eq!(at(3, 0), 10_000);
        assert!(at(8, 30) > at(11, 30) && at(18, 30) > at(14, 30));
        assert_eq!(at(18, 30), 14_500);
        let saturday = Utc.with_ymd_and_hms(2026, 3, 7, 8, 30, 0).unwrap();
        assert!(profile.slowness_bps(&saturday) < at(8, 30));
    }
}
