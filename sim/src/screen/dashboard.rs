//! The layout of the screen and its panels.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::symbols::border;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Gauge, Paragraph, Sparkline};
use wayfare_core::money::Money;

use super::map::Map;
use super::{View, palette};
use crate::fleet::CarState;
use crate::tally::{BAR, Bar};

/// A smaller terminal has no room for the panels.
const WIDTH_MIN: u16 = 80;
const HEIGHT_MIN: u16 = 24;
const PANELS_WIDTH: u16 = 42;
const EVENTS_HEIGHT: u16 = 9;
/// Bars that the rates are averaged over.
const RECENT: usize = 10;

pub(super) fn draw(frame: &mut Frame<'_>, view: &View, map: &Map) {
    let area = frame.area();
    if area.width < WIDTH_MIN || area.height < HEIGHT_MIN {
        let text = format!(
            "The city needs {WIDTH_MIN} × {HEIGHT_MIN} characters; this window has {} × {}.\n\
             Make it larger, or press q and use --headless.",
            area.width, area.height
        );
        frame.render_widget(Paragraph::new(text), area);
        return;
    }
    let [top, middle, bottom] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(0),
        Constraint::Length(1),
    ])
    .areas(area);
    frame.render_widget(title(view), top);
    frame.render_widget(footer(view), bottom);
    let [panels, right] =
        Layout::horizontal([Constraint::Length(PANELS_WIDTH), Constraint::Min(0)]).areas(middle);
    draw_panels(frame, view, panels);
    let [city, events] =
        Layout::vertical([Constraint::Min(0), Constraint::Length(EVENTS_HEIGHT)]).areas(right);
    draw_city(frame, view, map, city);
    draw_events(frame, view, events);
}

fn title(view: &View) -> Line<'static> {
    let sign = &view.sign;
    let minutes = view.wall.as_secs() / 60;
    let simulated_min = view.wall.as_secs_f64() * view.speed / 60.0;
    let riders = sign.riders_per_hour.map_or_else(
        || "recorded demand".to_owned(),
        |per_hour| format!("{per_hour:.0} riders an hour"),
    );
    Line::from(vec![
        Span::styled(" Wayfare ", Style::new().bold().fg(palette::ACCENT)),
        Span::styled(sign.city.clone(), palette::strong()),
        Span::styled(
            format!(
                "   {} drivers · {riders} · seed {} · {} × real time · {minutes}:{:02} ({:.0}:{:02.0} in the city)",
                sign.drivers,
                sign.seed,
                view.speed,
                view.wall.as_secs() % 60,
                (simulated_min / 60.0).floor(),
                (simulated_min % 60.0).floor(),
            ),
            palette::quiet(),
        ),
    ])
}

fn footer(view: &View) -> Line<'static> {
    Line::from(vec![
        Span::styled(" API page ", palette::quiet()),
        Span::styled(view.sign.api_page.clone(), Style::new().fg(palette::ACCENT)),
        Span::styled("   q ends the day with its summary", palette::quiet()),
    ])
}

fn panel(name: &'static str) -> Block<'static> {
    Block::bordered()
        .border_set(border::ROUNDED)
        .border_style(palette::quiet())
        .title(Span::styled(format!(" {name} "), Style::new().bold()))
}

fn draw_panels(frame: &mut Frame<'_>, view: &View, area: Rect) {
    let [trips, drivers, matching, money, api] = Layout::vertical([
        Constraint::Length(7),
        Constraint::Length(3),
        Constraint::Min(5),
        Constraint::Length(5),
        Constraint::Length(4),
    ])
    .areas(area);
    draw_trips(frame, view, trips);
    draw_drivers(frame, view, drivers);
    draw_matching(frame, view, matching);
    draw_money(frame, view, money);
    draw_api(frame, view, api);
}

fn name(name: &str) -> Span<'static> {
    Span::styled(format!(" {name:<13}"), palette::quiet())
}

