//! Short texts that people type and others read: names, plates, colours.

use wayfare_core::wire::ErrorCode;

use super::failure::Failure;

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
        return Err(refused(format!("`{field}` must have at most {characters_max} characters")));
    }
    if clean.chars().any(is_forbidden) {
        return Err(refused(format!("`{field}` must not contain control characters")));
    }
    Ok(clean.to_owned())
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
        for text in ["", "   ", "a\0b", "a\u{7}b", "a\nb", "a\u{202e}b", "a\u{feff}b", "12345678901"] {
            let failure = clean_line("name", text, 10).unwrap_err();
            assert_eq!(failure.code(), ErrorCode::InvalidRequest, "{text:?}");
            assert!(failure.to_string().contains("`name`"), "{failure}");
        }
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert!(clean_line("name", "ééééé", 5).is_ok());
    }
}
