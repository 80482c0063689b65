//! What drivers answer.

use std::time::Duration;

use rand::RngExt;

use crate::chance::{Stream, chance};

/// Between reading an offer and answering it, in seconds.
const THINKS_S: std::ops::Range<f64> = 3.0..8.0;

/// A trip and a driver who is asked for it, by their numbers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question {
    pub(super) rider: usize,
    pub(super) car: usize,
}

/// What a driver answers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Answer {
    pub(super) after: Duration,
    pub(super) accepts: bool,
}

/// How drivers answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answers {
    pub(super) seed: u64,
    /// Share of the offers that are declined.
    pub(super) decline: f64,
}

impl Answers {
    /// The answer to a question. It depends on who is asked for what, not on when or after whom, so
    /// that no policy has luckier drivers than another.
    pub(super) fn of(&self, question: Question) -> Answer {
        let stream = Stream::Answer {
            rider: question.rider,
            driver: question.car,
        };
        let mut chance = chance(self.seed, stream);
        Answer {
            after: Duration::from_secs_f64(chance.random_range(THINKS_S)),
            accepts: chance.random::<f64>() >= self.decline,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_depend_on_who_is_asked_for_what() {
        let answers = Answers {
            seed: 1,
            decline: 0.2,
        };
        let of = |rider, car| answers.of(Question { rider, car });
        assert_eq!(of(3, 4), of(3, 4));
        assert_ne!(of(3, 4), of(4, 3));
        let all = || (0..100).flat_map(|rider| (0..100).map(move |car| of(rider, car)));
        let declined = all().filter(|answer| !answer.accepts).count();
        assert!((1850..2150).contains(&declined), "{declined} of 10,000");
        assert!(all().all(|answer| THINKS_S.contains(&answer.after.as_secs_f64())));
    }
}
