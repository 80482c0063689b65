//! One type per kind of id, so that a driver's id never stands where a trip's belongs.
//!
//! An id is a UUID (version 7 when Wayfare makes it, so that ids sort by time). Outside the program
//! it is always written with its prefix: `trip_0192f3c1b0a07c31b2b1d9a8f0c3e5d7`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// Why a text is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The text does not begin with the prefix of this kind of id.
    #[error("expected an id that begins with `{expected}_`")]
    WrongPrefix {
        /// The prefix, without the underscore.
        expected: &'static str,
    },
    /// What follows the prefix is not 32 lower-case hexadecimal digits.
    #[error("expected 32 lower-case hexadecimal digits after `{prefix}_`")]
    Malformed {
        /// The prefix, without the underscore.
        prefix: &'static str,
    },
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// What this kind of id begins with, without the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// Names the thing that this UUID belongs to.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID without its prefix, as the database keeps it.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.simple())
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                parse_uuid(text, $prefix).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        #[cfg(feature = "openapi")]
        crate::wire::openapi::string_type!($name, $prefix, concat!("^", $prefix, "_[0-9a-f]{32}$"));
    )*};
}

ids! {
    /// A person with an account.
    UserId = "user";
    /// A person as a rider. It is the same UUID as the person's [`UserId`].
    RiderId = "rider";
    /// A person as a driver. It is the same UUID as the person's [`UserId`].
    DriverId = "driver";
    /// A vehicle.
    VehicleId = "vehicle";
    /// A one-time password that was sent and waits to be typed.
    ChallengeId = "challenge";
    /// A signed-in device: all tokens refreshed from one sign-in.
    SessionId = "session";
    /// A price promise.
    QuoteId = "quote";
    /// A journey.
    TripId = "trip";
    /// One trip proposed to one driver.
    OfferId = "offer";
    /// Two people who are kept apart.
    BlockId = "block";
    /// A payment for a trip.
    PaymentId = "payment";
    /// A transaction of the ledger.
    LedgerTransactionId = "ledger";
    /// An installation of an app that keeps work for a person; the app makes it.
    DeviceId = "device";
    /// Something that a person did on a device; the device makes it before anything else happens.
    CommandId = "command";
    /// One run of a device between two starts of its operating system.
    BootId = "boot";
    /// A file that belongs to somebody's work, such as a photo.
    BlobId = "blob";
}

impl From<UserId> for RiderId {
    fn from(user: UserId) -> Self {
        Self::from_uuid(user.uuid())
    }
}

impl From<UserId> for DriverId {
    fn from(user: UserId) -> Self {
        Self::from_uuid(user.uuid())
    }
}

impl From<RiderId> for UserId {
    fn from(rider: RiderId) -> Self {
        Self::from_uuid(rider.uuid())
    }
}

impl From<DriverId> for UserId {
    fn from(driver: DriverId) -> Self {
        Self::from_uuid(driver.uuid())
    }
}

fn parse_uuid(text: &str, prefix: &'static str) -> Result<Uuid, IdError> {
    let digits = text
        .strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('_'))
        .ok_or(IdError::WrongPrefix { expected: prefix })?;
    let plain = digits.len() == 32
        && digits
            .bytes()
            .all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if !plain {
        return Err(IdError::Malformed { prefix });
    }
    Uuid::try_parse(digits).map_err(|_| IdError::Malformed { prefix })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_prints_with_its_prefix_and_reads_back() {
        let id = TripId::from_uuid(Uuid::from_u128(0x0192_f3c1));
        assert_eq!(id.to_string(), "trip_0000000000000000000000000192f3c1");
        assert_eq!(id.to_string().parse(), Ok(id));
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(serde_json::from_str::<TripId>(&json).unwrap(), id);
    }

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let driver = DriverId::from_uuid(Uuid::nil()).to_string();
        assert_eq!(
            driver.parse::<TripId>(),
            Err(IdError::WrongPrefix { expected: "trip" })
        );
    }

    #[test]
    fn only_one_spelling_of_an_id_is_accepted() {
        for text in [
            "trip_",
            "trip_0192F3C100000000000000000000ABCD",
            "trip_00000000-0000-0000-0000-000000000000",
            "trip_0000000000000000000000000000000g",
        ] {
            assert_eq!(
                text.parse::<TripId>(),
                Err(IdError::Malformed { prefix: "trip" }),
                "{text}"
            );
        }
    }
}
