//! Writes numbers and verdicts.

use uuid::Uuid;
use wayfare_core::vehicle::{VehicleClass, VehicleFeature};

use super::tag;
use crate::decision::{Cost, Verdict};
use crate::gate::Gate;

#[derive(Debug, Default)]
pub(super) struct Writer(Vec<u8>);

/// Where a class stands among all classes.
fn class(class: VehicleClass) -> u64 {
    position(&VehicleClass::ALL, class)
}

/// Where a feature stands among all features.
fn feature(feature: VehicleFeature) -> u64 {
    position(&VehicleFeature::ALL, feature)
}

fn position<T: PartialEq>(all: &[T], one: T) -> u64 {
    let place = all.iter().position(|other| *other == one);
    place.map_or(u64::MAX, |place| place as u64)
}

impl Writer {
    pub(super) fn bytes(self) -> Vec<u8> {
        self.0
    }

    pub(super) fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    pub(super) fn raw(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub(super) fn uuid(&mut self, uuid: Uuid) {
        self.raw(uuid.as_bytes());
    }

    pub(super) fn count(&mut self, count: usize) {
        self.number(count as u64);
    }

    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.byte((number & 0x7f) as u8 | 0x80);
            number >>= 7;
        }
        self.byte((number & 0x7f) as u8);
    }

    fn signed(&mut self, number: i64) {
        self.number(((number << 1) ^ (number >> 63)).cast_unsigned());
    }

    pub(super) fn verdict(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Dropped(gate) => self.gate(gate),
            Verdict::Asked { cost } => {
                self.byte(tag::ASKED);
                self.cost(cost);
            }
            Verdict::Lost {
                cost,
                asked_for: None,
            } => {
                self.byte(tag::LOST);
                self.cost(cost);
            }
            Verdict::Lost {
                cost,
                asked_for: Some(trip),
            } => {
                self.byte(tag::LOST_TO_TRIP);
                self.cost(cost);
                self.uuid(trip.uuid());
            }
        }
    }

    fn cost(&mut self, cost: &Cost) {
        self.signed(cost.way_ms);
        self.signed(cost.finishing_ms);
        self.signed(cost.idle_ms);
        self.signed(cost.rating_ms);
        self.signed(cost.cancel_ms);
        self.number(cost.way_m.into());
    }

    fn tagged<const N: usize>(&mut self, tag: u8, numbers: [u64; N]) {
        self.byte(tag);
        for number in numbers {
            self.number(number);
        }
    }

    fn gate(&mut self, gate: &Gate) {
        match *gate {
            Gate::Silent { age_s, limit_s } => {
                self.tagged(tag::SILENT, [age_s.into(), limit_s.into()]);
            }
            Gate::Driving => self.byte(tag::DRIVING),
            Gate::HasOffer => self.byte(tag::HAS_OFFER),
            Gate::FinishesLate { free_in_s, limit_s } => {
                self.tagged(tag::FINISHES_LATE, [free_in_s.into(), limit_s.into()]);
            }
            Gate::OtherClass { has, wanted } => {
                self.tagged(tag::OTHER_CLASS, [class(has), class(wanted)]);
            }
            Gate::TooFewSeats { has, needed } => {
                self.tagged(tag::TOO_FEW_SEATS, [has.into(), needed.into()]);
            }
            Gate::TooSmallLoad { has_kg, needed_kg } => {
                self.tagged(tag::TOO_SMALL_LOAD, [has_kg.into(), needed_kg.into()]);
            }
            Gate::MissingFeature { feature: missing } => {
                self.tagged(tag::MISSING_FEATURE, [feature(missing)]);
            }
            Gate::AskedBefore => self.byte(tag::ASKED_BEFORE),
            Gate::GaveBack => self.byte(tag::GAVE_BACK),
            Gate::OwnTrip => self.byte(tag::OWN_TRIP),
            Gate::Blocked => self.byte(tag::BLOCKED),
            Gate::NotOnTheWayHome { before_m, after_m } => {
                self.tagged(tag::NOT_ON_THE_WAY_HOME, [before_m.into(), after_m.into()]);
            }
            Gate::WaitsInQueue => self.byte(tag::WAITS_IN_QUEUE),
            Gate::OutOfReach {
                straight_m,
                radius_m,
            } => self.tagged(tag::OUT_OF_REACH, [straight_m.into(), radius_m.into()]),
            Gate::EnoughNearer { nearer } => self.tagged(tag::ENOUGH_NEARER, [nearer.into()]),
            Gate::NoRoad => self.byte(tag::NO_ROAD),
            Gate::TooFarByRoad { road_m, radius_m } => {
                self.tagged(tag::TOO_FAR_BY_ROAD, [road_m.into(), radius_m.into()]);
            }
            Gate::BehindInQueue { before } => self.tagged(tag::BEHIND_IN_QUEUE, [before.into()]),
        }
    }
}
