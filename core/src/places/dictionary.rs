//! The words of all names as a tree of their letters, with the places of each word.
//!
//! A tree is a list of nodes. A node is a head (length of its letters, whether a word ends here,
//! whether nodes follow below), its letters, the word's places with their length before them, and
//! the nodes below with their length before them. Everything lies behind what leads to it, so a
//! walk through any bytes ends, and whole branches are stepped over.

use super::bytes::{Reader, write_number};
use super::typo::Rows;

/// Letters from the root down; more than a word may have. Bounds the walk through broken bytes.
const DEPTH_MAX: usize = 64;

/// Places and contexts that have a word.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct NewEntry {
    /// Places, ascending, and whether the word is of another name than the one that is shown.
    pub(super) places: Vec<(u32, bool)>,
    /// Contexts, ascending.
    pub(super) contexts: Vec<u32>,
}

/// What a dictionary says of a word.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    /// How many places have the word.
    pub(super) place_count: u32,
    has_contexts: bool,
    reader: Reader<'a>,
}

impl<'a> Entry<'a> {
    fn parse(payload: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(payload);
        let head = reader.number()?;
        Some(Self {
            place_count: head >> 1,
            has_contexts: head & 1 == 1,
            reader,
        })
    }

    /// Calls back with each place and whether the word is of another of its names, then answers
    /// the contexts.
    pub(super) fn read(self, mut place: impl FnMut(u32, bool)) -> Option<Vec<u32>> {
        let mut reader = self.reader;
        let mut id = 0_u32;
        for _ in 0..self.place_count {
            let step = reader.number()?;
            id = id.checked_add(step >> 1)?;
            place(id, step & 1 == 1);
        }
        let mut contexts = Vec::new();
        if self.has_contexts {
            let mut id = 0_u32;
            while !reader.is_at_end() {
                id = id.checked_add(reader.number()?)?;
                contexts.push(id);
            }
        }
        Some(contexts)
    }
}

/// How a word of the dictionary answers to a word that was typed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Match<'a> {
    /// Letters that differ.
    pub(super) edits: u8,
    /// Whether only its beginning was typed.
    pub(super) is_beginning: bool,
    /// What the dictionary says of it.
    pub(super) entry: Entry<'a>,
}

/// What to look for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'q> {
    /// The folded word.
    pub(super) word: &'q [u8],
    /// Most differing letters of a whole word.
    pub(super) edits_max: u8,
    /// Most differing letters of the beginning of a longer word; `None` takes whole words only.
    pub(super) beginning_edits_max: Option<u8>,
}

/// The packed tree.
pub(super) fn pack(words: &[(String, NewEntry)]) -> Vec<u8> {
    let mut out = Vec::new();
    pack_branch(words, 0, &mut out);
    out
}

/// Sorted words that agree in their first `depth` bytes and are all longer.
fn pack_branch(words: &[(String, NewEntry)], depth: usize, out: &mut Vec<u8>) {
    let letter = |word: &str| word.as_bytes().get(depth).copied();
    for group in words.chunk_by(|(a, _), (b, _)| letter(a) == letter(b)) {
        let (Some((first, entry)), Some((last, _))) = (group.first(), group.last()) else {
            continue;
        };
        let end = first
            .bytes()
            .zip(last.bytes())
            .take_while(|(a, b)| a == b)
            .count();
        let is_word = first.len() == end;
        let below = group.get(usize::from(is_word)..).unwrap_or_default();
        let label = first.as_bytes().get(depth..end).unwrap_or_default();
        let flags = u32::from(is_word) | u32::from(!below.is_empty()) << 1;
        write_number(out, size(label.len()).wrapping_shl(2) | flags);
        out.extend_from_slice(label);
        if is_word {
            append_sized(out, &pack_entry(entry));
        }
        if !below.is_empty() {
            let mut nodes = Vec::new();
            pack_branch(below, end, &mut nodes);
            append_sized(out, &nodes);
        }
    }
}

fn pack_entry(entry: &NewEntry) -> Vec<u8> {
    let mut out = Vec::new();
    let has_contexts = u32::from(!entry.contexts.is_empty());
    write_number(
        &mut out,
        size(entry.places.len()).wrapping_shl(1) | has_contexts,
    );
    let mut last = 0;
    for (place, is_other_name) in &entry.places {
        let step = place.wrapping_sub(last);
        write_number(&mut out, step.wrapping_shl(1) | u32::from(*is_other_name));
        last = *place;
    }
    let mut last = 0;
    for context in &entry.contexts {
        write_number(&mut out, context.wrapping_sub(last));
        last = *context;
    }
    out
}

fn append_sized(out: &mut Vec<u8>, bytes: &[u8]) {
    write_number(out, size(bytes.len()));
    out.extend_from_slice(bytes);
}

/// Sizes in a pack are checked to be below 2^32 as a whole.
fn size(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

struct Node<'a> {
    label: &'a [u8],
    entry: Option<&'a [u8]>,
    below: &'a [u8],
}

