//! The exact JSON of everything that is kept. A text here never changes: it is in databases and on
//! phones. A new form is a new version with texts of its own.

use uuid::Uuid;

use super::*;
use crate::geo::LatLng;
use crate::id::{DriverId, RiderId, TripId, VehicleId};
use crate::trip::{Actor, Assignment, CancelReason, Leg, Party, Pin, TripRequest, TripState};
use crate::vehicle::VehicleClass;

/// Every kind of event that version 1 had, as the database has them: without a version.
const EVENTS_V1: [&str; 8] = [
    r#"{"kind":"requested","trip":"trip_00000000000000000000000000000001","rider":"rider_000000000000000000000000000a11ce","vehicle_class":"standard","pickup":{"lat_e7":411500000,"lng_e7":-86100000},"dropoff":{"lat_e7":411600000,"lng_e7":-86000000},"pin":"0719","requested_at":"2026-01-05T12:00:00Z"}"#,
    r#"{"kind":"assigned","assignment":{"driver":"driver_00000000000000000000000000000b0b","vehicle":"vehicle_00000000000000000000000000000ca2","assigned_at":"2026-01-05T12:00:01.250Z"}}"#,
    r#"{"kind":"released","reason":"vehicle_problem","at":"2026-01-05T12:00:02.000123Z"}"#,
    r#"{"kind":"arrived","at":"2026-01-05T12:00:03Z"}"#,
    r#"{"kind":"started","at":"2026-01-05T12:00:04Z"}"#,
    r#"{"kind":"completed","at":"2026-01-05T12:00:05Z"}"#,
    r#"{"kind":"cancelled","by":{"party":"rider","id":"rider_000000000000000000000000000a11ce"},"reason":"changed_mind","at":"2026-01-05T12:00:06Z"}"#,
    r#"{"kind":"expired","at":"2026-01-05T12:00:07Z"}"#,
];

/// Every kind of event that version 2 had.
const EVENTS_V2: [&str; 11] = [
    r#"{"kind":"requested","trip":"trip_00000000000000000000000000000001","rider":"rider_000000000000000000000000000a11ce","vehicle_class":"standard","pickup":{"lat_e7":411500000,"lng_e7":-86100000},"waypoints":[{"lat_e7":411550000,"lng_e7":-86050000}],"dropoff":{"lat_e7":411600000,"lng_e7":-86000000},"pickup_at":"2026-01-05T18:00:00Z","for_someone_else":true,"pin":"0719","requested_at":"2026-01-05T12:00:00Z","v":2}"#,
    r#"{"kind":"assigned","assignment":{"driver":"driver_00000000000000000000000000000b0b","vehicle":"vehicle_00000000000000000000000000000ca2","assigned_at":"2026-01-05T12:00:01.250Z"},"v":2}"#,
    r#"{"kind":"released","reason":"vehicle_problem","by":"system","at":"2026-01-05T12:00:02.000123Z","v":2}"#,
    r#"{"kind":"arrived","at":"2026-01-05T12:00:03Z","v":2}"#,
    r#"{"kind":"started","at":"2026-01-05T12:00:04Z","v":2}"#,
    r#"{"kind":"stop_reached","stop":0,"at":"2026-01-05T12:00:08Z","v":2}"#,
    r#"{"kind":"stop_left","stop":0,"at":"2026-01-05T12:00:09Z","v":2}"#,
    r#"{"kind":"stops_changed","waypoints":[{"lat_e7":411550000,"lng_e7":-86050000}],"dropoff":{"lat_e7":411600000,"lng_e7":-86000000},"by":"rider","at":"2026-01-05T12:00:10Z","v":2}"#,
    r#"{"kind":"completed","at":"2026-01-05T12:00:05Z","v":2}"#,
    r#"{"kind":"cancelled","by":{"party":"system"},"reason":"changed_mind","at":"2026-01-05T12:00:06Z","v":2}"#,
    r#"{"kind":"expired","at":"2026-01-05T12:00:07Z","v":2}"#,
];

/// Every kind of command that version 1 had.
const COMMANDS_V1: [&str; 10] = [
    r#"{"kind":"assign","driver":"driver_00000000000000000000000000000b0b","vehicle":"vehicle_00000000000000000000000000000ca2","v":1}"#,
    r#"{"kind":"arrive","v":1}"#,
    r#"{"kind":"start","pin":"0719","v":1}"#,
    r#"{"kind":"reach_stop","v":1}"#,
    r#"{"kind":"leave_stop","v":1}"#,
    r#"{"kind":"change_stops","waypoints":[{"lat_e7":411550000,"lng_e7":-86050000}],"dropoff":{"lat_e7":411600000,"lng_e7":-86000000},"v":1}"#,
    r#"{"kind":"reassign","reason":"driver_not_coming","v":1}"#,
    r#"{"kind":"complete","v":1}"#,
    r#"{"kind":"cancel","reason":"rider_no_show","v":1}"#,
    r#"{"kind":"expire","v":1}"#,
];

