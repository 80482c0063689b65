//! A text message, and what can send one.

use std::fmt;
use std::io;
use std::path::PathBuf;

use futures_util::future::BoxFuture;
use wayfare_core::phone::Phone;

/// A text message.
#[derive(Clone)]
pub struct Sms {
    /// Who gets it.
    pub to: Phone,
    /// What it says.
    pub text: String,
    /// The one-time password in the text, for providers that want it apart.
    pub code: Option<String>,
}

impl fmt::Debug for Sms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sms")
            .field("to", &self.to)
            .finish_non_exhaustive()
    }
}

/// Why a text message was not sent. It holds nothing of the message.
#[derive(Debug, thiserror::Error)]
pub enum SmsError {
    /// The spool folder or a file in it.
    #[error("could not {doing} {}", path.display())]
    Spool {
        /// What was being done.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// What went wrong.
        #[source]
        source: io::Error,
    },
    /// The message cannot be written as JSON.
    #[error("could not write the message as JSON")]
    Json(#[from] serde_json::Error),
    /// The task that sent it did not come to its end.
    #[error("sending was cut short")]
    CutShort(#[from] tokio::task::JoinError),
}

/// Sends text messages.
pub trait SmsSender: Send + Sync {
    /// Hands the message over. When it answers, somebody else is responsible for it.
    fn send(&self, message: Sms) -> BoxFuture<'_, Result<(), SmsError>>;
}
