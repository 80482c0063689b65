//! Where settings come from. The environment is passed in, so that tests need not change their own.

use std::{
    env,
    path::{Path, PathBuf},
};

use figment::{
    Figment, Metadata, Profile, Provider,
    providers::{Format, Toml},
    value::{Dict, Map, Value},
};

use super::{ConfigError, DEFAULTS, Problem};

const PREFIX: &str = "WAYFARE_";
const SECTIONS: [&str; 13] = [
    "server",
    "database",
    "redis",
    "auth",
    "limits",
    "fleet",
    "dispatch",
    "trips",
    "pricing",
    "city",
    "surge",
    "notify",
    "telemetry",
];
/// Conventional variables that are short names of ours.
const ALIASES: [(&str, &str); 3] = [
    ("DATABASE_URL", "database.url"),
    ("REDIS_URL", "redis.url"),
    ("WAYFARE_OSRM_URL", "city.osrm_url"),
];

/// What [`super::Config::load`] reads. `Sources::default()` is the defaults alone.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    file: Option<PathBuf>,
    env: Vec<(String, String)>,
}

impl Sources {
    /// The process environment and either the named file, which must exist, or `wayfare.toml` in
    /// the data folder if there is one.
    pub fn from_process(config_file: Option<&Path>, data_dir: &Path) -> Result<Self, ConfigError> {
        let sources = match config_file {
            Some(path) => Self::default().file(path)?,
            None => {
                let path = data_dir.join("wayfare.toml");
                if path.is_file() {
                    Self::default().file(&path)?
                } else {
                    Self::default()
                }
            }
        };
        let mut variables = Vec::new();
        for (name, value) in env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            if !is_ours(&name) {
                continue;
            }
            let value = value
                .into_string()
                .map_err(|_| ConfigError::NotUnicode { name: name.clone() })?;
            variables.push((name, value));
        }
        Ok(sources.env(variables))
    }

    /// Adds the layer of a TOML file.
    pub fn file(mut self, path: &Path) -> Result<Self, ConfigError> {
        if !path.is_file() {
            return Err(ConfigError::NoFile {
                path: path.to_owned(),
            });
        }
        self.file = Some(path.to_owned());
        Ok(self)
    }

    /// Adds the layer of environment variables; those that are not Wayfare's are passed over.
    pub fn env<N, V>(mut self, variables: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<String>,
        V: Into<String>,
    {
        self.env.extend(
            variables
                .into_iter()
                .map(|(name, value)| (name.into(), value.into())),
        );
        self
    }

    pub(super) fn figment(&self) -> Result<Figment, ConfigError> {
        let mut figment = Figment::from(Toml::string(DEFAULTS));
        if let Some(path) = &self.file {
            figment = figment.merge(Toml::file_exact(path));
        }
        let (aliases, own): (Vec<_>, Vec<_>) = self
            .env
            .iter()
            .filter(|(name, _)| is_ours(name))
            .partition(|(name, _)| alias(name));
        for (name, value) in aliases.into_iter().chain(own) {
            if !value.is_empty() {
                figment = figment.merge(Variable::parse(name, value)?);
            }
        }
        Ok(figment)
    }
}

fn alias(name: &str) -> bool {
    ALIASES.iter().any(|(alias, _)| *alias == name)
}

/// `WAYFARE_LIMITS_WINDOW_S` (one underscore too few) is ours as well: it is refused, not ignored.
fn is_ours(name: &str) -> bool {
    if alias(name) {
        return true;
    }
    let Some(rest) = name.strip_prefix(PREFIX) else {
        return false;
    };
    let rest = rest.to_ascii_lowercase();
    rest.contains("__")
        || SECTIONS
            .iter()
            .any(|s| rest.strip_prefix(s).is_some_and(|r| r.starts_with('_')))
}

/// One environment variable as a layer of its own, so that an error can name it.
struct Variable {
    name: String,
    section: String,
    key: String,
    value: Value,
}

impl Variable {
    fn parse(name: &str, value: &str) -> Result<Self, ConfigError> {
        let path = match ALIASES.iter().find(|(alias, _)| *alias == name) {
            Some((_, path)) => path.split_once('.'),
            None => name
                .strip_prefix(PREFIX)
                .and_then(|rest| rest.split_once("__")),
        };
        let Some((section, key)) = path else {
            return Err(ConfigError::Invalid(vec![Problem {
                key: name.to_owned(),
                message: "the section and the key are parted by two underscores, as in \
                          WAYFARE_LIMITS__WINDOW_S"
                    .to_owned(),
                source: Some("the environment".to_owned()),
            }]));
        };
        Ok(Self {
            name: name.to_owned(),
            section: section.to_ascii_lowercase(),
            key: key.to_ascii_lowercase(),
            value: typed(value),
        })
    }
}

/// Numbers and booleans are recognised by their form. A secret of digits only stays text: 32 of
/// them do not fit an i64.
fn typed(text: &str) -> Value {
    if let Ok(number) = text.parse::<i64>() {
        Value::from(number)
    } else if let Ok(flag) = text.parse::<bool>() {
        Value::from(flag)
    } else {
        Value::from(text)
    }
}

impl Provider for Variable {
    fn metadata(&self) -> Metadata {
        Metadata::named(format!("the environment variable {}", self.name))
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        let section = Dict::from([(self.key.clone(), self.value.clone())]);
        Ok(Profile::Default.collect(Dict::from([(self.section.clone(), Value::from(section))])))
    }
}
