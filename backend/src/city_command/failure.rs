//! Why a command has no answer: in words, or as JSON for programs.

use std::error::Error;
use std::fmt;

use serde::Serialize;
use wayfare_backend::places::RouterError;
use wayfare_core::city::PackError;
use wayfare_core::roads::NoRoute;

/// Why there is no answer.
#[derive(Debug, Serialize)]
pub(crate) struct CityFailure {
    code: &'static str,
    detail: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
    #[serde(skip)]
    wrong_input: bool,
    #[serde(skip)]
    as_json: bool,
}

/// A field that is wrong.
#[derive(Debug, Serialize)]
struct FieldError {
    field: String,
    problem: String,
}

impl CityFailure {
    /// What was ordered cannot be done with this input.
    pub(crate) fn wrong(code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            errors: Vec::new(),
            wrong_input: true,
            as_json: false,
        }
    }

    /// The order was right, but it failed.
    pub(crate) fn failed(code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            wrong_input: false,
            ..Self::wrong(code, detail)
        }
    }

    /// The answer could not be printed.
    pub(crate) fn unprintable(error: &(dyn Error + 'static)) -> Self {
        Self::failed("internal", with_causes(error))
    }

    /// Names the field that is wrong.
    #[must_use]
    pub(crate) fn field(mut self, field: impl Into<String>, problem: impl Into<String>) -> Self {
        let (field, problem) = (field.into(), problem.into());
        self.errors.push(FieldError { field, problem });
        self
    }

    pub(crate) const fn told_as_json(mut self, as_json: bool) -> Self {
        self.as_json = as_json;
        self
    }

    /// Whether it is the input that is wrong.
    pub(crate) const fn is_wrong_input(&self) -> bool {
        self.wrong_input
    }
}

impl fmt::Display for CityFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.as_json {
            let json = serde_json::to_string_pretty(self).map_err(|_| fmt::Error)?;
            return f.write_str(&json);
        }
        write!(f, "wayfare: {}", self.detail)
    }
}

impl Error for CityFailure {}

impl From<PackError> for CityFailure {
    fn from(error: PackError) -> Self {
        Self::wrong("invalid_pack", with_causes(&error))
    }
}

impl From<RouterError> for CityFailure {
    fn from(error: RouterError) -> Self {
        let detail = with_causes(&error);
        match error {
            RouterError::NoRoute(NoRoute::Stops(_)) | RouterError::TableTooLarge { .. } => {
                Self::wrong("invalid_points", detail)
            }
            RouterError::NoRoute(_) | RouterError::FarFromRoads { .. } => {
                Self::failed("no_route", detail)
            }
            _ => Self::failed("internal", detail),
        }
    }
}

/// An error and what caused it.
pub(super) fn with_causes(error: &(dyn Error + 'static)) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push_str(": ");
        words.push_str(&error.to_string());
        cause = error.source();
    }
    words
}
