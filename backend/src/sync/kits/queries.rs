//! SQL of `sync.pin_keys`.

use sqlx::PgConnection;
use wayfare_core::id::UserId;

/// One that is there already stays as it is.
pub(super) async fn insert_pin_key(
    connection: &mut PgConnection,
    user: UserId,
    key: &[u8],
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO sync.pin_keys (user_id, key) VALUES ($1, $2) ON CONFLICT (user_id) DO NOTHING",
        user.uuid(),
        key,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn find_pin_key(
    connection: &mut PgConnection,
    user: UserId,
) -> sqlx::Result<Option<Vec<u8>>> {
    sqlx::query_scalar!(
        "SELECT key FROM sync.pin_keys WHERE user_id = $1",
        user.uuid()
    )
    .fetch_optional(connection)
    .await
}
