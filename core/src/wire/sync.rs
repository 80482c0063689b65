//! What devices and the server tell each other: commands up, changes down, tracks and files aside.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::driver::Driver;
use super::problem::ErrorCode;
use super::stream::{Offer, StreamMessage};
use super::trip::Trip;
use crate::id::{BlobId, BootId, CommandId, DeviceId, TripId, UserId};
use crate::pricing::Fare;
use crate::sync::{ChainHash, TripKit};

/// Registers a device of the signed-in person. Registering it again changes its name and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(deny_unknown_fields))]
#[serde(deny_unknown_fields)]
pub struct NewDevice {
    /// Made on the device.
    pub device_id: DeviceId,
    /// What the person calls it.
    #[cfg_attr(feature = "openapi", oai(validator(min_length = 1, max_length = 60)))]
    pub name: String,
    /// The Ed25519 key that its batches are signed with: 32 bytes in base64url without padding.
    #[cfg_attr(feature = "openapi", oai(validator(min_length = 43, max_length = 43)))]
    pub public_key: String,
}

/// A registered device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct Device {
    /// The device.
    pub device_id: DeviceId,
    /// What the person's PINs are checked with: 32 bytes in base64url without padding. It belongs
    /// into the device's keystore.
    pub pin_key: String,
    /// The last command that the server has; 0 for none.
    pub last_seq: u64,
    /// The link of the chain after that command.
    pub head: ChainHash,
    /// When it was registered first.
    pub registered_at: DateTime<Utc>,
    /// The server's time.
    pub server_time: DateTime<Utc>,
}

/// A device's clocks when it sent something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(deny_unknown_fields))]
#[serde(deny_unknown_fields)]
pub struct SentAt {
    /// What the device believes the time is.
    pub at: DateTime<Utc>,
    /// Which run of the device.
    pub boot: BootId,
    /// Milliseconds since the run began.
    pub monotonic_ms: u64,
}

/// Commands of a device, in the order of their chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(deny_unknown_fields))]
#[serde(deny_unknown_fields)]
pub struct CommandBatch {
    /// The device.
    pub device_id: DeviceId,
    /// The oldest command that the device still holds. What is older cannot be sent again.
    pub oldest_seq: u64,
    /// The link of the chain before the first command of the batch.
    pub prev_hash: ChainHash,
    /// 1 to 500 commands: each the JSON text of a `DeviceCommand`, exactly as it was first written.
    #[cfg_attr(feature = "openapi", oai(validator(min_items = 1, max_items = 500)))]
    pub commands: Vec<String>,
    /// A JWS of the device over a `BatchSeal`.
    pub seal: String,
    /// The device's clocks.
    pub sent: SentAt,
}

/// The most commands in a batch.
pub const BATCH_COMMANDS_MAX: usize = 500;
/// The most bytes of the text of one command.
pub const COMMAND_BYTES_MAX: usize = 64 * 1024;

/// What a device signs with each batch, as a JWS for `Purpose::DeviceBatch`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchSeal {
    /// The device.
    pub device_id: DeviceId,
    /// Place of the batch's last command.
    pub last_seq: u64,
    /// The link of the chain after it.
    pub head: ChainHash,
}

/// What became of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum CommandOutcome {
    /// It happened.
    Applied,
    /// It does not count, for good.
    Rejected,
}

/// The server's answer to a command. It is the same however often the command is sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
pub struct CommandResult {
    /// The command.
    pub command_id: CommandId,
    /// Its place in the chain.
    pub seq: u64,
    /// What became of it.
    pub outcome: CommandOutcome,
    /// It was sent before; this is the answer of then.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", oai(default))]
    pub duplicate: bool,
    /// Why it was rejected, for programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<ErrorCode>,
    /// Why it was rejected, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The trip's version after it, if it is about a trip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trip_version: Option<u32>,
    /// When it counts as having happened, if that is not when the device said: the server takes no
    /// time that is later than its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted_at: Option<DateTime<Utc>>,
    /// What the trip costs, if the command ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fare: Option<Fare>,
    /// The trip as it is, if the command was rejected and the person may see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trip: Option<Box<Trip>>,
}

/// The answer to a batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct BatchAnswer {
    /// In the order of the commands. It may be shorter than the batch: send what is missing again.
    pub results: Vec<CommandResult>,
    /// The next command that the server wants of this device. If it is before the batch, commands are
    /// missing in between, and nothing was applied.
    pub next_seq: u64,
    /// The server's time.
    pub server_time: DateTime<Utc>,
}

/// What is new for the signed-in person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangesPage {
    /// Messages of the person's feed after the cursor, oldest first. Of several that say the state of
    /// one trip only the last one is there.
    pub messages: Vec<StreamMessage>,
    /// Ask with this the next time.
    pub cursor: i64,
    /// Nothing is missing since the cursor that was asked with. If false, ask for a snapshot.
    pub complete: bool,
    /// There is more already.
    pub more: bool,
    /// The server's time.
    pub server_time: DateTime<Utc>,
}

