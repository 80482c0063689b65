//! Rules of prices as JSON: as admins write them down, and as the core writes them for the database.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use wayfare_core::pricing::InvalidField;
use wayfare_core::wire::{ErrorCode, FieldProblem};

use crate::platform::failure::Failure;
use crate::platform::misfit::misfit_field;

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
        let path = error.path().to_string();
        let field = misfit_field(&path, &problem).unwrap_or_else(|| whole.to_owned());
        FieldProblem { field, problem }
    })
}

/// One field that is wrong.
pub(super) fn field(field: &str, problem: &str) -> FieldProblem {
    FieldProblem {
        field: field.to_owned(),
        problem: problem.to_owned(),
    }
}

/// What the core found wrong.
pub(super) fn fields(problems: &[InvalidField]) -> Vec<FieldProblem> {
    let told = |problem: &InvalidField| field(&problem.field, problem.problem);
    problems.iter().map(told).collect()
}

/// The refusal of a `whole`, such as a tariff, because of these fields.
pub(super) fn invalid(code: ErrorCode, whole: &str, errors: Vec<FieldProblem>) -> Failure {
    let detail = match errors.as_slice() {
        [only] => format!("`{}` {}", only.field, only.problem),
        many => format!("the {whole} has {} problems", many.len()),
    };
    Failure::Invalid {
        code,
        detail: detail.into(),
        errors,
    }
}
