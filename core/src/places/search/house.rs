//! The house that a query means on a street.

use super::super::details;
use super::super::fold::fold;
use super::super::index::{PlaceIndex, Record};
use super::super::number::Fit;
use super::query::{NumberOption, Query};

/// A number this near to one that the map does not have tells where on the street it is.
const NEAREST_NUMBER_WITHIN: u32 = 20;

/// A house, or the house whose number is nearest.
#[derive(Debug, Clone, Copy)]
pub(super) struct House {
    pub(super) house: details::House,
    /// How well its number fits, from 0 to 1; `None` when it is only near.
    pub(super) fit: Option<f32>,
    /// The words that are its number.
    pub(super) covers: u16,
}

/// The house of a street that a query means, if the query has a number that is not part of the
/// street's name.
pub(super) fn find_house(index: &PlaceIndex, query: &Query, record: &Record<'_>) -> Option<House> {
    let houses = record.details.houses();
    if houses.is_at_end() {
        return None;
    }
    let options = options_beside_name(query, &record.name);
    let mut best: Option<(Fit, &NumberOption, details::House)> = None;
    let mut nearest: Option<(bool, u32, &NumberOption, details::House)> = None;
    for house in houses {
        for option in &options {
            let fit = option.number.fit(house.digits, index.ending(&house));
            if let Some(fit) = fit {
                let is_better = best.as_ref().is_none_or(|(other, known, _)| {
                    (fit, option.covers.count_ones()) > (*other, known.covers.count_ones())
                });
                if is_better {
                    best = Some((fit, option, house));
                }
            } else if let Some(digits) = house.digits {
                let gap = digits.abs_diff(option.number.digits);
                let is_across = gap % 2 == 1;
                let is_nearer = nearest
                    .as_ref()
                    .is_none_or(|(across, least, _, _)| (is_across, gap) < (*across, *least));
                if is_nearer && gap <= NEAREST_NUMBER_WITHIN {
                    nearest = Some((is_across, gap, option, house));
                }
            }
        }
    }
    let found = best.map(|(fit, option, house)| House {
        house,
        fit: Some(match fit {
            Fit::Same => 1.0,
            Fit::InRange => 0.9,
            Fit::SameDigits => 0.8,
        }),
        covers: option.covers,
    });
    found.or_else(|| {
        nearest.map(|(_, _, option, house)| House {
            house,
            fit: None,
            covers: option.covers,
        })
    })
}

/// "31 de Janeiro 31" has one number besides the one in the name.
fn options_beside_name<'q>(query: &'q Query, name: &str) -> Vec<&'q NumberOption> {
    let mut taken = Vec::new();
    for name_word in fold(name).split(' ') {
        let same = query.words.iter().enumerate().find(|(position, word)| {
            word.is_number && word.text == name_word && !taken.contains(position)
        });
        taken.extend(same.map(|(position, _)| position));
    }
    query
        .numbers
        .iter()
        .filter(|option| !taken.contains(&option.word))
        .collect()
}
