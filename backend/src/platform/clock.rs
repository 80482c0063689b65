//! The server's clock.

use chrono::{DateTime, SubsecRound, Utc};

/// PostgreSQL keeps microseconds; a finer time would change when it is read back.
const DIGITS: u16 = 6;

/// The time now, as the database can keep it.
pub fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(DIGITS)
}
