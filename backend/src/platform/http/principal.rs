//! Who makes a request, and what the edge found out about it.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use wayfare_core::id::{DriverId, RiderId, SessionId, UserId};
use wayfare_core::wire::ErrorCode;

use super::problem::SharedFailure;
use crate::platform::failure::Failure;

/// The signed-in person, as the access token and the session say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Principal {
    /// The person.
    pub user: UserId,
    /// The device.
    pub session: SessionId,
    /// Whether the person runs the city.
    pub is_admin: bool,
}

impl Principal {
    /// The person as a rider.
    pub fn rider(&self) -> RiderId {
        self.user.into()
    }

    /// The person as a driver.
    pub fn driver(&self) -> DriverId {
        self.user.into()
    }
}

/// Turns an access token into the person it was given to.
pub trait AccessCheck: Send + Sync {
    /// Fails with a code that says whether the token may be refreshed.
    fn check<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Principal, Failure>>;
}

/// What the edge found out about the access token of a request.
#[derive(Debug, Clone)]
pub enum Identified {
    /// It belongs to this person.
    As(Principal),
    /// It is of no use.
    Refused(Arc<Failure>),
}

impl Identified {
    /// Who makes the request, or why that is not known.
    pub fn principal(identified: Option<&Self>) -> poem::Result<Principal> {
        match identified {
            Some(Self::As(principal)) => Ok(*principal),
            Some(Self::Refused(failure)) => Err(SharedFailure(Arc::clone(failure)).into()),
            None => {
                let detail = "an access token is needed";
                Err(Failure::refused(ErrorCode::Unauthenticated, detail).into())
            }
        }
    }
}
