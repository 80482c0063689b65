//! Messages to people. This version knows text messages, and one way to send them: the spool folder.
//!
//! Nothing here writes a phone number or a code into a log.

mod sms;
mod spool;

use std::path::Path;
use std::sync::Arc;

use crate::platform::config;

pub use sms::{Sms, SmsError, SmsSender};
pub use spool::SpoolSms;

/// The configured way to send text messages.
pub fn sms_sender(
    kind: config::SmsSender,
    data_dir: &Path,
) -> Result<Arc<dyn SmsSender>, SmsError> {
    match kind {
        config::SmsSender::Spool => Ok(Arc::new(SpoolSms::open(data_dir)?)),
    }
}
