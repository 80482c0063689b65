//! What the handlers share: one value, made when the server starts.

use std::sync::Arc;

use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use wayfare_core::signing::SigningKey;
use wayfare_dispatch::LiveIndex;

use crate::dispatch::decisions::Sightings;
use crate::dispatch::positions::{PositionChange, Recorder};
use crate::identity::Tokens;
use crate::notify::SmsSender;
use crate::places::City;
use crate::platform::config::Config;
use crate::platform::exchange::Outgoing;
use crate::platform::limits::RateLimiter;
use crate::realtime::Hub;

/// Everything that a use case may need.
pub struct App {
    /// The settings.
    pub config: Config,
    /// The city's map, places and roads.
    pub city: Arc<City>,
    /// The database.
    pub pool: PgPool,
    /// Makes and checks tokens.
    pub tokens: Tokens,
    /// Signs quotes and receipts.
    pub signing_key: SigningKey,
    /// Sends text messages.
    pub sms: Arc<dyn SmsSender>,
    /// The open connections of this process.
    pub hub: Arc<Hub>,
    /// Where the drivers are.
    /// What was written of where the drivers are.
    pub sightings: Sightings,
    pub index: Arc<LiveIndex>,
    /// Keeps the points of trips.
    pub recorder: Recorder,
    /// What of the index the other instances have to learn.
    pub fixes: Arc<Outgoing<PositionChange>>,
    /// How often a trip's PIN was tried.
    pub pin_attempts: RateLimiter,
    /// Cancelled when the server stops.
    pub stop: CancellationToken,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").finish_non_exhaustive()
    }
}
