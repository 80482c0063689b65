//! Text messages as files, for places without a provider: a file per message in
//! `<data folder>/spool/sms`, readable by the server's own user only.
//!
//! A file appears under its name only when it is complete, and names sort by time. Messages older
//! than a day are removed, so that the folder does not grow without end.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;
use serde::Serialize;
use uuid::Uuid;

use super::sms::{Sms, SmsError, SmsSender};

const KEPT_FOR: TimeDelta = TimeDelta::days(1);
/// Old messages are looked for once in so many new ones.
const MESSAGES_BETWEEN_REMOVALS: u32 = 256;

/// Writes messages into a folder.
#[derive(Debug)]
pub struct SpoolSms {
    folder: PathBuf,
    written: AtomicU32,
}

#[derive(Serialize)]
struct Message<'a> {
    to: &'a str,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    at: DateTime<Utc>,
}

impl SpoolSms {
    /// Makes the folder if there is none.
    pub fn open(data_dir: &Path) -> Result<Self, SmsError> {
        let folder = data_dir.join("spool").join("sms");
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .map_err(|source| spool_error("make", &folder, source))?;
        let written = AtomicU32::new(0);
        Ok(Self { folder, written })
    }
}

impl SmsSender for SpoolSms {
    fn send(&self, message: Sms) -> BoxFuture<'_, Result<(), SmsError>> {
        let folder = self.folder.clone();
        let count = self.written.fetch_add(1, Ordering::Relaxed);
        let tidy = count.is_multiple_of(MESSAGES_BETWEEN_REMOVALS);
        Box::pin(async move {
            tokio::task::spawn_blocking(move || {
                let now = Utc::now();
                if tidy {
                    remove_before(&folder, now - KEPT_FOR)?;
                }
                write(&folder, &message, now)
            })
            .await?
        })
    }
}

fn write(folder: &Path, message: &Sms, at: DateTime<Utc>) -> Result<(), SmsError> {
    let (to, text) = (message.to.as_str(), message.text.as_str());
    let code = message.code.as_deref();
    let body = serde_json::to_vec(&Message { to, text, code, at })?;
    let name = file_name(at);
    let path = folder.join(&name);
    // The point hides it from readers that list `*.json`, also when it stays behind after a crash.
    let aside = folder.join(format!(".{name}"));
    write_new(&aside, &body).map_err(|source| spool_error("write", &aside, source))?;
    fs::rename(&aside, &path).map_err(|source| spool_error("name", &path, source))
}

fn write_new(path: &Path, body: &[u8]) -> io::Result<()> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?
        .write_all(body)
}

fn file_name(at: DateTime<Utc>) -> String {
    format!("{}-{}.json", stamp(at), Uuid::now_v7().simple())
}

fn stamp(at: DateTime<Utc>) -> impl std::fmt::Display {
    at.format("%Y%m%dT%H%M%S%.6fZ")
}

/// The names tell the age, also of what a crash left behind.
fn remove_before(folder: &Path, before: DateTime<Utc>) -> Result<(), SmsError> {
    let oldest = stamp(before).to_string();
    let listed = |source| spool_error("list", folder, source);
    for entry in fs::read_dir(folder).map_err(listed)? {
        let entry = entry.map_err(listed)?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_message = name.ends_with(".json");
        if is_message && *name.trim_start_matches('.') < *oldest {
            match fs::remove_file(entry.path()) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(spool_error("remove", &entry.path(), error));
                }
                _ => {}
            }
        }
    }
    Ok(())
}

fn spool_error(doing: &'static str, path: &Path, source: io::Error) -> SmsError {
    SmsError::Spool {
        doing,
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn sms(code: &str) -> Sms {
        Sms {
            to: "+351912345678".parse().unwrap(),
            text: format!("Your code is {code}"),
            code: Some(code.to_owned()),
        }
    }

    #[tokio::test]
    async fn messages_are_complete_private_files_that_sort_by_time() {
        let data_dir = tempfile::tempdir().unwrap();
        let spool = SpoolSms::open(data_dir.path()).unwrap();
        for code in ["000001", "000002", "000003"] {
            spool.send(sms(code)).await.unwrap();
        }
        let folder = data_dir.path().join("spool/sms");
        assert_eq!(fs::metadata(&folder).unwrap().mode() & 0o777, 0o700);
        let codes: Vec<String> = names(&folder)
            .iter()
            .map(|name| {
                let path = folder.join(name);
                assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
                let message: serde_json::Value =
                    serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
                assert_eq!(message["to"], "+351912345678");
                assert!(
                    message["at"]
                        .as_str()
                        .unwrap()
                        .parse::<DateTime<Utc>>()
                        .is_ok()
                );
                message["code"].as_str().unwrap().to_owned()
            })
            .collect();
        assert_eq!(codes, ["000001", "000002", "000003"]);
    }

    #[test]
    fn messages_older_than_a_day_are_removed() {
        let data_dir = tempfile::tempdir().unwrap();
        let spool = SpoolSms::open(data_dir.path()).unwrap();
        let now = Utc::now();
        for hours in [50, 25, 23, 0] {
            write(&spool.folder, &sms("000000"), now - TimeDelta::hours(hours)).unwrap();
        }
        let left_behind = format!(".{}", file_name(now - TimeDelta::days(3)));
        write_new(&spool.folder.join(left_behind), b"{").unwrap();
        remove_before(&spool.folder, now - KEPT_FOR).unwrap();
        assert_eq!(names(&spool.folder).len(), 2);
    }

    #[tokio::test]
    async fn a_message_that_cannot_be_written_is_an_error_without_its_content() {
        let data_dir = tempfile::tempdir().unwrap();
        let spool = SpoolSms::open(data_dir.path()).unwrap();
        fs::remove_dir(&spool.folder).unwrap();
        let error = spool.send(sms("123456")).await.unwrap_err();
        assert!(matches!(error, SmsError::Spool { .. }));
        assert!(!format!("{error:?}").contains("123456"));
    }
}
