//! A day in the city from the first sign-in to the summary.
//!
//! Drivers come to work, then riders come. The day ends when enough trips were paid, when its time
//! is over, when the records are over, or when somebody asks for it.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hdrhistogram::CreationError;
use tokio::task::JoinSet;
use wayfare_core::client::{Client, ClientError};
use wayfare_core::wire::{Integrity, Role};

use crate::actor::driver::Driver;
use crate::checks::{Books, broken};
use crate::cli::CityOrder;
use crate::clock::SimClock;
use crate::dead_zones::DeadZones;
use crate::demand::{Demand, Errand};
use crate::inbox::{Inbox, InboxError};
use crate::interrupt::Interrupt;
use crate::login::{LoginError, sign_in};
use crate::riders::Riders;
use crate::screen::{Screen, Sign};
use crate::setup::{Scene, SetupError};
use crate::summary::{Facts, Summary};
use crate::tally::Tally;
use crate::world::{Parts, Phase, World};
use crate::{headless, memory};

/// Riders come when this share of the drivers is at work, or after a while in any case.
const AT_WORK: f64 = 0.9;
const AT_WORK_MAX: Duration = Duration::from_secs(60);
/// How long trips may still run when the time is over.
const DRAIN_MAX: Duration = Duration::from_secs(60);
/// How long both sides of a trip have to hear of its end when the day is over, and how often it is
/// looked whether they did.
const HEAR_MAX: Duration = Duration::from_secs(5);
const HEAR_EVERY: Duration = Duration::from_millis(10);
/// How long everybody may take to go home: phones that were without a network have to catch up.
const HOME_MAX: Duration = Duration::from_secs(75);
/// How often the admin looks at the books, and how long an answer may take at the end.
const LOOK_EVERY: Duration = Duration::from_secs(3);
const LAST_LOOK_MAX: Duration = Duration::from_secs(30);

