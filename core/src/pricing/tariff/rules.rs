//! What makes a tariff valid.

use chrono_tz::Tz;

use super::{TariffError, TariffSpec, Tax};
use crate::pricing::cancellation::CancellationFees;
use crate::pricing::check::Check;
use crate::pricing::fare::LineKind;

/// Lines that are computed from others, and lines that are no part of a ride.
const NEVER_SHARED: [LineKind; 5] = [
    LineKind::Promo,
    LineKind::Tax,
    LineKind::Rounding,
    LineKind::Cancellation,
    LineKind::NoShow,
];

/// The tariff's time zone, if all its rules can be applied.
pub(super) fn check(spec: &TariffSpec) -> Result<Tz, Vec<TariffError>> {
    let mut check = Check::default();
    let timezone = spec.timezone.parse::<Tz>();
    check.that(timezone.is_ok(), "timezone", "is not an IANA time zone");
    check.that(!spec.id.is_empty(), "id", "is empty");
    check.that(spec.version > 0, "version", "begins at 1");
    amounts(&mut check, spec);
    all_tiers(&mut check, spec);
    night(&mut check, spec);
    check.surge_cap("surge_cap_bps", spec.surge_cap_bps);
    check.positive("rounding.unit_minor", spec.rounding.unit_minor);
    for (index, tax) in spec.taxes.iter().enumerate() {
        check_tax(&mut check, &format!("taxes[{index}]"), tax);
    }
    platform(&mut check, spec);
    if let Some(fees) = &spec.cancellation {
        cancellation(&mut check, fees);
    }
    check.pass(timezone.unwrap_or(Tz::UTC))
}

fn amounts(check: &mut Check, spec: &TariffSpec) {
    let amounts = [
        ("base_minor", spec.base_minor),
        ("free_wait_s", spec.free_wait_s),
        ("waypoint_free_wait_s", spec.waypoint_free_wait_s),
        ("wait_per_min_minor", spec.wait_per_min_minor),
        ("per_waypoint_minor", spec.per_waypoint_minor),
        ("free_loading_s", spec.free_loading_s),
        ("loading_per_min_minor", spec.loading_per_min_minor),
        ("included_weight_kg", spec.included_weight_kg),
        ("per_extra_kg_minor", spec.per_extra_kg_minor),
        ("minimum_minor", spec.minimum_minor),
        ("booking_fee_minor", spec.booking_fee_minor),
        ("requote_over_m", spec.requote_over_m),
    ];
    for (field, amount) in amounts {
        check.not_negative(field, amount);
    }
    for (name, fees) in [("tolls", &spec.tolls), ("zones", &spec.zones)] {
        for (id, amount) in fees {
            check.not_negative(format!("{name}.{id}"), *amount);
        }
    }
}

fn all_tiers(check: &mut Check, spec: &TariffSpec) {
    for (index, tier) in spec.distance_tiers.iter().enumerate() {
        let field = format!("distance_tiers[{index}].per_km_minor");
        check.not_negative(field, tier.per_km_minor);
    }
    for (index, tier) in spec.time_tiers.iter().enumerate() {
        let field = format!("time_tiers[{index}].per_min_minor");
        check.not_negative(field, tier.per_min_minor);
    }
    let metres = spec.distance_tiers.iter().map(|tier| tier.from_m);
    tiers(check, "distance_tiers", "from_m", metres);
    let seconds = spec.time_tiers.iter().map(|tier| tier.from_s);
    tiers(check, "time_tiers", "from_s", seconds);
}

fn tiers(check: &mut Check, name: &str, unit: &str, starts: impl Iterator<Item = i64>) {
    let mut previous = None;
    for (index, from) in starts.enumerate() {
        let field = format!("{name}[{index}].{unit}");
        match previous {
            None => check.that(from == 0, field, "the first tier does not begin at 0"),
            Some(before) => check.that(from > before, field, "is not above the tier before it"),
        }
        previous = Some(from);
    }
    check.that(previous.is_some(), name, "has no tier");
}

fn night(check: &mut Check, spec: &TariffSpec) {
    check.share("night.bps", spec.night.bps);
    for (index, window) in spec.night.windows.iter().enumerate() {
        check.that(
            window.start != window.end,
            format!("night.windows[{index}]"),
            "begins and ends at the same time",
        );
    }
}

fn check_tax(check: &mut Check, field: &str, tax: &Tax) {
    check.that(!tax.name.is_empty(), format!("{field}.name"), "is empty");
    check.share(format!("{field}.bps"), tax.bps);
    let untaxable = [LineKind::Tax, LineKind::Rounding];
    lines(check, &format!("{field}.on"), &tax.on, &untaxable);
}

fn platform(check: &mut Check, spec: &TariffSpec) {
    lines(check, "platform_lines", &spec.platform_lines, &NEVER_SHARED);
    check.share("commission.bps", spec.commission.bps);
    lines(check, "commission.on", &spec.commission.on, &NEVER_SHARED);
    for kind in &spec.platform_lines {
        check.that(
            !spec.commission.on.contains(kind),
            "commission.on",
            "names a line that is the platform's already",
        );
    }
}

fn lines(check: &mut Check, field: &str, kinds: &[LineKind], excluded: &[LineKind]) {
    for (index, kind) in kinds.iter().enumerate() {
        let field = format!("{field}[{index}]");
        let allowed = !excluded.contains(kind);
        check.that(allowed, field.clone(), "cannot be named here");
        let repeated = kinds.iter().take(index).any(|earlier| earlier == kind);
        check.that(!repeated, field, "is named twice");
    }
}

fn cancellation(check: &mut Check, fees: &CancellationFees) {
    let amounts = [
        ("cancellation.free_s", fees.free_s),
        ("cancellation.fee_minor", fees.fee_minor),
        ("cancellation.free_if_late_s", fees.free_if_late_s),
        ("cancellation.scheduled_free_s", fees.scheduled_free_s),
        ("cancellation.no_show_fee_minor", fees.no_show_fee_minor),
    ];
    for (field, amount) in amounts {
        check.not_negative(field, amount);
    }
    check.share("cancellation.driver_share_bps", fees.driver_share_bps);
}
