//! `wayfare city route`: a way by road, with its instructions.

use std::path::PathBuf;

use chrono::{DateTime, FixedOffset};
use clap::Args;
use wayfare_backend::places::{PackRouter, Router};
use wayfare_core::city::CityPack;
use wayfare_core::geo::LatLng;
use wayfare_core::roads::RouteRequest;
use wayfare_core::wire::{ManeuverView, RouteView, StepView};

use super::{Answer, CityFailure, position, words};

/// Which way.
#[derive(Debug, Args)]
pub(super) struct RouteOrder {
    /// Folder of the pack
    #[arg(long, value_name = "DIR")]
    city: PathBuf,
    /// Where the way starts
    #[arg(long, value_name = "LAT,LNG", allow_hyphen_values = true, value_parser = position::parse)]
    from: LatLng,
    /// Where it ends
    #[arg(long, value_name = "LAT,LNG", allow_hyphen_values = true, value_parser = position::parse)]
    to: LatLng,
    /// A stop on the way; may be given several times, in driving order
    #[arg(long, value_name = "LAT,LNG", allow_hyphen_values = true, value_parser = position::parse)]
    via: Vec<LatLng>,
    /// When the drive begins, with the city's offset from UTC: 2026-03-02T08:30:00+01:00 [default:
    /// free traffic]
    #[arg(long, value_name = "RFC3339", value_parser = DateTime::parse_from_rfc3339)]
    depart: Option<DateTime<FixedOffset>>,
}

pub(super) async fn run(order: RouteOrder) -> Result<Answer, CityFailure> {
    let pack = CityPack::open(&order.city)?;
    let stops = [order.from].into_iter().chain(order.via).chain([order.to]);
    let mut request = RouteRequest::through(stops.collect());
    if let Some(depart) = &order.depart {
        request.slowness_bps = pack.manifest.speed_profile.slowness_bps(depart);
    }
    let route = PackRouter::new(pack.roads).route(request).await?;
    let view = RouteView::from(&route);
    Answer::of(&view, in_words(&view))
}

fn in_words(route: &RouteView) -> String {
    let toll = if route.has_toll { ", with a toll" } else { "" };
    let mut lines = vec![format!(
        "{}, {}{toll}",
        words::metres(route.distance_m),
        words::seconds(route.duration_s)
    )];
    lines.extend(route.steps.iter().map(|step| {
        let length = match step.maneuver {
            ManeuverView::Arrive => String::new(),
            _ => words::metres(step.distance_m),
        };
        format!("  {length:>8}  {}", instruction(step))
    }));
    lines.join("\n")
}

fn instruction(step: &StepView) -> String {
    use ManeuverView as M;
    let what = match step.maneuver {
        M::Depart => "Set off",
        M::Continue => "Continue",
        M::SlightLeft => "Bear left",
        M::Left => "Turn left",
        M::SharpLeft => "Turn sharply left",
        M::SlightRight => "Bear right",
        M::Right => "Turn right",
        M::SharpRight => "Turn sharply right",
        M::UTurn => "Turn round",
        M::Roundabout => {
            let exit = step.exit.unwrap_or(1);
            return on(format!("Take exit {exit} of the roundabout"), step);
        }
        M::Merge => "Join the main road",
        M::RampLeft => "Take the ramp on the left",
        M::RampRight => "Take the ramp on the right",
        M::Ferry => "Take the ferry",
        M::Arrive => return "Arrive".to_owned(),
    };
    on(what.to_owned(), step)
}

fn on(what: String, step: &StepView) -> String {
    if step.street.is_empty() {
        what
    } else {
        format!("{what} on {}", step.street)
    }
}
