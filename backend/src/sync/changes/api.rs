//! `/v1/sync/changes` and `/v1/sync/snapshot`.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use poem_openapi::param::Query;
use poem_openapi::payload::Json;
use poem_openapi::types::Any;
use poem_openapi::{Object, OpenApi};
use serde_json::Value;
use wayfare_core::sync::TripKit;
use wayfare_core::wire::{Driver, Offer, Trip};

use super::service::{self, Wanted};
use super::snapshot;
use super::waiting::Waiting;
use crate::app::App;
use crate::platform::failure::Failure;
use crate::platform::http::{SignedIn, WAIT_MAX};
use crate::sync::Tag;

const LIMIT_DEFAULT: u16 = 100;

/// What is new for the signed-in person.
#[derive(Debug, Object)]
struct ChangesPage {
    /// Messages of the person's feed after the cursor, oldest first, as the stream sends them. Of
    /// several that say the state of one trip only the last one is there.
    messages: Vec<Value>,
    /// Ask with this the next time.
    cursor: i64,
    /// Nothing is missing since the cursor that was asked with. If false, ask for a snapshot.
    complete: bool,
    /// There is more already.
    more: bool,
    /// The server's time.
    server_time: DateTime<Utc>,
}

/// The signed-in person's state as a whole, at one moment.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
struct Snapshot {
    /// Changes after this moment come after this cursor.
    cursor: i64,
    /// The driver's profile, if the person is one.
    driver: Option<Driver>,
    /// The driver's trips that are not over or not paid, with what it takes to finish them.
    kits: Vec<Any<TripKit>>,
    /// The person's newest trips on either side, newest first, at most 40.
    trips: Vec<Trip>,
    /// The driver's open offers.
    offers: Vec<Offer>,
    /// The server's time.
    server_time: DateTime<Utc>,
}

/// What is new for a person.
#[derive(Debug)]
pub struct ChangesApi {
    app: Arc<App>,
    waiting: Waiting,
}

impl ChangesApi {
    /// With nobody waiting.
    pub fn new(app: Arc<App>) -> Self {
        Self {
            app,
            waiting: Waiting::default(),
        }
    }
}

#[OpenApi(tag = "Tag::Sync")]
impl ChangesApi {
    /// Read what is new
    ///
    /// The same feed as that of `GET /v1/stream`, in pages. With `wait_s` the answer to somebody who
    /// has everything comes when there is something, and at the latest after that time.
    #[oai(
        path = "/v1/sync/changes",
        method = "get",
        operation_id = "list_changes"
    )]
    async fn list_changes(
        &self,
        signed_in: SignedIn,
        /// From the page before, or from a snapshot. Without one: from now on.
        cursor: Query<Option<i64>>,
        /// How many messages are looked at, at most.
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<Option<u16>>,
        /// How long to wait if there is nothing new, in seconds.
        #[oai(validator(maximum(value = "60")))]
        wait_s: Query<Option<u8>>,
    ) -> Result<Json<ChangesPage>, Failure> {
        let wait = Duration::from_secs(wait_s.0.unwrap_or_default().into());
        let wanted = Wanted {
            cursor: cursor.0,
            limit: limit.0.unwrap_or(LIMIT_DEFAULT),
            wait: wait.min(WAIT_MAX),
        };
        let who = signed_in.principal();
        let page = service::next_page(&self.app, &self.waiting, who, wanted).await?;
        Ok(Json(ChangesPage {
            messages: page.messages,
            cursor: page.cursor,
            complete: page.complete,
            more: page.more,
            server_time: page.server_time,
        }))
    }

    /// Read one's state as a whole
    ///
    /// As it is at one moment, with the cursor of that moment.
    #[oai(
        path = "/v1/sync/snapshot",
        method = "get",
        operation_id = "get_snapshot"
    )]
    async fn get_snapshot(&self, signed_in: SignedIn) -> Result<Json<Snapshot>, Failure> {
        let state = snapshot::take(&self.app, signed_in.principal().user).await?;
        Ok(Json(Snapshot {
            cursor: state.cursor,
            driver: state.driver,
            kits: state.kits.into_iter().map(Any).collect(),
            trips: state.trips,
            offers: state.offers,
            server_time: state.server_time,
        }))
    }
}
