//! No text is missing in any language, none is unused, and screens hold no text of their own.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use fluent_bundle::FluentResource;
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};

use super::{Language, Texts};

/// Each id with the variables that its text uses.
fn ids(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let resource =
        FluentResource::try_new(language.source().to_owned()).expect("a file that parses");
    resource
        .entries()
        .filter_map(|entry| match entry {
            Entry::Message(message) => {
                let mut variables = BTreeSet::new();
                collect_variables(message.value.as_ref().expect("a text"), &mut variables);
                Some((message.id.name.to_owned(), variables))
            }
            _ => None,
        })
        .collect()
}

fn collect_variables(pattern: &Pattern<&str>, into: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else {
            continue;
        };
        let inline = match expression {
            Expression::Inline(inline) => inline,
            Expression::Select { selector, variants } => {
                variants
                    .iter()
                    .for_each(|variant| collect_variables(&variant.value, into));
                selector
            }
        };
        if let InlineExpression::VariableReference { id } = inline {
            into.insert(id.name.to_owned());
        }
    }
}

/// Every Rust source of the apps.
fn sources() -> Vec<(PathBuf, String)> {
    let apps = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the apps folder");
    let mut folders: Vec<PathBuf> = ["ui/src", "rider/src", "driver/src", "admin/ui/src"]
        .iter()
        .map(|folder| apps.join(folder))
        .collect();
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a readable folder") {
            let path = entry.expect("a folder entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs")
                && path.file_name().is_some_and(|name| name != "tests.rs")
            {
                let source = fs::read_to_string(&path).expect("a readable source");
                found.push((path, source));
            }
        }
    }
    found
}

/// Quoted words that look like an id of ours: they begin with the first word of some id.
fn named_ids(source: &str, areas: &BTreeSet<&str>) -> BTreeSet<String> {
    source
        .split('"')
        .skip(1)
        .step_by(2)
        .filter(|word| word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'))
        .filter(|word| {
            word.split_once('-')
                .is_some_and(|(area, _)| areas.contains(area))
        })
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_language_has_the_same_texts_with_the_same_variables() {
    let english = ids(Language::English);
    assert!(english.contains_key("login-phone-heading"));
    for language in Language::ALL {
        assert_eq!(ids(language), english, "{language:?}");
    }
}

#[test]
fn every_text_is_used_and_every_used_text_exists() {
    let known = ids(Language::English);
    let areas: BTreeSet<&str> = known.keys().filter_map(|id| id.split('-').next()).collect();
    let mut used = BTreeSet::new();
    for (path, source) in sources() {
        for id in named_ids(&source, &areas) {
            assert!(
                known.contains_key(&id),
                "{} names the text `{id}`, which is nowhere",
                path.display()
            );
            used.insert(id);
        }
    }
    let unused: Vec<_> = known.keys().filter(|id| !used.contains(*id)).collect();
    assert!(unused.is_empty(), "texts that no screen shows: {unused:?}");
}

/// In `rsx!` a text stands as a quoted string of its own line.
fn is_literal_text(line: &str) -> bool {
    let Some(text) = line
        .trim()
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
    else {
        return false;
    };
    let mut depth = 0_u32;
    text.chars().any(|letter| {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && letter.is_alphabetic()
    })
}

#[test]
fn screens_hold_no_text_of_their_own() {
    assert!(is_literal_text("    \"Sign in\"") && !is_literal_text("    \"{heading} · {age}\""));
    for (path, source) in sources() {
        for (number, line) in source.lines().enumerate() {
            assert!(
                !is_literal_text(line),
                "{}:{} holds a text: {line}",
                path.display(),
                number + 1
            );
        }
    }
}

#[test]
fn a_text_is_filled_in_in_its_language() {
    let say = |language, count: i64| {
        Texts::new(language)
            .say_with("login-code-hint", [("count", count.into())])
            .replace(['\u{2068}', '\u{2069}'], "")
    };
    assert_eq!(say(Language::English, 1), "One more digit");
    assert_eq!(say(Language::English, 4), "4 more digits");
    assert_eq!(say(Language::Spanish, 1), "Falta una cifra");
    assert_eq!(say(Language::Spanish, 4), "Faltan 4 cifras");
}

#[test]
fn an_id_without_a_text_shows_itself() {
    assert_eq!(Texts::new(Language::English).say("nowhere"), "nowhere");
}

#[test]
fn a_locale_finds_its_language_or_english() {
    for (name, language) in [
        ("es", Language::Spanish),
        ("es_ES.UTF-8", Language::Spanish),
        ("ES-mx", Language::Spanish),
        ("en-GB", Language::English),
        ("C", Language::English),
        ("", Language::English),
    ] {
        assert_eq!(Language::of_locale(name), language, "{name}");
    }
}
