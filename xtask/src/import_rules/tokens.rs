//! Rust source as a list of words and marks with their lines, without comments and literals.
//!
//! Just enough of the language to read paths: what this reader does not know it passes over, and it
//! never fails.

/// A piece of source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    /// Counted from 1.
    pub(super) line: usize,
    /// What it is.
    pub(super) kind: TokenKind,
}

/// The pieces that matter for paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// An identifier or keyword.
    Word(String),
    /// `::`
    PathMark,
    /// Any other mark.
    Mark(char),
}

impl Token {
    /// The identifier, if it is one.
    pub(super) fn word(&self) -> Option<&str> {
        match &self.kind {
            TokenKind::Word(word) => Some(word),
            TokenKind::PathMark | TokenKind::Mark(_) => None,
        }
    }

    /// Whether it is this mark.
    pub(super) fn is_mark(&self, mark: char) -> bool {
        self.kind == TokenKind::Mark(mark)
    }
}

/// Reads a source text.
pub(super) fn read(text: &str) -> Vec<Token> {
    let mut reader = Reader {
        rest: text,
        line: 1,
        tokens: Vec::new(),
    };
    while reader.step() {}
    reader.tokens
}

struct Reader<'a> {
    rest: &'a str,
    line: usize,
    tokens: Vec<Token>,
}

impl Reader<'_> {
    /// Reads one piece; false at the end of the text.
    fn step(&mut self) -> bool {
        let Some(first) = self.rest.chars().next() else {
            return false;
        };
        if self.rest.starts_with("//") {
            self.skip_bytes(self.rest.find('\n').unwrap_or(self.rest.len()));
        } else if self.rest.starts_with("/*") {
            self.skip_block_comment();
        } else if let Some(length) = raw_string_length(self.rest) {
            self.skip_bytes(length);
        } else if first == '"' {
            self.skip_bytes(quoted_length(self.rest, '"'));
        } else if first == '\'' {
            self.skip_bytes(character_or_lifetime_length(self.rest));
        } else if first == '_' || first.is_alphabetic() {
            self.read_word();
        } else if first.is_ascii_digit() {
            self.skip_bytes(word_length(self.rest));
        } else if self.rest.starts_with("::") {
            self.push(TokenKind::PathMark);
            self.skip_bytes(2);
        } else {
            if !first.is_whitespace() {
                self.push(TokenKind::Mark(first));
            }
            self.skip_bytes(first.len_utf8());
        }
        true
    }

    fn read_word(&mut self) {
        let raw = if self.rest.starts_with("r#") { 2 } else { 0 };
        let length = raw + word_length(self.rest.get(raw..).unwrap_or_default());
        let word = self.rest.get(raw..length).unwrap_or_default().to_owned();
        self.push(TokenKind::Word(word));
        self.skip_bytes(length);
    }

    fn push(&mut self, kind: TokenKind) {
        self.tokens.push(Token {
            line: self.line,
            kind,
        });
    }

    fn skip_bytes(&mut self, length: usize) {
        let (skipped, rest) = self
            .rest
            .split_at_checked(length.max(1))
            .unwrap_or((self.rest, ""));
        self.line += skipped.matches('\n').count();
        self.rest = rest;
    }

    /// Block comments nest.
    fn skip_block_comment(&mut self) {
        let mut depth = 0_usize;
        while !self.rest.is_empty() {
            if self.rest.starts_with("/*") {
                depth += 1;
                self.skip_bytes(2);
            } else if self.rest.starts_with("*/") {
                depth -= 1;
                self.skip_bytes(2);
                if depth == 0 {
                    return;
                }
            } else {
                self.skip_bytes(self.rest.chars().next().map_or(1, char::len_utf8));
            }
        }
    }
}

fn word_length(text: &str) -> usize {
    text.find(|c: char| c != '_' && !c.is_alphanumeric())
        .unwrap_or(text.len())
}

/// The length of `r"…"`, `br#"…"#` and the like, if the text begins with one.
fn raw_string_length(text: &str) -> Option<usize> {
    let prefix = ["br", "cr", "r"]
        .into_iter()
        .find(|prefix| text.starts_with(prefix))?;
    let after = text.get(prefix.len()..)?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    let body = after.get(hashes..)?.strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = body.find(&end).map_or(body.len(), |at| at + end.len());
    Some(prefix.len() + hashes + 1 + length)
}

/// The length of a quoted text with escapes, both quotes included.
fn quoted_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == quote {
            return at + c.len_utf8();
        }
    }
    text.len()
}

fn character_or_lifetime_length(text: &str) -> usize {
    let mut chars = text.chars().skip(1);
    let is_character = matches!(
        (chars.next(), chars.next()),
        (Some('\\'), _) | (_, Some('\''))
    );
    if is_character {
        quoted_length(text, '\'')
    } else {
        1 + word_length(text.get(1..).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        read(text)
            .iter()
            .filter_map(|token| token.word().map(str::to_owned))
            .collect()
    }

    #[test]
    fn comments_and_literals_hold_no_words() {
        let cases = [
            "// tokio::spawn",
            "/* tokio /* nested */ tokio */",
            "\"tokio \\\" tokio\"",
            "b\"x\"",
            "r#\"tokio \" tokio\"#",
            "'t' '\\'' '\\u{41}'",
            "'lifetime",
            "1_000u64 0xff",
        ];
        for text in cases {
            let found: Vec<String> = words(text).into_iter().filter(|word| word != "b").collect();
            assert_eq!(found, Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn words_keep_their_lines_through_everything_that_spans_lines() {
        let text = "/* a\n b */ one\n\"x\n y\" two r\"\n\" three";
        let lines: Vec<(usize, String)> = read(text)
            .iter()
            .filter_map(|token| token.word().map(|word| (token.line, word.to_owned())))
            .collect();
        let expected = [
            (2, "one".to_owned()),
            (4, "two".to_owned()),
            (5, "three".to_owned()),
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn lifetimes_do_not_swallow_the_code_after_them() {
        assert_eq!(
            words("fn f<'a>(x: &'a str) -> char { 'x' }"),
            ["fn", "f", "x", "str", "char"]
        );
    }

    #[test]
    fn a_raw_identifier_is_its_word() {
        assert_eq!(words("r#type::x"), ["type", "x"]);
    }
}
