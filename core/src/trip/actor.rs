//! Who acts on a trip.

use serde::{Deserialize, Serialize};

use crate::id::{DriverId, RiderId, UserId};

/// Who gives a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "party", content = "id", rename_all = "snake_case")]
pub enum Actor {
    /// The rider with this id.
    Rider(RiderId),
    /// The driver with this id.
    Driver(DriverId),
    /// An admin.
    Admin(UserId),
    /// Wayfare itself: the dispatcher, a timeout.
    System,
}

impl Actor {
    /// The kind of actor, without saying which one.
    pub const fn party(self) -> Party {
        match self {
            Self::Rider(_) => Party::Rider,
            Self::Driver(_) => Party::Driver,
            Self::Admin(_) => Party::Admin,
            Self::System => Party::System,
        }
    }
}

/// The kinds of actors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// The rider.
    Rider,
    /// The driver.
    Driver,
    /// An admin of the city.
    Admin,
    /// Wayfare itself.
    System,
}

impl Party {
    /// All parties.
    pub const ALL: [Self; 4] = [Self::Rider, Self::Driver, Self::Admin, Self::System];

    /// The name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rider => "rider",
            Self::Driver => "driver",
            Self::Admin => "admin",
            Self::System => "system",
        }
    }
}
