//! Sizes, lengths and times in words for people.

use std::collections::BTreeMap;

use wayfare_core::city::Manifest;

const KB: f64 = 1e3;
const MB: f64 = 1e6;
const GB: f64 = 1e9;

/// A size: `3.4 MB`.
pub(super) fn bytes(bytes: u64) -> String {
    let size = bytes as f64;
    if size < KB {
        format!("{bytes} bytes")
    } else if size < MB {
        format!("{:.0} kB", size / KB)
    } else if size < GB {
        format!("{:.1} MB", size / MB)
    } else {
        format!("{:.2} GB", size / GB)
    }
}

/// A length: `820 m`, `3.4 km`.
pub(super) fn metres(distance_m: i64) -> String {
    if distance_m < 1000 {
        format!("{distance_m} m")
    } else {
        format!("{:.1} km", distance_m as f64 / 1000.0)
    }
}

/// A length of time: `40 s`, `12 min`, `1 h 05 min`.
pub(super) fn seconds(duration_s: i64) -> String {
    let minutes = (duration_s + 30) / 60;
    if duration_s < 60 {
        format!("{duration_s} s")
    } else if minutes < 60 {
        format!("{minutes} min")
    } else {
        format!("{} h {:02} min", minutes / 60, minutes % 60)
    }
}

/// What many small files are told as.
const TOGETHER: [(&str, &str); 3] = [
    ("fonts", "letters"),
    ("sprite", "icons"),
    ("style", "styles"),
];

/// The parts of a pack and their sizes; small files of one kind together.
pub(super) fn parts(manifest: &Manifest) -> Vec<String> {
    let mut parts: BTreeMap<&str, u64> = BTreeMap::new();
    for file in &manifest.files {
        let kind = TOGETHER
            .iter()
            .find(|(start, _)| file.name.starts_with(start));
        let part = kind.map_or(file.name.as_str(), |(_, kind)| *kind);
        *parts.entry(part).or_default() += file.bytes;
    }
    let line = |(part, size): (&str, u64)| format!("  {part:<20} {:>10}", bytes(size));
    parts.into_iter().map(line).collect()
}

/// What is in a pack.
pub(super) fn counts(manifest: &Manifest) -> Vec<String> {
    let counts = &manifest.counts;
    vec![format!(
        "{} stretches of road, {} places, {} tiles, {} zones.",
        counts.road_arcs, counts.places, counts.tiles, counts.zones
    )]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_as_people_say_them() {
        assert_eq!(bytes(999), "999 bytes");
        assert_eq!(bytes(3_449_000), "3.4 MB");
        assert_eq!(metres(999), "999 m");
        assert_eq!(metres(12_340), "12.3 km");
        assert_eq!(seconds(59), "59 s");
        assert_eq!(seconds(89), "1 min");
        assert_eq!(seconds(3_900), "1 h 05 min");
        assert_eq!(seconds(3_599), "1 h 00 min");
    }
}
