//! The paths that a source text names, written out in full.
//!
//! Use trees are expanded, and a path that starts with an imported name is resolved through the
//! import, so that `use std::time; … time::Instant::now()` is read as `std::time::Instant::now`.
//! Code under `#[cfg(test)]` is left out: tests may do what the code may not.

use std::collections::HashMap;

use super::tokens::{self, Token, TokenKind};

/// A path and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NamedPath {
    /// Counted from 1.
    pub(super) line: usize,
    /// `["std", "time", "Instant"]`; a glob import ends in `*`.
    pub(super) segments: Vec<String>,
    /// Whether it stands in a `use`.
    pub(super) imported: bool,
    /// Whether it is called as a macro: `query!(…)`.
    pub(super) is_macro: bool,
}

impl NamedPath {
    /// The path as it is written.
    pub(super) fn spoken(&self) -> String {
        self.segments.join("::")
    }

    /// Whether it is the other path or lies below it. A glob import above it counts as well, since
    /// it brings the other path in.
    pub(super) fn reaches(&self, other: &str) -> bool {
        let other: Vec<&str> = other.split("::").collect();
        match self.segments.split_last() {
            Some((last, above)) if last == "*" => {
                let shared = above.iter().zip(&other).all(|(one, two)| one == two);
                !above.is_empty() && shared
            }
            _ => {
                self.segments.len() >= other.len()
                    && self
                        .segments
                        .iter()
                        .zip(&other)
                        .all(|(one, two)| one == two)
            }
        }
    }
}

/// Everything that the rules look at in one file.
#[derive(Debug)]
pub(super) struct Source {
    /// All paths of more than one segment, all imports, all macro calls.
    pub(super) paths: Vec<NamedPath>,
    /// Lines with the keyword `async`.
    pub(super) async_lines: Vec<usize>,
}

/// Reads a source text without its tests.
pub(super) fn read(text: &str) -> Source {
    let tokens = without_tests(&tokens::read(text));
    let mut imports = Vec::new();
    let mut inline = Vec::new();
    let mut async_lines = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token.word() {
            Some("use") if !tokens.get(at + 1).is_some_and(|next| next.is_mark('<')) => {
                let mut tree = UseTree {
                    tokens: &tokens,
                    at: at + 1,
                    leaves: Vec::new(),
                };
                tree.read(&[]);
                at = tree.at;
                imports.extend(tree.leaves);
            }
            Some(word) => {
                if word == "async" {
                    async_lines.push(token.line);
                }
                let (path, next) = inline_path(&tokens, at);
                inline.extend(path);
                at = next;
            }
            None => at += 1,
        }
    }
    let names: HashMap<&str, &[String]> = imports
        .iter()
        .filter(|leaf| leaf.name != "*" && leaf.name != "_")
        .map(|leaf| (leaf.name.as_str(), leaf.path.segments.as_slice()))
        .collect();
    for path in &mut inline {
        path.segments = resolved(&path.segments, &names);
    }
    let imported = imports.iter().map(|leaf| {
        let mut path = leaf.path.clone();
        path.segments = resolved(&path.segments, &names);
        path
    });
    let paths = imported
        .chain(
            inline
                .iter()
                .filter(|path| path.is_macro || path.segments.len() > 1)
                .cloned(),
        )
        .collect();
    Source { paths, async_lines }
}

/// Replaces an imported first segment by what it stands for.
fn resolved(segments: &[String], names: &HashMap<&str, &[String]>) -> Vec<String> {
    let Some((first, rest)) = segments.split_first() else {
        return Vec::new();
    };
    match names.get(first.as_str()) {
        Some(full) if full.first() != Some(first) => full.iter().chain(rest).cloned().collect(),
        _ => segments.to_vec(),
    }
}

