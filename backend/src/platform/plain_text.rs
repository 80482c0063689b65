//! Short texts that people type and others read: names, plates, colours.

use wayfare_core::wire::ErrorCode;

use super::failure::Failure;

const NOTE_LENGTH_MAX: usize = 500;

/// The text without surrounding white space. Refused when nothing is left, when it is longer than
/// `characters_max`, or when it holds characters that draw nothing or turn the text around them.
pub fn clean_line(
    field: &'static str,
    text: &str,
    characters_max: usize,
) -> Result<String, Failure> {
    let refused = |rule: String| Failure::refused(ErrorCode::InvalidRequest, rule);
    let clean = text.trim();
    if clean.is_empty() {
        return Err(refused(format!("`{field}` must not be empty")));
    }
    if clean.chars().count() > characters_max {
        return Err(refused(format!(
            "`{field}` must have at most {characters_max} characters"
        )));
    }
    if clean.chars().any(is_forbidden) {
        return Err(refused(format!(
            "`{field}` must not contain control characters"
        )));
    }
    Ok(clean.to_owned())
}

/// What somebody wrote in their own words, of at most [`NOTE_LENGTH_MAX`] characters. It may have
/// several lines, and nothing else that [`clean_line`] refuses.
pub fn clean_note(field: &'static str, text: Option<&str>) -> Result<Option<String>, Failure> {
    let Some(text) = text else { return Ok(None) };
    let lines: Vec<&str> = text.trim().lines().map(str::trim_end).collect();
    let clean = lines.join("\n");
    clean_line(field, &clean.replace('\n', " "), NOTE_LENGTH_MAX)?;
    Ok(Some(clean))
}

/// Controls, line ends, and the marks that change the direction of what follows.
fn is_forbidden(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_around_a_text_goes() {
        assert_eq!(clean_line("name", "  Ana Sá \n", 10).unwrap(), "Ana Sá");
    }

    #[test]
    fn a_text_that_cannot_be_shown_is_refused_with_its_field() {
        for text in [
            "",
            "   ",
            "a\0b",
            "a\u{7}b",
            "a\nb",
            "a\u{202e}b",
            "a\u{feff}b",
            "12345678901",
        ] {
            let failure = clean_line("name", text, 10).unwrap_err();
            assert_eq!(failure.code(), ErrorCode::InvalidRequest, "{text:?}");
            assert!(failure.to_string().contains("`name`"), "{failure}");
        }
    }

    #[test]
    fn a_note_may_have_lines_and_no_other_controls() {
        let note = |text: &str| clean_note("note", Some(text));
        assert_eq!(note(" one \r\ntwo\n").unwrap().as_deref(), Some("one\ntwo"));
        assert_eq!(clean_note("note", None).unwrap(), None);
        for text in ["", " \n ", "a\0b", "a\tb", "a\u{202e}b"] {
            let failure = note(text).unwrap_err();
            assert_eq!(failure.code(), ErrorCode::InvalidRequest, "{text:?}");
        }
        assert!(note(&"é".repeat(500)).is_ok());
        assert!(note(&"é".repeat(501)).is_err());
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert!(clean_line("name", "ééééé", 5).is_ok());
    }
}
