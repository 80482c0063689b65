//! The SMS of everybody in the city: a folder that the backend writes messages into.
//!
//! One task reads the folder for all actors. Messages that were there before are of no use: their
//! passwords are old.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use tokio::sync::oneshot;
use wayfare_core::phone::Phone;

const LOOK_EVERY: Duration = Duration::from_millis(60);
const WAIT_MAX: Duration = Duration::from_secs(45);
/// A message is some hundred bytes; a larger file is something else.
const MESSAGE_BYTES_MAX: u64 = 64 * 1024;

/// Why no password came.
#[derive(Debug, thiserror::Error)]
pub enum InboxError {
    /// The folder cannot be read.
    #[error("cannot read the SMS folder {path}: {source}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// No message came for this number.
    #[error(
        "no SMS for {phone} came into {path} within {} s: is it the folder of this backend?",
        WAIT_MAX.as_secs()
    )]
    Silence {
        /// The number, masked.
        phone: String,
        /// The folder.
        path: PathBuf,
    },
}

#[derive(Debug, Deserialize)]
struct Message {
    to: Phone,
    code: Option<String>,
}

#[derive(Debug, Default)]
struct State {
    seen: HashSet<OsString>,
    waiting: HashMap<Phone, oneshot::Sender<String>>,
}

/// The folder, and who waits for a message.
#[derive(Debug)]
pub struct Inbox {
    folder: PathBuf,
    state: Mutex<State>,
}

/// A password that is on its way.
#[derive(Debug)]
pub struct Awaited<'a> {
    inbox: &'a Inbox,
    phone: Phone,
    code: oneshot::Receiver<String>,
}

impl Inbox {
    /// The inbox of a folder. Messages that are there already count as read. The folder may not
    /// exist yet: the backend makes it with the first message.
    pub fn new(folder: &Path) -> Result<Self, InboxError> {
        let inbox = Self {
            folder: folder.to_owned(),
            state: Mutex::default(),
        };
        let seen = inbox.names()?.into_iter().collect();
        inbox.lock().seen = seen;
        Ok(inbox)
    }

    /// Begins to wait for the next password to a number. Call it before asking for the password.
    pub fn expect(&self, phone: &Phone) -> Awaited<'_> {
        let (sender, code) = oneshot::channel();
        self.lock().waiting.insert(phone.clone(), sender);
        Awaited {
            inbox: self,
            phone: phone.clone(),
            code,
        }
    }

    /// Reads new messages. Whoever waits calls it; it is cheap when nothing is new.
    fn look(&self) -> Result<(), InboxError> {
        let names = self.names()?;
        let mut state = self.lock();
        for name in names {
            if state.seen.contains(&name) {
                continue;
            }
            // Written by renaming, so a message that is there is whole; what cannot be read as one
            // is none.
            let message = self.read(&name);
            state.seen.insert(name);
            if let Some(Message {
                to,
                code: Some(code),
            }) = message
                && let Some(waiting) = state.waiting.remove(&to)
            {
                // Nobody listens any more if the actor gave up meanwhile.
                drop(waiting.send(code));
            }
        }
        Ok(())
    }

    fn names(&self) -> Result<Vec<OsString>, InboxError> {
        let failed = |source| InboxError::Folder {
            path: self.folder.clone(),
            source,
        };
        let entries = match std::fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let is_message = |name: &OsString| {
            Path::new(name)
                .extension()
                .is_some_and(|kind| kind == "json")
        };
        entries
            .map(|entry| entry.map(|entry| entry.file_name()))
            .filter(|name| name.as_ref().map_or(true, is_message))
            .collect::<Result<_, _>>()
            .map_err(failed)
    }

    fn read(&self, name: &OsString) -> Option<Message> {
        let path = self.folder.join(name);
        let is_small = std::fs::metadata(&path).ok()?.len() <= MESSAGE_BYTES_MAX;
        is_small
            .then(|| serde_json::from_slice(&std::fs::read(&path).ok()?).ok())
            .flatten()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Awaited<'_> {
    /// Waits for the password.
    pub async fn code(mut self) -> Result<String, InboxError> {
        let looks = WAIT_MAX.as_millis() / LOOK_EVERY.as_millis();
        for _ in 0..looks {
            self.inbox.look()?;
            if let Ok(code) = self.code.try_recv() {
                return Ok(code);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Err(InboxError::Silence {
            phone: self.phone.masked(),
            path: self.inbox.folder.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phone(number: u32) -> Phone {
        format!("+3519{number:08}").parse().unwrap()
    }

    fn write(folder: &Path, name: &str, to: &Phone, code: &str) {
        let text = serde_json::json!({"to": to, "text": "Your code", "code": code, "at": "x"});
        std::fs::write(folder.join(name), text.to_string()).unwrap();
    }

    #[tokio::test]
    async fn each_number_gets_its_own_newest_password() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "0001.json", &phone(1), "111111");
        let inbox = Inbox::new(folder.path()).unwrap();
        let (one, two) = (inbox.expect(&phone(1)), inbox.expect(&phone(2)));
        write(folder.path(), "0002.json", &phone(2), "222222");
        std::fs::write(folder.path().join("0003.json"), "no message").unwrap();
        std::fs::write(folder.path().join("0004.tmp"), "half a mess").unwrap();
        write(folder.path(), "0005.json", &phone(1), "333333");
        assert_eq!(one.code().await.unwrap(), "333333");
        assert_eq!(two.code().await.unwrap(), "222222");
    }

    #[tokio::test(start_paused = true)]
    async fn silence_ends_with_the_name_of_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("spool");
        let inbox = Inbox::new(&missing).unwrap();
        let error = inbox.expect(&phone(1)).code().await.unwrap_err();
        assert!(error.to_string().contains("spool"), "{error}");
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert!(matches!(Inbox::new(&file), Err(InboxError::Folder { .. })));
    }
}
