//! Batches of many drivers, written together.
//!
//! A batch waits a moment for others and is then written with them in one transaction. It is answered
//! when that is committed. If it fails, every batch in it gets an error: none is lost silently, and
//! none is kept that was called lost. When more wait than can be written, further ones are refused
//! at once.

use std::sync::Arc;
use std::time::Duration;

use sqlx::PgPool;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use wayfare_core::id::DriverId;
use wayfare_core::wire::ErrorCode;

use crate::fleet;
use crate::platform::failure::Failure;
use crate::trips::{Recorded, Sent, StoredPoint, record_tracks};

/// How long the first batch of a group waits for others.
const GATHER: Duration = Duration::from_millis(20);
/// A group is written when it has so many batches: at most 100 points each.
const BATCHES_MAX: usize = 500;
/// Batches that may wait for their group. Beyond, the database does not keep up.
const WAITING_MAX: usize = 5_000;
/// A group that takes longer is given up, and its phones send again.
const WRITE_MAX: Duration = Duration::from_secs(10);

/// Hands batches to the writer.
#[derive(Debug, Clone)]
pub struct Recorder {
    batches: mpsc::Sender<Waiting>,
}

/// Writes what it is handed. It has to be run.
#[derive(Debug)]
pub struct RecorderWork {
    batches: mpsc::Receiver<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    sent: Sent,
    answer: oneshot::Sender<Result<Recorded, Failure>>,
}

/// The group that a batch was in could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the group was not written")]
struct GroupFailed(#[source] Arc<Failure>);

impl Recorder {
    /// A recorder, and what does its work.
    pub fn new() -> (Self, RecorderWork) {
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        let work = RecorderWork { batches: receiver };
        (Self { batches: sender }, work)
    }

    /// Keeps the points of a driver's trip. Answers when they are written.
    pub(super) async fn keep(
        &self,
        driver: DriverId,
        points: Vec<StoredPoint>,
    ) -> Result<Recorded, Failure> {
        let (answer, answered) = oneshot::channel();
        let sent = Sent { driver, points };
        self.batches
            .try_send(Waiting { sent, answer })
            .map_err(|_| {
                metrics::counter!("wayfare_position_batches_refused_total").increment(1);
                not_now()
            })?;
        answered.await.unwrap_or_else(|_| Err(not_now()))
    }
}

fn not_now() -> Failure {
    let detail = "the positions could not be kept; send them again";
    Failure::refused(ErrorCode::Unavailable, detail)
}

impl RecorderWork {
    /// Writes until it is told to stop, and then what still waits.
    pub async fn run(mut self, pool: PgPool, stop: CancellationToken) {
        while let Some(Some(first)) = stop.run_until_cancelled(self.batches.recv()).await {
            let group = self.gather(first).await;
            write(&pool, group).await;
        }
        self.batches.close();
        while let Some(first) = self.batches.recv().await {
            let group = self.gather(first).await;
            write(&pool, group).await;
        }
    }

    async fn gather(&mut self, first: Waiting) -> Vec<Waiting> {
        let mut group = vec![first];
        let more = async {
            while group.len() < BATCHES_MAX {
                match self.batches.recv().await {
                    Some(next) => group.push(next),
                    None => return,
                }
            }
        };
        // Late or full: both are a group.
        drop(tokio::time::timeout(GATHER, more).await);
        group
    }
}

async fn write(pool: &PgPool, group: Vec<Waiting>) {
    let (sent, answers): (Vec<Sent>, Vec<_>) = group
        .into_iter()
        .map(|waiting| (waiting.sent, waiting.answer))
        .unzip();
    let size = f64::from(u32::try_from(sent.len()).unwrap_or(u32::MAX));
    metrics::histogram!("wayfare_position_group_batches").record(size);
    let written = tokio::time::timeout(WRITE_MAX, write_group(pool, sent)).await;
    match written.unwrap_or_else(|_| Err(not_now())) {
        Ok(results) => {
            for (answer, result) in answers.into_iter().zip(results) {
                // Fails if the phone hung up; it sends again.
                drop(answer.send(result));
            }
        }
        Err(failure) => {
            let batches = answers.len();
            let error: &dyn std::error::Error = &failure;
            tracing::warn!(error, batches, "positions were not kept");
            metrics::counter!("wayfare_position_groups_failed_total").increment(1);
            tell_all(answers, failure);
        }
    }
}

fn tell_all(answers: Vec<oneshot::Sender<Result<Recorded, Failure>>>, failure: Failure) {
    let may_come_again = failure.code() == ErrorCode::Unavailable;
    let shared = Arc::new(failure);
    for answer in answers {
        let told = if may_come_again {
            not_now()
        } else {
            Failure::broken("keeping positions", GroupFailed(Arc::clone(&shared)))
        };
        drop(answer.send(Err(told)));
    }
}

/// Answers the batches in their order. Who is no driver is refused alone.
async fn write_group(
    pool: &PgPool,
    mut sent: Vec<Sent>,
) -> Result<Vec<Result<Recorded, Failure>>, Failure> {
    let mut transaction = pool.begin().await?;
    let people: Vec<DriverId> = sent.iter().map(|sent| sent.driver).collect();
    let drivers = fleet::service::drivers_among(&mut transaction, &people).await?;
    sent.retain(|sent| drivers.contains(&sent.driver));
    let recorded = record_tracks(&mut transaction, &sent).await?;
    transaction.commit().await?;
    let mut recorded = recorded.into_iter();
    let answer = |person: DriverId| {
        let known = drivers.contains(&person);
        known.then(|| recorded.next()).flatten().ok_or_else(|| {
            let detail = "only drivers send their position; register as a driver first";
            Failure::refused(ErrorCode::DriverProfile, detail)
        })
    };
    Ok(people.into_iter().map(answer).collect())
}
