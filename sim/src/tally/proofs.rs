//! What phones checked for themselves: quotes and receipts.

use serde::Serialize;
use wayfare_core::pricing::Basis;
use wayfare_core::receipt::{Charged, Receipt};

/// By what a receipt is priced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PricedBy {
    /// The quote held.
    Quote,
    /// What was driven.
    Meter,
    /// The plan along other stops.
    Replanned,
    /// The fee for calling it off.
    Cancellation,
}

impl PricedBy {
    /// By what this receipt is priced.
    pub const fn of(receipt: &Receipt) -> Self {
        match &receipt.charge {
            Charged::Cancellation { .. } => Self::Cancellation,
            Charged::Trip { basis, .. } => match basis {
                Basis::Quote => Self::Quote,
                Basis::DrivenStopsChanged | Basis::DrivenDistanceDiffers => Self::Meter,
                Basis::Replanned => Self::Replanned,
            },
        }
    }
}

/// How many quotes and receipts were checked. A receipt counts once, whoever checked it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ProofCounts {
    /// Quotes that hold.
    pub quotes: u64,
    /// Receipts that hold: the sum of the next four.
    pub receipts: u64,
    /// Priced as quoted.
    pub by_quote: u64,
    /// Priced by what was driven.
    pub by_meter: u64,
    /// Priced by the plan along other stops.
    pub replanned: u64,
    /// Fees for trips that were called off.
    pub cancellations: u64,
    /// Quotes and receipts that do not hold.
    pub failed: u64,
}

impl ProofCounts {
    /// A receipt holds.
    pub fn receipt(&mut self, by: PricedBy) {
        let kind = match by {
            PricedBy::Quote => &mut self.by_quote,
            PricedBy::Meter => &mut self.by_meter,
            PricedBy::Replanned => &mut self.replanned,
            PricedBy::Cancellation => &mut self.cancellations,
        };
        *kind += 1;
        self.receipts += 1;
    }
}
