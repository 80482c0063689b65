//! Trips out of a random generator, and everything that the core says of them, as JSON lines.
//!
//! The same trip comes out of the same seed and number on every machine, byte for byte:
//! `cargo xtask parity` runs this natively and in WebAssembly and compares. Only the core's answers
//! can differ, because the generator uses whole numbers and the four operations that IEEE 754 defines
//! to the last bit. An error is an answer like any other and is written as well.
//!
//! Each line is `{"trip":17,"fare":{…}}`. To prove more of the core, write more lines in
//! [`write_trip`].

mod dice;
mod ending;
mod facts;
mod places;
mod recording;
mod records;
mod signed;
mod surge;
mod tariff;
mod track;
mod trip;
#[cfg(target_arch = "wasm32")]
mod wasm;

use wayfare_core::pricing::{Tariff, TariffRef, cancellation_charge, compute, settle};

use dice::Dice;
use records::Records;

/// How many trips are made before their lines are handed on.
pub const TRIPS_PER_CHUNK: u64 = 64;

/// Signing costs as much as everything else together, so only some trips get a receipt.
const SIGNED_EVERY: u64 = 8;

/// Appends the lines of the trip with this number: what is known of it, then what the core says.
pub fn write_trip(seed: u64, number: u64, out: &mut Vec<u8>) {
    let mut dice = Dice::new(seed, number);
    let mut records = Records::new(number, out);
    let spec = tariff::spec(&mut dice);
    records.write("tariff", &spec);
    places::write(&mut dice, &mut records);
    let ride = track::write(&mut dice, &mut records);
    trip::write(&mut dice, &mut records);
    surge::write(&mut dice, &mut records);

    match Tariff::new(spec) {
        Err(problems) => records.refused("tariff_check", &problems),
        Ok(tariff) => {
            records.write("tariff_ref", &TariffRef::of(&tariff));
            let facts = facts::of_a_trip(&mut dice, tariff.spec());
            records.write("facts", &facts);
            records.outcome("fare", &compute(&tariff, &facts));
            let driven = ending::driven(&mut dice, tariff.spec(), &facts, ride);
            records.write("driven", &driven);
            let settlement = settle(&tariff, &facts, &driven);
            records.outcome("settlement", &settlement);
            if let Ok(settlement) = &settlement
                && number.is_multiple_of(SIGNED_EVERY)
            {
                signed::write(&mut records, &tariff, &facts, &driven, settlement);
            }
            let cancelled = ending::cancelled(&mut dice);
            records.write("cancelled", &cancelled);
            records.outcome("cancellation", &cancellation_charge(&tariff, &cancelled));
        }
    }
}

/// Appends the lines of the trips from `from` until just before `to`.
pub fn write_trips(seed: u64, from: u64, to: u64, out: &mut Vec<u8>) {
    for number in from..to {
        write_trip(seed, number, out);
    }
}

#[cfg(test)]
mod tests;
