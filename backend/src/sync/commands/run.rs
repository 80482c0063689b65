//! A run of commands: one transaction, with a savepoint for each command.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sqlx::{Acquire, PgConnection};
use wayfare_core::id::{DriverId, TripId, UserId};
use wayfare_core::sync::DeviceAction;
use wayfare_core::wire::{CommandOutcome, CommandResult, ErrorCode, SyncFlagKind};

use super::action::{Deed, Done, carry_out};
use super::batch::{Batch, ReadCommand};
use super::kept::Kept;
use super::queries::{self, NewRows};
use super::service::unknown_device;
use super::time;
use crate::app::App;
use crate::dispatch;
use crate::platform::clock;
use crate::platform::failure::Failure;
use crate::realtime::Feed;
use crate::sync::devices::{self, KnownDevice};
use crate::sync::flags::{self, NewFlag};
use crate::trips;

/// Where commands come from.
pub(super) struct Source<'a> {
    pub(super) app: &'a App,
    pub(super) user: UserId,
    pub(super) batch: &'a Batch<'a>,
}

/// How far a batch has come.
#[derive(Debug)]
pub(super) struct Progress {
    /// In the order of the commands.
    pub(super) results: Vec<CommandResult>,
    /// The next command that the server wants.
    pub(super) next_seq: u64,
    /// Admins are told once a batch.
    told: HashSet<SyncFlagKind>,
    /// What came before, and how far the device was when that was looked up.
    kept: Option<(u64, Kept)>,
}

impl Progress {
    pub(super) fn before(next_seq: u64) -> Self {
        Self {
            results: Vec::new(),
            next_seq,
            told: HashSet::new(),
            kept: None,
        }
    }
}

/// Takes the next commands of the batch: those that came before, and then one run of new ones. If it
/// fails, nothing of this run was done and the progress is as it was.
pub(super) async fn take(source: &Source<'_>, progress: &mut Progress) -> Result<(), Failure> {
    let mut transaction = source.app.pool.begin().await?;
    let device = devices::lock(&mut transaction, source.user, source.batch.device).await?;
    let device = device.ok_or_else(unknown_device)?;
    let kept = match progress.kept.take() {
        Some((as_of, kept)) if as_of == device.last_seq => kept,
        _ => Kept::load(&mut transaction, source.batch).await?,
    };
    let rest = source.batch.commands.get(progress.results.len()..);
    let (seen, new) = split(rest.unwrap_or_default(), &kept);
    let mut run = Run {
        source,
        now: clock::now(),
        device,
        told: progress.told.clone(),
        feed: Feed::default(),
        rows: NewRows::default(),
        results: Vec::with_capacity(seen.len().saturating_add(new.len())),
        left: Vec::new(),
    };
    run.answer_again(seen, &kept);
    run.carry_out(&mut transaction, new).await?;
    let done = run.finish(&mut transaction).await?;
    transaction.commit().await?;
    done.after_commit(source.app);
    progress.next_seq = done.device.last_seq.saturating_add(1);
    progress.kept = Some((done.device.last_seq, kept));
    progress.told = done.told;
    progress.results.extend(done.results);
    Ok(())
}

/// The commands that came before, and those of the next run.
fn split<'a, 'b>(
    rest: &'a [ReadCommand<'b>],
    kept: &Kept,
) -> (&'a [ReadCommand<'b>], &'a [ReadCommand<'b>]) {
    let known = rest.iter().take_while(|read| kept.contains(read)).count();
    let (seen, rest) = rest.split_at_checked(known).unwrap_or((rest, &[]));
    let trip = rest.first().and_then(|read| read.command.action.trip());
    let count = rest
        .iter()
        .take_while(|read| trip.is_some() && read.command.action.trip() == trip)
        .take_while(|read| !kept.contains(read))
        .count();
    let (run, _) = rest.split_at_checked(count.max(1)).unwrap_or((rest, &[]));
    (seen, run)
}

/// A run while it is carried out.
struct Run<'a> {
    source: &'a Source<'a>,
    now: DateTime<Utc>,
    device: KnownDevice,
    told: HashSet<SyncFlagKind>,
    feed: Feed,
    rows: NewRows,
    results: Vec<CommandResult>,
    /// Drivers who are looked for no more.
    left: Vec<DriverId>,
}

/// A run that only has to be committed.
struct Finished {
    device: KnownDevice,
    told: HashSet<SyncFlagKind>,
    results: Vec<CommandResult>,
    kinds: Vec<String>,
    left: Vec<DriverId>,
}

