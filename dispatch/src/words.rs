//! What became of a car, in sentences: with all numbers for admins, and in plain and kind words for
//! the driver, who learns nothing about other people from them.

#[cfg(test)]
mod tests;

use wayfare_core::vehicle::VehicleFeature;

use crate::decision::{Considered, Cost, Verdict};
use crate::gate::Gate;

/// Differences below this are "about as near" to a driver, in milliseconds.
const ABOUT_THE_SAME_MS: i64 = 30_000;

impl Gate {
    /// What an admin is told, with the numbers.
    pub fn explain(&self) -> String {
        match *self {
            Self::Silent { age_s, limit_s } => format!(
                "The last position was {age_s} s old; after {limit_s} s a car counts as offline."
            ),
            Self::Driving => "The driver had a trip that was not about to end.".to_owned(),
            Self::HasOffer => "The driver had another offer to answer.".to_owned(),
            Self::FinishesLate { free_in_s, limit_s } => format!(
                "The driver's trip was to end in {free_in_s} s; only those that end within {limit_s} s count."
            ),
            Self::OtherClass { has, wanted } => {
                format!("The driver drives {has}; {wanted} was asked for.")
            }
            Self::TooFewSeats { has, needed } => {
                format!(
                    "The vehicle has {}; {needed} are needed.",
                    counted(has.into(), "seat")
                )
            }
            Self::TooSmallLoad { has_kg, needed_kg } => {
                format!("The vehicle takes {has_kg} kg; {needed_kg} kg are needed.")
            }
            Self::MissingFeature { feature } => {
                format!(
                    "The vehicle lacks {}, which is needed.",
                    feature_name(feature)
                )
            }
            Self::AskedBefore => {
                "The driver was asked for this trip before and did not take it.".to_owned()
            }
            Self::GaveBack => "The driver took this trip before and gave it back.".to_owned(),
            Self::OwnTrip => "It is the driver's own trip as a rider.".to_owned(),
            Self::Blocked => {
                "The rider or the driver does not want to meet the other again.".to_owned()
            }
            Self::NotOnTheWayHome { before_m, after_m } => {
                let (before, after) = lengths(before_m, after_m);
                format!(
                    "The driver was going home, {before} away; after this trip it would have been {after}."
                )
            }
            Self::WaitsInQueue => {
                "The driver waited in the queue of a zone, and the pickup is not in it.".to_owned()
            }
            Self::OutOfReach {
                straight_m,
                radius_m,
            } => {
                let (straight, radius) = lengths(straight_m, radius_m);
                format!(
                    "The car was {straight} away in a straight line; the search reached {radius}."
                )
            }
            Self::EnoughNearer { nearer } => {
                let cars = counted(nearer, "suitable car");
                format!("The search took {cars} that were nearer.")
            }
            Self::NoRoad => "No road led from the car to the pickup.".to_owned(),
            Self::TooFarByRoad { road_m, radius_m } => {
                let (road, radius) = lengths(road_m, radius_m);
                format!("The car was {road} away by road; the search reached {radius}.")
            }
            Self::BehindInQueue { before } => {
                let drivers = counted(before, "driver");
                format!("In the queue of the zone {drivers} came before this one.")
            }
        }
    }

    /// What the driver is told.
    fn tell_driver(&self) -> String {
        match *self {
            Self::Silent { age_s, .. } => format!(
                "We had not heard from your phone for {}. Please check its connection.",
                duration(i64::from(age_s).saturating_mul(1000))
            ),
            Self::Driving => "You had a trip at that time.".to_owned(),
            Self::HasOffer => "You had another offer to answer at that time.".to_owned(),
            Self::FinishesLate { free_in_s, .. } => format!(
                "Your trip was to last another {}, and the rider could not wait so long.",
                duration(i64::from(free_in_s).saturating_mul(1000))
            ),
            Self::OtherClass { .. } => {
                "This trip was for another class of vehicle than yours.".to_owned()
            }
            Self::TooFewSeats { .. } => {
                "This trip needed more seats than your vehicle has.".to_owned()
            }
            Self::TooSmallLoad { .. } => {
                "This trip's load was more than your vehicle takes.".to_owned()
            }
            // What the rider needs is nobody else's business.
            Self::MissingFeature { .. } => {
                "This trip needed something that your vehicle does not have.".to_owned()
            }
            Self::AskedBefore => "You had been asked for this trip before.".to_owned(),
            Self::GaveBack => "You had this trip before and gave it back.".to_owned(),
            Self::OwnTrip => "You booked this trip yourself.".to_owned(),
            // Who does not want to meet whom is not told.
            Self::Blocked => "This trip was offered to other drivers.".to_owned(),
            Self::NotOnTheWayHome { .. } => {
                "You were on your way home, and this trip did not lead there.".to_owned()
            }
            Self::WaitsInQueue => {
                "You were waiting in a zone's queue, and this trip began elsewhere.".to_owned()
            }
            Self::OutOfReach { straight_m: m, .. } | Self::TooFarByRoad { road_m: m, .. } => {
                format!(
                    "You were about {} away, farther than we were searching.",
                    rough_length(m)
                )
            }
            Self::EnoughNearer { .. } => "Enough other drivers were nearer.".to_owned(),
            Self::NoRoad => "We found no road from where you were to the rider.".to_owned(),
            Self::BehindInQueue { before } => {
                let drivers = counted(before, "driver");
                format!("In the queue of the zone {drivers} came before you.")
            }
        }
    }
}

