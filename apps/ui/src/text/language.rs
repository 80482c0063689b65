//! The languages that Wayfare speaks.

use unic_langid::{LanguageIdentifier, langid};

/// A language that there are texts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English, also for everybody whose language is not here.
    #[default]
    English,
    /// Spanish.
    Spanish,
}

impl Language {
    /// Every language, in the order a settings page lists them.
    pub const ALL: [Self; 2] = [Self::English, Self::Spanish];

    /// The language of a locale name such as `es`, `es-MX` or `es_ES.UTF-8`; English if we have no
    /// texts for it.
    pub fn of_locale(name: &str) -> Self {
        let primary = name.split(['-', '_', '.', '@']).next().unwrap_or_default();
        Self::ALL
            .into_iter()
            .find(|language| language.tag().eq_ignore_ascii_case(primary))
            .unwrap_or_default()
    }

    /// The tag for the page's `lang`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
        }
    }

    /// Which way it runs, for the page's `dir`.
    pub const fn direction(self) -> &'static str {
        match self {
            Self::English | Self::Spanish => "ltr",
        }
    }

    pub(super) const fn identifier(self) -> LanguageIdentifier {
        match self {
            Self::English => langid!("en"),
            Self::Spanish => langid!("es"),
        }
    }

    pub(super) const fn source(self) -> &'static str {
        match self {
            Self::English => include_str!("../../texts/en.ftl"),
            Self::Spanish => include_str!("../../texts/es.ftl"),
        }
    }
}
