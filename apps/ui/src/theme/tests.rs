//! The promises of the tokens: same roles in every look, readable contrast, no values elsewhere.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Look, TOKENS, style_sheet};
use crate::components::STYLES;

/// `--role: value;` of the block that follows the marker comment.
fn colours(marker: &str) -> BTreeMap<&'static str, &'static str> {
    let block = TOKENS
        .split(marker)
        .nth(1)
        .expect("a block with this marker");
    let block = block
        .split("--shadow-sheet")
        .next()
        .expect("the colours before the shadow");
    block
        .lines()
        .filter_map(|line| {
            line.trim()
                .strip_prefix("--")?
                .strip_suffix(';')?
                .split_once(": ")
        })
        .collect()
}

fn luminance(hex: &str) -> f64 {
    let channel = |at: usize| {
        let value =
            f64::from(u8::from_str_radix(&hex[at..at + 2], 16).expect("a hex pair")) / 255.0;
        if value <= 0.039_28 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

fn contrast(a: &str, b: &str) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

const LOOKS: [&str; 3] = ["/* look: light */", "/* look: dark */", "/* look: night */"];

#[test]
fn every_look_gives_every_role_a_colour() {
    let light: Vec<_> = colours(LOOKS[0]).into_keys().collect();
    assert!(
        light.contains(&"accent") && light.contains(&"map-route"),
        "{light:?}"
    );
    for look in LOOKS {
        assert_eq!(
            colours(look).into_keys().collect::<Vec<_>>(),
            light,
            "{look}"
        );
    }
}

#[test]
fn a_dark_system_shows_exactly_the_dark_look() {
    assert_eq!(colours("/* look: system,"), colours("/* look: dark */"));
}

#[test]
fn text_is_readable_in_every_look() {
    for look in LOOKS {
        let colour = colours(look);
        for paper in ["paper", "paper-raised"] {
            for ink in ["ink", "ink-muted", "accent", "go", "wait", "stop"] {
                let ratio = contrast(colour[ink], colour[paper]);
                assert!(ratio >= 4.5, "{look} {ink} on {paper}: {ratio:.2}");
            }
            let ratio = contrast(colour["line-control"], colour[paper]);
            assert!(ratio >= 3.0, "{look} line-control on {paper}: {ratio:.2}");
        }
        let ratio = contrast(colour["on-accent"], colour["accent"]);
        assert!(ratio >= 4.5, "{look} on-accent on accent: {ratio:.2}");
        let ratio = contrast(colour["map-route"], colour["map-land"]);
        assert!(ratio >= 3.0, "{look} route on land: {ratio:.2}");
    }
}

#[test]
fn the_night_look_has_no_pure_white() {
    assert!(
        colours(LOOKS[2])
            .values()
            .all(|colour| !colour.eq_ignore_ascii_case("#ffffff"))
    );
}

/// What a declaration holds that only `tokens.css` may hold.
fn literal_in(declaration: &str) -> Option<&str> {
    declaration.split([' ', ',', '(', ')', ';']).find(|word| {
        let number = word
            .trim_start_matches('-')
            .trim_end_matches(char::is_alphabetic);
        let unit = &word[word.trim_end_matches(char::is_alphabetic).len()..];
        let measured = !number.is_empty() && number.parse::<f64>().is_ok();
        word.starts_with('#')
            || (measured && ["px", "rem", "em", "ms", "s", "vh", "dvh", "vw"].contains(&unit))
            || ["rgb", "rgba", "hsl", "white", "black"].contains(word)
    })
}

#[test]
fn a_literal_colour_length_or_duration_is_found() {
    for line in [
        "color: #fff;",
        "margin: 0 4px;",
        "transition: all 120ms;",
        "background: rgb(0 0 0);",
    ] {
        assert!(literal_in(line).is_some(), "{line}");
    }
    for line in [
        "margin: 0 auto;",
        "inset: 50%;",
        "flex: 1 1 0;",
        "color: var(--ink);",
    ] {
        assert_eq!(literal_in(line), None, "{line}");
    }
}

/// Every style sheet of every app, except the tokens.
fn styles() -> Vec<(PathBuf, String)> {
    let apps = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the apps folder");
    let mut folders = ["ui/src", "rider/src", "driver/src", "admin/ui/src"]
        .map(|folder| apps.join(folder))
        .to_vec();
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a readable folder") {
            let path = entry.expect("a folder entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "css")
                && !path.ends_with("tokens.css")
            {
                found.push((
                    path.clone(),
                    fs::read_to_string(&path).expect("a readable sheet"),
                ));
            }
        }
    }
    found
}

#[test]
fn only_the_tokens_hold_values() {
    let styles = styles();
    assert!(
        styles.len() > STYLES.len(),
        "the apps' own sheets are among them"
    );
    for (path, style) in styles {
        let mut in_comment = false;
        for line in style.lines() {
            in_comment |= line.contains("/*");
            if !in_comment
                && let Some((_, value)) = line.split_once(": ")
                && line.ends_with(';')
            {
                assert_eq!(literal_in(value), None, "{}: {line}", path.display());
            }
            in_comment &= !line.contains("*/");
        }
    }
}

#[test]
fn every_token_that_a_style_names_exists() {
    for (path, style) in styles() {
        for name in style
            .split("var(")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            assert!(
                TOKENS.contains(&format!("{name}:")),
                "{}: {name}",
                path.display()
            );
        }
    }
}

#[test]
fn the_style_sheet_begins_with_the_tokens_and_holds_every_component() {
    let sheet = style_sheet();
    assert!(sheet.starts_with(TOKENS));
    assert!(STYLES.iter().all(|style| sheet.contains(style)));
}

#[test]
fn a_look_is_read_by_its_name_and_nothing_else() {
    assert_eq!("night".parse(), Ok(Look::Night));
    assert_eq!(Look::default().name().parse(), Ok(Look::System));
    assert!("Night".parse::<Look>().is_err());
}
