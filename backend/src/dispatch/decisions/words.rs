//! Sentences around those that the dispatch crate has for gates and verdicts.

use chrono::{DateTime, Utc};
use wayfare_core::wire::{
    CarVerdict, ExplainedCar, ExplainedRound, LostTo, OfferFate, OfferStatus,
};
use wayfare_dispatch::Verdict;

/// A verdict for those who run the city, with the numbers.
pub(super) fn verdict(verdict: &Verdict) -> String {
    format!("{verdict:?}.") // until the crate has sentences
}

/// A verdict for the driver.
pub(super) fn own_verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Dropped(gate) => format!("{gate:?}."),
        Verdict::Lost { .. } => "Another driver was nearer.".to_owned(),
        Verdict::Asked { .. } => "You were asked.".to_owned(),
    }
}

/// Who or what was better.
pub(super) fn lost_to(lost_to: LostTo) -> Option<String> {
    let who = lost_to.driver_id.zip(lost_to.by_ms).map(|(driver, by_ms)| {
        let (by, how) = (
            seconds(by_ms.unsigned_abs()),
            match by_ms {
                0.. => "less",
                _ => "more, and all trips together least so",
            },
        );
        format!("Asked for this trip was {driver}, which cost {by} s {how}.")
    });
    let instead = lost_to
        .trip_id
        .map(|trip| format!("The driver was asked for {trip} instead."));
    let both: Vec<String> = who.into_iter().chain(instead).collect();
    (!both.is_empty()).then(|| both.join(" "))
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
        "The round at {} looked at {} cars within {} m, and left out {}: {} did not pass a gate, {} passed \
         and were not asked, {} were asked.",
        time(round.at),
        round.cars_considered,
        round.radius_m,
        round.cars_left_out,
        count(CarVerdict::Dropped),
        count(CarVerdict::Lost),
        count(CarVerdict::Asked),
    )
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
