//! What clients send over the stream: positions of drivers.
//!
//! A frame is checked exactly as the body of `POST /v1/drivers/me/locations` is, counts against the
//! same limit as a request, and gets the answer that the request would get. Who goes on sending when
//! told to wait loses the connection.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use serde_json::{Map, Value};
use uuid::Uuid;
use wayfare_core::id::UserId;
use wayfare_core::wire::{ErrorCode, LocationBatch, StreamEvent};

use crate::app::App;
use crate::dispatch::positions;
use crate::platform::failure::Failure;
use crate::platform::http::{problem_of, read_json, too_many};
use crate::platform::limits::Limits;

/// A hundred points with all that is known of them are a quarter of this.
pub(super) const FRAME_MAX_BYTES: usize = 64 * 1024;
/// Batches that may be under way at once; further frames wait in the network.
const UNDER_WAY_MAX: usize = 8;
/// Frames beyond the limit, one after the other, before the connection is closed.
const FLOOD: u32 = 20;

/// A client does not stop when told to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Flooded;

/// The frames of one connection that are not answered yet.
pub(super) struct Incoming {
    app: Arc<App>,
    limits: Arc<Limits>,
    user: UserId,
    under_way: FuturesUnordered<BoxFuture<'static, StreamEvent>>,
    /// How many frames came since the limit was reached.
    beyond: u32,
}

impl Incoming {
    pub(super) fn new(app: Arc<App>, limits: Arc<Limits>, user: UserId) -> Self {
        Self {
            app,
            limits,
            user,
            under_way: FuturesUnordered::new(),
            beyond: 0,
        }
    }

    /// Whether another frame may be read.
    pub(super) fn has_room(&self) -> bool {
        self.under_way.len() < UNDER_WAY_MAX
    }

    /// Waits for the next answer, for ever if there is none to come.
    pub(super) async fn next_answer(&mut self) -> StreamEvent {
        match self.under_way.next().await {
            Some(answer) => answer,
            None => std::future::pending().await,
        }
    }

    /// Takes a frame. What is wrong with it is the answer.
    pub(super) fn take(&mut self, frame: &[u8]) -> Result<(), Flooded> {
        let decision = self.limits.user.check(&self.user.uuid().to_string());
        if decision.allowed {
            self.beyond = 0;
        } else {
            self.beyond += 1;
            if self.beyond > FLOOD {
                return Err(Flooded);
            }
        }
        let read = read(frame);
        let batch = read.batch;
        let points = if decision.allowed {
            read.points
        } else {
            Err(too_many(decision))
        };
        let (app, user) = (Arc::clone(&self.app), self.user);
        let answer = async move {
            let kept = match (batch, points) {
                (Some(batch), Ok(sent)) => {
                    let kept = positions::record_locations(&app, user.into(), &sent.points).await;
                    kept.map(|accepted| (batch, accepted.kept))
                }
                (_, Err(failure)) => Err(failure),
                (None, Ok(_)) => Err(unreadable("`batch` is missing")),
            };
            match kept {
                Ok((batch, kept)) => StreamEvent::LocationsKept { batch, kept },
                Err(failure) => refused(batch, &failure),
            }
        };
        self.under_way.push(answer.boxed());
        Ok(())
    }
}

fn refused(batch: Option<u64>, failure: &Failure) -> StreamEvent {
    let request_id = Uuid::now_v7().simple().to_string();
    let problem = Box::new(problem_of(failure, &request_id));
    StreamEvent::LocationsRefused { batch, problem }
}

fn unreadable(detail: impl Into<String>) -> Failure {
    Failure::refused(ErrorCode::InvalidRequest, detail.into())
}

/// What a frame says, as far as it can be read.
struct Read {
    batch: Option<u64>,
    points: Result<LocationBatch, Failure>,
}

fn read(frame: &[u8]) -> Read {
    let mut fields: Map<String, Value> = match serde_json::from_slice(frame) {
        Ok(fields) => fields,
        Err(error) => {
            return Read {
                batch: None,
                points: Err(unreadable(format!("the frame is no JSON object: {error}"))),
            };
        }
    };
    let number = fields.remove("batch");
    let batch = number.as_ref().and_then(Value::as_u64);
    let kind = fields.remove("kind");
    let points = match kind.as_ref().and_then(Value::as_str) {
        Some("locations") if batch.is_none() => {
            Err(unreadable("`batch` has to be a whole number from 0 on"))
        }
        Some("locations") => serde_json::to_vec(&fields)
            .map_err(|error| unreadable(error.to_string()))
            .and_then(|body| read_json(&body)),
        _ => Err(unreadable("`kind` has to be \"locations\"")),
    };
    Read { batch, points }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(frame: &str) -> (Option<u64>, String) {
        let read = read(frame.as_bytes());
        let failure = read.points.unwrap_err();
        assert_eq!(failure.code(), ErrorCode::InvalidRequest);
        (read.batch, failure.to_string())
    }

    fn frame(points: &str) -> String {
        format!(r#"{{"kind": "locations", "batch": 7, "points": {points}}}"#)
    }

    #[test]
    fn a_frame_is_read_as_a_body_is() {
        let point = r#"{"t": "2026-11-20T09:30:00Z", "lat": 41, "lng": -8, "accuracy_m": 5}"#;
        let read = read(frame(&format!("[{point}]")).as_bytes());
        assert_eq!(read.batch, Some(7));
        assert_eq!(read.points.unwrap().points.len(), 1);
        for (points, problem) in [
            ("[]", "minItems"),
            ("3", "invalid type"),
            (&format!("[{point}, {{}}]"), "points[1]: missing field"),
            (&format!("[{}]", point.replace("41", "91")), "maximum"),
            (&format!("[{}]", vec![point; 101].join(",")), "maxItems"),
        ] {
            let (batch, detail) = told(&frame(points));
            assert_eq!(batch, Some(7));
            assert!(detail.contains(problem), "{detail}");
        }
        let (_, detail) = told(r#"{"kind": "locations", "batch": 7, "points": [], "x": 1}"#);
        assert!(detail.contains("unknown field `x`"), "{detail}");
    }

    #[test]
    fn a_frame_that_is_none_of_ours_is_refused_by_what_is_known_of_it() {
        for (frame, batch, problem) in [
            ("", None, "no JSON object"),
            ("[1]", None, "no JSON object"),
            ("{", None, "no JSON object"),
            (r#"{"batch": 3}"#, Some(3), "`kind`"),
            (r#"{"kind": 5, "batch": 3}"#, Some(3), "`kind`"),
            (r#"{"kind": "locations"}"#, None, "`batch`"),
            (r#"{"kind": "locations", "batch": -1}"#, None, "`batch`"),
            (r#"{"kind": "locations", "batch": 1.5}"#, None, "`batch`"),
            (r#"{"kind": "locations", "batch": 1}"#, Some(1), "points"),
        ] {
            let (told_batch, detail) = told(frame);
            assert_eq!(told_batch, batch, "{frame}");
            assert!(detail.contains(problem), "{frame}: {detail}");
        }
    }
}
