//! Well-formed values whose details the bytes choose. They may still break rules: a tariff that is
//! refused and facts that are negative are part of what is searched.

use std::collections::BTreeMap;

use arbitrary::{Result, Unstructured};
use chrono::{DateTime, FixedOffset};
use wayfare_core::geo::LatLng;
use wayfare_core::pricing::{
    ClockTime, Commission, DistanceTier, Facts, LineKind, Night, NightWindow, Promo, Rounding,
    RoundingMode, TariffSpec, Tax, TimeTier, WaypointFacts,
};
use wayfare_core::track::TrackPoint;

use crate::fares::EVERYTHING;

const LIST_MAX: usize = 5;
/// More than a meter holds at once.
const POINTS_MAX: usize = 400;
const TIMEZONES: [&str; 6] = [
    "Europe/Monaco",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Atlantis/Capital",
];
const KINDS: [LineKind; 16] = [
    LineKind::Base,
    LineKind::Distance,
    LineKind::Time,
    LineKind::Waiting,
    LineKind::Waypoints,
    LineKind::Loading,
    LineKind::Weight,
    LineKind::Night,
    LineKind::Surge,
    LineKind::MinimumTopUp,
    LineKind::Toll,
    LineKind::Zone,
    LineKind::BookingFee,
    LineKind::Promo,
    LineKind::Tax,
    LineKind::Rounding,
];

/// A tariff in which every price is chosen.
pub(crate) fn tariff_spec(bytes: &mut Unstructured<'_>) -> Result<TariffSpec> {
    Ok(TariffSpec {
        version: bytes.arbitrary()?,
        timezone: (*bytes.choose(&TIMEZONES)?).to_owned(),
        base_minor: number(bytes)?,
        distance_tiers: list(bytes, |bytes| {
            let (from_m, per_km_minor) = (number(bytes)?, number(bytes)?);
            Ok(DistanceTier {
                from_m,
                per_km_minor,
            })
        })?,
        time_tiers: list(bytes, |bytes| {
            let (from_s, per_min_minor) = (number(bytes)?, number(bytes)?);
            Ok(TimeTier {
                from_s,
                per_min_minor,
            })
        })?,
        free_wait_s: number(bytes)?,
        waypoint_free_wait_s: number(bytes)?,
        wait_per_min_minor: number(bytes)?,
        per_waypoint_minor: number(bytes)?,
        free_loading_s: number(bytes)?,
        loading_per_min_minor: number(bytes)?,
        included_weight_kg: number(bytes)?,
        per_extra_kg_minor: number(bytes)?,
        night: Night {
            windows: list(bytes, night_window)?,
            bps: share(bytes)?,
        },
        surge_cap_bps: bytes.int_in_range(9_999..=100_001)?,
        minimum_minor: number(bytes)?,
        tolls: prices(bytes)?,
        zones: prices(bytes)?,
        booking_fee_minor: number(bytes)?,
        platform_lines: list(bytes, kind)?,
        taxes: list(bytes, |bytes| {
            Ok(Tax {
                name: bytes.arbitrary()?,
                bps: share(bytes)?,
                on: list(bytes, kind)?,
            })
        })?,
        rounding: Rounding {
            unit_minor: number(bytes)?,
            mode: *bytes.choose(&[RoundingMode::HalfEven, RoundingMode::Up, RoundingMode::Down])?,
        },
        commission: Commission {
            bps: share(bytes)?,
            on: list(bytes, kind)?,
        },
        requote_over_m: number(bytes)?,
        ..EVERYTHING.spec().clone()
    })
}

/// Facts of a trip under [`EVERYTHING`].
pub(crate) fn facts(bytes: &mut Unstructured<'_>) -> Result<Facts> {
    let (tolls, zones) = (&EVERYTHING.spec().tolls, &EVERYTHING.spec().zones);
    Ok(Facts {
        wait_s: number(bytes)?,
        waypoints: list(bytes, |bytes| {
            let wait_s = number(bytes)?;
            Ok(WaypointFacts { wait_s })
        })?,
        tolls: list(bytes, |bytes| name(bytes, tolls))?,
        zones: list(bytes, |bytes| name(bytes, zones))?,
        surge_bps: bytes.int_in_range(9_999..=200_000)?,
        promo: promo(bytes)?,
        weight_kg: number(bytes)?,
        loading_s: number(bytes)?,
        unloading_s: number(bytes)?,
        tip_minor: number(bytes)?,
        ..Facts::ride(number(bytes)?, number(bytes)?, moment(bytes)?)
    })
}

