//! What drivers' phones need to finish a trip by themselves.

mod queries;

use sqlx::PgConnection;
use wayfare_core::id::UserId;
use wayfare_core::sync::PinKey;

use crate::platform::failure::Failure;

/// What this person's devices check PINs with. It is made on first use and stays.
pub async fn pin_key(connection: &mut PgConnection, user: UserId) -> Result<PinKey, Failure> {
    // Looked for first: transactions that only read ask as well.
    let stored = match queries::find_pin_key(connection, user).await? {
        Some(stored) => stored,
        None => {
            let fresh: [u8; 32] = rand::random();
            queries::insert_pin_key(connection, user, &fresh).await?;
            queries::get_pin_key(connection, user).await?
        }
    };
    let bytes = stored
        .try_into()
        .map_err(|_| Failure::broken("reading a PIN key", WrongLength))?;
    Ok(PinKey::from_bytes(bytes))
}

#[derive(Debug, thiserror::Error)]
#[error("a PIN key has 32 bytes")]
struct WrongLength;
