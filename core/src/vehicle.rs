//! Classes of vehicles: what a rider chooses and a tariff prices.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a rider can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum VehicleClass {
    /// A car for up to four.
    Standard,
    /// A larger car for up to six.
    Xl,
}

/// The text names no class of vehicle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a class of vehicle")]
pub struct UnknownVehicleClass(pub String);

impl VehicleClass {
    /// All classes, in the order in which riders see them.
    pub const ALL: [Self; 2] = [Self::Standard, Self::Xl];

    /// The name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Xl => "xl",
        }
    }

    /// How many passengers a vehicle of this class seats, unless it is known better.
    pub const fn seats(self) -> u8 {
        match self {
            Self::Standard => 4,
            Self::Xl => 6,
        }
    }
}

impl fmt::Display for VehicleClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for VehicleClass {
    type Err = UnknownVehicleClass;

    fn from_str(text: &str) -> Result<Self, UnknownVehicleClass> {
        Self::ALL
            .into_iter()
            .find(|class| class.as_str() == text)
            .ok_or_else(|| UnknownVehicleClass(text.to_owned()))
    }
}

/// What a vehicle may have beyond its class, and a rider may need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum VehicleFeature {
    /// A ramp or a lift: the rider stays in the wheelchair.
    Wheelchair,
    /// Room for a folded wheelchair or a walking frame.
    FoldedWheelchair,
    /// A seat for a child.
    ChildSeat,
    /// Animals may come along.
    Pets,
}

impl VehicleFeature {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Wheelchair,
        Self::FoldedWheelchair,
        Self::ChildSeat,
        Self::Pets,
    ];

    /// The name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wheelchair => "wheelchair",
            Self::FoldedWheelchair => "folded_wheelchair",
            Self::ChildSeat => "child_seat",
            Self::Pets => "pets",
        }
    }
}

/// The text names nothing that a vehicle may have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a feature of vehicles")]
pub struct UnknownVehicleFeature(pub String);

impl FromStr for VehicleFeature {
    type Err = UnknownVehicleFeature;

    fn from_str(text: &str) -> Result<Self, UnknownVehicleFeature> {
        Self::ALL
            .into_iter()
            .find(|feature| feature.as_str() == text)
            .ok_or_else(|| UnknownVehicleFeature(text.to_owned()))
    }
}

/// The feature that a sorted list names more than once, if there is one.
pub fn first_double(sorted: &[VehicleFeature]) -> Option<VehicleFeature> {
    let mut pairs = sorted.iter().zip(sorted.iter().skip(1));
    pairs.find_map(|(one, next)| (one == next).then_some(*one))
}