/// A path in code that starts at a word, and where the reading goes on.
fn inline_path(tokens: &[Token], start: usize) -> (Option<NamedPath>, usize) {
    let is_field = start > 0
        && tokens
            .get(start - 1)
            .is_some_and(|before| before.is_mark('.'));
    let mut segments = Vec::new();
    let mut line = 0;
    let mut at = start;
    while let Some(word) = tokens.get(at).and_then(Token::word) {
        if segments.is_empty() {
            line = tokens.get(at).map_or(0, |token| token.line);
        }
        segments.push(word.to_owned());
        at += 1;
        let goes_on = tokens
            .get(at)
            .is_some_and(|token| token.kind == TokenKind::PathMark)
            && tokens.get(at + 1).and_then(Token::word).is_some();
        if !goes_on {
            break;
        }
        at += 1;
    }
    let is_macro = tokens.get(at).is_some_and(|token| token.is_mark('!'))
        && tokens
            .get(at + 1)
            .is_some_and(|next| ['(', '[', '{'].iter().any(|c| next.is_mark(*c)));
    let path = NamedPath {
        line,
        segments,
        imported: false,
        is_macro,
    };
    ((!is_field).then_some(path), at.max(start + 1))
}

/// An imported path and the name it has in this file.
#[derive(Debug)]
struct UseLeaf {
    path: NamedPath,
    name: String,
}

/// Reads one `use` item from behind the keyword to behind its `;`.
struct UseTree<'a> {
    tokens: &'a [Token],
    at: usize,
    leaves: Vec<UseLeaf>,
}

impl UseTree<'_> {
    /// Reads one branch of the tree; returns behind it.
    fn read(&mut self, prefix: &[String]) {
        let mut segments = prefix.to_vec();
        let mut line = self.line();
        while let Some(token) = self.tokens.get(self.at) {
            match &token.kind {
                TokenKind::PathMark => self.at += 1,
                TokenKind::Word(word) if word == "as" => {
                    let name = self
                        .tokens
                        .get(self.at + 1)
                        .and_then(Token::word)
                        .unwrap_or("_");
                    let name = name.to_owned();
                    self.at += 2;
                    return self.end_branch(segments, line, Some(name));
                }
                TokenKind::Word(word) => {
                    line = token.line;
                    if word != "self" || segments.is_empty() {
                        segments.push(word.clone());
                    }
                    self.at += 1;
                }
                TokenKind::Mark('*') => {
                    segments.push("*".to_owned());
                    self.at += 1;
                }
                TokenKind::Mark('{') => {
                    self.at += 1;
                    return self.read_group(&segments);
                }
                TokenKind::Mark(_) => return self.end_branch(segments, line, None),
            }
        }
    }

    fn read_group(&mut self, prefix: &[String]) {
        while let Some(token) = self.tokens.get(self.at) {
            match token.kind {
                TokenKind::Mark('}') => {
                    self.at += 1;
                    return;
                }
                TokenKind::Mark(',') => self.at += 1,
                TokenKind::Mark('{') | TokenKind::Word(_) | TokenKind::PathMark => {
                    self.read(prefix);
                }
                TokenKind::Mark('*') => self.read(prefix),
                TokenKind::Mark(_) => return,
            }
        }
    }

    fn end_branch(&mut self, segments: Vec<String>, line: usize, name: Option<String>) {
        let Some(last) = segments.last() else { return };
        let name = name.unwrap_or_else(|| last.clone());
        let path = NamedPath {
            line,
            segments,
            imported: true,
            is_macro: false,
        };
        self.leaves.push(UseLeaf { path, name });
    }

    fn line(&self) -> usize {
        self.tokens.get(self.at).map_or(0, |token| token.line)
    }
}

/// Leaves out every item that stands under an attribute `#[cfg(…test…)]`.
fn without_tests(tokens: &[Token]) -> Vec<Token> {
    let mut kept = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if let Some(end) = attribute_end(tokens, at)
            && is_test_attribute(tokens.get(at..end).unwrap_or_default())
        {
            at = item_end(tokens, end);
            continue;
        }
        kept.push(token.clone());
        at += 1;
    }
    kept
}

