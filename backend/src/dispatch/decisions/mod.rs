//! The record of what rounds decided, for those who ask why.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use wayfare_dispatch::Decision;

use crate::app::App;
use crate::platform::failure::Failure;

/// Keeps what a round decided, and where the cars were that moved since the round before. In the
/// round's transaction, so that there is no offer without its reason.
pub(super) async fn keep(
    connection: &mut PgConnection,
    app: &App,
    decisions: &[Decision],
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    // Stub
    let _ = (connection, app, decisions, now);
    Ok(())
}
