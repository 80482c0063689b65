//! Light, dark, night-driving, or whatever the system says.

use std::str::FromStr;

/// Not the name of a look.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected `system`, `light`, `dark` or `night`, not `{0}`")]
pub struct UnknownLook(String);

/// The set of colours that is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Look {
    /// Light or dark, as the system is.
    #[default]
    System,
    /// Dark ink on light paper.
    Light,
    /// Light ink on dark paper.
    Dark,
    /// For driving at night: dim and warm, nothing pure white.
    Night,
}

impl Look {
    /// The look's name, as the style sheet and the settings write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
            Self::Night => "night",
        }
    }
}

impl FromStr for Look {
    type Err = UnknownLook;

    fn from_str(text: &str) -> Result<Self, UnknownLook> {
        [Self::System, Self::Light, Self::Dark, Self::Night]
            .into_iter()
            .find(|look| look.name() == text)
            .ok_or_else(|| UnknownLook(text.to_owned()))
    }
}
