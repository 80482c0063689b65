//! What an app is told when it starts: where the backend is, which look and which language.
//!
//! On a desktop it is told by environment variables. A phone has none, so an address given when
//! the app was built counts there.

use crate::text::Language;
use crate::theme::{Look, UnknownLook};

/// Where the backend is if nobody says otherwise: on this machine.
const API_DEFAULT: &str = "http://127.0.0.1:8080";

/// The backend's address given when the app was built.
const API_BUILT_IN: Option<&str> = option_env!("WAYFARE_API");

/// What the person who started the app chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The backend's address (`WAYFARE_API`).
    pub api: String,
    /// The look (`WAYFARE_LOOK`).
    pub look: Look,
    /// The language (`WAYFARE_LANG`, else the system's).
    pub language: Language,
}

impl Settings {
    /// The settings that these variables give. `variable` is `std::env::var`, or a test's.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, UnknownLook> {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let locale = ["WAYFARE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .find_map(set);
        Ok(Self {
            api: set("WAYFARE_API")
                .unwrap_or_else(|| API_BUILT_IN.unwrap_or(API_DEFAULT).to_owned()),
            look: set("WAYFARE_LOOK").map_or(Ok(Look::default()), |name| name.parse())?,
            language: Language::of_locale(locale.as_deref().unwrap_or_default()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Settings, UnknownLook> {
        Settings::read(|name| {
            variables
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn nothing_said_is_this_machine_in_the_systems_look() {
        let settings = read(&[("LANG", "C.UTF-8")]).unwrap();
        assert_eq!(settings.api, API_BUILT_IN.unwrap_or(API_DEFAULT));
        assert_eq!(
            (settings.look, settings.language),
            (Look::System, Language::English)
        );
    }

    #[test]
    fn what_is_said_counts() {
        let settings = read(&[
            ("WAYFARE_API", "https://city.example"),
            ("WAYFARE_LOOK", "night"),
            ("WAYFARE_LANG", "es"),
            ("LANG", "en_GB.UTF-8"),
        ]);
        let expected = Settings {
            api: "https://city.example".to_owned(),
            look: Look::Night,
            language: Language::Spanish,
        };
        assert_eq!(settings, Ok(expected));
    }

    #[test]
    fn a_look_that_does_not_exist_is_refused() {
        assert!(read(&[("WAYFARE_LOOK", "sepia")]).is_err());
    }
}
