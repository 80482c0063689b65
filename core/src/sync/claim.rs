//! What a device computed that a ride costs, so that it can be charged before its track arrives.

use serde::{Deserialize, Serialize};

use crate::pricing::{Basis, Driven, Fare};
use crate::receipt::TrackProof;

/// A device's own settlement of a ride. The server settles the claimed facts again at once, charges
/// what comes of it, and compares the claim with the track when it is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FareClaim {
    /// What happened, as the track and the ground of the device's pack say.
    pub driven: Driven,
    /// The fingerprint and the reading of the track; absent if there was no point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub track: Option<TrackProof>,
    /// By what it is priced.
    pub basis: Basis,
    /// The fare that the driver and the rider saw.
    pub fare: Fare,
}