fn next_node<'a>(reader: &mut Reader<'a>) -> Option<Node<'a>> {
    let head = reader.number()?;
    let label = reader.take(usize::try_from(head >> 2).ok()?)?;
    let mut sized = |is_there: bool| -> Option<Option<&'a [u8]>> {
        if !is_there {
            return Some(None);
        }
        let length = reader.length()?;
        Some(Some(reader.take(length)?))
    };
    let entry = sized(head & 1 == 1)?;
    let below = sized(head & 2 == 2)?.unwrap_or_default();
    Some(Node {
        label,
        entry,
        below,
    })
}

/// Finds words that are what was typed, begin with it, or are a slip away from it. Looks at no more
/// than `budget` nodes and takes what it looked at off it.
pub(super) fn find<'a>(
    tree: &'a [u8],
    wanted: Wanted<'_>,
    budget: &mut u32,
    found: &mut Vec<Match<'a>>,
) {
    let mut walk = Walk {
        wanted,
        budget,
        found,
    };
    walk.visit(
        tree,
        Below {
            depth: 0,
            rows: Some(Rows::new()),
            beginning: None,
        },
    );
}

struct Walk<'a, 'w> {
    wanted: Wanted<'w>,
    budget: &'w mut u32,
    found: &'w mut Vec<Match<'a>>,
}

/// Where a walk stands.
#[derive(Clone, Copy)]
struct Below {
    depth: usize,
    /// `None` when nothing below can be the whole word.
    rows: Option<Rows>,
    /// Differing letters of the beginning that the letters so far hold.
    beginning: Option<u8>,
}

impl<'a> Walk<'a, '_> {
    fn visit(&mut self, nodes: &'a [u8], above: Below) {
        let mut reader = Reader::new(nodes);
        while !reader.is_at_end() {
            let Some(node) = next_node(&mut reader) else {
                return;
            };
            let Some(left) = self.budget.checked_sub(1) else {
                return;
            };
            *self.budget = left;
            let here = self.step(above, node.label);
            if here.depth > DEPTH_MAX || (here.rows.is_none() && here.beginning.is_none()) {
                continue;
            }
            if let Some(payload) = node.entry {
                self.take(payload, here);
            }
            if !node.below.is_empty() {
                self.visit(node.below, here);
            }
        }
    }

    fn step(&self, above: Below, label: &[u8]) -> Below {
        let mut here = above;
        here.depth = above.depth.saturating_add(label.len().max(1));
        for letter in label {
            let Some(rows) = &mut here.rows else {
                break;
            };
            rows.push(self.wanted.word, *letter);
            let edits = rows.to_whole(self.wanted.word);
            let is_beginning = self
                .wanted
                .beginning_edits_max
                .is_some_and(|edits_max| edits <= edits_max);
            if is_beginning && here.beginning.is_none_or(|best| edits < best) {
                here.beginning = Some(edits);
            }
            let edits_max = self
                .wanted
                .edits_max
                .max(self.wanted.beginning_edits_max.unwrap_or(0));
            if rows.at_least() > edits_max {
                here.rows = None;
            }
        }
        here
    }

    fn take(&mut self, payload: &'a [u8], here: Below) {
        let whole = here
            .rows
            .map(|rows| rows.to_whole(self.wanted.word))
            .filter(|edits| *edits <= self.wanted.edits_max);
        let (edits, is_beginning) = match (whole, here.beginning) {
            (Some(whole), Some(beginning)) if beginning < whole => (beginning, true),
            (Some(whole), _) => (whole, false),
            (None, Some(beginning)) => (beginning, true),
            (None, None) => return,
        };
        if let Some(entry) = Entry::parse(payload) {
            self.found.push(Match {
                edits,
                is_beginning,
                entry,
            });
        }
    }
}

/// The entry of a word that is spelled exactly so.
pub(super) fn find_exact<'a>(tree: &'a [u8], word: &str) -> Option<Entry<'a>> {
    let mut nodes = Reader::new(tree);
    let mut rest = word.as_bytes();
    while !nodes.is_at_end() {
        let node = next_node(&mut nodes)?;
        let Some(after) = rest.strip_prefix(node.label) else {
            continue;
        };
        if after.is_empty() {
            return Entry::parse(node.entry?);
        }
        if node.label.is_empty() {
            return None;
        }
        rest = after;
        nodes = Reader::new(node.below);
    }
    None
}

/// Whether every node and entry is whole and names only places and contexts that there are.
pub(super) fn is_sound(tree: &[u8], places: u32, contexts: u32) -> bool {
    is_branch_sound(tree, 0, places, contexts)
}

fn is_branch_sound(nodes: &[u8], depth: usize, places: u32, contexts: u32) -> bool {
    let mut reader = Reader::new(nodes);
    while !reader.is_at_end() {
        let Some(node) = next_node(&mut reader) else {
            return false;
        };
        let depth = depth.saturating_add(node.label.len());
        let is_entry_sound = node.entry.is_none_or(|payload| {
            let mut all_known = true;
            Entry::parse(payload)
                .and_then(|entry| entry.read(|place, _| all_known &= place < places))
                .is_some_and(|ids| all_known && ids.iter().all(|id| *id < contexts))
        });
        if node.label.is_empty()
            || depth > DEPTH_MAX
            || !is_entry_sound
            || !is_branch_sound(node.below, depth, places, contexts)
        {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests;
