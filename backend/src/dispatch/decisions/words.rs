//! Sentences around those that the dispatch crate has for gates and verdicts.

use chrono::{DateTime, Utc};
use wayfare_core::wire::{
    CarVerdict, ExplainedCar, ExplainedRound, LostTo, OfferFate, OfferStatus,
};
use wayfare_dispatch::{Cost, Gate, Verdict};

const NEARER: &str = "Other drivers were nearer, or about as near and before you.";

/// Why a driver was not asked, as often as it happened: without the numbers of the single case. `None`
/// for what is no request to that driver: a trip of one's own, or of somebody whom one does not meet.
/// `best` is what the cheapest driver cost who was asked.
pub(super) const fn own_reason(verdict: &Verdict, best: Option<&Cost>) -> Option<&'static str> {
    Some(match verdict {
        Verdict::Asked { .. } => "You were asked.",
        Verdict::Lost {
            asked_for: Some(_), ..
        } => "You were asked for another trip at that time.",
        Verdict::Lost { .. } if best.is_none() => "Nobody was asked in that round.",
        Verdict::Lost { .. } => NEARER,
        Verdict::Dropped(gate) => match gate {
            Gate::OwnTrip | Gate::Blocked => return None,
            Gate::Silent { .. } => {
                "Your last position was too old: please check your phone's connection."
            }
            Gate::Driving => "You had a trip.",
            Gate::HasOffer => "You had another offer to answer.",
            Gate::FinishesLate { .. } => "Your trip was to last too long.",
            Gate::OtherClass { .. } => "Another class of vehicle was wanted.",
            Gate::TooFewSeats { .. } => "More seats were needed than your vehicle has.",
            Gate::TooSmallLoad { .. } => "The load was more than your vehicle takes.",
            Gate::MissingFeature { .. } => "Something was needed that your vehicle does not have.",
            Gate::AskedBefore => "You had been asked before.",
            Gate::GaveBack => "You had the trip before and gave it back.",
            Gate::NotOnTheWayHome { .. } => {
                "You were on your way home, and the trip did not lead there."
            }
            Gate::WaitsInQueue => {
                "You were waiting in a zone's queue, and the trip began elsewhere."
            }
            Gate::OutOfReach { .. } | Gate::TooFarByRoad { .. } => {
                "You were farther away than we were searching."
            }
            Gate::EnoughNearer { .. } => NEARER,
            Gate::NoRoad => "We found no road from where you were to the rider.",
            Gate::BehindInQueue { .. } => "Others were before you in the queue of the zone.",
        },
    })
}

/// Who was better.
pub(super) fn lost_to(lost_to: LostTo) -> Option<String> {
    let (driver, by_ms) = lost_to.driver_id.zip(lost_to.by_ms)?;
    let by = seconds(by_ms.unsigned_abs());
    Some(if by_ms < 0 {
        format!("Asked was {driver}, at {by} s more: so all requests together cost least.")
    } else {
        format!("Asked was {driver}, at {by} s less.")
    })
}

/// What became of an offer.
pub(super) fn offer_fate(offer: Option<OfferFate>) -> String {
    let Some(offer) = offer else {
        return "There is no offer: it could not be made, as trip or driver had changed."
            .to_owned();
    };
    let what = match offer.status {
        OfferStatus::Open => "waits for an answer",
        OfferStatus::Accepted => "was accepted",
        OfferStatus::Declined => "was declined",
        OfferStatus::TimedOut => "was not answered in time",
        OfferStatus::Withdrawn => "was taken back",
        OfferStatus::Released => "was accepted, and the trip was given back later",
    };
    match offer.ended_at {
        Some(at) => format!("The offer {what} ({}).", time(at)),
        None => format!("The offer {what}."),
    }
}

/// A whole trip and one driver, of the rounds newest first.
pub(super) fn summary_of_driver(rounds: &[ExplainedRound], more_before: bool) -> String {
    let (Some(last), Some(first)) = (rounds.first(), rounds.last()) else {
        return no_round();
    };
    let cars = || rounds.iter().flat_map(|round| &round.cars);
    let span = match rounds.len() {
        1 => format!("In the round at {}", time(last.at)),
        count => format!(
            "In the {}{count} rounds from {} to {}",
            if more_before { "last " } else { "" },
            time(first.at),
            time(last.at)
        ),
    };
    let asked = cars()
        .filter(|car| car.verdict == CarVerdict::Asked)
        .count();
    if asked > 0 {
        let newest = cars().find(|car| car.verdict == CarVerdict::Asked);
        let fate = newest.map(|car| offer_fate(car.offer)).unwrap_or_default();
        let times = if asked == 1 { "once" } else { "several times" };
        return format!("{span} the driver was asked {times}. {fate}");
    }
    // How often which reason, in the order of their first mention from the newest round on.
    let mut reasons: Vec<(String, u32)> = Vec::new();
    for car in cars() {
        let reason = short_reason(car);
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, count)) => *count = count.saturating_add(1),
            None => reasons.push((reason, 1)),
        }
    }
    let reasons: Vec<String> = reasons
        .into_iter()
        .map(|(reason, count)| format!("{count} × {reason}"))
        .collect();
    let newest = last.cars.first().map(|car| car.sentence.as_str());
    format!(
        "{span} the driver was not asked: {}. In the newest: {}",
        reasons.join(", "),
        newest.unwrap_or_default()
    )
}

/// A round with all its cars.
pub(super) fn summary_of_round(round: Option<&ExplainedRound>) -> String {
    let Some(round) = round else {
        return no_round();
    };
    let count = |verdict| {
        round
            .cars
            .iter()
            .filter(|car| car.verdict == verdict)
            .count()
    };
    format!(
        "The round at {} looked at {} within {} m and left out {}; {} did not pass a gate, {} \
         passed and were not asked, {} were asked.",
        time(round.at),
        cars(round.cars_considered),
        round.radius_m,
        cars(round.cars_left_out),
        count(CarVerdict::Dropped),
        count(CarVerdict::Lost),
        count(CarVerdict::Asked),
    )
}

fn cars(count: u32) -> String {
    match count {
        1 => "1 car".to_owned(),
        _ => format!("{count} cars"),
    }
}

fn no_round() -> String {
    "No round has looked for a driver for this trip.".to_owned()
}

fn short_reason(car: &ExplainedCar) -> String {
    match (car.verdict, car.gate.as_ref()) {
        (CarVerdict::Dropped, Some(gate)) => gate.name.as_str().replace('_', " "),
        (CarVerdict::Lost, _) if car.lost_to.is_some_and(|to| to.trip_id.is_some()) => {
            "asked for another trip".to_owned()
        }
        (CarVerdict::Lost, _) => "another driver was better".to_owned(),
        (CarVerdict::Asked, _) => "asked".to_owned(),
        (CarVerdict::Dropped, None) => "dropped".to_owned(),
        (CarVerdict::Offline, _) => "offline".to_owned(),
        (CarVerdict::TooFar, _) => "too far".to_owned(),
        (CarVerdict::Busy, _) => "busy".to_owned(),
        (CarVerdict::LeftOut, _) => "enough others were nearer".to_owned(),
        (CarVerdict::NoRecord, _) => "no record".to_owned(),
    }
}

/// A time of day with its date, as everybody who runs a city can read it.
pub(super) fn time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// Milliseconds as seconds with a tenth.
fn seconds(ms: u64) -> String {
    format!("{}.{}", ms / 1000, ms % 1000 / 100)
}
