//! Telling what happens, step by step, for a seed that failed.

use std::fmt::Arguments;
use std::io::{ErrorKind, Write, stdout};

use super::database::{Database, Tx};

/// Says a step, if somebody listens.
pub(super) fn say(database: &Database, tx: Tx, what: &str) {
    if database.traced {
        let (now, actor) = (database.now, &database.actor);
        print(format_args!(
            "{now:>5} s  {actor:<10} transaction {tx}: {what}"
        ));
    }
}

/// Says what happened apart from transactions.
pub(super) fn tell(database: &Database, what: impl FnOnce() -> String) {
    if database.traced {
        print(format_args!("{:>5} s  {}", database.now, what()));
    }
}

/// A reader who has seen enough closes the pipe; the run goes on to its verdict without one.
fn print(line: Arguments<'_>) {
    let said = writeln!(stdout().lock(), "{line}");
    if let Err(error) = said
        && error.kind() != ErrorKind::BrokenPipe
    {
        eprintln!("wayfare-sim: the trace cannot be written: {error}");
    }
}