impl<'a> Run<'a> {
    fn answer_again(&mut self, seen: &[ReadCommand<'_>], kept: &Kept) {
        for read in seen {
            self.advance(read);
            self.results.extend(kept.answer(read));
            count(read.command.action.as_str(), "duplicate");
        }
    }

    async fn carry_out(
        &mut self,
        connection: &mut PgConnection,
        new: &[ReadCommand<'_>],
    ) -> Result<(), Failure> {
        let starts = new.iter().find_map(|read| match read.command.action {
            DeviceAction::Start { trip, .. } => Some(trip),
            _ => None,
        });
        if let Some(trip) = starts {
            trips::hold_rider(connection, trip).await?;
        }
        for read in new {
            self.check_place(connection, read).await?;
            let result = self.take(connection, read).await?;
            self.keep(read, &result)?;
            self.results.push(result);
            self.advance(read);
        }
        Ok(())
    }

    /// Tells the admins if the command does not come where the chain wants one.
    async fn check_place(
        &mut self,
        connection: &mut PgConnection,
        read: &ReadCommand<'_>,
    ) -> Result<(), Failure> {
        let (seq, last_seq) = (read.seq(), self.device.last_seq);
        let next = last_seq.saturating_add(1);
        let (kind, detail) = if seq > next {
            let detail = format!("the commands {next} to {} are lost", seq.saturating_sub(1));
            (SyncFlagKind::SequenceGap, detail)
        } else if seq < next {
            let detail = format!("another command was at {seq}; the chain was at {last_seq}");
            (SyncFlagKind::SequenceReused, detail)
        } else if read.before != self.device.head {
            let detail = format!("the link before the command at {seq} is another one");
            (SyncFlagKind::ChainBroken, detail)
        } else {
            return Ok(());
        };
        self.tell(connection, read, (kind, detail), None).await
    }

    /// Carries a command out, or undoes what it began and says why it was refused.
    async fn take(
        &mut self,
        connection: &mut PgConnection,
        read: &ReadCommand<'_>,
    ) -> Result<CommandResult, Failure> {
        let deed = Deed {
            user: self.source.user,
            action: &read.command.action,
            at: time::happened_at(&read.command, self.now),
        };
        let mark = self.feed.mark();
        let mut savepoint = connection.begin().await?;
        let app = self.source.app;
        let result = match carry_out(&mut savepoint, app, deed, &mut self.feed).await {
            Ok(done) => {
                savepoint.commit().await?;
                self.applied(connection, read, done).await?
            }
            Err(failure) if is_refusal(&failure) => {
                savepoint.rollback().await?;
                self.feed.rewind(mark);
                self.rejected(connection, read, &failure).await?
            }
            Err(failure) => return Err(failure),
        };
        Ok(result)
    }

    async fn applied(
        &mut self,
        connection: &mut PgConnection,
        read: &ReadCommand<'_>,
        done: Done,
    ) -> Result<CommandResult, Failure> {
        let trip = done.trip.map(|(trip, _)| trip);
        if done.resumed {
            let detail = "the driver began the ride with the rider's PIN, whatever became of it";
            let flag = self.flag(read, SyncFlagKind::TripResumed, detail.to_owned(), trip);
            flags::raise(connection, flag).await?;
        }
        if done.retimed {
            let detail = "by its time it happened before what it follows".to_owned();
            let doubt = (SyncFlagKind::ClockJump, detail);
            self.tell(connection, read, doubt, trip).await?;
        }
        self.doubt_time(connection, read, trip).await?;
        self.left.extend(done.left);
        let told_at = read.command.occurred_at;
        let at = time::happened_at(&read.command, self.now);
        let at = done.at.unwrap_or(at);
        Ok(CommandResult {
            counted_at: (at != told_at).then_some(at),
            trip_version: done.trip.map(|(_, version)| version),
            fare: done.fare,
            ..result(read, CommandOutcome::Applied)
        })
    }

    async fn rejected(
        &mut self,
        connection: &mut PgConnection,
        read: &ReadCommand<'_>,
        failure: &Failure,
    ) -> Result<CommandResult, Failure> {
        let named = read.command.action.trip();
        let shown = match named {
            Some(trip) => self.find_trip(connection, trip).await?,
            None => None,
        };
        let trip = shown.as_ref().map(|trip| trip.id);
        self.doubt_time(connection, read, trip).await?;
        if let (ErrorCode::WrongPin, Some(trip)) = (failure.code(), named) {
            self.count_pin(connection, read, trip).await?;
        }
        Ok(CommandResult {
            code: Some(failure.code()),
            detail: Some(failure.to_string()),
            trip_version: shown.as_ref().map(|trip| trip.version),
            trip: shown.map(Box::new),
            ..result(read, CommandOutcome::Rejected)
        })
    }

    /// The trip as the person may see it.
    async fn find_trip(
        &self,
        connection: &mut PgConnection,
        trip: TripId,
    ) -> Result<Option<wayfare_core::wire::Trip>, Failure> {
        match trips::service::get_trip(connection, trip, self.source.user).await {
            Ok(trip) => Ok(Some(trip)),
            Err(failure) if failure.code() == ErrorCode::NotFound => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// A wrong PIN counts with those that were tried online. The right one is never refused: what
    /// happened has happened. So admins are told of whoever tries too many.
    async fn count_pin(
        &mut self,
        connection: &mut PgConnection,
        read: &ReadCommand<'_>,
        trip: TripId,
    ) -> Result<(), Failure> {
        let (app, user) = (self.source.app, self.source.user);
        if trips::service::count_pin_attempt(app, trip, user).allowed {
            return Ok(());
        }
        let detail = "a phone that checks PINs itself sends no wrong ones".to_owned();
        let doubt = (SyncFlagKind::PinGuessed, detail);
        self.tell(connection, read, doubt, Some(trip)).await
    }

    async fn doubt_time(
        &mut self,
        connection: &mut PgConnection,
        read: &ReadCommand<'_>,
        trip: Option<TripId>,
    ) -> Result<(), Failure> {
        for doubt in time::doubts(&read.command, self.source.batch.sent, self.now) {
            self.tell(connection, read, doubt, trip).await?;
        }
        Ok(())
    }

    /// Tells the admins, once a batch.
    async fn tell(
        &mut self,
        connection: &mut PgConnection,
        read: &ReadCommand<'_>,
        (kind, detail): (SyncFlagKind, String),
        trip: Option<TripId>,
    ) -> Result<(), Failure> {
        if !self.told.insert(kind) {
            return Ok(());
        }
        let flag = self.flag(read, kind, detail, trip);
        flags::raise(connection, flag).await
    }

    fn flag(
        &self,
        read: &ReadCommand<'_>,
        kind: SyncFlagKind,
        detail: String,
        trip: Option<TripId>,
    ) -> NewFlag {
        NewFlag {
            kind,
            user: self.source.user,
            device: Some(self.device.id),
            command: Some(read.command.id),
            trip,
            detail,
        }
    }

    /// The chain goes on after this command, unless another one was in its place.
    fn advance(&mut self, read: &ReadCommand<'_>) {
        if read.seq() > self.device.last_seq {
            self.device.last_seq = read.seq();
            self.device.head = read.after;
        }
    }

    fn keep(&mut self, read: &ReadCommand<'_>, result: &CommandResult) -> Result<(), Failure> {
        let broken = |error| Failure::broken("keeping an answer", error);
        let seq = i64::try_from(read.seq());
        let rows = &mut self.rows;
        rows.ids.push(read.command.id.uuid());
        rows.seqs
            .push(seq.map_err(|error| Failure::broken("keeping a command", error))?);
        rows.kinds.push(read.command.action.as_str().to_owned());
        rows.trips
            .push(read.command.action.trip().map(TripId::uuid));
        rows.bodies.push(read.text.to_owned());
        rows.hashes.push(read.after.bytes().to_vec());
        rows.occurred_at
            .push(time::happened_at(&read.command, self.now));
        rows.outcomes.push(outcome(result.outcome).to_owned());
        rows.answers
            .push(serde_json::to_value(result).map_err(broken)?);
        Ok(())
    }

    /// Keeps what was done and tells everybody; the feeds come last.
    async fn finish(self, connection: &mut PgConnection) -> Result<Finished, Failure> {
        let owner = (self.source.user, self.device.id);
        if !self.rows.ids.is_empty() {
            queries::insert_commands(connection, owner, &self.rows, self.now).await?;
        }
        devices::advance(connection, &self.device, self.now).await?;
        self.feed.write(connection).await?;
        Ok(Finished {
            device: self.device,
            told: self.told,
            results: self.results,
            kinds: self.rows.kinds,
            left: self.left,
        })
    }
}

impl Finished {
    fn after_commit(&self, app: &App) {
        for driver in &self.left {
            dispatch::service::forget_position(app, *driver);
        }
        let new = self.results.iter().filter(|result| !result.duplicate);
        for (kind, result) in self.kinds.iter().zip(new) {
            count(kind, outcome(result.outcome));
        }
    }
}

fn count(kind: &str, outcome: &'static str) {
    metrics::counter!(
        "wayfare_sync_commands_total",
        "kind" => kind.to_owned(),
        "outcome" => outcome,
    )
    .increment(1);
}

const fn outcome(outcome: CommandOutcome) -> &'static str {
    match outcome {
        CommandOutcome::Applied => "applied",
        CommandOutcome::Rejected => "rejected",
    }
}

fn result(read: &ReadCommand<'_>, outcome: CommandOutcome) -> CommandResult {
    CommandResult {
        command_id: read.command.id,
        seq: read.seq(),
        outcome,
        duplicate: false,
        code: None,
        detail: None,
        trip_version: None,
        counted_at: None,
        fare: None,
        trip: None,
    }
}

/// Whether a rule forbids it, and not the state of the server at this moment.
fn is_refusal(failure: &Failure) -> bool {
    use ErrorCode::{Internal, RateLimited, Unavailable};
    matches!(failure, Failure::Refused { .. } | Failure::Invalid { .. })
        && !matches!(failure.code(), Internal | Unavailable | RateLimited)
}
