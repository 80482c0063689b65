//! What a person has to be told of what happened while nobody could ask.
//!
//! A notice is kept until the person saw it. Its words are in the texts of the apps, under
//! [`Notice::words`]; nothing here is a sentence of ours.

use serde::{Deserialize, Serialize};

use crate::id::{BlobId, CommandId, TripId};
use crate::pricing::Fare;
use crate::sync::store::NoticeId;
use crate::wire::ErrorCode;

/// Something that a person has to be told once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Notice {
    /// Something that was done here does not count.
    CommandRejected {
        /// The command.
        command: CommandId,
        /// What was done, as `DeviceAction::as_str` says.
        action: String,
        /// The trip, if it was about one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        trip: Option<TripId>,
        /// Why, for programs.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<ErrorCode>,
        /// Why, in the server's words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        detail: Option<String>,
    },
    /// A trip of the driver was called off by somebody else.
    TripCancelled {
        /// The trip.
        trip: TripId,
    },
    /// A trip of the driver was given to somebody else.
    TripTaken {
        /// The trip.
        trip: TripId,
    },
    /// A trip that was called off or given away goes on, because the driver had started it.
    TripResumed {
        /// The trip.
        trip: TripId,
    },
    /// The rider goes elsewhere.
    StopsChanged {
        /// The trip.
        trip: TripId,
    },
    /// What is charged is not what was shown.
    FareCorrected {
        /// The trip.
        trip: TripId,
        /// What was shown.
        shown: Fare,
        /// What is charged.
        charged: Fare,
    },
    /// The server does not take the commands as they are. They are kept and tried again.
    CommandsHeld {
        /// Why, for programs.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<ErrorCode>,
    },
    /// The server does not take a piece of a track. It is kept.
    TrackHeld {
        /// The trip, if it is of one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        trip: Option<TripId>,
        /// Why, for programs.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<ErrorCode>,
    },
    /// The server does not take a file. It is kept.
    FileHeld {
        /// The file.
        blob: BlobId,
        /// Why, for programs.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<ErrorCode>,
    },
    /// The server does not take this device.
    DeviceHeld {
        /// Why, for programs.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<ErrorCode>,
    },
    /// A newer program wrote this.
    #[serde(other)]
    Unknown,
}

impl Notice {
    /// The id of its words in the texts of the apps.
    pub const fn words(&self) -> &'static str {
        match self {
            Self::CommandRejected { .. } => "offline-notice-command-rejected",
            Self::TripCancelled { .. } => "offline-notice-trip-cancelled",
            Self::TripTaken { .. } => "offline-notice-trip-taken",
            Self::TripResumed { .. } => "offline-notice-trip-resumed",
            Self::StopsChanged { .. } => "offline-notice-stops-changed",
            Self::FareCorrected { .. } => "offline-notice-fare-corrected",
            Self::CommandsHeld { .. } => "offline-notice-commands-held",
            Self::TrackHeld { .. } => "offline-notice-track-held",
            Self::FileHeld { .. } => "offline-notice-file-held",
            Self::DeviceHeld { .. } => "offline-notice-device-held",
            Self::Unknown => "offline-notice-unknown",
        }
    }

    /// The command that it is about, if it is about one.
    pub const fn command(&self) -> Option<CommandId> {
        match self {
            Self::CommandRejected { command, .. } => Some(*command),
            _ => None,
        }
    }
}

/// A notice that the person has not seen.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptNotice {
    /// Names it for [`Device::seen`](super::Device::seen).
    pub id: NoticeId,
    /// What it says.
    pub notice: Notice,
}
