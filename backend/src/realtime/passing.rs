//! What is passed to a person reaches the connections at other instances as well.
//!
//! Bytes of a message: for each event the person (16), the length of what follows (4, highest byte
//! first), and the event as JSON.

use std::sync::Arc;

use uuid::Uuid;
use wayfare_core::id::UserId;
use wayfare_core::wire::StreamEvent;

use super::Hub;
use crate::platform::exchange::{Malformed, Parcel, Topic};

/// The topic's name.
pub const PASSES: &str = "passes";

/// What is passed to people, shared between instances.
#[derive(Debug)]
pub struct Passing(pub Arc<Hub>);

impl Topic for Passing {
    fn name(&self) -> &'static str {
        PASSES
    }

    fn take(&self) -> Option<Parcel> {
        let passed = self.0.take_passed();
        let mut parcel = Parcel::default();
        for (user, event) in passed {
            // What cannot be written was never an event.
            let Ok(json) = serde_json::to_vec(&event) else {
                continue;
            };
            let Ok(length) = u32::try_from(json.len()) else {
                continue;
            };
            parcel.message.extend_from_slice(user.uuid().as_bytes());
            parcel.message.extend_from_slice(&length.to_be_bytes());
            parcel.message.extend_from_slice(&json);
            parcel.count += 1;
        }
        (parcel.count > 0).then_some(parcel)
    }

    fn receive(&self, message: &[u8]) -> Result<(), Malformed> {
        for (user, event) in read(message)? {
            self.0.pass_here(user, event);
        }
        Ok(())
    }
}

fn read(mut bytes: &[u8]) -> Result<Vec<(UserId, StreamEvent)>, Malformed> {
    let mut passed = Vec::new();
    while !bytes.is_empty() {
        let (user, rest) = bytes.split_first_chunk::<16>().ok_or(Malformed)?;
        let (length, rest) = rest.split_first_chunk::<4>().ok_or(Malformed)?;
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| Malformed)?;
        let (json, rest) = rest.split_at_checked(length).ok_or(Malformed)?;
        let event = serde_json::from_slice(json).map_err(|_| Malformed)?;
        passed.push((UserId::from_uuid(Uuid::from_bytes(*user)), event));
        bytes = rest;
    }
    Ok(passed)
}

#[cfg(test)]
mod tests {
    use wayfare_core::id::TripId;

    use super::*;
    use crate::platform::exchange::{Outgoing, Wake};
    use crate::realtime::hub::Signal;

    fn moved(lat: f64) -> StreamEvent {
        StreamEvent::DriverMoved {
            trip_id: TripId::from_uuid(Uuid::from_u128(1)),
            lat,
            lng: -8.61,
            heading_deg: None,
            at: "2026-11-20T09:30:00Z".parse().unwrap(),
        }
    }

    fn instance() -> Passing {
        let outgoing = Outgoing::of_topic(PASSES, &Wake::default());
        Passing(Arc::new(Hub::sharing(outgoing)))
    }

    #[test]
    fn what_is_passed_here_is_heard_there_and_not_told_back() {
        let (here, there) = (instance(), instance());
        let user = UserId::from_uuid(Uuid::from_u128(9));
        let mut heard = there.0.listen(user);
        here.0.pass(user, moved(41.0));
        here.0.pass(user, moved(42.0));
        let parcel = here.take().unwrap();
        assert_eq!(parcel.count, 2);
        there.receive(&parcel.message).unwrap();
        for lat in [41.0, 42.0] {
            match heard.try_recv().unwrap() {
                Signal::Pass(event) => assert_eq!(event, moved(lat)),
                Signal::Look => panic!(),
            }
        }
        assert!(there.take().is_none() && here.take().is_none());
    }

    #[test]
    fn half_a_message_is_no_message() {
        let here = instance();
        let user = UserId::from_uuid(Uuid::from_u128(9));
        here.0.pass(user, moved(41.0));
        let message = here.take().unwrap().message;
        for length in 1..message.len() {
            assert_eq!(here.receive(&message[..length]), Err(Malformed), "{length}");
        }
        assert_eq!(here.receive(&[0xff; 40]), Err(Malformed));
    }
}