/// A track that a device may have recorded, in any order.
pub(crate) fn track(bytes: &mut Unstructured<'_>) -> Result<Vec<TrackPoint>> {
    let mut at_ms: i64 = bytes.int_in_range(0..=2_000_000_000_000)?;
    let mut lat_e7: i32 = bytes.int_in_range(-900_000_000..=900_000_000)?;
    let mut lng_e7: i32 = bytes.int_in_range(-1_800_000_000..=1_800_000_000)?;
    let mut points = Vec::new();
    while !bytes.is_empty() && points.len() < POINTS_MAX {
        // Small steps as a car makes them, and now and then a leap through time and space.
        let leap: bool = bytes.ratio(1_u8, 16_u8)?;
        let step = if leap { 50_000_000 } else { 4_000 };
        at_ms = at_ms.saturating_add(bytes.int_in_range(-2_000..=90_000)?);
        lat_e7 = lat_e7.saturating_add(bytes.int_in_range(-step..=step)?);
        lng_e7 = lng_e7.saturating_add(bytes.int_in_range(-step..=step)?);
        let position = LatLng::from_e7(
            lat_e7.clamp(-900_000_000, 900_000_000),
            lng_e7.clamp(-1_800_000_000, 1_800_000_000),
        );
        let Ok(position) = position else { break };
        points.push(TrackPoint {
            at_ms,
            accuracy_mm: bytes.int_in_range(0..=60_000)?,
            position,
            speed_mm_s: bytes.arbitrary()?,
        });
    }
    Ok(points)
}

/// Mostly an everyday number, sometimes any.
fn number(bytes: &mut Unstructured<'_>) -> Result<i64> {
    match bytes.arbitrary::<u8>()? {
        0..=15 => bytes.arbitrary(),
        16..=127 => bytes.int_in_range(0..=255),
        _ => bytes.int_in_range(0..=1_000_000),
    }
}

fn share(bytes: &mut Unstructured<'_>) -> Result<i64> {
    bytes.int_in_range(-1..=10_001)
}

fn kind(bytes: &mut Unstructured<'_>) -> Result<LineKind> {
    bytes.choose(&KINDS).copied()
}

fn night_window(bytes: &mut Unstructured<'_>) -> Result<NightWindow> {
    let (start, end) = (clock(bytes)?, clock(bytes)?);
    Ok(NightWindow { start, end })
}

fn clock(bytes: &mut Unstructured<'_>) -> Result<ClockTime> {
    let (hour, minute) = (bytes.int_in_range(0..=23)?, bytes.int_in_range(0..=59)?);
    let text = format!("{hour:02}:{minute:02}");
    text.parse().map_err(|_| arbitrary::Error::IncorrectFormat)
}

fn prices(bytes: &mut Unstructured<'_>) -> Result<BTreeMap<String, i64>> {
    let entries = list(bytes, |bytes| Ok((bytes.arbitrary()?, number(bytes)?)))?;
    Ok(entries.into_iter().collect())
}

/// One of these names, or one that is not there.
fn name(bytes: &mut Unstructured<'_>, prices: &BTreeMap<String, i64>) -> Result<String> {
    let index = bytes.int_in_range(0..=prices.len())?;
    let known = prices.keys().nth(index).cloned();
    Ok(known.unwrap_or_else(|| "nowhere".to_owned()))
}

fn promo(bytes: &mut Unstructured<'_>) -> Result<Option<Promo>> {
    Ok(match bytes.int_in_range(0..=2)? {
        0 => Some(Promo::Fixed {
            amount_minor: number(bytes)?,
        }),
        1 => Some(Promo::Percent {
            bps: share(bytes)?,
            cap_minor: number(bytes)?,
        }),
        _ => None,
    })
}

/// Any moment of the years that chrono knows, on any clock of whole minutes.
fn moment(bytes: &mut Unstructured<'_>) -> Result<DateTime<FixedOffset>> {
    let refused = arbitrary::Error::IncorrectFormat;
    let at_s = bytes.int_in_range(-62_135_596_800..=253_402_300_799)?;
    let minutes: i32 = bytes.int_in_range(-1439..=1439)?;
    let zone = FixedOffset::east_opt(minutes * 60).ok_or(refused)?;
    let moment = DateTime::from_timestamp(at_s, 0).ok_or(refused)?;
    Ok(moment.with_timezone(&zone))
}

fn list<T>(
    bytes: &mut Unstructured<'_>,
    mut item: impl FnMut(&mut Unstructured<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let length = bytes.int_in_range(0..=LIST_MAX)?;
    (0..length).map(|_| item(bytes)).collect()
}
