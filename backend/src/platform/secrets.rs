//! Secrets that Wayfare makes for itself: generated once, kept in a file only its user can read.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use super::config::{AuthConfig, PricingConfig, Secret};

/// 32 random bytes, written as 64 hexadecimal digits.
const BYTES: usize = 32;

#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    #[error("could not {doing} the secret file {}", path.display())]
    Io {
        doing: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("the secret file {} can be read by others (mode {mode:03o}); make it 600", path.display())]
    TooOpen { path: PathBuf, mode: u32 },
    #[error("the secret file {} is empty or damaged; delete it to have a new one made", path.display())]
    Damaged { path: PathBuf },
}

/// The configured secret, else the one in `<data-dir>/secrets/jwt`, made at the first call.
pub fn jwt_secret(config: &AuthConfig, data_dir: &Path) -> Result<Secret, SecretError> {
    match &config.jwt_secret {
        Some(secret) => Ok(secret.clone()),
        None => read_or_create(&data_dir.join("secrets").join("jwt")),
    }
}

/// The configured seed of the signing key, else the one in `<data-dir>/secrets/signing`, made at
/// the first call. 64 hexadecimal digits.
pub fn signing_seed(config: &PricingConfig, data_dir: &Path) -> Result<Secret, SecretError> {
    match &config.signing_key {
        Some(seed) => Ok(seed.clone()),
        None => read_or_create(&data_dir.join("secrets").join("signing")),
    }
}

/// Reads a secret file, or makes it with a random value when it is missing. Two processes that
/// make it at the same time end with the same value.
pub fn read_or_create(path: &Path) -> Result<Secret, SecretError> {
    let io = |doing| {
        move |source| SecretError::Io {
            doing,
            path: path.to_owned(),
            source,
        }
    };
    if let Some(folder) = path.parent() {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(io("create"))?;
    }
    if !path.try_exists().map_err(io("find"))? {
        create(path).map_err(io("create"))?;
    }
    let mode = fs::metadata(path).map_err(io("read"))?.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(SecretError::TooOpen {
            path: path.to_owned(),
            mode,
        });
    }
    let text = fs::read_to_string(path).map_err(io("read"))?;
    let value = text.trim_end();
    if value.len() < BYTES {
        return Err(SecretError::Damaged {
            path: path.to_owned(),
        });
    }
    Ok(Secret::new(value.to_owned()))
}

/// Writes aside and links into place: the link fails when another process was faster, and a file
/// cut short by a crash never gets the name.
fn create(path: &Path) -> io::Result<()> {
    let aside = path.with_extension(format!("{}.new", std::process::id()));
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&aside)?;
    let bytes: [u8; BYTES] = rand::random();
    let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    writeln!(file, "{text}")?;
    file.sync_all()?;
    let linked = fs::hard_link(&aside, path);
    fs::remove_file(&aside)?;
    match linked {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    use super::{SecretError, read_or_create};

    #[test]
    fn a_secret_is_made_once_and_kept_from_others() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secrets/jwt");
        let first = read_or_create(&path).unwrap();
        assert_eq!(first.expose().len(), 64);
        assert_eq!(read_or_create(&path).unwrap(), first);
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(
            std::fs::read_dir(path.parent().unwrap()).unwrap().count(),
            1
        );
        let other = read_or_create(&dir.path().join("secrets/other")).unwrap();
        assert_ne!(other, first);
    }

    #[test]
    fn a_secret_that_others_can_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("jwt");
        read_or_create(&path).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(
            read_or_create(&path),
            Err(SecretError::TooOpen { mode: 0o644, .. })
        ));
    }

    #[test]
    fn a_damaged_secret_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("jwt");
        read_or_create(&path).unwrap();
        std::fs::write(&path, "").unwrap();
        assert!(matches!(
            read_or_create(&path),
            Err(SecretError::Damaged { .. })
        ));
    }
}
