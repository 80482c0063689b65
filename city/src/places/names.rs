//! What things are called.

use crate::osm::Tags;

const NAME_CHARS_MAX: usize = 160;
const OTHER_NAMES_MAX: usize = 10;

/// Keys of other names that people type.
const OTHER_NAMES: [&str; 11] = [
    "name:en",
    "alt_name",
    "old_name",
    "short_name",
    "official_name",
    "loc_name",
    "int_name",
    "reg_name",
    "nat_name",
    "iata",
    "icao",
];
/// Keys of numbers and of those who run a place; only for some kinds.
pub(super) const ROAD_REFERENCES: [&str; 2] = ["ref", "int_ref"];
pub(super) const RUN_BY: [&str; 2] = ["brand", "operator"];

/// The name, if there is one.
pub(super) fn name_of(tags: Tags<'_>) -> Option<String> {
    text(tags.get("name")?)
}

/// What else it is called; never the name itself.
pub(super) fn other_names(tags: Tags<'_>, name: &str, more_keys: &[&str]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (key, value) in tags.iter() {
        if !OTHER_NAMES.contains(&key) && !more_keys.contains(&key) {
            continue;
        }
        for other in value.split(';').filter_map(text) {
            if other != name && !names.contains(&other) && names.len() < OTHER_NAMES_MAX {
                names.push(other);
            }
        }
    }
    names
}

/// A text without space around it; `None` when nothing is left. A long one is cut.
pub(super) fn text(value: &str) -> Option<String> {
    let text: String = value.trim().chars().take(NAME_CHARS_MAX).collect();
    (!text.is_empty()).then_some(text)
}

/// Texts of a list, `;` or `,` between them.
pub(super) fn list(value: &str) -> impl Iterator<Item = String> {
    value.split([';', ',']).filter_map(text)
}
