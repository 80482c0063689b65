//! Where the keys of a device lie: never in the file that they open.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;

use crate::signing::SigningKey;
use crate::sync::pin_check::PinKey;

/// The most characters of a name.
const NAME_MAX: usize = 200;

/// What a device signs and checks with, besides the key of its store.
#[derive(Debug, Clone)]
pub struct DeviceKeys {
    /// Signs its batches. Its number is 0.
    pub signing: SigningKey,
    /// Checks the PINs of riders; absent until the server gave it.
    pub pin: Option<PinKey>,
}

/// Why a keystore did not do something.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeystoreError {
    /// The operating system keeps it closed, such as before the screen was first unlocked.
    #[error("the keystore is locked")]
    Locked,
    /// A name is lower-case letters, digits, `-`, `_` and `.`, and at most 200 of them.
    #[error("this is not a name of a secret")]
    Name,
    /// What is there is not what was put there.
    #[error("the keystore holds something else than was put there")]
    Damaged,
    /// It failed.
    #[error("the keystore failed")]
    Failed(#[source] io::Error),
}

/// Secrets by name. An app implements it with the keystore of its operating system: Android Keystore,
/// the Keychain, the Secret Service.
pub trait Keystore: Send + Sync {
    /// The secret of this name, if there is one.
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, KeystoreError>;

    /// Keeps a secret in place of the one before. It is kept for good when this returns.
    fn set(&self, name: &str, secret: &[u8]) -> Result<(), KeystoreError>;
}

/// Secrets as plain files of a folder, **for development, simulations and tests only**: whoever has
/// the disk has the keys.
#[derive(Debug, Clone)]
pub struct FileKeystore {
    folder: PathBuf,
}

impl FileKeystore {
    /// Keeps secrets in this folder, which is made when the first one is kept.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    fn path(&self, name: &str) -> Result<PathBuf, KeystoreError> {
        let fits = |c| matches!(c, 'a'..='z' | '0'..='9' | '-' | '_' | '.');
        if name.is_empty() || name.len() > NAME_MAX || !name.chars().all(fits) {
            return Err(KeystoreError::Name);
        }
        Ok(self.folder.join(format!("{name}.secret")))
    }
}

impl Keystore for FileKeystore {
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, KeystoreError> {
        match fs::read(self.path(name)?) {
            Ok(secret) => Ok(Some(secret)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(KeystoreError::Failed(error)),
        }
    }

    fn set(&self, name: &str, secret: &[u8]) -> Result<(), KeystoreError> {
        let path = self.path(name)?;
        let write = || {
            fs::create_dir_all(&self.folder)?;
            let new = path.with_extension("new");
            let mut file = private_file(&new)?;
            file.write_all(secret)?;
            file.sync_all()?;
            fs::rename(&new, &path)?;
            sync_folder(&self.folder)
        };
        write().map_err(KeystoreError::Failed)
    }
}

/// A file that only this account of the operating system can read.
fn private_file(path: &std::path::Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes new names in a folder last through a loss of power.
pub(super) fn sync_folder(folder: &std::path::Path) -> io::Result<()> {
    // Other systems than those of the Unix kind have no such thing.
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

/// What a vault keeps of a person's device, as the bytes of one secret.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Secrets {
    pub device: [u8; 16],
    pub store_key: [u8; 32],
    pub signing_seed: [u8; 32],
    pub pin_key: Option<[u8; 32]>,
}

const SECRETS_VERSION: u8 = 1;

impl Secrets {
    pub(super) fn write(&self) -> Vec<u8> {
        let mut bytes = vec![SECRETS_VERSION];
        bytes.extend_from_slice(&self.device);
        bytes.extend_from_slice(&self.store_key);
        bytes.extend_from_slice(&self.signing_seed);
        bytes.extend(self.pin_key.iter().flatten());
        bytes
    }

    pub(super) fn read(bytes: &[u8]) -> Result<Self, KeystoreError> {
        let parts = || {
            let bytes = bytes.strip_prefix(&[SECRETS_VERSION])?;
            let (device, bytes) = bytes.split_first_chunk()?;
            let (store_key, bytes) = bytes.split_first_chunk()?;
            let (signing_seed, bytes) = bytes.split_first_chunk()?;
            let pin_key = match bytes {
                [] => None,
                key => Some(key.try_into().ok()?),
            };
            Some(Self {
                device: *device,
                store_key: *store_key,
                signing_seed: *signing_seed,
                pin_key,
            })
        };
        parts().ok_or(KeystoreError::Damaged)
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(…)")
    }
}