/// What version 3 of events added. The other kinds are as they were.
const EVENT_ADDED_V3: &str = r#"{"kind":"resumed","assignment":{"driver":"driver_00000000000000000000000000000b0b","vehicle":"vehicle_00000000000000000000000000000ca2","assigned_at":"2026-01-05T12:00:01.250Z"},"arrived_at":"2026-01-05T12:00:03Z","at":"2026-01-05T12:00:11Z","v":3}"#;

/// What version 2 of commands added. The other kinds are as they were.
const COMMAND_ADDED_V2: &str = r#"{"kind":"resume","pin":"0719","assignment":{"driver":"driver_00000000000000000000000000000b0b","vehicle":"vehicle_00000000000000000000000000000ca2","assigned_at":"2026-01-05T12:00:01.250Z"},"arrived_at":"2026-01-05T12:00:03Z","v":2}"#;

const DRIVER: DriverId = DriverId::from_uuid(Uuid::from_u128(0xB0B));
const RIDER: RiderId = RiderId::from_uuid(Uuid::from_u128(0xA11CE));
const VEHICLE: VehicleId = VehicleId::from_uuid(Uuid::from_u128(0xCA2));

fn time(text: &str) -> chrono::DateTime<chrono::Utc> {
    format!("2026-01-05T{text}Z").parse().unwrap()
}

fn waypoint() -> LatLng {
    LatLng::from_e7(411_550_000, -86_050_000).unwrap()
}

fn dropoff() -> LatLng {
    LatLng::from_e7(411_600_000, -86_000_000).unwrap()
}

/// What version 1 could ask for.
fn request_v1() -> TripRequest {
    TripRequest {
        trip: TripId::from_uuid(Uuid::from_u128(1)),
        rider: RIDER,
        vehicle_class: VehicleClass::Standard,
        pickup: LatLng::from_e7(411_500_000, -86_100_000).unwrap(),
        waypoints: Vec::new(),
        dropoff: dropoff(),
        pickup_at: None,
        for_someone_else: false,
        pin: Some(Pin::from_number(719)),
        requested_at: time("12:00:00"),
    }
}

fn assignment() -> Assignment {
    Assignment {
        driver: DRIVER,
        vehicle: VEHICLE,
        assigned_at: time("12:00:01.250"),
    }
}

#[rustfmt::skip]
fn events_v1() -> [Event; 8] {
    let reason = CancelReason::VehicleProblem;
    [
        Event::Requested(request_v1()),
        Event::Assigned { assignment: assignment() },
        Event::Released { reason, by: Party::Driver, at: time("12:00:02.000123") },
        Event::Arrived { at: time("12:00:03") },
        Event::Started { at: time("12:00:04") },
        Event::Completed { at: time("12:00:05") },
        Event::Cancelled {
            by: Actor::Rider(RIDER),
            reason: CancelReason::ChangedMind,
            at: time("12:00:06"),
        },
        Event::Expired { at: time("12:00:07") },
    ]
}

#[rustfmt::skip]
fn events_v2() -> [Event; 11] {
    let reason = CancelReason::VehicleProblem;
    let request = TripRequest {
        waypoints: vec![waypoint()],
        pickup_at: Some(time("18:00:00")),
        for_someone_else: true,
        ..request_v1()
    };
    [
        Event::Requested(request),
        Event::Assigned { assignment: assignment() },
        Event::Released { reason, by: Party::System, at: time("12:00:02.000123") },
        Event::Arrived { at: time("12:00:03") },
        Event::Started { at: time("12:00:04") },
        Event::StopReached { stop: 0, at: time("12:00:08") },
        Event::StopLeft { stop: 0, at: time("12:00:09") },
        Event::StopsChanged {
            waypoints: vec![waypoint()],
            dropoff: dropoff(),
            by: Party::Rider,
            at: time("12:00:10"),
        },
        Event::Completed { at: time("12:00:05") },
        Event::Cancelled {
            by: Actor::System,
            reason: CancelReason::ChangedMind,
            at: time("12:00:06"),
        },
        Event::Expired { at: time("12:00:07") },
    ]
}

