//! A server that fits a test: it applies each command once and remembers everything that it was sent.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::rides::{
    Ride, command_of, driver, kit, offer_id, pin, pin_key, place, shown, step, tariff, trip_id,
    vehicle,
};
use crate::id::{BlobId, CommandId, OfferId, RiderId, TripId};
use crate::signing::{Jws, KeyRing, PublicKey, Purpose};
use crate::sync::device::{Answer, Request};
use crate::sync::{ChainHash, DeviceAction, DeviceCommand};
use crate::track::segment::{SegmentPoint, read_segment};
use crate::trip::{Actor, Command, CommandContext, Rules, Trip, TripRequest, decide};
use crate::vehicle::VehicleClass;
use crate::wire::{
    self, BatchAnswer, BatchSeal, Blob, ChangesPage, CommandBatch, CommandOutcome, CommandResult,
    ErrorCode, NewBlob, Offer, Problem, SegmentKept, Snapshot, StreamEvent, StreamMessage,
};

/// What the server has of a device of one driver.
pub(in crate::sync) struct Server {
    pub(in crate::sync) now: DateTime<Utc>,
    pub(in crate::sync) registered: Option<PublicKey>,
    pub(in crate::sync) last_seq: u64,
    pub(in crate::sync) head: Option<ChainHash>,
    pub(in crate::sync) results: BTreeMap<CommandId, CommandResult>,
    /// Each command that was applied or rejected, in order.
    pub(in crate::sync) decided: Vec<(u64, &'static str, CommandOutcome)>,
    /// The next commands of these kinds are rejected.
    pub(in crate::sync) rejects: Vec<(&'static str, ErrorCode)>,
    /// At most so many commands of a batch are taken.
    pub(in crate::sync) takes_max: usize,
    pub(in crate::sync) feed: Vec<StreamEvent>,
    /// What is before this place of the feed is forgotten.
    pub(in crate::sync) forgotten: usize,
    pub(in crate::sync) trips: BTreeMap<TripId, Ride>,
    pub(in crate::sync) offers: BTreeMap<OfferId, Offer>,
    pub(in crate::sync) online: bool,
    pub(in crate::sync) points: Vec<(Option<TripId>, SegmentPoint)>,
    pub(in crate::sync) segments: Vec<ChainHash>,
    pub(in crate::sync) blobs: BTreeMap<BlobId, (NewBlob, Vec<u8>)>,
    pub(in crate::sync) asked: BTreeMap<&'static str, u32>,
    /// What is answered to requests of a name instead, and how often.
    pub(in crate::sync) instead: BTreeMap<&'static str, (Answer, u32)>,
}

pub(in crate::sync) fn problem(status: u16, code: ErrorCode) -> Answer {
    Answer::Refused {
        status,
        problem: Some(Problem {
            kind: "about:blank".into(),
            title: "no".into(),
            status,
            code,
            detail: "no".into(),
            request_id: "r".into(),
            errors: vec![],
        }),
        retry_after_ms: None,
    }
}

impl Server {
    pub(in crate::sync) fn new(now: DateTime<Utc>) -> Self {
        Self {
            now,
            registered: None,
            last_seq: 0,
            head: None,
            results: BTreeMap::new(),
            decided: Vec::new(),
            rejects: Vec::new(),
            takes_max: usize::MAX,
            feed: Vec::new(),
            forgotten: 0,
            trips: BTreeMap::new(),
            offers: BTreeMap::new(),
            online: false,
            points: Vec::new(),
            segments: Vec::new(),
            blobs: BTreeMap::new(),
            asked: BTreeMap::new(),
            instead: BTreeMap::new(),
        }
    }

    pub(in crate::sync) fn cursor(&self) -> i64 {
        i64::try_from(self.feed.len()).unwrap()
    }

    /// Offers a trip to the driver.
    pub(in crate::sync) fn offer(&mut self, number: u128) {
        let trip = Trip::requested(TripRequest {
            trip: trip_id(number),
            rider: RiderId::from_uuid(Uuid::from_u128(0xb1)),
            vehicle_class: VehicleClass::Standard,
            pickup: place(0),
            waypoints: vec![],
            dropoff: place(20),
            pickup_at: None,
            for_someone_else: false,
            pin: Some(pin()),
            requested_at: self.now,
        });
        let offer = Offer {
            id: offer_id(number),
            trip_id: trip_id(number),
            vehicle_class: VehicleClass::Standard,
            needs: None,
            pickup: place(0).into(),
            waypoints: vec![],
            dropoff: place(20).into(),
            pickup_at: None,
            pickup_distance_m: 100,
            pickup_duration_s: Some(60),
            forward: false,
            wave: 1,
            distance_m: 1_000,
            duration_s: 200,
            driver_share_minor: 500,
            currency: tariff().spec().currency,
            requested_at: self.now,
            expires_at: self.now + TimeDelta::hours(1),
        };
        let ride = Ride {
            trip,
            fare: None,
            paid: false,
            stars: None,
        };
        self.trips.insert(trip_id(number), ride);
        self.offers.insert(offer.id, offer.clone());
        let offer = Box::new(offer);
        self.feed.push(StreamEvent::OfferCreated { offer });
    }

    /// Something happens to a trip that the driver did not do.
    pub(in crate::sync) fn happens(&mut self, trip: TripId, command: Command, actor: Actor) {
        let at = self.now;
        let ride = self.trips.get_mut(&trip).unwrap();
        let context = CommandContext { actor, at };
        for event in decide(&ride.trip, command, context, Rules::default()).unwrap() {
            ride.trip.apply(&event);
        }
        self.tell(trip);
    }

    pub(in crate::sync) fn tell(&mut self, trip: TripId) {
        let trip = Box::new(shown(&self.trips[&trip]));
        self.feed.push(StreamEvent::TripUpdated { trip });
    }

    pub(in crate::sync) fn serve(&mut self, request: &Request) -> Answer {
        *self.asked.entry(name(request)).or_default() += 1;
        if let Some((answer, times)) = self.instead.get_mut(name(request))
            && *times > 0
        {
            *times -= 1;
            return answer.clone();
        }
        match request {
            Request::Register(device) => {
                let key = BASE64_URL_SAFE_NO_PAD.decode(&device.public_key).unwrap();
                let bytes = key.try_into().unwrap();
                let id = crate::signing::KeyId(0);
                self.registered = Some(PublicKey { id, bytes });
                let first = ChainHash::first(device.device_id);
                let head = *self.head.get_or_insert(first);
                Answer::Registered(wire::Device {
                    device_id: device.device_id,
                    pin_key: BASE64_URL_SAFE_NO_PAD.encode(pin_key().bytes()),
                    last_seq: self.last_seq,
                    head,
                    registered_at: self.now,
                    server_time: self.now,
                })
            }
            Request::Commands(batch) => self.take_batch(batch),
            Request::Snapshot => Answer::Snapshot(Box::new(self.snapshot())),
            Request::Changes { cursor, .. } => Answer::Changes(self.changes(*cursor)),
            Request::Segment {
                trip,
                sha256,
                bytes,
            } => self.take_segment(*trip, *sha256, bytes),
            Request::BeginBlob(blob) => {
                let kept = self
                    .blobs
                    .entry(blob.blob_id)
                    .or_insert((blob.clone(), vec![]));
                answer_blob(kept)
            }
            Request::Chunk {
                blob,
                offset,
                bytes,
            } => {
                let Some(kept) = self.blobs.get_mut(blob) else {
                    return problem(404, ErrorCode::NotFound);
                };
                if u64::try_from(kept.1.len()).unwrap() != *offset {
                    return problem(409, ErrorCode::UploadOffset);
                }
                kept.1.extend_from_slice(bytes);
                answer_blob(kept)
            }
        }
    }

    fn take_segment(&mut self, trip: Option<TripId>, sha256: ChainHash, bytes: &[u8]) -> Answer {
        let hash: [u8; 32] = Sha256::digest(bytes).into();
        assert_eq!(ChainHash::from_bytes(hash), sha256);
        let points = read_segment(bytes).unwrap();
        let duplicate = self.segments.contains(&sha256);
        if !duplicate {
            self.segments.push(sha256);
            let told = points.iter().map(|point| (trip, *point));
            self.points.extend(told);
        }
        Answer::Segment(SegmentKept {
            points: u32::try_from(points.len()).unwrap(),
            duplicate,
        })
    }

    fn changes(&self, cursor: i64) -> ChangesPage {
        let from = usize::try_from(cursor).unwrap();
        let end = self.feed.len().min(from + 3);
        let is_known = (self.forgotten..=self.feed.len()).contains(&from);
        let events = self.feed.get(from..end).unwrap_or_default();
        let messages = (cursor + 1..)
            .zip(events)
            .map(|(cursor, event)| StreamMessage {
                cursor: Some(cursor),
                event: event.clone(),
            });
        ChangesPage {
            messages: messages.collect(),
            cursor: i64::try_from(end).unwrap(),
            complete: is_known,
            more: end < self.feed.len(),
            server_time: self.now,
        }
    }

    fn snapshot(&self) -> Snapshot {
        let is_open = |ride: &&Ride| {
            let mine = ride.trip.state.assignment().map(|had| had.driver) == Some(driver());
            let done = ride.trip.state.status().is_final();
            mine && (!done || ride.fare.is_some() && !ride.paid)
        };
        Snapshot {
            cursor: self.cursor(),
            driver: Some(wire::Driver {
                id: driver(),
                name: "Dora".into(),
                status: wire::DriverStatus::Active,
                availability: if self.online {
                    wire::AvailabilityStatus::Online
                } else {
                    wire::AvailabilityStatus::Offline
                },
                vehicle_id: None,
                vehicles: vec![],
            }),
            kits: self.trips.values().filter(is_open).map(kit).collect(),
            trips: self.trips.values().map(shown).collect(),
            offers: self.offers.values().cloned().collect(),
            server_time: self.now,
        }
    }

    fn take_batch(&mut self, batch: &CommandBatch) -> Answer {
        let Some(key) = self.registered else {
            return problem(409, ErrorCode::DeviceUnknown);
        };
        let read = |text: &String| serde_json::from_str::<DeviceCommand>(text).unwrap();
        let commands: Vec<_> = batch.commands.iter().map(read).collect();
        let answer = |results, next_seq| {
            Answer::Batch(BatchAnswer {
                results,
                next_seq,
                server_time: self.now,
            })
        };
        if commands[0].seq > self.last_seq + 1 && batch.oldest_seq <= self.last_seq + 1 {
            return answer(vec![], self.last_seq + 1);
        }
        let head = batch
            .commands
            .iter()
            .fold(batch.prev_hash, |head, text| head.after(text));
        let seal: Jws = batch.seal.parse().unwrap();
        let seal: BatchSeal = KeyRing::from_iter([key])
            .verify(Purpose::DeviceBatch, &seal)
            .unwrap();
        assert_eq!(seal.head, head);
        assert_eq!(Some(seal.last_seq), commands.last().map(|last| last.seq));
        let mut results = Vec::new();
        let mut link = batch.prev_hash;
        for (command, text) in commands.iter().zip(&batch.commands).take(self.takes_max) {
            link = link.after(text);
            if let Some(known) = self.results.get(&command.id) {
                results.push(CommandResult {
                    duplicate: true,
                    ..known.clone()
                });
                continue;
            }
            assert_eq!(command.seq, self.last_seq + 1, "nothing is left out");
            self.last_seq = command.seq;
            self.head = Some(link);
            let result = self.decide(command);
            let kind = command.action.as_str();
            self.decided.push((command.seq, kind, result.outcome));
            self.results.insert(command.id, result.clone());
            results.push(result);
        }
        Answer::Batch(BatchAnswer {
            results,
            next_seq: self.last_seq + 1,
            server_time: self.now,
        })
    }

    fn decide(&mut self, command: &DeviceCommand) -> CommandResult {
        let mut result = CommandResult {
            command_id: command.id,
            seq: command.seq,
            outcome: CommandOutcome::Applied,
            duplicate: false,
            code: None,
            detail: None,
            trip_version: None,
            fare: None,
            trip: None,
            counted_at: None,
        };
        let kind = command.action.as_str();
        let rejects = self.rejects.iter().position(|(what, _)| *what == kind);
        if let Some(index) = rejects {
            let (_, code) = self.rejects.remove(index);
            result.outcome = CommandOutcome::Rejected;
            result.code = Some(code);
            let ride = command.action.trip().and_then(|trip| self.trips.get(&trip));
            result.trip = ride.map(|ride| Box::new(shown(ride)));
            return result;
        }
        self.apply(command, &mut result);
        result
    }

    fn apply(&mut self, command: &DeviceCommand, result: &mut CommandResult) {
        let at = command.occurred_at;
        match &command.action {
            DeviceAction::GoOnline { .. } => self.online = true,
            DeviceAction::GoOffline => self.online = false,
            DeviceAction::AcceptOffer { offer } => {
                let offer = self.offers.remove(offer).unwrap();
                let ride = self.trips.get_mut(&offer.trip_id).unwrap();
                let assign = Command::Assign {
                    driver: driver(),
                    vehicle: vehicle(),
                };
                step(ride, assign, Actor::System, at);
                let kit = Box::new(kit(&self.trips[&offer.trip_id]));
                self.feed.push(StreamEvent::TripKit { kit });
            }
            DeviceAction::TakeCash { trip, .. } => {
                self.trips.get_mut(trip).unwrap().paid = true;
                self.tell(*trip);
            }
            DeviceAction::Rate { trip, stars, .. } => {
                self.trips.get_mut(trip).unwrap().stars = Some(*stars);
                self.tell(*trip);
            }
            action => {
                let trip = action.trip().unwrap();
                let ride = self.trips.get_mut(&trip).unwrap();
                step(ride, command_of(action), Actor::Driver(driver()), at);
                if let DeviceAction::Complete { claim, .. } = action {
                    ride.fare = claim.as_ref().map(|claim| claim.fare.clone());
                    result.fare.clone_from(&ride.fare);
                }
                result.trip_version = Some(ride.trip.version);
                self.tell(trip);
            }
        }
    }
}

fn answer_blob((blob, bytes): &(NewBlob, Vec<u8>)) -> Answer {
    let received = u64::try_from(bytes.len()).unwrap();
    Answer::Blob(Blob {
        blob_id: blob.blob_id,
        size: blob.size,
        received,
        complete: received == blob.size,
    })
}

fn name(request: &Request) -> &'static str {
    match request {
        Request::Register(_) => "register",
        Request::Commands(_) => "commands",
        Request::Snapshot => "snapshot",
        Request::Changes { .. } => "changes",
        Request::Segment { .. } => "segment",
        Request::BeginBlob(_) => "begin_blob",
        Request::Chunk { .. } => "chunk",
    }
}