/// A row of two names with their values.
fn pair(left: (&str, String), right: (&str, String)) -> Line<'static> {
    Line::from(vec![
        name(left.0),
        Span::styled(format!("{:>6}", left.1), palette::strong()),
        Span::styled(format!("  {:<10}", right.0), palette::quiet()),
        Span::styled(format!("{:>7}", right.1), palette::strong()),
    ])
}

/// A row of one name with its value.
fn row(name: &str, value: String, style: Style) -> Line<'static> {
    Line::from(vec![
        Span::styled(format!(" {name:<25}"), palette::quiet()),
        Span::styled(format!("{value:>13}"), style),
    ])
}

fn draw_trips(frame: &mut Frame<'_>, view: &View, area: Rect) {
    let counts = view.snapshot.counts;
    let paid = match view.sign.target {
        Some(target) => format!("{}/{target}", counts.paid),
        None => counts.paid.to_string(),
    };
    let lines = vec![
        pair(
            ("searching", counts.searching.to_string()),
            ("asked", counts.requested.to_string()),
        ),
        pair(
            ("driver coming", counts.assigned.to_string()),
            ("completed", counts.completed.to_string()),
        ),
        pair(
            ("at the pickup", counts.arrived.to_string()),
            ("paid", paid),
        ),
        pair(
            ("riding", counts.riding.to_string()),
            ("cancelled", counts.cancelled.to_string()),
        ),
        pair(
            ("asking", counts.asking.to_string()),
            ("no driver", counts.expired.to_string()),
        ),
    ];
    frame.render_widget(Paragraph::new(lines).block(panel("Trips")), area);
}

fn draw_drivers(frame: &mut Frame<'_>, view: &View, area: Rect) {
    let at_work = view
        .cars
        .iter()
        .filter(|(state, _)| *state != CarState::Offline)
        .count();
    let label = format!("{:.0} % of {at_work} drivers busy", view.busy * 100.0);
    let gauge = Gauge::default()
        .block(panel("Utilisation"))
        .gauge_style(Style::new().fg(palette::ACCENT))
        .ratio(view.busy.clamp(0.0, 1.0))
        .label(label);
    frame.render_widget(gauge, area);
}

fn draw_matching(frame: &mut Frame<'_>, view: &View, area: Rect) {
    let block = panel("From request to offer");
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let [text, chart] = Layout::vertical([Constraint::Length(1), Constraint::Min(0)]).areas(inner);
    let quantile = |name: &'static str, share| {
        let value = view.snapshot.match_latency.quantile_s(share);
        let value = value.map_or_else(|| "–".to_owned(), |seconds| format!("{seconds:.1} s"));
        [
            Span::styled(format!(" {name} "), palette::quiet()),
            Span::styled(value, palette::strong()),
        ]
    };
    let spans = [
        quantile("half", 0.5),
        quantile("95 %", 0.95),
        quantile("99 %", 0.99),
    ];
    frame.render_widget(Line::from(spans.concat()), text);
    let width = usize::from(chart.width);
    let mut bars: Vec<Option<u64>> = view
        .snapshot
        .chart
        .complete()
        .rev()
        .take(width)
        .map(milliseconds)
        .collect();
    bars.reverse();
    let sparkline = Sparkline::default()
        .data(bars)
        .absent_value_symbol(" ")
        .style(Style::new().fg(palette::ACCENT));
    frame.render_widget(sparkline, chart);
}

fn milliseconds(bar: &Bar) -> Option<u64> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a wait is never negative, and nobody waits for 2^53 ms"
    )]
    bar.match_mean_s().map(|seconds| (seconds * 1000.0) as u64)
}

