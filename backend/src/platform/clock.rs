//! The server's clock.

use chrono::{DateTime, SubsecRound, Utc};

/// PostgreSQL keeps microseconds; a finer time would change when it is read back.
const DIGITS: u16 = 6;

/// The time now, as the database can keep it.
pub fn now() -> DateTime<Utc> {
    as_kept(Utc::now())
}

/// A time that somebody else named, as the database can keep it.
pub fn as_kept(time: DateTime<Utc>) -> DateTime<Utc> {
    time.trunc_subsecs(DIGITS)
}
