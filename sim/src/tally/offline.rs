//! What was done on phones that keep their work, and whether anything of it was lost.

use serde::Serialize;

/// Counts over all phones of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct OfflineCounts {
    /// Drivers whose phones lose their network in dead zones.
    pub drivers: u64,
    /// What these drivers did in the app, on trips and beside them.
    pub commands: u64,
    /// Of these, what was done while there was no network.
    pub commands_offline: u64,
    /// What the server refused, and told the driver.
    pub refused: u64,
    /// Points that their phones measured.
    pub points: u64,
    /// Rides that the phone ended and priced.
    pub rides: u64,
    /// What never got an answer from the server, and points that it does not have.
    pub lost: u64,
    /// Rides that the phone priced otherwise than the server charged.
    pub fare_mismatches: u64,
}

impl OfflineCounts {
    /// Adds what one phone counted.
    pub fn add(&mut self, phone: &Self) {
        self.drivers += phone.drivers;
        self.commands += phone.commands;
        self.commands_offline += phone.commands_offline;
        self.refused += phone.refused;
        self.points += phone.points;
        self.rides += phone.rides;
        self.lost += phone.lost;
        self.fare_mismatches += phone.fare_mismatches;
    }
}