fn events() -> Vec<Event> {
    let resumed = Event::Resumed {
        assignment: assignment(),
        arrived_at: time("12:00:03"),
        at: time("12:00:11"),
    };
    events_v2().into_iter().chain([resumed]).collect()
}

/// Every kind of event, as it is written now.
fn event_texts() -> Vec<String> {
    numbered_anew(&EVENTS_V2, r#""v":2}"#, r#""v":3}"#, EVENT_ADDED_V3)
}

fn numbered_anew(texts: &[&str], from: &str, to: &str, added: &str) -> Vec<String> {
    let renumbered = texts.iter().map(|json| json.replace(from, to));
    renumbered.chain([added.to_owned()]).collect()
}

fn commands_v1() -> [Command; 10] {
    [
        Command::Assign {
            driver: DRIVER,
            vehicle: VEHICLE,
        },
        Command::Arrive,
        Command::Start {
            pin: Pin::from_number(719),
        },
        Command::ReachStop,
        Command::LeaveStop,
        Command::ChangeStops {
            waypoints: vec![waypoint()],
            dropoff: dropoff(),
        },
        Command::Reassign {
            reason: CancelReason::DriverNotComing,
        },
        Command::Complete,
        Command::Cancel {
            reason: CancelReason::RiderNoShow,
        },
        Command::Expire,
    ]
}

fn commands() -> Vec<Command> {
    let resume = Command::Resume {
        pin: Pin::from_number(719),
        assignment: assignment(),
        arrived_at: time("12:00:03"),
    };
    commands_v1().into_iter().chain([resume]).collect()
}

/// Every kind of command, as it is written now.
fn command_texts() -> Vec<String> {
    numbered_anew(&COMMANDS_V1, r#""v":1}"#, r#""v":2}"#, COMMAND_ADDED_V2)
}

#[test]
fn every_event_of_version_1_reads_as_what_it_meant() {
    for (json, event) in EVENTS_V1.into_iter().zip(events_v1()) {
        assert_eq!(Versioned::from_json(json).unwrap(), Versioned(event));
    }
}

#[test]
fn every_event_of_version_2_reads_as_what_it_meant() {
    for (json, event) in EVENTS_V2.into_iter().zip(events_v2()) {
        assert_eq!(Versioned::from_json(json).unwrap(), Versioned(event));
    }
}

#[test]
fn every_command_of_version_1_reads_as_what_it_meant() {
    for (json, command) in COMMANDS_V1.into_iter().zip(commands_v1()) {
        assert_eq!(Versioned::from_json(json).unwrap(), Versioned(command));
    }
}

#[test]
fn every_event_is_written_and_read_as_it_always_was() {
    for (json, event) in event_texts().into_iter().zip(events()) {
        assert_eq!(serde_json::to_string(&Versioned(&event)).unwrap(), json);
        let value = serde_json::from_str(&json).unwrap();
        assert_eq!(Versioned::from_value(value).unwrap(), Versioned(event));
    }
}

#[test]
fn every_command_is_written_and_read_as_it_always_was() {
    for (json, command) in command_texts().into_iter().zip(commands()) {
        assert_eq!(serde_json::to_string(&Versioned(&command)).unwrap(), json);
        assert_eq!(Versioned::from_json(&json).unwrap(), Versioned(command));
    }
}

/// The place of each kind of event in the texts above; a new kind does not compile without one.
fn place(event: &Event) -> usize {
    match event {
        Event::Requested(_) => 0,
        Event::Assigned { .. } => 1,
        Event::Released { .. } => 2,
        Event::Arrived { .. } => 3,
        Event::Started { .. } => 4,
        Event::StopReached { .. } => 5,
        Event::StopLeft { .. } => 6,
        Event::StopsChanged { .. } => 7,
        Event::Completed { .. } => 8,
        Event::Cancelled { .. } => 9,
        Event::Expired { .. } => 10,
        Event::Resumed { .. } => 11,
    }
}

#[test]
fn every_kind_has_its_text() {
    assert_eq!(events().len(), event_texts().len());
    assert_eq!(commands().len(), command_texts().len());
    for (index, event) in events().iter().enumerate() {
        assert_eq!(place(event), index);
        let json = serde_json::to_value(event).unwrap();
        assert_eq!(json["kind"], event.kind());
    }
    let kinds: Vec<_> = commands().iter().map(Command::kind).collect();
    assert_eq!(kinds, crate::trip::CommandKind::ALL);
}

#[test]
fn a_version_from_the_future_is_refused_by_its_number() {
    let event =
        Versioned::<Event>::from_json(r#"{"kind":"arrived","at":"2026-01-05T12:00:03Z","v":4}"#);
    assert!(matches!(
        event,
        Err(VersionError::TooNew { v: 4, known: 3 })
    ));
    let command = Versioned::<Command>::from_json(r#"{"kind":"teleport","v":3}"#);
    assert!(matches!(
        command,
        Err(VersionError::TooNew { v: 3, known: 2 })
    ));
    let read = serde_json::from_str::<Versioned<Command>>(r#"{"kind":"arrive","v":3}"#);
    assert_eq!(
        read.unwrap_err().to_string(),
        "version 3 is newer than version 2, the newest one that is known here"
    );
}

#[test]
fn what_is_no_version_is_refused() {
    for v in ["0", "-1", "1.5", r#""1""#, "null", "[]"] {
        let read = Versioned::<Command>::from_json(&format!(r#"{{"kind":"arrive","v":{v}}}"#));
        assert!(matches!(read, Err(VersionError::NotAVersion)), "{v}");
    }
}

#[test]
fn fields_that_are_not_those_of_the_version_are_refused() {
    for json in [
        "",
        "[]",
        r#"{"v":2}"#,
        r#"{"kind":"teleported","v":2}"#,
        // Who released it is known since version 2, and is not guessed from then on.
        r#"{"kind":"released","reason":"other","at":"2026-01-05T12:00:02Z","v":2}"#,
    ] {
        let read = Versioned::<Event>::from_json(json);
        assert!(matches!(read, Err(VersionError::Malformed(_))), "{json}");
    }
}

#[test]
fn a_trip_of_version_1_replays() {
    let read = |json| Versioned::<Event>::from_json(json).unwrap().0;
    let events: Vec<_> = [0, 1, 2, 1, 3, 4, 5]
        .map(|index| read(EVENTS_V1[index]))
        .into();
    let trip = crate::trip::Trip::replay(&events).unwrap();
    assert_eq!((trip.version, trip.releases), (7, 1));
    assert_eq!(trip.wait_s(), 1);
    assert!(!trip.stops_changed());
    assert!(matches!(trip.state, TripState::Completed { .. }));
}

#[test]
fn states_of_before_there_were_stops_still_read() {
    let in_progress = r#"{"status":"in_progress","assignment":{"driver":"driver_00000000000000000000000000000b0b","vehicle":"vehicle_00000000000000000000000000000ca2","assigned_at":"2026-01-05T12:00:01.250Z"},"arrived_at":"2026-01-05T12:00:03Z","started_at":"2026-01-05T12:00:04Z"}"#;
    assert_eq!(
        serde_json::from_str::<TripState>(in_progress).unwrap(),
        TripState::InProgress {
            assignment: assignment(),
            arrived_at: time("12:00:03"),
            started_at: time("12:00:04"),
            leg: Leg::EnRoute { stop: 0 },
        }
    );
    let cancelled = r#"{"status":"cancelled","assignment":null,"by":{"party":"system"},"reason":"other","cancelled_at":"2026-01-05T12:00:06Z"}"#;
    assert_eq!(
        serde_json::from_str::<TripState>(cancelled).unwrap(),
        TripState::Cancelled {
            assignment: None,
            arrived_at: None,
            by: Actor::System,
            reason: CancelReason::Other,
            cancelled_at: time("12:00:06"),
        }
    );
}

#[test]
fn a_ride_is_kept_with_its_leg() {
    let state = |leg| TripState::InProgress {
        assignment: assignment(),
        arrived_at: time("12:00:03"),
        started_at: time("12:00:04"),
        leg,
    };
    let at_stop = Leg::AtStop {
        stop: 1,
        arrived_at: time("12:00:08"),
    };
    for (leg, json) in [
        (Leg::EnRoute { stop: 2 }, r#"{"kind":"en_route","stop":2}"#),
        (
            at_stop,
            r#"{"kind":"at_stop","stop":1,"arrived_at":"2026-01-05T12:00:08Z"}"#,
        ),
    ] {
        let kept = serde_json::to_string(&state(leg)).unwrap();
        let end = format!(r#""started_at":"2026-01-05T12:00:04Z","leg":{json}}}"#);
        assert!(kept.ends_with(&end), "{kept}");
        assert_eq!(
            serde_json::from_str::<TripState>(&kept).unwrap(),
            state(leg)
        );
    }
}
