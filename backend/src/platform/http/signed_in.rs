//! The security scheme of the API: operations that take a [`SignedIn`] need an access token.

use poem::Request;
use poem_openapi::SecurityScheme;
use poem_openapi::auth::Bearer;
use wayfare_core::wire::ErrorCode;

use super::principal::{Identified, Principal};
use crate::platform::failure::Failure;

/// The access token of a session, from `POST /v1/auth/sessions`.
#[derive(SecurityScheme)]
#[oai(
    ty = "bearer",
    rename = "access_token",
    bearer_format = "JWT",
    checker = "check"
)]
pub struct SignedIn(Principal);

impl std::fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl SignedIn {
    /// Who makes the request.
    pub const fn principal(&self) -> Principal {
        self.0
    }

    /// Who makes the request, if they run the city.
    pub fn admin(&self) -> Result<Principal, Failure> {
        if self.0.is_admin {
            Ok(self.0)
        } else {
            Err(Failure::refused(
                ErrorCode::Forbidden,
                "only admins may do this",
            ))
        }
    }
}

/// The edge looked at the token before any handler runs; here only its finding is used.
async fn check(request: &Request, _token: Bearer) -> poem::Result<Principal> {
    Identified::principal(request.data())
}
