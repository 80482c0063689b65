//! Ctrl-C and its relatives: kept from ending this program before what it started has ended.

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::failure::Failure;

/// The interrupts that have arrived since `listen`.
#[derive(Debug)]
pub(crate) struct Interrupts {
    signals: Signals,
    any: Arc<AtomicBool>,
    seen: u32,
}

impl Interrupts {
    /// From now on an interrupt is noted instead of ending this program.
    pub(crate) fn listen() -> Result<Self, Failure> {
        let failure = |source| Failure::Start {
            program: "signal handling".to_owned(),
            source,
        };
        let all = [SIGINT, SIGTERM, SIGHUP];
        let any = Arc::new(AtomicBool::new(false));
        for signal in all {
            signal_hook::flag::register(signal, Arc::clone(&any)).map_err(failure)?;
        }
        Ok(Self {
            signals: Signals::new(all).map_err(failure)?,
            any,
            seen: 0,
        })
    }

    /// The signals that have arrived since the last call.
    pub(crate) fn take(&mut self) -> Vec<i32> {
        let arrived: Vec<i32> = self.signals.pending().collect();
        self.seen = self
            .seen
            .saturating_add(u32::try_from(arrived.len()).unwrap_or(u32::MAX));
        arrived
    }

    /// How many have been taken so far.
    pub(crate) fn seen(&self) -> u32 {
        self.seen
    }

    /// Whether any has arrived, taken or not.
    pub(crate) fn any_seen(&self) -> bool {
        self.any.load(Ordering::Relaxed)
    }

    /// Whether Ctrl-C at the terminal reaches the programs that this one started by itself.
    pub(crate) fn terminal_reaches_children() -> bool {
        io::stdin().is_terminal()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interrupt_is_noted_and_does_not_end_the_program() {
        let mut interrupts = Interrupts::listen().unwrap();
        assert!(!interrupts.any_seen());
        signal_hook::low_level::raise(SIGHUP).unwrap();
        assert!(interrupts.any_seen());
        assert_eq!(interrupts.take(), [SIGHUP]);
        assert_eq!(interrupts.take(), Vec::<i32>::new());
        assert_eq!(interrupts.seen(), 1);
    }
}
