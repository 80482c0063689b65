//! Who dispatches a market: one process at a time.
//!
//! The right is a row of the database with an end. Its holder renews it; when that stops, another
//! process takes it over. Every transaction of a round locks the row first and checks that it is still
//! its own, so a leader that was replaced without noticing writes nothing, and one that is just writing
//! is not replaced. A process that dies loses its connection and with it the lock. One that stands still
//! in the middle of a transaction is thrown out by the database.

mod queries;

use std::time::Duration;

use sqlx::{PgConnection, PgPool};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use self::queries::Claim;
use crate::platform::config::DispatchConfig;
use crate::platform::failure::Failure;

/// A lease that runs out is looked at again so long after its end.
const AFTER_ITS_END: Duration = Duration::from_millis(20);

/// The right to dispatch a market, as one process sees it.
#[derive(Debug)]
pub(super) struct Lease {
    market: String,
    /// This process.
    holder: Uuid,
    ttl: Duration,
    held: watch::Sender<Option<Epoch>>,
}

/// Which of the market's leaders somebody is: each one's number is greater than the one's before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Epoch(i64);

/// What came of asking for the lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Mine(Epoch),
    /// Somebody else's, for so long.
    Theirs(Duration),
}

impl Lease {
    /// Nobody's yet.
    pub(super) fn new(config: &DispatchConfig) -> Self {
        Self {
            market: config.market.clone(),
            holder: Uuid::now_v7(),
            ttl: Duration::from_millis(config.lease_ttl_ms),
            held: watch::Sender::new(None),
        }
    }

    /// The epoch in which this process is the leader, whenever it changes.
    pub(super) fn watch(&self) -> watch::Receiver<Option<Epoch>> {
        self.held.subscribe()
    }

    /// Takes the lease whenever it is free and renews it, until it is told to stop.
    pub(super) async fn keep(&self, pool: &PgPool, stop: &CancellationToken) {
        let third = self.ttl / 3;
        loop {
            let asked = tokio::time::timeout(third, self.ask(pool)).await;
            let wait = match asked {
                Ok(Ok(Standing::Mine(epoch))) => {
                    self.note(Some(epoch));
                    third
                }
                Ok(Ok(Standing::Theirs(left))) => {
                    self.note(None);
                    third.min(left.saturating_add(AFTER_ITS_END))
                }
                Ok(Err(error)) => {
                    let error: &dyn std::error::Error = &error;
                    tracing::warn!(error, "the lease of the market cannot be read");
                    self.note(None);
                    third
                }
                Err(_) => {
                    tracing::warn!("the database is too slow to hold the lease of the market");
                    self.note(None);
                    third
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Renews the lease at the beginning of a transaction, which nobody else takes before it ends.
    /// Answers false if it was lost: then nothing may be written.
    pub(super) async fn lock(
        &self,
        connection: &mut PgConnection,
        epoch: Epoch,
    ) -> Result<bool, Failure> {
        let claim = self.claim();
        queries::limit_patience(connection, claim.ttl_ms).await?;
        let mine = queries::lock_lease(connection, claim, epoch.0).await?;
        if !mine {
            tracing::warn!(market = self.market, "another process dispatches by now");
            self.note(None);
        }
        Ok(mine)
    }

    /// Gives the lease back, if it is held.
    pub(super) async fn give_back(&self, pool: &PgPool) -> Result<(), Failure> {
        self.note(None);
        let mut connection = pool.acquire().await?;
        if queries::end_lease(&mut connection, self.claim()).await? {
            tracing::info!(market = self.market, "the lease is given back");
        }
        Ok(())
    }

    async fn ask(&self, pool: &PgPool) -> Result<Standing, Failure> {
        let mut connection = pool.acquire().await?;
        let claim = self.claim();
        if let Some(epoch) = queries::take_lease(&mut connection, claim).await? {
            return Ok(Standing::Mine(Epoch(epoch)));
        }
        let Some(row) = queries::find_lease(&mut connection, &self.market).await? else {
            // The first process of a new market. It asks again at once.
            queries::ensure_lease(&mut connection, claim).await?;
            return Ok(Standing::Theirs(Duration::ZERO));
        };
        // A round of this process has it locked, and renews it by that.
        if row.holder == self.holder {
            return Ok(Standing::Mine(Epoch(row.epoch)));
        }
        let left_ms = u64::try_from(row.left_ms).unwrap_or(0);
        Ok(Standing::Theirs(Duration::from_millis(left_ms)))
    }

    fn note(&self, now: Option<Epoch>) {
        let changed = self.held.send_if_modified(|held| {
            let changed = *held != now;
            *held = now;
            changed
        });
        if !changed {
            return;
        }
        let leads = if now.is_some() { 1.0 } else { 0.0 };
        metrics::gauge!("wayfare_dispatch_leader").set(leads);
        if let Some(Epoch(epoch)) = now {
            tracing::info!(market = self.market, epoch, "dispatches from now on");
            metrics::counter!("wayfare_dispatch_takeovers_total").increment(1);
        }
    }

    fn claim(&self) -> Claim<'_> {
        Claim {
            market: &self.market,
            holder: self.holder,
            ttl_ms: i64::try_from(self.ttl.as_millis()).unwrap_or(i64::MAX),
        }
    }
}