/// The place behind the attribute that starts here, if one does.
fn attribute_end(tokens: &[Token], start: usize) -> Option<usize> {
    tokens.get(start).filter(|token| token.is_mark('#'))?;
    tokens.get(start + 1).filter(|token| token.is_mark('['))?;
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(start + 1) {
        if token.is_mark('[') {
            depth += 1;
        } else if token.is_mark(']') {
            depth -= 1;
            if depth == 0 {
                return Some(at + 1);
            }
        }
    }
    None
}

fn is_test_attribute(attribute: &[Token]) -> bool {
    let words: Vec<&str> = attribute.iter().filter_map(Token::word).collect();
    words.first() == Some(&"cfg") && words.contains(&"test") && !words.contains(&"not")
}

/// The place behind the item that starts here: its `;`, or the brace that closes its body.
fn item_end(tokens: &[Token], start: usize) -> usize {
    let mut at = start;
    while let Some(end) = attribute_end(tokens, at) {
        at = end;
    }
    let mut depth = 0_usize;
    while let Some(token) = tokens.get(at) {
        at += 1;
        if token.is_mark('{') {
            depth += 1;
        } else if token.is_mark('}') {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return at;
            }
        } else if token.is_mark(';') && depth == 0 {
            return at;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoken(text: &str) -> Vec<String> {
        read(text)
            .paths
            .iter()
            .map(|path| format!("{}:{}", path.line, path.spoken()))
            .collect()
    }

    #[test]
    fn use_trees_are_written_out_with_the_line_of_each_leaf() {
        let text = "use std::{\n    fs,\n    time::{self, Duration, Instant as Now},\n};\n";
        assert_eq!(
            spoken(text),
            [
                "2:std::fs",
                "3:std::time",
                "3:std::time::Duration",
                "3:std::time::Instant"
            ]
        );
    }

    #[test]
    fn a_path_is_resolved_through_its_import() {
        let cases = [
            (
                "use std::time; fn f() { time::Instant::now(); }",
                "1:std::time::Instant::now",
            ),
            (
                "use chrono::Utc; fn f() { Utc::now(); }",
                "1:chrono::Utc::now",
            ),
            (
                "use std::fs as disk; fn f() { disk::read(); }",
                "1:std::fs::read",
            ),
            ("fn f() { ::std::fs::read(); }", "1:std::fs::read"),
            (
                "use crate::trips; fn f() { trips::queries::find(); }",
                "1:crate::trips::queries::find",
            ),
        ];
        for (text, expected) in cases {
            assert!(
                spoken(text).contains(&expected.to_owned()),
                "{text}: {:?}",
                spoken(text)
            );
        }
    }

    #[test]
    fn tests_and_field_names_are_left_out() {
        let text = "fn f(x: X) { x.tokio::<u8>(); }\n#[cfg(test)]\nmod tests { use tokio::spawn; }\n\
                    #[cfg(test)]\nuse std::fs;\n#[cfg(not(test))]\nuse std::net;\n";
        assert_eq!(spoken(text), ["7:std::net"]);
    }

    #[test]
    fn code_after_a_test_module_is_read_again() {
        let text = "#[cfg(test)]\n#[path = \"t.rs\"]\nmod tests;\nuse std::fs;\n";
        assert_eq!(spoken(text), ["4:std::fs"]);
    }

    #[test]
    fn globs_reach_what_lies_below_them() {
        let source = read("use std::time::*;");
        assert!(source.paths[0].reaches("std::time::Instant"));
        assert!(!source.paths[0].reaches("std::fs"));
    }

    #[test]
    fn macros_are_told_from_comparisons() {
        let source = read("fn f() { query!(\"x\"); if a::b != c {} }");
        let macros: Vec<String> = source
            .paths
            .iter()
            .filter(|path| path.is_macro)
            .map(NamedPath::spoken)
            .collect();
        assert_eq!(macros, ["query"]);
    }
}
