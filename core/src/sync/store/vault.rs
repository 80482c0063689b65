//! The stores of the people who use a device, one open at a time.
//!
//! Each person has a folder with an encrypted file, and a secret in the keystore with its key and with
//! what the device signs with. Whoever signs out leaves both behind: the next person sees nothing of
//! it, and what was not sent goes up when its owner is back. A file that cannot be read is put aside
//! as a whole folder, so that it is moved with its log or not at all; its key stays in the keystore
//! under the name of its device. What begins then is a new device with a chain of its own.

use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::sync::Arc;

use super::Store;
use super::error::{StoreError, StoreHealth};
use super::keystore::{DeviceKeys, Keystore, KeystoreError, Secrets, sync_folder};
use super::open::has_log;
use super::owner::{Owner, StoreKey};
use crate::id::{DeviceId, UserId};
use crate::signing::{KeyId, SigningKey};
use crate::sync::pin_check::PinKey;

const LOCK: &str = "vault.lock";
const FILE: &str = "work.db";
/// The most files of one person that are kept aside.
const ASIDE_MAX: u32 = 1_000;

/// Why a person's store cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// The store itself says why.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The keystore says why.
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
}

impl VaultError {
    /// What the person is shown.
    pub const fn health(&self) -> StoreHealth {
        match self {
            Self::Store(error) => error.health(),
            Self::Keystore(_) => StoreHealth::Failing,
        }
    }
}

impl From<io::Error> for VaultError {
    fn from(error: io::Error) -> Self {
        Self::Store(error.into())
    }
}

/// The stores of the people who use a device.
#[derive(Clone)]
pub struct Vault {
    folder: PathBuf,
    keystore: Arc<dyn Keystore>,
}

impl Vault {
    /// Keeps stores in this folder, which is made when it is needed, and their keys in `keystore`.
    pub fn new(folder: impl Into<PathBuf>, keystore: Arc<dyn Keystore>) -> Self {
        Self {
            folder: folder.into(),
            keystore,
        }
    }

    /// Opens a person's store, or begins one as a new device with keys from `entropy`, which fills a
    /// slice with random bytes. While it is open nobody else's can be.
    ///
    /// [`StoreError::Unreadable`] says that the file is damaged or its key is gone; it stays where it
    /// is until [`Vault::set_aside`].
    pub fn open(
        &self,
        user: UserId,
        entropy: &mut dyn FnMut(&mut [u8]),
    ) -> Result<(Store, DeviceKeys), VaultError> {
        let lock = self.lock()?;
        let file = self.file_of(user);
        let is_there = file.try_exists()? || has_log(&file)?;
        let secrets = match (is_there, self.secrets(user)?) {
            (true, Some(secrets)) => secrets,
            (true, None) => return Err(StoreError::unreadable().into()),
            (false, earlier) => self.begin(user, earlier.as_ref(), entropy)?,
        };
        let owner = Owner {
            user,
            device: device_of(&secrets),
        };
        let key = StoreKey::from_bytes(secrets.store_key);
        let mut store = Store::open(&file, &key, owner)?;
        store.hold(lock);
        Ok((store, keys_of(&secrets)))
    }

    /// Puts a person's file aside and answers where it is. Nothing of it is changed; the next
    /// [`Vault::open`] begins a new device. The store must not be open.
    pub fn set_aside(&self, user: UserId) -> Result<PathBuf, VaultError> {
        let _lock = self.lock()?;
        let label = match self.secrets(user) {
            Ok(Some(secrets)) => {
                self.keep_for_good(user, &secrets)?;
                device_of(&secrets).to_string()
            }
            Ok(None) | Err(VaultError::Keystore(KeystoreError::Damaged)) => "unknown".to_owned(),
            Err(error) => return Err(error),
        };
        for number in 1..=ASIDE_MAX {
            let aside = self.folder.join(format!("{user}.aside-{label}-{number}"));
            if aside.try_exists()? {
                continue;
            }
            fs::rename(self.folder_of(user), &aside)?;
            sync_folder(&self.folder)?;
            return Ok(aside);
        }
        Err(io::Error::from(ErrorKind::AlreadyExists).into())
    }

    /// Keeps the key that the server gave for checking PINs.
    pub fn keep_pin_key(&self, user: UserId, key: &PinKey) -> Result<(), VaultError> {
        let secrets = self.secrets(user)?.ok_or(KeystoreError::Damaged)?;
        let secrets = Secrets {
            pin_key: Some(*key.bytes()),
            ..secrets
        };
        Ok(self.keystore.set(&name_of(user), &secrets.write())?)
    }

    /// Where a person's file is, whether it is there or not.
    pub fn file_of(&self, user: UserId) -> PathBuf {
        self.folder_of(user).join(FILE)
    }

    fn folder_of(&self, user: UserId) -> PathBuf {
        self.folder.join(user.to_string())
    }

    /// One person at a time, whatever program it is.
    fn lock(&self) -> Result<File, VaultError> {
        fs::create_dir_all(&self.folder)?;
        let path = self.folder.join(LOCK);
        let mut options = OpenOptions::new();
        let file = options.read(true).append(true).create(true).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse.into()),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    fn secrets(&self, user: UserId) -> Result<Option<Secrets>, VaultError> {
        let bytes = self.keystore.get(&name_of(user))?;
        Ok(bytes.map(|bytes| Secrets::read(&bytes)).transpose()?)
    }

    /// A new device: its keys lie safe before its file is there.
    fn begin(
        &self,
        user: UserId,
        earlier: Option<&Secrets>,
        entropy: &mut dyn FnMut(&mut [u8]),
    ) -> Result<Secrets, VaultError> {
        // The file that they belong to may be somewhere yet.
        if let Some(earlier) = earlier {
            self.keep_for_good(user, earlier)?;
        }
        let mut secrets = Secrets {
            device: [0; 16],
            store_key: [0; 32],
            signing_seed: [0; 32],
            pin_key: None,
        };
        entropy(&mut secrets.device);
        entropy(&mut secrets.store_key);
        entropy(&mut secrets.signing_seed);
        let uuid = uuid::Builder::from_random_bytes(secrets.device).into_uuid();
        secrets.device = *uuid.as_bytes();
        self.keystore.set(&name_of(user), &secrets.write())?;
        fs::create_dir_all(self.folder_of(user))?;
        sync_folder(&self.folder)?;
        Ok(secrets)
    }

    fn keep_for_good(&self, user: UserId, secrets: &Secrets) -> Result<(), VaultError> {
        let name = format!("{}.{}", name_of(user), device_of(secrets));
        Ok(self.keystore.set(&name, &secrets.write())?)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

fn name_of(user: UserId) -> String {
    format!("wayfare.{user}")
}

const fn device_of(secrets: &Secrets) -> DeviceId {
    DeviceId::from_uuid(uuid::Uuid::from_bytes(secrets.device))
}

fn keys_of(secrets: &Secrets) -> DeviceKeys {
    DeviceKeys {
        signing: SigningKey::from_seed(KeyId(0), &secrets.signing_seed),
        pin: secrets.pin_key.map(PinKey::from_bytes),
    }
}
