//! Of several messages that say the state of one thing only the last one says anything.

use std::collections::HashSet;

use serde_json::Value;

use crate::realtime::service::KeptMessage;

/// The messages without those that a later one of them makes worthless, in their order. The last one
/// always stays.
pub(super) fn newest_only(messages: Vec<KeptMessage>) -> Vec<KeptMessage> {
    let mut said = HashSet::new();
    let mut kept: Vec<KeptMessage> = messages
        .into_iter()
        .rev()
        .filter(|message| subject(&message.event).is_none_or(|subject| said.insert(subject)))
        .collect();
    kept.reverse();
    kept
}

/// The kind of a message and the trip whose whole state it says, if it says one.
fn subject(event: &Value) -> Option<(&'static str, String)> {
    let (kind, trip) = match event.get("kind")?.as_str()? {
        "trip_updated" => ("trip_updated", event.pointer("/trip/id")?),
        "trip_kit" => ("trip_kit", event.pointer("/kit/shown/id")?),
        _ => return None,
    };
    Some((kind, trip.as_str()?.to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn kept(events: &[Value]) -> Vec<i64> {
        let messages = (1..).zip(events).map(|(cursor, event)| KeptMessage {
            cursor,
            event: event.clone(),
        });
        let kept = newest_only(messages.collect());
        kept.into_iter().map(|message| message.cursor).collect()
    }

    fn updated(trip: &str, version: u32) -> Value {
        json!({"kind": "trip_updated", "trip": {"id": trip, "version": version}})
    }

    fn kit(trip: &str) -> Value {
        json!({"kind": "trip_kit", "kit": {"shown": {"id": trip}}})
    }

    #[test]
    fn of_one_trip_only_the_last_state_and_the_last_kit_stay() {
        let offer = json!({"kind": "offer_closed", "offer_id": "offer_1", "outcome": "accepted"});
        let events = [
            updated("trip_a", 1),
            kit("trip_a"),
            offer.clone(),
            updated("trip_b", 1),
            updated("trip_a", 2),
            kit("trip_a"),
            offer,
            updated("trip_a", 3),
        ];
        assert_eq!(kept(&events), [3, 4, 6, 7, 8]);
    }

    #[test]
    fn what_is_not_known_stays_and_so_does_what_names_no_trip() {
        let events = [
            json!({"kind": "invented_later", "trip": {"id": "trip_a"}}),
            json!({"kind": "invented_later", "trip": {"id": "trip_a"}}),
            json!({"kind": "trip_updated"}),
            json!({"kind": "trip_updated", "trip": {"id": 3}}),
            json!({"no": "kind"}),
            json!(null),
        ];
        assert_eq!(kept(&events), [1, 2, 3, 4, 5, 6]);
    }
}
