//! The connection to Redis: subscribes, reads the tables, and then tells and hears until it breaks.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, IntoConnectionInfo, ProtocolVersion, PushInfo, PushKind,
    RedisError, Value,
};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::envelope::{self, VERSION};
use super::pause::Pauses;
use super::{LinkState, LinkWatch, Malformed, Parcel, Topic, Wake};

/// Field and value of a table.
type Entry = (Vec<u8>, Vec<u8>);

/// Something that was to be told waits at most so long.
const TELL_EVERY: Duration = Duration::from_millis(100);
/// A silent connection is asked whether it is there.
const PING_EVERY: Duration = Duration::from_secs(5);
const CONNECT_MAX: Duration = Duration::from_secs(2);
const ANSWER_MAX: Duration = Duration::from_secs(2);
/// Messages that came and were not yet looked at. When this process does not keep up, newer ones are
/// dropped and counted.
const HEARD_MAX: usize = 4096;
/// Batches of one topic that are told in one go, so that no topic holds up the others.
const PARCELS_MAX: usize = 40;
/// Entries of a table that are read at once, and how often at most.
const SCAN_COUNT: usize = 1000;
const SCANS_MAX: usize = 10_000;

/// What instances tell each other, over one Redis.
pub struct Exchange {
    client: Client,
    market: String,
    topics: Vec<Arc<dyn Topic>>,
    wake: Wake,
    state: watch::Sender<LinkState>,
    /// Tells this instance's own messages apart.
    sender: u64,
}

impl std::fmt::Debug for Exchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exchange").finish_non_exhaustive()
    }
}

impl Exchange {
    /// Over the Redis at this address, for the instances of a market. Nothing is connected yet.
    pub fn new(url: &str, market: &str, wake: Wake) -> Result<Self, RedisError> {
        let info = url.into_connection_info()?;
        // The third version of the protocol carries messages and answers over one connection: so an
        // answer shows that messages would come as well.
        let settings = info.redis_settings().clone();
        let settings = settings.set_protocol(ProtocolVersion::RESP3);
        Ok(Self {
            client: Client::open(info.set_redis_settings(settings))?,
            market: market.to_owned(),
            topics: Vec::new(),
            wake,
            state: watch::channel(LinkState::Away).0,
            sender: rand::random(),
        })
    }

    /// With one more kind of message.
    #[must_use]
    pub fn topic(mut self, topic: Arc<dyn Topic>) -> Self {
        self.topics.push(topic);
        self
    }

    /// Tells how the instance stands to the others.
    pub fn watch(&self) -> LinkWatch {
        LinkWatch(self.state.subscribe())
    }

    /// Tells and hears until it is told to stop.
    pub async fn run(self, stop: CancellationToken) {
        let mut pauses = Pauses::default();
        metrics::gauge!("wayfare_redis_connected").set(0.0);
        let go_on = async {
            let mut said = false;
            loop {
                let Err(error) = self.connected(&mut pauses).await;
                let was = self.state.send_replace(LinkState::Away);
                metrics::gauge!("wayfare_redis_connected").set(0.0);
                if was == LinkState::Connected || !said {
                    said = true;
                    tracing::warn!(%error, "Redis is away: this instance goes on alone");
                }
                tokio::time::sleep(pauses.next(rand::random())).await;
            }
        };
        stop.run_until_cancelled(go_on).await;
    }

