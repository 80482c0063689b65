//! People who do not want to meet again.

use std::collections::HashMap;

use sqlx::PgConnection;
use wayfare_core::id::{DriverId, RiderId};

use crate::platform::failure::Failure;

/// The drivers whom each of these riders does not meet, whoever of the two wished it.
pub(super) async fn list(
    connection: &mut PgConnection,
    riders: &[RiderId],
) -> Result<HashMap<RiderId, Vec<DriverId>>, Failure> {
    // Stub
    let _ = (connection, riders);
    Ok(HashMap::new())
}
