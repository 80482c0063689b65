//! Reads numbers and verdicts.

use uuid::Uuid;
use wayfare_core::id::TripId;
use wayfare_core::vehicle::{VehicleClass, VehicleFeature};

use super::tag;
use crate::decision::{Cost, DecisionError, Verdict};
use crate::gate::Gate;

const ENDS_EARLY: DecisionError = DecisionError::Damaged("it ends too early");

#[derive(Debug)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// What has not been read.
    pub(super) const fn rest(&self) -> &'a [u8] {
        self.0
    }

    pub(super) fn byte(&mut self) -> Result<u8, DecisionError> {
        let (first, rest) = self.0.split_first().ok_or(ENDS_EARLY)?;
        self.0 = rest;
        Ok(*first)
    }

    pub(super) fn uuid(&mut self) -> Result<Uuid, DecisionError> {
        let (first, rest) = self.0.split_first_chunk().ok_or(ENDS_EARLY)?;
        self.0 = rest;
        Ok(Uuid::from_bytes(*first))
    }

    pub(super) fn number(&mut self) -> Result<u64, DecisionError> {
        let mut number = 0;
        for group in 0..10 {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            let shifted = bits << (7 * group);
            if shifted >> (7 * group) != bits {
                break;
            }
            number |= shifted;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(DecisionError::Damaged("a number is too large"))
    }

    fn signed(&mut self) -> Result<i64, DecisionError> {
        let folded = self.number()?;
        Ok((folded >> 1).cast_signed() ^ -(folded & 1).cast_signed())
    }

    /// A number of fewer bits.
    fn small<T: TryFrom<u64>>(&mut self) -> Result<T, DecisionError> {
        let number = self.number()?;
        T::try_from(number).map_err(|_| DecisionError::Damaged("a number is too large"))
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> Result<T, DecisionError> {
        let place: usize = self.small()?;
        let unknown = DecisionError::Damaged("it names a class or feature that does not exist");
        all.get(place).copied().ok_or(unknown)
    }

    pub(super) fn verdict(&mut self) -> Result<Verdict, DecisionError> {
        Ok(match self.byte()? {
            tag::ASKED => Verdict::Asked { cost: self.cost()? },
            tag::LOST => Verdict::Lost {
                cost: self.cost()?,
                asked_for: None,
            },
            tag::LOST_TO_TRIP => Verdict::Lost {
                cost: self.cost()?,
                asked_for: Some(TripId::from_uuid(self.uuid()?)),
            },
            gate => Verdict::Dropped(self.gate(gate)?),
        })
    }

    fn cost(&mut self) -> Result<Cost, DecisionError> {
        Ok(Cost {
            way_ms: self.signed()?,
            finishing_ms: self.signed()?,
            idle_ms: self.signed()?,
            rating_ms: self.signed()?,
            cancel_ms: self.signed()?,
            way_m: self.small()?,
        })
    }

    fn gate(&mut self, tag: u8) -> Result<Gate, DecisionError> {
        Ok(match tag {
            tag::SILENT => Gate::Silent {
                age_s: self.small()?,
                limit_s: self.small()?,
            },
            tag::DRIVING => Gate::Driving,
            tag::HAS_OFFER => Gate::HasOffer,
            tag::FINISHES_LATE => Gate::FinishesLate {
                free_in_s: self.small()?,
                limit_s: self.small()?,
            },
            tag::OTHER_CLASS => Gate::OtherClass {
                has: self.one_of(&VehicleClass::ALL)?,
                wanted: self.one_of(&VehicleClass::ALL)?,
            },
            tag::TOO_FEW_SEATS => Gate::TooFewSeats {
                has: self.small()?,
                needed: self.small()?,
            },
            tag::TOO_SMALL_LOAD => Gate::TooSmallLoad {
                has_kg: self.small()?,
                needed_kg: self.small()?,
            },
            tag::MISSING_FEATURE => Gate::MissingFeature {
                feature: self.one_of(&VehicleFeature::ALL)?,
            },
            tag::ASKED_BEFORE => Gate::AskedBefore,
            tag::GAVE_BACK => Gate::GaveBack,
            tag::OWN_TRIP => Gate::OwnTrip,
            tag::BLOCKED => Gate::Blocked,
            tag::NOT_ON_THE_WAY_HOME => Gate::NotOnTheWayHome {
                before_m: self.small()?,
                after_m: self.small()?,
            },
            tag::WAITS_IN_QUEUE => Gate::WaitsInQueue,
            tag::OUT_OF_REACH => Gate::OutOfReach {
                straight_m: self.small()?,
                radius_m: self.small()?,
            },
            tag::ENOUGH_NEARER => Gate::EnoughNearer {
                nearer: self.small()?,
            },
            tag::NO_ROAD => Gate::NoRoad,
            tag::TOO_FAR_BY_ROAD => Gate::TooFarByRoad {
                road_m: self.small()?,
                radius_m: self.small()?,
            },
            tag::BEHIND_IN_QUEUE => Gate::BehindInQueue {
                before: self.small()?,
            },
            _ => {
                return Err(DecisionError::Damaged(
                    "it names a gate that does not exist",
                ));
            }
        })
    }
}