    /// One connection, from its beginning to its end.
    async fn connected(&self, pauses: &mut Pauses) -> Result<Infallible, RedisError> {
        let (sender, mut heard) = mpsc::channel(HEARD_MAX);
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_MAX))
            .set_response_timeout(Some(ANSWER_MAX))
            .set_push_sender(move |push: PushInfo| pass(&sender, push));
        let mut connection = self
            .client
            .get_multiplexed_async_connection_with_config(&config)
            .await?;
        // First the channels and then the tables: what changes in between comes twice, and is not lost.
        for topic in &self.topics {
            connection.subscribe(self.channel(topic.as_ref())).await?;
        }
        for topic in self.topics.iter().filter(|topic| topic.has_table()) {
            self.read_table(&mut connection, topic.as_ref()).await?;
        }
        pauses.reset();
        self.state.send_replace(LinkState::Connected);
        metrics::gauge!("wayfare_redis_connected").set(1.0);
        tracing::info!("Redis is there: instances share what they know");
        tokio::select! {
            ended = self.hear(&mut heard) => Err(ended),
            ended = self.tell(connection) => ended,
        }
    }

    fn channel(&self, topic: &dyn Topic) -> String {
        format!("wayfare:{VERSION}:{}:{}", self.market, topic.name())
    }

    fn table(&self, topic: &dyn Topic) -> String {
        format!("{}:newest", self.channel(topic))
    }

    async fn read_table(
        &self,
        connection: &mut MultiplexedConnection,
        topic: &dyn Topic,
    ) -> Result<(), RedisError> {
        let table = self.table(topic);
        let (mut cursor, mut read) = (0_u64, 0_usize);
        for _ in 0..SCANS_MAX {
            let (next, entries): (u64, Vec<Entry>) = redis::cmd("HSCAN")
                .arg(&table)
                .arg(cursor)
                .arg("COUNT")
                .arg(SCAN_COUNT)
                .query_async(connection)
                .await?;
            read += entries.len();
            let useless = entries.into_iter().filter_map(|(field, value)| {
                let restored = topic.restore(&field, &value);
                let useful = restored.unwrap_or_else(|malformed| {
                    count_malformed(topic, malformed);
                    false
                });
                (!useful).then_some(field)
            });
            let useless: Vec<Vec<u8>> = useless.collect();
            if !useless.is_empty() {
                let mut delete = redis::cmd("HDEL");
                delete.arg(&table).arg(&useless);
                delete.query_async::<()>(connection).await?;
            }
            cursor = next;
            if cursor == 0 {
                break;
            }
        }
        tracing::info!(
            topic = topic.name(),
            read,
            "what other instances know was read"
        );
        Ok(())
    }

    /// Hands on what other instances tell, until the connection ends.
    async fn hear(&self, heard: &mut mpsc::Receiver<PushInfo>) -> RedisError {
        while let Some(push) = heard.recv().await {
            match push.kind {
                PushKind::Message => self.hear_one(push.data),
                PushKind::Disconnection => break,
                _ => {}
            }
        }
        std::io::Error::from(std::io::ErrorKind::ConnectionReset).into()
    }

    fn hear_one(&self, data: Vec<Value>) {
        let mut data = data.into_iter();
        let (Some(Value::BulkString(channel)), Some(Value::BulkString(bytes))) =
            (data.next(), data.next())
        else {
            return;
        };
        let named = |topic: &&Arc<dyn Topic>| self.channel(topic.as_ref()).as_bytes() == channel;
        let Some(topic) = self.topics.iter().find(named) else {
            return;
        };
        let heard = envelope::open(&bytes).and_then(|(sender, message)| {
            if sender == self.sender {
                return Ok(());
            }
            count("wayfare_shared_received_total", topic.as_ref(), 1);
            topic.receive(message)
        });
        if let Err(malformed) = heard {
            count_malformed(topic.as_ref(), malformed);
        }
    }

    /// Tells the others what waits, until that fails.
    async fn tell(&self, mut connection: MultiplexedConnection) -> Result<Infallible, RedisError> {
        let mut told_at = Instant::now();
        loop {
            // A whole batch, or the time; both are reasons to look.
            drop(tokio::time::timeout(TELL_EVERY, self.wake.notified()).await);
            for topic in &self.topics {
                if self.tell_topic(&mut connection, topic.as_ref()).await? {
                    told_at = Instant::now();
                }
            }
            if told_at.elapsed() > PING_EVERY {
                let ping = redis::cmd("PING");
                ping.query_async::<()>(&mut connection).await?;
                told_at = Instant::now();
            }
        }
    }

    /// Answers whether there was anything to tell.
    async fn tell_topic(
        &self,
        connection: &mut MultiplexedConnection,
        topic: &dyn Topic,
    ) -> Result<bool, RedisError> {
        let mut told = false;
        for _ in 0..PARCELS_MAX {
            let Some(parcel) = topic.take() else {
                break;
            };
            let things = parcel.count;
            if let Err(error) = self.send(connection, topic, parcel).await {
                count("wayfare_shared_dropped_total", topic, things);
                return Err(error);
            }
            count("wayfare_shared_sent_total", topic, things);
            told = true;
        }
        Ok(told)
    }

    async fn send(
        &self,
        connection: &mut MultiplexedConnection,
        topic: &dyn Topic,
        parcel: Parcel,
    ) -> Result<(), RedisError> {
        let table = self.table(topic);
        let mut pipe = redis::pipe();
        pipe.cmd("PUBLISH")
            .arg(self.channel(topic))
            .arg(envelope::seal(self.sender, &parcel.message))
            .ignore();
        if !parcel.set.is_empty() {
            let set = pipe.cmd("HSET").arg(&table);
            for (field, value) in parcel.set {
                set.arg(field).arg(value);
            }
            set.ignore();
        }
        if !parcel.delete.is_empty() {
            pipe.cmd("HDEL").arg(&table).arg(parcel.delete).ignore();
        }
        pipe.query_async::<()>(connection).await
    }
}

/// Takes a message off the connection without holding it up.
fn pass(sender: &mpsc::Sender<PushInfo>, push: PushInfo) -> Result<(), Malformed> {
    if let Err(mpsc::error::TrySendError::Full(_)) = sender.try_send(push) {
        metrics::counter!("wayfare_shared_unheard_total").increment(1);
    }
    Ok(())
}

fn count(metric: &'static str, topic: &dyn Topic, things: usize) {
    let things = u64::try_from(things).unwrap_or(u64::MAX);
    metrics::counter!(metric, "topic" => topic.name()).increment(things);
}

fn count_malformed(topic: &dyn Topic, malformed: Malformed) {
    tracing::debug!(topic = topic.name(), %malformed, "left aside");
    count("wayfare_shared_malformed_total", topic, 1);
}
