//! Where the drivers of this process were last seen. It is memory only: after a restart it fills
//! again with the next positions, within seconds.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use chrono::{DateTime, Utc};
use wayfare_core::geo::LatLng;
use wayfare_core::id::DriverId;

/// Where a driver was, and when.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fix {
    /// Where.
    pub position: LatLng,
    /// Direction of movement in degrees clockwise from north, if known.
    pub heading_deg: Option<f64>,
    /// When it was measured.
    pub at: DateTime<Utc>,
}

/// Where the drivers were last seen.
#[derive(Debug, Default)]
pub struct DriverIndex {
    fixes: RwLock<HashMap<DriverId, Fix>>,
}

impl DriverIndex {
    /// Notes where a driver is. A fix that is older than the known one changes nothing.
    pub fn update(&self, driver: DriverId, fix: Fix) {
        let mut fixes = self.fixes.write().unwrap_or_else(PoisonError::into_inner);
        let known = fixes.entry(driver).or_insert(fix);
        if fix.at >= known.at {
            *known = fix;
        }
    }

    /// Forgets a driver who went offline.
    pub fn remove(&self, driver: DriverId) {
        self.fixes
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&driver);
    }

    /// Where a driver was seen, if it was not before `oldest`.
    pub fn find_fresh(&self, driver: DriverId, oldest: DateTime<Utc>) -> Option<Fix> {
        let fixes = self.fixes.read().unwrap_or_else(PoisonError::into_inner);
        fixes.get(&driver).copied().filter(|fix| fix.at >= oldest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const BOB: DriverId = DriverId::from_uuid(Uuid::from_u128(0xB0B));

    fn fix(lat: f64, second: i64) -> Fix {
        Fix {
            position: LatLng::from_degrees(lat, 0.0).unwrap(),
            heading_deg: None,
            at: DateTime::from_timestamp(second, 0).unwrap(),
        }
    }

    #[test]
    fn a_late_fix_does_not_move_the_car_back() {
        let index = DriverIndex::default();
        index.update(BOB, fix(1.0, 10));
        index.update(BOB, fix(2.0, 5));
        assert_eq!(
            index.find_fresh(BOB, DateTime::UNIX_EPOCH),
            Some(fix(1.0, 10))
        );
    }

    #[test]
    fn a_driver_who_is_silent_is_not_found() {
        let index = DriverIndex::default();
        index.update(BOB, fix(1.0, 10));
        assert_eq!(
            index.find_fresh(BOB, DateTime::from_timestamp(11, 0).unwrap()),
            None
        );
        index.remove(BOB);
        assert_eq!(index.find_fresh(BOB, DateTime::UNIX_EPOCH), None);
    }
}
