//! The live screen: draws the city a few times a second on a thread of its own.
//!
//! The screen only looks. It asks for the end when somebody presses `q` or Ctrl-C.

mod dashboard;
mod map;
mod palette;
#[cfg(test)]
mod tests;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use crate::fleet::CarState;
use crate::headless::busy_share;
use crate::interrupt::Interrupt;
use crate::tally::Snapshot;
use crate::world::World;
use dashboard::draw;
use map::Map;
use wayfare_core::geo::LatLng;

const DRAW_EVERY: Duration = Duration::from_millis(300);

/// What stays the same all day.
#[derive(Debug, Clone)]
pub struct Sign {
    /// Name of the city.
    pub city: String,
    /// Seed of the run.
    pub seed: u64,
    /// Number of drivers.
    pub drivers: u32,
    /// Riders per simulated hour; `None` when records are replayed.
    pub riders_per_hour: Option<f64>,
    /// Ends after so many paid trips.
    pub target: Option<u64>,
    /// Where the API is described.
    pub api_page: String,
}

/// What one picture shows.
#[derive(Debug)]
struct View {
    sign: Sign,
    snapshot: Snapshot,
    cars: Vec<(CarState, LatLng)>,
    busy: f64,
    wall: Duration,
    speed: f64,
}

/// The live screen, if there is one.
#[derive(Debug)]
pub struct Screen {
    stop: Arc<AtomicBool>,
    thread: Option<tokio::task::JoinHandle<()>>,
}

impl Screen {
    /// No screen.
    pub fn none() -> Self {
        Self {
            stop: Arc::default(),
            thread: None,
        }
    }

    /// Takes over the terminal until it is closed.
    pub fn open(world: Arc<World>, sign: Sign, interrupt: Interrupt) -> Self {
        let stop: Arc<AtomicBool> = Arc::default();
        let stopped = stop.clone();
        let thread = tokio::task::spawn_blocking(move || {
            if let Err(error) = show(&world, &sign, &interrupt, &stopped) {
                world
                    .tally
                    .trouble(format!("the live screen stopped: {error}"));
            }
        });
        Self {
            stop,
            thread: Some(thread),
        }
    }

    /// Gives the terminal back.
    pub async fn close(self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread {
            // A thread that panicked has given the terminal back as well.
            drop(thread.await);
        }
    }
}

fn show(world: &World, sign: &Sign, interrupt: &Interrupt, stop: &AtomicBool) -> io::Result<()> {
    let map = Map::of(world);
    let mut terminal = ratatui::try_init()?;
    let shown = loop {
        let view = look(world, sign);
        if let Err(error) = terminal.draw(|frame| draw(frame, &view, &map)) {
            break Err(error);
        }
        match wait_for_key(stop) {
            Ok(true) => interrupt.ask_for_end(),
            Ok(false) => {}
            Err(error) => break Err(error),
        }
        if stop.load(Ordering::Relaxed) {
            break Ok(());
        }
    };
    ratatui::try_restore()?;
    shown
}

fn look(world: &World, sign: &Sign) -> View {
    View {
        sign: sign.clone(),
        snapshot: world.tally.snapshot(),
        cars: world.fleet.look(),
        busy: busy_share(world),
        wall: world.tally.wall(),
        speed: world.clock.speed(),
    }
}

/// Whether somebody wants the end, within the time to the next picture.
fn wait_for_key(stop: &AtomicBool) -> io::Result<bool> {
    let started = Instant::now();
    while let Some(left) = DRAW_EVERY.checked_sub(started.elapsed()) {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        if event::poll(left.min(Duration::from_millis(100)))?
            && let Event::Key(key) = event::read()?
            && is_end(key)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn is_end(key: KeyEvent) -> bool {
    let is_ctrl_c = key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
    key.kind == KeyEventKind::Press && (is_ctrl_c || key.code == KeyCode::Char('q'))
}
