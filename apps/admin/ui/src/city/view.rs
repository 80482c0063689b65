//! What the panel shows, and how that changes. Pure.

use wayfare_core::wire::{ErrorCode, Integrity};
use wayfare_ui::CallFailure;

/// The numbers, or what is there instead of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CityNow {
    /// Asked for, and not seen yet.
    Asking {
        /// Since how many seconds.
        waited_s: u32,
    },
    /// Asked for, and the backend did not answer.
    Unavailable {
        /// What the backend said; empty if nothing answered.
        detail: String,
    },
    /// Seen.
    Seen {
        /// The numbers.
        integrity: Integrity,
        /// How old they are, in seconds.
        age_s: u32,
        /// What the backend said when newer ones were asked for; empty if nothing answered.
        stale: Option<String>,
    },
    /// Not for this account.
    Forbidden,
}

impl Default for CityNow {
    fn default() -> Self {
        Self::Asking { waited_s: 0 }
    }
}

impl CityNow {
    /// After an answer. Numbers once seen stay, with their age, when no newer ones come.
    pub fn answered(self, outcome: Result<Integrity, CallFailure>) -> Self {
        match (self, outcome) {
            (_, Ok(integrity)) => Self::Seen {
                integrity,
                age_s: 0,
                stale: None,
            },
            (_, Err(failure)) if failure.code == Some(ErrorCode::Forbidden) => Self::Forbidden,
            (
                Self::Seen {
                    integrity, age_s, ..
                },
                Err(failure),
            ) => Self::Seen {
                integrity,
                age_s,
                stale: Some(said(failure)),
            },
            (_, Err(failure)) => Self::Unavailable {
                detail: said(failure),
            },
        }
    }

    /// A second later.
    pub fn one_second_later(mut self) -> Self {
        match &mut self {
            Self::Asking { waited_s: seconds } | Self::Seen { age_s: seconds, .. } => {
                *seconds = seconds.saturating_add(1);
            }
            Self::Unavailable { .. } | Self::Forbidden => {}
        }
        self
    }
}

/// Silence says nothing more than that; an answer may.
fn said(failure: CallFailure) -> String {
    let silence = failure.code.is_none() && failure.transient;
    if silence {
        String::new()
    } else {
        failure.detail
    }
}

/// A promise of the system, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Check {
    /// The text that says what is counted.
    pub name: &'static str,
    /// The count, which is 0 while the promise is kept.
    pub count: i64,
    /// The text for a kept promise.
    pub kept: &'static str,
    /// The text for a broken one.
    pub broken: &'static str,
}

impl Check {
    /// Whether the promise is kept.
    pub const fn is_kept(&self) -> bool {
        self.count == 0
    }
}

/// Every promise that is counted.
pub const fn checks(integrity: &Integrity) -> [Check; 3] {
    [
        Check {
            name: "admin-ledger-imbalance",
            count: integrity.ledger.imbalance_minor,
            kept: "admin-ledger-balanced",
            broken: "admin-ledger-broken",
        },
        Check {
            name: "admin-assignments-double",
            count: integrity.double_assignments,
            kept: "admin-assignments-single",
            broken: "admin-assignments-broken",
        },
        Check {
            name: "admin-unbooked",
            count: integrity.unbooked_trips,
            kept: "admin-unbooked-none",
            broken: "admin-unbooked-broken",
        },
    ]
}

#[cfg(test)]
mod tests {
    use wayfare_core::wire::{LedgerIntegrity, TripCounts};

    use super::*;

    fn numbers() -> Integrity {
        Integrity {
            ledger: LedgerIntegrity {
                transactions: 3,
                imbalance_minor: 0,
            },
            double_assignments: 0,
            unbooked_trips: 0,
            trips: TripCounts {
                completed: 3,
                ..TripCounts::default()
            },
        }
    }

    fn failed(code: Option<ErrorCode>) -> CallFailure {
        CallFailure {
            code,
            transient: code.is_none(),
            signed_out: false,
            retry_after_s: None,
            detail: "no route to host".to_owned(),
        }
    }

    #[test]
    fn numbers_grow_old_until_newer_ones_come() {
        let seen = CityNow::default()
            .answered(Ok(numbers()))
            .one_second_later()
            .one_second_later();
        assert!(matches!(
            seen,
            CityNow::Seen {
                age_s: 2,
                stale: None,
                ..
            }
        ));
        assert!(matches!(
            seen.answered(Ok(numbers())),
            CityNow::Seen { age_s: 0, .. }
        ));
    }

    #[test]
    fn numbers_that_were_seen_stay_when_the_backend_is_gone() {
        let seen = CityNow::default()
            .answered(Ok(numbers()))
            .one_second_later();
        let stale = seen.answered(Err(failed(None)));
        let detail = Some(String::new());
        assert_eq!(
            stale,
            CityNow::Seen {
                integrity: numbers(),
                age_s: 1,
                stale: detail
            }
        );
    }

    #[test]
    fn nothing_is_shown_that_was_never_seen() {
        let waiting = CityNow::default().one_second_later();
        assert_eq!(waiting, CityNow::Asking { waited_s: 1 });
        let unavailable = waiting.answered(Err(failed(None)));
        assert_eq!(
            unavailable,
            CityNow::Unavailable {
                detail: String::new()
            }
        );
    }

    #[test]
    fn an_answer_that_is_a_refusal_is_shown_in_its_words() {
        let refused = CityNow::default().answered(Err(failed(Some(ErrorCode::Internal))));
        assert_eq!(
            refused,
            CityNow::Unavailable {
                detail: "no route to host".to_owned()
            }
        );
    }

    #[test]
    fn an_account_that_is_no_admin_sees_no_old_numbers() {
        let seen = CityNow::default().answered(Ok(numbers()));
        assert_eq!(
            seen.answered(Err(failed(Some(ErrorCode::Forbidden)))),
            CityNow::Forbidden
        );
    }

    #[test]
    fn each_broken_promise_is_found() {
        assert!(checks(&numbers()).iter().all(Check::is_kept));
        let mut broken = numbers();
        broken.ledger.imbalance_minor = -1;
        assert!(!checks(&broken)[0].is_kept());
        let mut broken = numbers();
        broken.double_assignments = 1;
        assert!(!checks(&broken)[1].is_kept());
        let mut broken = numbers();
        broken.unbooked_trips = 1;
        assert!(!checks(&broken)[2].is_kept());
    }
}
