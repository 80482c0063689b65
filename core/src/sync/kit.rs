//! Everything that a driver's phone needs to bring a trip to its end and its fare by itself.

use serde::{Deserialize, Serialize};

use super::pin_check::PinCheck;
use crate::pricing::{Facts, RideLength, TariffSpec};
use crate::ride::StraightPlan;
use crate::trip::Trip;
use crate::wire;

/// A trip with all that it takes to finish it without a network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TripKit {
    /// The trip as the domain knows it, at the version that the server has; without its PIN.
    pub trip: Trip,
    /// What the PIN is checked with.
    pub pin_check: PinCheck,
    /// The facts of the quote.
    pub quoted: Facts,
    /// The tariff of the quote.
    pub tariff: TariffSpec,
    /// The plan along the stops as they are now.
    pub plan: RideLength,
    /// How to plan a ride whose stops changed where nobody finds a way.
    pub straight: StraightPlan,
    /// The rules by which the server decides.
    pub rules: crate::trip::Rules,
    /// The trip as the driver sees it.
    pub shown: wire::Trip,
}
