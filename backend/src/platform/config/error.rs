//! Why settings were refused, in words an operator can act on. Secret values never appear.

use std::{fmt, path::PathBuf};

use figment::error::Kind;

/// Keys whose values are kept out of error messages.
const SECRET_KEYS: [&str; 4] = [
    "database.url",
    "redis.url",
    "auth.jwt_secret",
    "pricing.signing_key",
];

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the settings file {} does not exist", path.display())]
    NoFile { path: PathBuf },
    #[error("the environment variable {name} is not valid UTF-8")]
    NotUnicode { name: String },
    #[error("the settings are not valid:\n{}", list(.0))]
    Invalid(Vec<Problem>),
    #[error("the settings could not be printed as TOML")]
    Print(#[source] toml::ser::Error),
}

/// One key that has to be corrected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// `section.key`; empty when a whole file could not be read.
    pub key: String,
    /// What is wrong, and what is allowed.
    pub message: String,
    /// The layer it came from, when known.
    pub source: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.message)?;
        match &self.source {
            Some(source) => write!(f, " (from {source})"),
            None => Ok(()),
        }
    }
}

fn list(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(|p| format!("  {p}")).collect();
    lines.join("\n")
}

pub(super) fn from_figment(error: figment::Error) -> ConfigError {
    ConfigError::Invalid(error.into_iter().map(|e| problem(&e)).collect())
}

fn problem(error: &figment::Error) -> Problem {
    let source = error.metadata.as_ref().map(|m| match &m.source {
        Some(figment::Source::File(path)) => path.display().to_string(),
        _ => m.name.to_string(),
    });
    let mut path = error.path.clone();
    let message = match &error.kind {
        Kind::UnknownField(field, known) => {
            if path.last().is_none_or(|last| last != field) {
                path.push(field.clone());
            }
            format!("there is no such setting; known here: {}", known.join(", "))
        }
        Kind::MissingField(field) => {
            path.push(field.to_string());
            "a value is missing".to_owned()
        }
        Kind::Message(text) => without_excerpt(text),
        Kind::InvalidType(found, expected) | Kind::InvalidValue(found, expected) => {
            if SECRET_KEYS.contains(&path.join(".").as_str()) {
                format!("the value has the wrong type; expected {expected}")
            } else {
                format!("found {found}, expected {expected}")
            }
        }
        other => other.to_string(),
    };
    Problem {
        key: path.join("."),
        message,
        source,
    }
}

/// A TOML syntax error quotes the line it stumbled over, which may hold a secret: keep the place
/// and the reason, drop the quote.
fn without_excerpt(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .filter(|l| !l.contains(" |") && !l.trim().is_empty())
        .collect();
    lines.join(": ")
}
