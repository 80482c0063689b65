//! `/v1/drivers/me/dispatch`: a driver's own view.

use chrono::TimeDelta;
use uuid::Uuid;
use wayfare_backend::dispatch::decisions::Sightings;
use wayfare_backend::platform::clock;
use wayfare_core::id::TripId;
use wayfare_core::wire::{ErrorCode, OwnDispatch};
use wayfare_dispatch::{CarState, Gate, Verdict};

use super::seen::{car, see};
use super::{cost, decision, driver, keep, start, stranger};
use crate::actors::{alice, bob};

#[tokio::test]
async fn a_driver_sees_how_many_requests_were_near_and_why_others_were_asked() {
    let server = start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = alice.requests_trip(&server).await;
    let now = clock::now();
    let lost = Verdict::Lost {
        cost: cost(95_500),
        asked_for: None,
    };
    let asked = Verdict::Asked { cost: cost(60_000) };
    let own_trip = Verdict::Dropped(Gate::OwnTrip);
    let silent = Verdict::Dropped(Gate::Silent {
        age_s: 70,
        limit_s: 60,
    });
    // A trip, how many minutes ago, and what became of bob.
    let rounds = [
        (1, 50, asked),
        (1, 49, Verdict::Dropped(Gate::AskedBefore)),
        (2, 40, silent),
        (2, 39, lost),
        (3, 30, lost),
        (4, 20, own_trip),
        (7, 15, Verdict::Dropped(Gate::Blocked)),
        (5, 10, silent),
        (6, 70, asked),
    ];
    let decisions = rounds.map(|(number, minutes, verdict)| {
        let trip = if number == 5 {
            trip.id
        } else {
            TripId::from_uuid(Uuid::from_u128(number))
        };
        let at = now - TimeDelta::minutes(minutes);
        let verdicts = [(stranger(9), asked), (driver(&bob), verdict)];
        decision(trip, at, &verdicts)
    });
    keep(&server, &decisions).await;
    let mut connection = server.pool.acquire().await.unwrap();
    let seen_at = now - TimeDelta::minutes(10);
    let cars = [car(&bob, 1234.0, seen_at, CarState::Free)];
    see(&mut connection, &Sightings::default(), &cars, seen_at).await;

    let own: OwnDispatch = bob
        .gets(&server, "/v1/drivers/me/dispatch?hours=1")
        .await
        .told(200);
    assert_eq!((own.requests_near, own.asked, own.cut_short), (4, 1, false));
    let counts: Vec<u32> = own.reasons.iter().map(|reason| reason.count).collect();
    assert_eq!(counts, [2, 1], "{own:?}");
    assert!(own.reasons[0].sentence.contains("nearer"), "{own:?}");
    assert!(own.reasons[1].sentence.contains("connection"), "{own:?}");
    let latest: Vec<(bool, Option<u32>)> = own
        .latest
        .iter()
        .map(|one| (one.asked, one.distance_m))
        .collect();
    let expected = [
        (false, Some(1200)),
        (false, Some(1000)),
        (false, Some(1000)),
        (true, Some(600)),
    ];
    assert_eq!(latest, expected, "{own:?}");
    // Nothing of others: no id but none of one's own either.
    let text = serde_json::to_string(&own).unwrap();
    assert!(
        !text.contains("trip_") && !text.contains("driver_"),
        "{text}"
    );
    let longer: OwnDispatch = bob
        .gets(&server, "/v1/drivers/me/dispatch?hours=2")
        .await
        .told(200);
    assert_eq!((longer.requests_near, longer.asked), (5, 2));
}

#[tokio::test]
async fn the_own_view_is_for_drivers_and_for_a_day_at_most() {
    let server = start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let own = "/v1/drivers/me/dispatch";
    let none: OwnDispatch = bob.gets(&server, own).await.told(200);
    assert_eq!((none.requests_near, none.asked), (0, 0));
    assert_eq!((none.reasons, none.latest), (vec![], vec![]));
    alice
        .gets(&server, own)
        .await
        .refused(409, ErrorCode::DriverProfile);
    for hours in ["0", "25", "-1", "1.5", "many", ""] {
        let answer = bob.gets(&server, &format!("{own}?hours={hours}")).await;
        answer.refused(400, ErrorCode::InvalidRequest);
    }
}
