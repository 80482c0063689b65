//! What crosses the line, letter by letter.

use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::wire::ErrorCode;

fn at() -> DateTime<Utc> {
    "2026-11-20T09:30:00.25Z".parse().unwrap()
}

/// What a message looks like on the wire; reading it gives the message back.
fn seen(message: &StreamMessage) -> Value {
    let json = serde_json::to_value(message).unwrap();
    let read: StreamMessage = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(&read, message);
    json
}

fn passing(event: StreamEvent) -> StreamMessage {
    StreamMessage {
        cursor: None,
        event,
    }
}

#[test]
fn a_moving_and_a_silent_car_look_so() {
    let trip_id = TripId::from_uuid(Uuid::from_u128(1));
    let moved = StreamEvent::DriverMoved {
        trip_id,
        lat: 41.15,
        lng: -8.61,
        heading_deg: Some(90.0),
        at: at(),
    };
    assert_eq!(
        seen(&passing(moved)),
        json!({
            "kind": "driver_moved", "trip_id": "trip_00000000000000000000000000000001",
            "lat": 41.15, "lng": -8.61, "heading_deg": 90.0, "at": "2026-11-20T09:30:00.250Z",
        })
    );
    let silent = StreamMessage {
        cursor: Some(7),
        event: StreamEvent::DriverSilent {
            trip_id,
            last_at: at(),
        },
    };
    assert_eq!(
        seen(&silent),
        json!({
            "cursor": 7, "kind": "driver_silent",
            "trip_id": "trip_00000000000000000000000000000001",
            "last_at": "2026-11-20T09:30:00.250Z",
        })
    );
}

#[test]
fn the_answers_to_a_batch_carry_its_number_and_no_cursor() {
    let kept = StreamEvent::LocationsKept { batch: 3, kept: 2 };
    assert_eq!(
        seen(&passing(kept)),
        json!({ "kind": "locations_kept", "batch": 3, "kept": 2 })
    );
    let problem = Problem {
        kind: "urn:wayfare:problem:invalid_request".to_owned(),
        title: "The request is not valid".to_owned(),
        status: 400,
        code: ErrorCode::InvalidRequest,
        detail: "points: too few".to_owned(),
        request_id: "r".to_owned(),
        errors: Vec::new(),
    };
    let refused = |batch| StreamEvent::LocationsRefused {
        batch,
        problem: Box::new(problem.clone()),
    };
    let shown = json!({
        "type": "urn:wayfare:problem:invalid_request", "title": "The request is not valid",
        "status": 400, "code": "invalid_request", "detail": "points: too few", "request_id": "r",
    });
    assert_eq!(
        seen(&passing(refused(Some(3)))),
        json!({ "kind": "locations_refused", "batch": 3, "problem": shown })
    );
    assert_eq!(
        seen(&passing(refused(None))),
        json!({ "kind": "locations_refused", "problem": shown })
    );
}

#[test]
fn a_batch_of_positions_looks_so() {
    let text = json!({
        "kind": "locations", "batch": 12,
        "points": [
            { "t": "2026-11-20T09:30:00.250Z", "lat": 41.15, "lng": -8.61, "accuracy_m": 5.0 },
            {
                "t": "2026-11-20T09:30:00.250Z", "lat": 41.15, "lng": -8.61, "accuracy_m": 5.0,
                "speed_mps": 8.5, "heading_deg": 270.0,
            },
        ],
    });
    let frame: ClientFrame = serde_json::from_value(text.clone()).unwrap();
    let ClientFrame::Locations { batch, points } = &frame;
    assert_eq!((*batch, points.len(), points[0].t), (12, 2, at()));
    assert_eq!(serde_json::to_value(&frame).unwrap(), text);
}

#[test]
fn a_kind_of_tomorrow_is_unknown_and_no_error() {
    let message: StreamMessage =
        serde_json::from_value(json!({ "cursor": 9, "kind": "of_tomorrow", "x": 1 })).unwrap();
    assert_eq!(
        (message.cursor, message.event),
        (Some(9), StreamEvent::Unknown)
    );
}

#[test]
fn an_offer_of_a_server_that_does_not_ask_ahead_is_read() {
    let old = json!({
        "id": "offer_00000000000000000000000000000001",
        "trip_id": "trip_00000000000000000000000000000001",
        "vehicle_class": "standard",
        "pickup": { "lat": 41.15, "lng": -8.61 },
        "dropoff": { "lat": 41.17, "lng": -8.63 },
        "pickup_distance_m": 650,
        "distance_m": 3600,
        "duration_s": 460,
        "driver_share_minor": 520,
        "currency": "EUR",
        "requested_at": "2026-11-20T10:00:00Z",
        "expires_at": "2026-11-20T10:00:15Z",
    });
    let mut offer: Offer = serde_json::from_value(old).unwrap();
    assert_eq!(
        (offer.pickup_duration_s, offer.forward, offer.wave),
        (None, false, 1)
    );
    (offer.pickup_duration_s, offer.forward, offer.wave) = (Some(84), true, 2);
    let shown = serde_json::to_value(&offer).unwrap();
    assert_eq!(
        (
            &shown["pickup_duration_s"],
            &shown["forward"],
            &shown["wave"]
        ),
        (&json!(84), &json!(true), &json!(2))
    );
}