fn draw_money(frame: &mut Frame<'_>, view: &View, area: Rect) {
    let snapshot = &view.snapshot;
    let fares = snapshot.currency.map_or_else(
        || "–".to_owned(),
        |currency| Money::new(snapshot.fares.drivers_minor, currency).to_string(),
    );
    let (transactions, imbalance, doubles) = snapshot.integrity.as_ref().map_or_else(
        || ("–".to_owned(), "–".to_owned(), None),
        |found| {
            (
                found.ledger.transactions.to_string(),
                found.ledger.imbalance_minor.to_string(),
                Some(found.double_assignments),
            )
        },
    );
    let is_balanced = matches!(imbalance.as_str(), "0" | "–");
    let doubles = doubles
        .unwrap_or(0)
        .max(i64::try_from(snapshot.double_assignments).unwrap_or(1));
    let lines = vec![
        row(
            &format!("fares, {} proven", snapshot.proofs.receipts),
            fares,
            if snapshot.proofs.failed == 0 {
                palette::strong()
            } else {
                palette::zero(false)
            },
        ),
        row(
            &format!("ledger, {transactions} bookings"),
            imbalance,
            palette::zero(is_balanced),
        ),
        row(
            "double assignments",
            doubles.to_string(),
            palette::zero(doubles == 0),
        ),
    ];
    frame.render_widget(Paragraph::new(lines).block(panel("Money and order")), area);
}

fn draw_api(frame: &mut Frame<'_>, view: &View, area: Rect) {
    let recent: Vec<Bar> = view
        .snapshot
        .chart
        .complete()
        .rev()
        .take(RECENT)
        .copied()
        .collect();
    let seconds = (recent.len() as f64 * BAR.as_secs_f64()).max(1.0);
    let per_s = |sum: u32| f64::from(sum) / seconds;
    let requests = per_s(recent.iter().map(|bar| bar.requests).sum());
    let paid = per_s(recent.iter().map(|bar| bar.paid).sum()) * 60.0;
    let api = &view.snapshot.api;
    let p95 = api.latency.quantile_s(0.95).map_or_else(
        || "–".to_owned(),
        |seconds| format!("{:.0} ms", seconds * 1000.0),
    );
    let lines = vec![
        pair(
            ("trips/min", format!("{paid:.1}")),
            ("requests/s", format!("{requests:.0}")),
        ),
        Line::from(vec![
            name("95 % within"),
            Span::styled(format!("{p95:>6}"), palette::strong()),
            Span::styled(format!("  {:<10}", "errors"), palette::quiet()),
            Span::styled(format!("{:>7}", api.errors), palette::zero(api.errors == 0)),
        ]),
    ];
    frame.render_widget(Paragraph::new(lines).block(panel("API")), area);
}

fn draw_city(frame: &mut Frame<'_>, view: &View, map: &Map, area: Rect) {
    let legend = [
        ("free", CarState::Free),
        ("coming", CarState::ToPickup),
        ("waiting", CarState::AtPickup),
        ("riding", CarState::Riding),
    ];
    let legend: Vec<Span<'_>> = legend
        .into_iter()
        .flat_map(|(name, state)| {
            let dot = Span::styled(" • ", Style::new().fg(palette::car(state)));
            [dot, Span::styled(name, palette::quiet())]
        })
        .chain([Span::raw(" ")])
        .collect();
    let block = panel("City").title_bottom(Line::from(legend).right_aligned());
    let inner = block.inner(area);
    frame.render_widget(block, area);
    map.draw(&view.cars, inner, frame.buffer_mut());
}

fn draw_events(frame: &mut Frame<'_>, view: &View, area: Rect) {
    let rows = usize::from(area.height.saturating_sub(2));
    let events = &view.snapshot.events;
    let newest = events.iter().skip(events.len().saturating_sub(rows));
    let lines: Vec<Line<'_>> = newest.map(|event| event_line(event)).collect();
    frame.render_widget(Paragraph::new(lines).block(panel("What happens")), area);
}

fn event_line(event: &str) -> Line<'_> {
    let (time, text) = event.split_once("  ").unwrap_or(("", event));
    let style = if text.starts_with("TROUBLE") {
        Style::new().fg(palette::BAD)
    } else {
        Style::new()
    };
    Line::from(vec![
        Span::styled(format!(" {time}  "), palette::quiet()),
        Span::styled(text, style),
    ])
}