/// The signed-in person's state as a whole, at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Changes after this moment come after this cursor.
    pub cursor: i64,
    /// The driver's profile, if the person is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver: Option<Driver>,
    /// The driver's trips that are not over or not paid, with what it takes to finish them.
    pub kits: Vec<TripKit>,
    /// The person's newest trips on either side, newest first, at most 40.
    pub trips: Vec<Trip>,
    /// The driver's open offers.
    pub offers: Vec<Offer>,
    /// The server's time.
    pub server_time: DateTime<Utc>,
}

/// What became of a segment of a track.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct SegmentKept {
    /// How many points it has.
    pub points: u32,
    /// The server had it already.
    pub duplicate: bool,
}

/// Announces a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(
    feature = "openapi",
    oai(deny_unknown_fields, skip_serializing_if_is_none)
)]
#[serde(deny_unknown_fields)]
pub struct NewBlob {
    /// Made on the device.
    pub blob_id: BlobId,
    /// What it is.
    pub kind: BlobKind,
    /// The trip that it belongs to, if it belongs to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trip_id: Option<TripId>,
    /// Such as `image/jpeg`.
    #[cfg_attr(feature = "openapi", oai(validator(min_length = 3, max_length = 60)))]
    pub media_type: String,
    /// Bytes, 1 to 10 MiB.
    #[cfg_attr(
        feature = "openapi",
        oai(validator(minimum(value = "1"), maximum(value = "10485760")))
    )]
    pub size: u64,
    /// SHA-256 of the content, in lower-case hexadecimal.
    pub sha256: ChainHash,
    /// When it was made.
    pub taken_at: DateTime<Utc>,
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum BlobKind {
    /// A picture.
    Photo,
    /// Somebody's signature.
    Signature,
    /// A paper of the driver or of the car.
    Document,
}

/// How much of a file the server has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct Blob {
    /// The file.
    pub blob_id: BlobId,
    /// Bytes in all.
    pub size: u64,
    /// Bytes that the server has: the next piece begins here.
    pub received: u64,
    /// All of it is there and its fingerprint is right.
    pub complete: bool,
}

/// Why an admin should look at what a device sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum SyncFlagKind {
    /// A link of the chain does not fit: a command was changed, or its place was.
    ChainBroken,
    /// Commands are missing that the device no longer has.
    SequenceGap,
    /// Another command had this place in the chain, as after a restored backup.
    SequenceReused,
    /// The batch is not signed by the device.
    SignatureInvalid,
    /// The device's clock jumped, or contradicts its monotonic clock.
    ClockJump,
    /// It happened in the future by the server's clock.
    FutureTime,
    /// The driver started with the rider's PIN a trip that was called off or given away meanwhile.
    TripResumed,
    /// The fare that the device computed is not what comes of what it says.
    FareRefused,
    /// The track that came later says something else than the fare was charged by.
    TrackDiffers,
    /// The track that a fare was charged by never came.
    TrackMissing,
    /// More PINs were tried on a trip than an honest phone, which checks them itself, would send.
    PinGuessed,
}

impl SyncFlagKind {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::ChainBroken,
        Self::SequenceGap,
        Self::SequenceReused,
        Self::SignatureInvalid,
        Self::ClockJump,
        Self::FutureTime,
        Self::TripResumed,
        Self::FareRefused,
        Self::TrackDiffers,
        Self::TrackMissing,
        Self::PinGuessed,
    ];

    /// The name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ChainBroken => "chain_broken",
            Self::SequenceGap => "sequence_gap",
            Self::SequenceReused => "sequence_reused",
            Self::SignatureInvalid => "signature_invalid",
            Self::ClockJump => "clock_jump",
            Self::FutureTime => "future_time",
            Self::TripResumed => "trip_resumed",
            Self::FareRefused => "fare_refused",
            Self::TrackDiffers => "track_differs",
            Self::TrackMissing => "track_missing",
            Self::PinGuessed => "pin_guessed",
        }
    }
}

/// Something about a device that an admin should look at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
pub struct SyncFlag {
    /// Grows with time.
    pub id: i64,
    /// What it is.
    pub kind: SyncFlagKind,
    /// Whose device.
    pub user_id: UserId,
    /// Which device, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_id: Option<DeviceId>,
    /// Which command, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command_id: Option<CommandId>,
    /// Which trip, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trip_id: Option<TripId>,
    /// In words, without personal data.
    pub detail: String,
    /// When it was noticed.
    pub created_at: DateTime<Utc>,
    /// When an admin was done with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<DateTime<Utc>>,
}

/// A page of flags, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
pub struct SyncFlagPage {
    /// The flags.
    pub flags: Vec<SyncFlag>,
    /// Gets the next page, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<i64>,
}
