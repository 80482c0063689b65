//! Devices of people, and the keys that they sign and check with.
//!
//! A device is registered once, by one person and with one key; doing it again changes its name. A key
//! never changes: a device that lost it is another device, as is one whose file was set aside.

pub mod api;
mod queries;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use wayfare_core::id::{DeviceId, UserId};
use wayfare_core::signing::{KeyId, KeyRing, PublicKey};
use wayfare_core::sync::ChainHash;
use wayfare_core::wire::{self, ErrorCode, Jwk, NewDevice};

use self::queries::{DeviceRow, NewDeviceRow};
use super::kits;
use crate::platform::clock;
use crate::platform::failure::Failure;
use crate::platform::plain_text::clean_line;

/// More devices nobody has.
const DEVICES_MAX: i64 = 20;
const NAME_CHARACTERS_MAX: usize = 60;
/// The id under which a device signs.
const SIGNING_KEY: KeyId = KeyId(0);

/// A registered device, as far as its chain has come.
#[derive(Debug, Clone)]
pub(super) struct KnownDevice {
    pub(super) id: DeviceId,
    /// Place of the last command; 0 for none.
    pub(super) last_seq: u64,
    /// The link of the chain after it.
    pub(super) head: ChainHash,
    /// What its batches are signed with.
    pub(super) keys: KeyRing,
}

/// Registers a device, or changes the name of one that is.
async fn register(
    connection: &mut PgConnection,
    user: UserId,
    wanted: &NewDevice,
) -> Result<wire::Device, Failure> {
    let name = clean_line("name", &wanted.name, NAME_CHARACTERS_MAX)?;
    let key = public_key(&wanted.public_key)?;
    let now = clock::now();
    let device = wanted.device_id;
    queries::lock_devices(connection, user).await?;
    if queries::find_device(connection, device).await?.is_none() {
        check_count(connection, user).await?;
        let head = ChainHash::first(device);
        let row = NewDeviceRow {
            device,
            user,
            name: &name,
            public_key: &key.bytes,
            head: head.bytes(),
            now,
        };
        queries::insert_device(connection, row).await?;
    }
    // Also after an insertion that another person was faster with.
    let known = queries::find_device(connection, device).await?;
    let known = known.ok_or_else(|| Failure::not_found("device"))?;
    if known.user_id != user.uuid() || known.public_key != key.bytes {
        let detail = "there is another device of this id, or this one has another key";
        return Err(Failure::refused(ErrorCode::AlreadyExists, detail));
    }
    queries::rename_device(connection, device, &name, now).await?;
    show(connection, user, &known, now).await
}

async fn check_count(connection: &mut PgConnection, user: UserId) -> Result<(), Failure> {
    if queries::count_devices(connection, user).await? < DEVICES_MAX {
        return Ok(());
    }
    let detail = format!("nobody has more than {DEVICES_MAX} devices");
    Err(Failure::refused(ErrorCode::TooMany, detail))
}

async fn show(
    connection: &mut PgConnection,
    user: UserId,
    row: &DeviceRow,
    now: DateTime<Utc>,
) -> Result<wire::Device, Failure> {
    let pin_key = kits::pin_key(connection, user).await?;
    let (last_seq, head) = chain_end(row)?;
    Ok(wire::Device {
        device_id: DeviceId::from_uuid(row.id),
        pin_key: BASE64_URL_SAFE_NO_PAD.encode(pin_key.bytes()),
        last_seq,
        head,
        registered_at: row.registered_at,
        server_time: now,
    })
}

/// This device of this person, as it is at this moment.
pub(super) async fn find(
    connection: &mut PgConnection,
    user: UserId,
    device: DeviceId,
) -> Result<Option<KnownDevice>, Failure> {
    let row = queries::find_device(connection, device).await?;
    let own = row.filter(|row| row.user_id == user.uuid());
    own.map(known).transpose()
}

/// This device of this person, for one batch at a time: it is locked until the transaction ends.
pub(super) async fn lock(
    connection: &mut PgConnection,
    user: UserId,
    device: DeviceId,
) -> Result<Option<KnownDevice>, Failure> {
    let row = queries::find_device_for_update(connection, device, user).await?;
    row.map(known).transpose()
}

/// Notes how far a device's chain has come.
pub(super) async fn advance(
    connection: &mut PgConnection,
    device: &KnownDevice,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let last_seq = i64::try_from(device.last_seq)
        .map_err(|error| Failure::broken("writing a device", error))?;
    let head = device.head.bytes();
    queries::advance_device(connection, device.id, last_seq, head, now).await?;
    Ok(())
}

fn known(row: DeviceRow) -> Result<KnownDevice, Failure> {
    let (last_seq, head) = chain_end(&row)?;
    let mut keys = KeyRing::default();
    keys.insert(PublicKey {
        id: SIGNING_KEY,
        bytes: bytes(row.public_key)?,
    });
    Ok(KnownDevice {
        id: DeviceId::from_uuid(row.id),
        last_seq,
        head,
        keys,
    })
}

fn chain_end(row: &DeviceRow) -> Result<(u64, ChainHash), Failure> {
    let last_seq =
        u64::try_from(row.last_seq).map_err(|error| Failure::broken("reading a device", error))?;
    Ok((last_seq, ChainHash::from_bytes(bytes(row.head.clone())?)))
}

fn bytes(stored: Vec<u8>) -> Result<[u8; 32], Failure> {
    stored
        .try_into()
        .map_err(|_| Failure::broken("reading a device", WrongLength))
}

#[derive(Debug, thiserror::Error)]
#[error("a key or a link has 32 bytes")]
struct WrongLength;

/// The key of 43 letters of base64url, if signatures can be checked with it.
fn public_key(text: &str) -> Result<PublicKey, Failure> {
    let jwk = Jwk {
        kty: "OKP".to_owned(),
        crv: Some("Ed25519".to_owned()),
        kid: Some(SIGNING_KEY.to_string()),
        x: Some(text.to_owned()),
        alg: None,
        usage: None,
    };
    PublicKey::try_from(&jwk).map_err(|_| {
        let detail = "`public_key` is not the 32 bytes of a usable Ed25519 key in base64url";
        Failure::refused(ErrorCode::InvalidRequest, detail)
    })
}

#[cfg(test)]
mod tests {
    use wayfare_core::signing::SigningKey;

    use super::*;

    #[test]
    fn a_key_that_anybody_could_sign_with_is_refused() {
        let good = SigningKey::from_seed(SIGNING_KEY, &[7; 32]).public().bytes;
        let good = BASE64_URL_SAFE_NO_PAD.encode(good);
        assert!(public_key(&good).is_ok());
        let weak = BASE64_URL_SAFE_NO_PAD.encode([0; 32]);
        for wrong in ["", "AAAA", &format!("{good}="), &weak] {
            let failure = public_key(wrong).unwrap_err();
            assert_eq!(failure.code(), ErrorCode::InvalidRequest, "{wrong}");
        }
    }
}
