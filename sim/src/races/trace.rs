//! Telling what happens, step by step, for a seed that failed.

use super::database::{Database, Tx};

/// Says a step, if somebody listens.
pub(super) fn say(database: &Database, tx: Tx, what: &str) {
    if database.traced {
        println!(
            "{:>5} s  {:<10} transaction {tx}: {what}",
            database.now, database.actor
        );
    }
}

/// Says what happened apart from transactions.
pub(super) fn tell(database: &Database, what: impl FnOnce() -> String) {
    if database.traced {
        println!("{:>5} s  {}", database.now, what());
    }
}