impl Verdict {
    /// What an admin is told, with the numbers. `best` is what the cheapest driver cost who was asked
    /// for the same request, if anybody was: see [`Considered::best_asked`].
    pub fn explain(&self, best: Option<&Cost>) -> String {
        match self {
            Self::Dropped(gate) => gate.explain(),
            Self::Asked { cost } => format!("The driver was asked, at {}.", cost_text(cost)),
            Self::Lost {
                cost,
                asked_for: Some(trip),
            } => format!(
                "The driver was asked for {trip} instead, which was better for all requests together; \
                 here it would have been {}.",
                cost_text(cost)
            ),
            Self::Lost {
                cost,
                asked_for: None,
            } => {
                let best = best.map_or_else(
                    || "nobody was asked in this round".to_owned(),
                    |best| format!("asking somebody else cost {}", cost_text(best)),
                );
                format!("It would have been {}; {best}.", cost_text(cost))
            }
        }
    }

    /// What the driver is told, in plain words and without anybody else's data. `best` as in
    /// [`Verdict::explain`]: the difference is told, not what the other driver has or is.
    pub fn tell_driver(&self, best: Option<&Cost>) -> String {
        match self {
            Self::Dropped(gate) => gate.tell_driver(),
            Self::Asked { .. } => "You were asked for this trip.".to_owned(),
            Self::Lost {
                asked_for: Some(_), ..
            } => "You were asked for another trip at that time.".to_owned(),
            Self::Lost {
                cost,
                asked_for: None,
            } => best.map_or_else(
                || "Nobody was asked for this trip at that time.".to_owned(),
                |best| cost.tell_driver(best),
            ),
        }
    }
}

impl Cost {
    /// Why another driver was asked.
    fn tell_driver(&self, best: &Self) -> String {
        let nearer_ms = self.way_ms.saturating_sub(best.way_ms);
        let arrival_ms = |cost: &Self| cost.way_ms.saturating_add(cost.finishing_ms);
        let sooner_ms = arrival_ms(self).saturating_sub(arrival_ms(best));
        if sooner_ms < ABOUT_THE_SAME_MS {
            return "Another driver was about as near. How long each of you had been without a trip, \
                    ratings and trips given back made the difference."
                .to_owned();
        }
        if nearer_ms >= ABOUT_THE_SAME_MS {
            format!("Another driver was {} nearer.", duration(nearer_ms))
        } else {
            format!(
                "Another driver could be there {} sooner.",
                duration(sooner_ms)
            )
        }
    }
}

impl Considered {
    /// Whoever was asked at the least cost, of those who were looked at for one request.
    pub fn best_asked(considered: &[Self]) -> Option<(&Self, &Cost)> {
        let asked = considered.iter().filter_map(|one| match &one.verdict {
            Verdict::Asked { cost } => Some((one, cost)),
            Verdict::Lost { .. } | Verdict::Dropped(_) => None,
        });
        asked.min_by_key(|(one, cost)| (cost.total_ms(), one.driver))
    }
}

fn feature_name(feature: VehicleFeature) -> &'static str {
    match feature {
        VehicleFeature::Wheelchair => "a ramp or lift for wheelchairs",
        VehicleFeature::FoldedWheelchair => "room for a folded wheelchair",
        VehicleFeature::ChildSeat => "a child seat",
        VehicleFeature::Pets => "permission for animals",
    }
}

/// `1 seat`, `2 seats`.
fn counted(count: u32, thing: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {thing}{plural}")
}

/// Kilometres with one decimal, metres below one.
fn length(metres: u32) -> String {
    if metres < 1000 {
        return format!("{metres} m");
    }
    let tenths = (u64::from(metres) + 50) / 100;
    format!("{}.{} km", tenths / 10, tenths % 10)
}

/// Two lengths that are compared: in metres where kilometres would not tell them apart.
fn lengths(one: u32, other: u32) -> (String, String) {
    if one != other && length(one) == length(other) {
        return (format!("{one} m"), format!("{other} m"));
    }
    (length(one), length(other))
}

/// In whole kilometres, or in hundreds of metres: enough for the driver, and no way to find a pickup.
fn rough_length(metres: u32) -> String {
    let metres = u64::from(metres);
    if metres < 950 {
        format!("{} m", ((metres + 50) / 100).max(1) * 100)
    } else {
        format!("{} km", (metres + 500) / 1000)
    }
}

/// In seconds below a minute and a half, in minutes above.
fn duration(milliseconds: i64) -> String {
    let seconds = u32::try_from(milliseconds.max(0) / 1000).unwrap_or(u32::MAX);
    if seconds < 90 {
        counted(seconds, "second")
    } else {
        counted(seconds.saturating_add(30) / 60, "minute")
    }
}

/// `412.3 s (way 300.0 s for 3.2 km, …)`, without terms that are zero.
fn cost_text(cost: &Cost) -> String {
    let terms = [
        ("until free", cost.finishing_ms),
        ("time without a trip", cost.idle_ms),
        ("rating", cost.rating_ms),
        ("trips given back", cost.cancel_ms),
    ];
    let terms = terms.into_iter().filter(|(_, term_ms)| *term_ms != 0);
    let terms = terms.map(|(name, term_ms)| format!(", {name} {}", in_seconds(term_ms)));
    format!(
        "{} (way {} for {}{})",
        in_seconds(cost.total_ms()),
        in_seconds(cost.way_ms),
        length(cost.way_m),
        terms.collect::<String>()
    )
}

/// `12.3 s`, rounded towards zero.
fn in_seconds(milliseconds: i64) -> String {
    let sign = if milliseconds < 0 { "-" } else { "" };
    let tenths = milliseconds.unsigned_abs() / 100;
    format!("{sign}{}.{} s", tenths / 10, tenths % 10)
}
