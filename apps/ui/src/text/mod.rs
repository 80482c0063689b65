//! Text by id, in the reader's language.
//!
//! The texts are Fluent files under `texts/`, compiled in. Screens hold ids only. An id without a
//! text shows itself, so that a gap is seen and nothing fails; tests make sure there is none: every
//! language has the same ids with the same variables, and every id that a screen names exists.

mod language;

#[cfg(test)]
mod tests;

use std::fmt;

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};

pub use language::Language;

/// What fills a variable of a text: a name or a number.
pub type TextValue<'a> = FluentValue<'a>;

/// All texts of one language.
pub struct Texts {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

impl Texts {
    /// Reads the texts of this language.
    pub fn new(language: Language) -> Self {
        let mut bundle = FluentBundle::new(vec![language.identifier()]);
        // A file that does not parse still gives the texts that do: the rest show their ids.
        let resource = match FluentResource::try_new(language.source().to_owned()) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        bundle.add_resource_overriding(resource);
        Self { language, bundle }
    }

    /// The language of these texts.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The text with this id.
    pub fn say(&self, id: &str) -> String {
        self.format(id, None)
    }

    /// The text with this id, its variables filled in.
    pub fn say_with<'a, const N: usize>(
        &self,
        id: &str,
        values: [(&'a str, TextValue<'a>); N],
    ) -> String {
        self.format(id, Some(&values.into_iter().collect()))
    }

    fn format(&self, id: &str, values: Option<&FluentArgs<'_>>) -> String {
        let Some(pattern) = self
            .bundle
            .get_message(id)
            .and_then(|message| message.value())
        else {
            return id.to_owned();
        };
        // What goes wrong here is a variable that was not filled in; the text then shows its name.
        let mut errors = Vec::new();
        self.bundle
            .format_pattern(pattern, values, &mut errors)
            .into_owned()
    }
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Texts")
            .field("language", &self.language)
            .finish_non_exhaustive()
    }
}
