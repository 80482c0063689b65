//! `wayfare fare`: prices a trip from two files, with no server and no database.
//!
//! What is printed is the core's answer and nothing else. A file that cannot be read, is not what
//! it should be, or breaks a rule is told as JSON with the field that is wrong.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wayfare_core::pricing::{self, Facts, FareError, Tariff, TariffSpec};

/// A tariff or the facts of a trip are a few kilobytes.
const FILE_MAX_BYTES: u64 = 1 << 20;

/// What to price, and by which tariff.
#[derive(Debug, Args)]
pub(crate) struct FareOrder {
    /// The tariff as JSON
    #[arg(long, value_name = "FILE")]
    tariff: PathBuf,
    /// The trip's facts as JSON
    #[arg(long, value_name = "FILE")]
    facts: PathBuf,
}

/// Why there is no fare. It is told as JSON.
#[derive(Debug, Serialize, thiserror::Error)]
#[error("{}", self.as_json())]
pub(crate) struct Refusal {
    code: &'static str,
    detail: String,
    errors: Vec<FieldError>,
}

/// A field that is wrong.
#[derive(Debug, Serialize)]
struct FieldError {
    field: String,
    problem: String,
}

/// Computes the fare and gives it as JSON.
pub(crate) fn run(order: &FareOrder) -> Result<String, Refusal> {
    let spec: TariffSpec = read(&order.tariff, "invalid_tariff")?;
    let tariff = Tariff::new(spec).map_err(|problems| Refusal {
        code: "invalid_tariff",
        detail: format!("{} breaks the rules of tariffs", order.tariff.display()),
        errors: problems
            .into_iter()
            .map(|problem| FieldError {
                field: problem.field,
                problem: problem.problem.to_owned(),
            })
            .collect(),
    })?;
    let facts: Facts = read(&order.facts, "invalid_facts")?;
    let fare = pricing::compute(&tariff, &facts).map_err(|error| refused(&error))?;
    serde_json::to_string_pretty(&fare)
        .map_err(|error| Refusal::new("internal", format!("the fare cannot be written: {error}")))
}

fn refused(error: &FareError) -> Refusal {
    let field = match error {
        FareError::Negative { field } => Some(*field),
        FareError::SurgeBelowOne => Some("surge_bps"),
        FareError::PromoAboveWhole => Some("promo.bps"),
        FareError::UnknownToll(_) => Some("tolls"),
        FareError::UnknownZone(_) => Some("zones"),
        FareError::Overflow => None,
    };
    let named = |field: &str| FieldError {
        field: field.to_owned(),
        problem: error.to_string(),
    };
    Refusal {
        code: "invalid_facts",
        detail: error.to_string(),
        errors: field.into_iter().map(named).collect(),
    }
}

fn read<T: DeserializeOwned>(path: &Path, code: &'static str) -> Result<T, Refusal> {
    let unreadable =
        |error| Refusal::new(code, format!("{} cannot be read: {error}", path.display()));
    let mut text = String::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(FILE_MAX_BYTES + 1)
        .read_to_string(&mut text)
        .map_err(unreadable)?;
    if text.len() as u64 > FILE_MAX_BYTES {
        return Err(Refusal::new(
            code,
            format!("{} is larger than 1 MiB", path.display()),
        ));
    }
    let mut json = serde_json::Deserializer::from_str(&text);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        misfit(
            path,
            code,
            error.path().to_string(),
            error.inner().to_string(),
        )
    })?;
    json.end()
        .map_err(|error| misfit(path, code, ".".to_owned(), error.to_string()))?;
    Ok(value)
}

fn misfit(path: &Path, code: &'static str, field: String, problem: String) -> Refusal {
    let detail = format!("{} is not what it should be: {problem}", path.display());
    Refusal {
        code,
        detail,
        errors: vec![FieldError { field, problem }],
    }
}

impl Refusal {
    fn new(code: &'static str, detail: String) -> Self {
        Self {
            code,
            detail,
            errors: Vec::new(),
        }
    }

    fn as_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_else(|_| self.detail.clone())
    }
}
