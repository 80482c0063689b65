//! What the WebSocket `/v1/stream` carries, both ways.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::driver::LocationPoint;
use super::needs::RideNeeds;
use super::place::Point;
use super::problem::Problem;
use super::trip::Trip;
use crate::id::{OfferId, TripId};
use crate::sync::TripKit;
use crate::vehicle::VehicleClass;

/// One trip proposed to one driver.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
pub struct Offer {
    /// The offer.
    pub id: OfferId,
    /// The trip.
    pub trip_id: TripId,
    /// The class of vehicle that was asked for.
    pub vehicle_class: VehicleClass,
    /// What the rider needs beyond it, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs: Option<RideNeeds>,
    /// Where the rider waits.
    pub pickup: Point,
    /// The stops on the way, in order.
    #[serde(default)]
    pub waypoints: Vec<Point>,
    /// Where the rider wants to go.
    pub dropoff: Point,
    /// When the rider wants to be picked up; absent for as soon as possible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pickup_at: Option<DateTime<Utc>>,
    /// The way to the pickup by road, in metres: from where the driver is, or from where the driver's
    /// present trip ends.
    pub pickup_distance_m: i64,
    /// How long that way takes, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pickup_duration_s: Option<i64>,
    /// The driver finishes the present trip first.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", oai(default))]
    pub forward: bool,
    /// Which wave of offers of this trip it belongs to, from 1.
    #[serde(default = "first_wave")]
    #[cfg_attr(feature = "openapi", oai(default = "first_wave"))]
    pub wave: u32,
    /// Planned length of the ride in metres.
    pub distance_m: i64,
    /// Planned duration of the ride in seconds.
    pub duration_s: i64,
    /// What the driver keeps, in minor units.
    pub driver_share_minor: i64,
    /// Currency of the amount.
    pub currency: crate::money::Currency,
    /// When the rider asked.
    pub requested_at: DateTime<Utc>,
    /// The offer is of no use after this.
    pub expires_at: DateTime<Utc>,
}

const fn first_wave() -> u32 {
    1
}

/// How an offer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferOutcome {
    /// The driver took it.
    Accepted,
    /// The driver did not want it.
    Declined,
    /// The driver did not answer in time.
    TimedOut,
    /// The trip was called off or given to somebody else.
    Withdrawn,
}

impl OfferOutcome {
    /// The name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::TimedOut => "timed_out",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// Something that concerns the signed-in person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum StreamEvent {
    /// The first message of every connection. Its cursor is where the stream begins.
    Ready {
        /// Everything since the cursor that was asked for follows. If false, messages are missing
        /// because they are too old, and whoever listens must read their trips anew.
        complete: bool,
    },
    /// A driver gets an offer. It comes again, with the same id, when the trip changed while the offer
    /// is open.
    OfferCreated {
        /// The offer.
        offer: Box<Offer>,
    },
    /// An offer is no longer open.
    OfferClosed {
        /// The offer.
        offer_id: OfferId,
        /// How it ended.
        outcome: OfferOutcome,
    },
    /// One of one's trips changed.
    TripUpdated {
        /// The trip as it is now.
        trip: Box<Trip>,
    },
    /// The driver got a trip, or what it takes to finish it changed: everything for going on without a
    /// network.
    TripKit {
        /// The kit as it is now.
        kit: Box<TripKit>,
    },
    /// The car of the rider's trip moved. Only the newest position counts, so this one is not kept
    /// for those who were away.
    DriverMoved {
        /// The trip.
        trip_id: TripId,
        /// Latitude in degrees.
        lat: f64,
        /// Longitude in degrees.
        lng: f64,
        /// Direction of movement in degrees clockwise from north, if known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        heading_deg: Option<f64>,
        /// When the car was there.
        at: DateTime<Utc>,
    },
    /// The car of the rider's trip was not heard of for a while: it is offline, and no longer where it
    /// was last seen. It comes once; `driver_moved` says that the car is heard again.
    DriverSilent {
        /// The trip.
        trip_id: TripId,
        /// When the car was last heard of.
        last_at: DateTime<Utc>,
    },
    /// Positions that the client sent over this connection were taken. It is not kept for those who
    /// were away, as is the next one.
    LocationsKept {
        /// The number that the client gave the batch.
        batch: u64,
        /// How many points belong to a running trip and were kept with it. A point that is sent twice
        /// counts once.
        kept: u32,
    },
    /// Positions that the client sent over this connection were not taken, for the reason that
    /// `POST /v1/drivers/me/locations` would give.
    LocationsRefused {
        /// The number that the client gave the batch; absent if the frame could not be read so far.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        batch: Option<u64>,
        /// What is wrong.
        problem: Box<Problem>,
    },
    /// A kind of event that this version does not know.
    #[serde(other)]
    Unknown,
}

/// What a client sends over the stream, one text frame each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ClientFrame {
    /// Positions of the signed-in driver: what `POST /v1/drivers/me/locations` takes. The answer is
    /// `locations_kept` or `locations_refused` with the same number. Several batches may be under way,
    /// and their answers come in any order.
    Locations {
        /// The client's own number for the batch.
        batch: u64,
        /// 1 to 100 points, oldest first.
        points: Vec<LocationPoint>,
    },
}

/// An event, with its place in the person's feed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StreamMessage {
    /// Where to resume after this event; absent for events that are not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<i64>,
    /// The event.
    #[serde(flatten)]
    pub event: StreamEvent,
}

#[cfg(test)]
mod tests;
