//! Rules of prices as JSON: as admins write them down, and as the core writes them for the database.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use wayfare_core::wire::FieldProblem;

use crate::platform::failure::Failure;

pub(super) fn to_json(value: &impl Serialize) -> Result<Value, Failure> {
    serde_json::to_value(value).map_err(|error| Failure::broken("keeping a price", error))
}

pub(super) fn from_json<T: DeserializeOwned>(value: Value) -> Result<T, Failure> {
    serde_json::from_value(value).map_err(|error| Failure::broken("reading a price", error))
}

/// What a person wrote down in the field `whole`, or the first field in it that does not fit.
pub(super) fn parse<T: DeserializeOwned>(json: &Value, whole: &str) -> Result<T, FieldProblem> {
    serde_path_to_error::deserialize(json).map_err(|error| {
        let problem = error.inner().to_string();
        let (path, missing) = (error.path().to_string(), missing_field(&problem));
        let field = match (path.as_str(), missing) {
            (".", Some(name)) => name.to_owned(),
            (".", None) => whole.to_owned(),
            (path, Some(name)) => format!("{path}.{name}"),
            (path, None) => path.to_owned(),
        };
        FieldProblem { field, problem }
    })
}

/// The field that serde says is missing; the path of the error ends at what it is missing from.
fn missing_field(problem: &str) -> Option<&str> {
    problem
        .strip_prefix("missing field `")
        .and_then(|rest| rest.strip_suffix('`'))
}
