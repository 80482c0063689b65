//! Ways that continue each other, put together.

use std::collections::HashMap;

use crate::osm::NodeIndex;

/// Joins lines at their ends into longer ones, as long as they go. Each line is used once. Lines of
/// fewer than two nodes are left out.
pub(super) fn join(lines: &[&[NodeIndex]]) -> Vec<Vec<NodeIndex>> {
    let mut ends: HashMap<NodeIndex, Vec<usize>> = HashMap::new();
    for (index, line) in lines.iter().enumerate().filter(|(_, line)| line.len() >= 2) {
        for end in [line.first(), line.last()].into_iter().flatten() {
            ends.entry(*end).or_default().push(index);
        }
    }
    let mut free = vec![true; lines.len()];
    let mut chains = Vec::new();
    for (index, line) in lines.iter().enumerate().filter(|(_, line)| line.len() >= 2) {
        if !std::mem::replace(&mut free[index], false) {
            continue;
        }
        let mut chain = line.to_vec();
        for _ in 0..2 {
            while let Some(next) = take_next(&chain, lines, &ends, &mut free) {
                chain.extend(next);
            }
            chain.reverse();
        }
        chains.push(chain);
    }
    chains
}

/// The nodes of a free line that goes on where a chain ends.
fn take_next(
    chain: &[NodeIndex],
    lines: &[&[NodeIndex]],
    ends: &HashMap<NodeIndex, Vec<usize>>,
    free: &mut [bool],
) -> Option<Vec<NodeIndex>> {
    let end = chain.last()?;
    if chain.len() >= 4 && chain.first() == Some(end) {
        return None; // A ring is complete.
    }
    let index = *ends.get(end)?.iter().find(|index| free[**index])?;
    free[index] = false;
    let line = lines[index];
    Some(if line.first() == Some(end) {
        line[1..].to_vec()
    } else {
        line[..line.len() - 1].iter().rev().copied().collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_join_whichever_way_they_run() {
        let chains = join(&[&[1, 2, 3], &[5, 4, 3], &[0, 1], &[7, 8]]);
        assert_eq!(chains, [vec![0, 1, 2, 3, 4, 5], vec![7, 8]]);
    }

    #[test]
    fn a_ring_closes_once() {
        let chains = join(&[&[1, 2, 3], &[3, 4, 1], &[1, 9]]);
        assert_eq!(chains.len(), 2);
        let ring = chains.iter().find(|chain| chain.len() == 5).unwrap();
        assert_eq!(ring.first(), ring.last());
    }

    #[test]
    fn a_line_of_one_node_is_no_line() {
        assert!(join(&[&[1], &[]]).is_empty());
    }
}
