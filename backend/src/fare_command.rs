//! `wayfare fare`: prices a trip from files, with no server and no database.
//!
//! How far, how long and when are the facts' own or a track's. What is printed is the core's answer
//! and nothing else. A file that cannot be read, is not what it should be, or breaks a rule is told as
//! JSON with the field that is wrong.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use wayfare_backend::platform::misfit::misfit_field;
use wayfare_core::pricing::{self, Facts, FareError, Tariff, TariffSpec};
use wayfare_core::track::{StraightLine, measure, parse_track};

/// A tariff or the facts of a trip are a few kilobytes.
const TARIFF: Kind = Kind {
    code: "invalid_tariff",
    mebibytes_max: 1,
};
const FACTS: Kind = Kind {
    code: "invalid_facts",
    mebibytes_max: 1,
};
/// A track of the most points there may be has some 15 MiB.
const TRACK: Kind = Kind {
    code: "invalid_track",
    mebibytes_max: 32,
};

/// What to price, and by which tariff.
#[derive(Debug, Args)]
pub(crate) struct FareOrder {
    /// The tariff as JSON
    #[arg(long, value_name = "FILE")]
    tariff: PathBuf,
    /// The trip's facts as JSON
    #[arg(long, value_name = "FILE", required_unless_present = "track")]
    facts: Option<PathBuf>,
    /// The points that the car drove through, as JSON: distance, duration and start come from them
    #[arg(long, value_name = "FILE")]
    track: Option<PathBuf>,
}

/// A kind of file.
#[derive(Debug, Clone, Copy)]
struct Kind {
    /// Code of its problems.
    code: &'static str,
    /// The largest that is read.
    mebibytes_max: u64,
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
    let tariff = read_tariff(&order.tariff)?;
    let facts = match (&order.facts, &order.track) {
        (Some(facts), None) => read(facts, FACTS)?,
        (facts, Some(track)) => driven(read_track(track)?, facts.as_deref())?,
        (None, None) => return Err(Refusal::new(FACTS.code, "there are no facts".to_owned())),
    };
    let fare = pricing::compute(&tariff, &facts).map_err(|error| refused(&error))?;
    serde_json::to_string_pretty(&fare)
        .map_err(|error| Refusal::new("internal", format!("the fare cannot be written: {error}")))
}

fn read_tariff(path: &Path) -> Result<Tariff, Refusal> {
    let spec: TariffSpec = read(path, TARIFF)?;
    Tariff::new(spec).map_err(|problems| Refusal {
        code: TARIFF.code,
        detail: format!("{} breaks the rules of tariffs", path.display()),
        errors: problems
            .into_iter()
            .map(|problem| FieldError {
                field: problem.field,
                problem: problem.problem.to_owned(),
            })
            .collect(),
    })
}

/// The ride that a track proves, and nothing else known of it.
fn read_track(path: &Path) -> Result<Facts, Refusal> {
    let text = read_text(path, TRACK)?;
    let points = parse_track(&text).map_err(|error| {
        let problem = error.to_string();
        misfit(path, TRACK, error.field(), problem)
    })?;
    let reading = measure(&points, &StraightLine);
    let Some(first_at) = reading.first_at else {
        let problem = "a ride has at least one point".to_owned();
        return Err(misfit(path, TRACK, "points".to_owned(), problem));
    };
    let (distance_m, duration_s) = (reading.distance_m(), reading.duration_s());
    Ok(Facts::ride(distance_m, duration_s, first_at.fixed_offset()))
}

/// The facts of a ride that was driven: what its track proves, and the rest from the file. The
/// file may say how far, how long and when as well, but it must be right in form and counts for
/// nothing.
fn driven(ride: Facts, rest: Option<&Path>) -> Result<Facts, Refusal> {
    let Some(path) = rest else {
        return Ok(ride);
    };
    let mut object: Map<String, Value> = read(path, FACTS)?;
    let proven = [
        ("distance_m", json!(ride.distance_m)),
        ("duration_s", json!(ride.duration_s)),
        ("started_at", json!(ride.started_at)),
    ];
    for (field, value) in proven {
        object.entry(field).or_insert(value);
    }
    let rest: Facts = serde_path_to_error::deserialize(Value::Object(object)).map_err(|error| {
        let problem = error.inner().to_string();
        misfit(path, FACTS, error.path().to_string(), problem)
    })?;
    Ok(Facts {
        distance_m: ride.distance_m,
        duration_s: ride.duration_s,
        started_at: ride.started_at,
        ..rest
    })
}

fn refused(error: &FareError) -> Refusal {
    let field = match error {
        FareError::Negative { field } => Some(field.as_str()),
        FareError::Backwards { field, .. } => Some(*field),
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
        code: FACTS.code,
        detail: error.to_string(),
        errors: field.into_iter().map(named).collect(),
    }
}

fn read<T: DeserializeOwned>(path: &Path, kind: Kind) -> Result<T, Refusal> {
    let text = read_text(path, kind)?;
    let mut json = serde_json::Deserializer::from_str(&text);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let problem = error.inner().to_string();
        misfit(path, kind, error.path().to_string(), problem)
    })?;
    json.end()
        .map_err(|error| misfit(path, kind, ".".to_owned(), error.to_string()))?;
    Ok(value)
}

fn read_text(path: &Path, kind: Kind) -> Result<String, Refusal> {
    let refusal = |problem| Refusal::new(kind.code, format!("{} {problem}", path.display()));
    let unreadable = |error| refusal(format!("cannot be read: {error}"));
    let bytes_max = kind.mebibytes_max << 20;
    let mut text = String::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(bytes_max + 1)
        .read_to_string(&mut text)
        .map_err(unreadable)?;
    if text.len() as u64 > bytes_max {
        return Err(refusal(format!(
            "is larger than {} MiB",
            kind.mebibytes_max
        )));
    }
    Ok(text)
}

fn misfit(path: &Path, kind: Kind, field: String, problem: String) -> Refusal {
    let field = misfit_field(&field, &problem).unwrap_or(field);
    let detail = format!("{} is not what it should be: {problem}", path.display());
    Refusal {
        code: kind.code,
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