/// Why there was no day.
#[derive(Debug, thiserror::Error)]
pub enum DayError {
    /// No city or no demand.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// No SMS.
    #[error(transparent)]
    Inbox(#[from] InboxError),
    /// The admin cannot sign in.
    #[error("the admin cannot sign in: {0}")]
    Admin(#[from] LoginError),
    /// The number is not an admin's.
    #[error("{0} is not an admin of this backend: create one with `wayfare admin create`")]
    NoAdmin(String),
    /// The API cannot be used.
    #[error("{operation}: {source}")]
    Api {
        /// What was wanted.
        operation: &'static str,
        /// What came back.
        source: ClientError,
    },
    /// The measurements cannot be kept.
    #[error("cannot measure: {0}")]
    Measure(#[from] CreationError),
    /// The summary cannot be written.
    #[error("cannot write the summary to {path}: {source}")]
    Summary {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// How the day ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Enough trips were paid.
    Enough,
    /// The time is over.
    Time,
    /// The records are over.
    Records,
    /// Somebody asked for it.
    Asked,
}

/// Runs a city. Whether every promise held.
pub async fn run(order: CityOrder) -> Result<bool, DayError> {
    let interrupt = Interrupt::listen();
    let preparing = order.clone();
    let scene =
        tokio::task::spawn_blocking(move || Scene::prepare(&preparing, |text| println!("{text}")));
    let Ok(scene) = scene.await else {
        return Ok(false);
    };
    let scene = scene?;
    let clock = SimClock::start(order.speed);
    let world = Arc::new(World::new(Parts {
        city: scene.city,
        clock,
        tally: Arc::new(Tally::new(clock)?),
        homes: scene.homes,
        hotspots: scene.hotspots,
        inbox: Inbox::new(&order.sms_spool)?,
        dead_zones: DeadZones::new(order.seed, order.offline_share),
        ground: scene.ground,
        seed: order.seed,
        api: order.api.clone(),
    }));
    println!("Signing in at {}.", order.api);
    let admin = tokio::select! {
        admin = sign_in_admin(&world, &order) => admin?,
        () = interrupt.asked() => {
            println!("Stopped before the city began.");
            return Ok(true);
        }
    };
    let (client, before) = admin;
    let mut day = Day {
        order,
        world,
        client,
        before,
        interrupt,
        drivers: JoinSet::new(),
    };
    let end = day.live(scene.demand).await?;
    day.close(end).await
}

async fn sign_in_admin(world: &World, order: &CityOrder) -> Result<(Client, Integrity), DayError> {
    let api = |operation| move |source| DayError::Api { operation, source };
    let client = world.client().map_err(api("reaching the API"))?;
    let session = sign_in(&client, &world.inbox, &order.admin_phone).await?;
    if !session.user.roles.contains(&Role::Admin) {
        return Err(DayError::NoAdmin(order.admin_phone.to_string()));
    }
    let before = client.integrity().await.map_err(api("reading the books"))?;
    Ok((client, before))
}

/// A day and everybody in it.
struct Day {
    order: CityOrder,
    world: Arc<World>,
    client: Client,
    before: Integrity,
    interrupt: Interrupt,
    drivers: JoinSet<()>,
}

impl Day {
    async fn live(&mut self, demand: Demand) -> Result<End, DayError> {
        let screen = self.show();
        self.hire()?;
        let books = tokio::spawn(watch_books(self.world.clone(), self.client.clone()));
        let riders = Arc::new(Riders::default());
        let world = self.world.clone();
        let target = self.order.until_trips;
        let time = self
            .order
            .minutes
            .map(|minutes| Duration::from_secs_f64(minutes * 60.0));
        let day = async {
            drivers_at_work(&world).await;
            world.tally.begin();
            let coming = bring_riders(world.clone(), demand, riders.clone(), target);
            tokio::select! {
                end = coming => end,
                () = paid(&world, target) => End::Enough,
                () = over(time) => End::Time,
            }
        };
        let interrupt = self.interrupt.clone();
        let end = tokio::select! {
            end = day => end,
            () = interrupt.asked() => End::Asked,
        };
        if matches!(end, End::Time | End::Records) {
            self.drain(end).await;
        }
        self.hear_out().await;
        self.world.tally.end();
        self.world.enter(Phase::Stopping);
        self.send_home(&riders).await;
        books.abort();
        screen.close().await;
        Ok(end)
    }

    /// The live screen, or lines if there is no terminal to draw on.
    fn show(&self) -> Screen {
        if self.order.headless || !std::io::stdout().is_terminal() {
            if !self.order.headless {
                println!("This is no terminal, so there is a line each few seconds instead.");
            }
            tokio::spawn(headless::report(self.world.clone()));
            return Screen::none();
        }
        let sign = Sign {
            city: self.world.city.name.clone(),
            seed: self.order.seed,
            drivers: self.order.drivers,
            riders_per_hour: self
                .order
                .trips
                .is_none()
                .then_some(self.order.riders_per_hour),
            target: self.order.until_trips,
            api_page: self
                .order
                .api
                .join("/docs")
                .map(String::from)
                .unwrap_or_default(),
        };
        Screen::open(self.world.clone(), sign, self.interrupt.clone())
    }

    fn hire(&mut self) -> Result<(), DayError> {
        for number in 0..self.world.fleet.len() {
            let driver =
                Driver::new(self.world.clone(), number).map_err(|source| DayError::Api {
                    operation: "hiring a driver",
                    source,
                })?;
            self.drivers.spawn(driver.run());
        }
        Ok(())
    }

    /// Lets trips that are under way come to their end, within reason.
    async fn drain(&self, end: End) {
        self.world.enter(Phase::Draining);
        self.world
            .tally
            .event("no new riders; the trips under way come to their end".to_owned());
        let mut counts = self.world.tally.counts();
        let empty = async {
            drop(
                counts
                    .wait_for(|counts| counts.open + counts.asking == 0)
                    .await,
            );
        };
        let patience = if end == End::Records {
            Duration::MAX
        } else {
            DRAIN_MAX
        };
        tokio::select! {
            () = empty => {}
            () = over(Some(patience)) => {}
            () = self.interrupt.asked() => {}
        }
    }

    /// The last trip was just paid, and its rider may hear of the end a moment later than its driver.
    async fn hear_out(&self) {
        let both_heard = async {
            while self.world.tally.snapshot().fares.one_sided > 0 {
                tokio::time::sleep(HEAR_EVERY).await;
            }
        };
        // Whoever still has not heard by then is told of when the books are checked.
        drop(tokio::time::timeout(HEAR_MAX, both_heard).await);
    }

    async fn send_home(&mut self, riders: &Riders) {
        let mut riders = riders.take_tasks();
        let everybody = async {
            while self.drivers.join_next().await.is_some() {}
            while riders.join_next().await.is_some() {}
        };
        if tokio::time::timeout(HOME_MAX, everybody).await.is_err() {
            self.drivers.abort_all();
        }
    }

    async fn close(self, end: End) -> Result<bool, DayError> {
        let last_look = tokio::time::timeout(LAST_LOOK_MAX, self.client.integrity());
        let after = last_look.await.ok().and_then(Result::ok);
        let backend_rss_bytes = memory::of_backend(&self.order.api).await;
        let snapshot = self.world.tally.snapshot();
        let summary = Summary::new(
            &snapshot,
            Facts {
                integrity: after.clone(),
                wall_s: self.world.tally.wall().as_secs_f64(),
                backend_rss_bytes,
                seed: self.order.seed,
                city: self.world.city.name.clone(),
                drivers: self.order.drivers,
                speed: self.order.speed,
            },
        );
        let books = Books {
            before: self.before,
            after,
        };
        let mut broken = broken(&snapshot, &books);
        if let (End::Time, Some(target)) = (end, self.order.until_trips) {
            broken.push(format!(
                "{} of {target} trips were paid before the time was over",
                snapshot.counts.paid
            ));
        }
        print_end(end, &summary, &snapshot.errors, &broken);
        if let Some(path) = &self.order.summary {
            write_summary(path, &summary).map_err(|source| DayError::Summary {
                path: path.clone(),
                source,
            })?;
        }
        Ok(broken.is_empty())
    }
}

/// Brings riders until there are no more. With a target only as many as it takes: a trip that is
/// called off makes room for another.
async fn bring_riders(
    world: Arc<World>,
    mut demand: Demand,
    riders: Arc<Riders>,
    target: Option<u64>,
) -> End {
    let start_s = world.clock.now_s();
    let mut counts = world.tally.counts();
    while let Some(wish) = demand.next_wish() {
        world.clock.sleep_until(start_s + wish.at_s).await;
        if let Some(target) = target {
            let room = counts.wait_for(|now| now.open + now.paid + now.asking < target);
            drop(room.await);
        }
        let ticket = world.tally.ticket();
        riders.carry_out(&world, Errand { wish, ticket });
    }
    End::Records
}

async fn drivers_at_work(world: &World) {
    let wanted = (world.fleet.len() as f64 * AT_WORK).ceil();
    let enough = async {
        while (world.tally.at_work() as f64) < wanted {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    if tokio::time::timeout(AT_WORK_MAX, enough).await.is_err() {
        world
            .tally
            .event("not all drivers came to work; riders come now".to_owned());
    }
}

async fn paid(world: &World, target: Option<u64>) {
    match target {
        Some(target) => drop(
            world
                .tally
                .counts()
                .wait_for(|counts| counts.paid >= target)
                .await,
        ),
        None => std::future::pending().await,
    }
}

async fn over(time: Option<Duration>) {
    match time {
        Some(time) => tokio::time::sleep(time).await,
        None => std::future::pending().await,
    }
}

/// The admin looks at the books again and again.
async fn watch_books(world: Arc<World>, admin: Client) {
    loop {
        match admin.integrity().await {
            Ok(integrity) => world.tally.integrity(integrity),
            Err(error) => world
                .tally
                .unexpected("the admin", "reading the books", &error),
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn print_end(end: End, summary: &Summary, errors: &[String], broken: &[String]) {
    let why = match end {
        End::Enough => "Enough trips were paid.",
        End::Time => "The time is over.",
        End::Records => "The records are over.",
        End::Asked => "Stopped.",
    };
    println!("\n{why}\n\n{}", summary.table());
    for error in errors {
        println!("  unexpected: {error}");
    }
    if broken.is_empty() {
        println!(
            "Every promise held: one driver per trip, one fare for both sides, every receipt \
             proven, places found, books at zero."
        );
    }
    for promise in broken {
        println!("AN INVARIANT BROKE: {promise}.");
    }
}

fn write_summary(path: &std::path::Path, summary: &Summary) -> std::io::Result<()> {
    let mut text = serde_json::to_string_pretty(summary)?;
    text.push('\n');
    std::fs::write(path, text)
}
