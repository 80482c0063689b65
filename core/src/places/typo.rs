//! How far apart two words are: letters added, left out, changed, or two neighbours swapped
//! (optimal string alignment). One word is known, the other comes letter by letter, as in a walk
//! down a dictionary.

/// More differences than this are never looked for.
pub(super) const EDITS_MAX: u8 = 2;

/// Cells either side of the diagonal that can hold at most [`EDITS_MAX`].
const BAND: usize = 2;
const CELLS: usize = 2 * BAND + 1;
const FAR: u8 = EDITS_MAX + 1;

/// The distances after some letters: of those letters to each beginning of the known word that is
/// about as long.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rows {
    letters: usize,
    now: [u8; CELLS],
    before: [u8; CELLS],
    last: u8,
}

impl Rows {
    /// Before any letter.
    pub(super) const fn new() -> Self {
        Self {
            letters: 0,
            now: [FAR, FAR, 0, 1, 2],
            before: [FAR; CELLS],
            last: 0,
        }
    }

    /// Takes the next letter of the unknown word.
    #[expect(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        reason = "the innermost loop of a search: cells run to CELLS, distances to FAR + 1, and a \
                  column between 1 and the word's length is checked"
    )]
    pub(super) fn push(&mut self, known: &[u8], letter: u8) {
        let row = self.letters + 1;
        let mut next = [FAR; CELLS];
        for cell in 0..CELLS {
            // Column: how many letters of the known word.
            let Some(column) = (row + cell).checked_sub(BAND) else {
                continue;
            };
            if column > known.len() {
                break;
            }
            if column == 0 {
                next[cell] = u8::try_from(row).unwrap_or(FAR).min(FAR);
                continue;
            }
            let here = known[column - 1];
            let mut best = self.now[cell] + u8::from(here != letter);
            if cell + 1 < CELLS {
                best = best.min(self.now[cell + 1] + 1);
            }
            if cell > 0 {
                best = best.min(next[cell - 1] + 1);
            }
            if column >= 2 && row >= 2 && here == self.last && known[column - 2] == letter {
                best = best.min(self.before[cell] + 1);
            }
            next[cell] = best.min(FAR);
        }
        self.before = self.now;
        self.now = next;
        self.last = letter;
        self.letters = row;
    }

    /// Distance of the letters so far to the whole known word; more than [`EDITS_MAX`] when far.
    pub(super) fn to_whole(self, known: &[u8]) -> u8 {
        (known.len().wrapping_add(BAND))
            .checked_sub(self.letters)
            .and_then(|cell| self.now.get(cell))
            .copied()
            .unwrap_or(FAR)
    }

    /// No letters that follow can bring the distance below this.
    pub(super) fn at_least(self) -> u8 {
        let now = self.now.iter().copied().min().unwrap_or(FAR);
        let swapped = self.before.iter().copied().min().unwrap_or(FAR);
        now.min(swapped.saturating_add(1))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn distance(known: &str, other: &str) -> u8 {
        let mut rows = Rows::new();
        other
            .bytes()
            .for_each(|letter| rows.push(known.as_bytes(), letter));
        rows.to_whole(known.as_bytes())
    }

    /// The whole matrix, as textbooks have it.
    fn textbook(a: &[u8], b: &[u8]) -> usize {
        let mut d = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                if i == 0 || j == 0 {
                    d[i][j] = i + j;
                    continue;
                }
                let cost = usize::from(a[i - 1] != b[j - 1]);
                d[i][j] = (d[i - 1][j] + 1)
                    .min(d[i][j - 1] + 1)
                    .min(d[i - 1][j - 1] + cost);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    d[i][j] = d[i][j].min(d[i - 2][j - 2] + 1);
                }
            }
        }
        d[a.len()][b.len()]
    }

    #[test]
    fn each_kind_of_slip_counts_one() {
        for (known, typed, edits) in [
            ("almada", "almada", 0),
            ("almada", "almda", 1),
            ("almada", "alamda", 1),
            ("almada", "almadda", 1),
            ("almada", "elmada", 1),
            ("santa", "sanat", 1),
            ("boulevard", "bolevrad", 2),
            ("", "ab", 2),
            ("ab", "", 2),
        ] {
            assert_eq!(distance(known, typed), edits, "{known} {typed}");
        }
        assert!(distance("almada", "boavista") > EDITS_MAX);
    }

    proptest! {
        #[test]
        fn the_band_agrees_with_the_whole_matrix(known in "[abc]{0,9}", other in "[abc]{0,9}") {
            let whole = textbook(known.as_bytes(), other.as_bytes());
            let expected = u8::try_from(whole).unwrap().min(FAR);
            prop_assert_eq!(distance(&known, &other), expected);
        }

        #[test]
        fn a_pruned_beginning_never_comes_near_again(known in "[ab]{0,9}", other in "[ab]{0,9}") {
            let mut rows = Rows::new();
            let mut bound = 0;
            for letter in other.bytes() {
                rows.push(known.as_bytes(), letter);
                prop_assert!(rows.at_least() >= bound);
                bound = rows.at_least();
            }
            prop_assert!(rows.to_whole(known.as_bytes()) >= bound);
        }
    }
}
