//! A whole shift that a phone worked through without a network, and how it reaches the server over a
//! poor link: the real device, the real client, the real server, and [`Link`] in between.
//!
//! A driver has one trip at a time, so no phone gets 25 trips while it is away. Here they are set aside
//! in the database one by one, and put back all at once, without the index that forbids it: so the
//! server has a whole shift to take in at once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use url::Url;
use uuid::Uuid;
use wayfare_core::client::Client;
use wayfare_core::geo::LatLng;
use wayfare_core::id::{BlobId, BootId, CommandId, TripId};
use wayfare_core::ride::NoGround;
use wayfare_core::sync::clock::DeviceTime;
use wayfare_core::sync::device::Device;
use wayfare_core::sync::engine::{Network, Pending};
use wayfare_core::sync::runner::{DeviceClock, DeviceHandle, Nobody, Parts, Runner};
use wayfare_core::sync::store::{FileKeystore, QueueState, Vault};
use wayfare_core::sync::{ChainHash, DeviceAction};
use wayfare_core::track::TrackPoint;
use wayfare_core::track::segment::SegmentPoint;
use wayfare_core::trip::{Pin, TripStatus};
use wayfare_core::wire::{BlobKind, NewBlob};

use crate::actors::{Actor, admin, bob, north_of_pickup};
use crate::harness::TestServer;
use crate::link::{Link, Quality};
use crate::trips::rides::age;

/// From one trip to the next.
const TRIP_EVERY_S: i64 = 1_700;
/// From a trip's beginning until the car is there, the rider is in it, and the ride is over.
const ARRIVES_S: i64 = 300;
const STARTS_S: i64 = 420;
const ENDS_S: i64 = 1_320;
/// The car drives so fast to and fro.
const SPEED_MPS: f64 = 9.0;
const RIDE_M: f64 = 4_000.0;
const PATIENCE: Duration = Duration::from_secs(900);

/// How much a driver did.
#[derive(Debug, Clone, Copy)]
struct Shift {
    trips: u32,
    points: u32,
    photos: u32,
    photo_bytes: usize,
}

/// When what had reached the server, since there was a network.
#[derive(Debug, Clone, Copy)]
struct Converged {
    commands: Duration,
    tracks: Duration,
    files: Duration,
}

/// The clocks of a phone that began its shift some hours ago.
#[derive(Debug)]
struct ShiftClock {
    boot: BootId,
    began: DateTime<Utc>,
}

impl ShiftClock {
    fn at(&self, wall: DateTime<Utc>) -> DeviceTime {
        DeviceTime {
            boot: self.boot,
            monotonic_ms: u64::try_from((wall - self.began).num_milliseconds()).unwrap(),
            wall,
        }
    }
}

impl DeviceClock for ShiftClock {
    fn now(&self) -> DeviceTime {
        self.at(Utc::now())
    }
}

/// A trip and what its rider will say.
#[derive(Debug, Clone, Copy)]
struct Ride {
    trip: TripId,
    pin: Pin,
}

/// Trips that were all given to one driver, the first one as long ago as the shift is.
async fn given_trips(server: &TestServer, driver: &Actor, shift: Shift) -> Vec<Ride> {
    let mut rides = Vec::new();
    for number in 0..shift.trips {
        let rider = Actor::rider(server, 100 + number, &format!("Rider {number}")).await;
        let trip = rider.requests_trip(server).await;
        driver.is_free_at(server, north_of_pickup(300.0)).await;
        let offer = driver.is_offered_trip(server).await;
        driver.accepts(server, &offer).await;
        rides.push(Ride {
            trip: trip.id,
            pin: trip.pin.unwrap(),
        });
        set_aside(server, trip.id).await;
    }
    put_back(server).await;
    let long = TRIP_EVERY_S * i64::from(shift.trips);
    for (number, ride) in (0_i64..).zip(&rides) {
        age(server, ride.trip, long - number * TRIP_EVERY_S).await;
    }
    rides
}

async fn set_aside(server: &TestServer, trip: TripId) {
    sqlx::raw_sql("CREATE TABLE IF NOT EXISTS public.aside AS SELECT * FROM trips.trips LIMIT 0")
        .execute(&server.pool)
        .await
        .unwrap();
    let mut transaction = server.pool.begin().await.unwrap();
    for sql in [
        "INSERT INTO public.aside SELECT * FROM trips.trips WHERE id = $1",
        "UPDATE trips.trips SET status = 'expired', driver_id = NULL, vehicle_id = NULL,
             driver_card = NULL, state = jsonb_build_object('status', 'expired',
             'expired_at', requested_at) WHERE id = $1",
    ] {
        sqlx::query(sql)
            .bind(trip.uuid())
            .execute(&mut *transaction)
            .await
            .unwrap();
    }
    transaction.commit().await.unwrap();
}

async fn put_back(server: &TestServer) {
    sqlx::raw_sql(
        "DROP INDEX trips.trips_one_driven_per_driver;
         UPDATE trips.trips t SET status = a.status, driver_id = a.driver_id,
             vehicle_id = a.vehicle_id, driver_card = a.driver_card, state = a.state
         FROM public.aside a WHERE a.id = t.id;
         DROP TABLE public.aside",
    )
    .execute(&server.pool)
    .await
    .unwrap();
}

/// A phone of the driver, as its app makes it.
struct Phone {
    folder: TempDir,
    vault: Vault,
    clock: Arc<ShiftClock>,
    client: Client,
}

impl Phone {
    fn of(server: &TestServer, driver: &Actor, shift: Shift) -> Self {
        let folder = TempDir::new().unwrap();
        let keystore = FileKeystore::new(folder.path().join("keys"));
        let vault = Vault::new(folder.path().join("work"), Arc::new(keystore));
        let long = TimeDelta::seconds(TRIP_EVERY_S * i64::from(shift.trips) + 60);
        Self {
            folder,
            vault,
            clock: Arc::new(ShiftClock {
                boot: BootId::from_uuid(Uuid::now_v7()),
                began: Utc::now() - long,
            }),
            client: client(&server.url(""), driver),
        }
    }

    fn open(&self, driver: &Actor) -> Device {
        let opened = self.vault.open(driver.id(), &mut |bytes| {
            rand::Rng::fill_bytes(&mut rand::rng(), bytes);
        });
        let (store, keys) = opened.unwrap();
        Device::open(store, keys, Arc::new(NoGround), 1).unwrap()
    }

    fn runs(&self, driver: &Actor, client: Client) -> (DeviceHandle, tokio::task::JoinHandle<()>) {
        let (vault, user) = (self.vault.clone(), driver.id());
        let parts = Parts {
            transport: client,
            listener: Nobody,
            clock: Arc::clone(&self.clock) as Arc<dyn DeviceClock>,
            pin_key_kept: Some(Arc::new(move |key| vault.keep_pin_key(user, key).unwrap())),
        };
        let (runner, handle) = Runner::new(self.open(driver), parts);
        (handle, tokio::spawn(runner.run()))
    }

    /// Has a network until it has every trip, and none afterwards.
    async fn learns(&self, driver: &Actor, trips: usize) {
        let (handle, running) = self.runs(driver, self.client.clone());
        handle.set_network(Network::Unmetered).await.unwrap();
        let mut states = handle.states();
        let known = states.wait_for(|state| state.replica.trips.len() == trips);
        drop(
            tokio::time::timeout(PATIENCE, known)
                .await
                .unwrap()
                .unwrap(),
        );
        handle.stop();
        running.await.unwrap();
    }
}

fn client(address: &str, driver: &Actor) -> Client {
    let client = Client::new(address.parse::<Url>().unwrap()).unwrap();
    client.restore_session(driver.session.clone());
    client
}

/// The driver works through the shift. Answers how many commands came of it.
fn works(device: &mut Device, clock: &ShiftClock, rides: &[Ride], shift: Shift) -> u64 {
    let began = Utc::now() - TimeDelta::seconds(TRIP_EVERY_S * i64::from(shift.trips));
    let every_ms = TRIP_EVERY_S * 1000 * i64::from(shift.trips) / i64::from(shift.points);
    let mut point_ms = 0;
    let mut drive_until = |device: &mut Device, at: DateTime<Utc>| {
        while began + TimeDelta::milliseconds(point_ms) < at {
            let now = began + TimeDelta::milliseconds(point_ms);
            device
                .record(&[measured(now, point_ms)], clock.at(now))
                .unwrap();
            point_ms += every_ms;
        }
    };
    let mut acts = 0;
    let mut act = |device: &mut Device, at: DateTime<Utc>, action: DeviceAction| {
        let id = CommandId::from_uuid(Uuid::now_v7());
        let done = device.act(id, action.clone(), clock.at(at));
        done.unwrap_or_else(|error| panic!("{action:?}: {error}"));
        acts += 1;
    };
    for (number, ride) in (0_i64..).zip(rides) {
        let from = began + TimeDelta::seconds(number * TRIP_EVERY_S);
        let after = |seconds| from + TimeDelta::seconds(seconds);
        let trip = ride.trip;
        drive_until(device, after(ARRIVES_S));
        act(device, after(ARRIVES_S), DeviceAction::Arrive { trip });
        drive_until(device, after(STARTS_S));
        let (pin, arrived_at) = (ride.pin, from);
        let start = DeviceAction::Start {
            trip,
            pin,
            arrived_at,
        };
        act(device, after(STARTS_S), start);
        drive_until(device, after(ENDS_S));
        act(
            device,
            after(ENDS_S),
            DeviceAction::Complete { trip, claim: None },
        );
        let amount = device.replica().trips[&trip].fare.clone().unwrap().total();
        act(
            device,
            after(ENDS_S + 20),
            DeviceAction::TakeCash { trip, amount },
        );
        let rate = DeviceAction::Rate {
            trip,
            stars: 5,
            comment: None,
        };
        act(device, after(ENDS_S + 30), rate);
        drive_until(device, after(TRIP_EVERY_S));
    }
    for number in 0..shift.photos {
        let (blob, content) = photo(number, shift.photo_bytes, rides);
        device
            .add_blob(&blob, &content, clock.at(Utc::now()))
            .unwrap();
    }
    acts
}

/// A car that drives north and back, measured with the noise of a phone.
fn measured(at: DateTime<Utc>, ms: i64) -> SegmentPoint {
    let driven_m = SPEED_MPS * f64::from(i32::try_from(ms / 1000).unwrap());
    let there_and_back = driven_m.rem_euclid(2.0 * RIDE_M);
    let north_m = there_and_back.min(2.0 * RIDE_M - there_and_back);
    let noise = f64::from(i32::try_from(ms.wrapping_mul(2_654_435_761) & 0xff).unwrap());
    let place = north_of_pickup(north_m + noise / 100.0);
    let east = place.lng + noise / 1e7;
    let position = LatLng::from_degrees(place.lat, east).unwrap();
    let point = TrackPoint::new(
        at,
        position,
        4.0 + noise / 50.0,
        Some(SPEED_MPS + noise / 300.0),
    );
    SegmentPoint {
        point: point.unwrap(),
        heading_cdeg: Some(u16::try_from(ms.rem_euclid(36_000)).unwrap()),
    }
}

/// Bytes that do not shrink, as those of a photo.
fn photo(number: u32, bytes: usize, rides: &[Ride]) -> (NewBlob, Vec<u8>) {
    let mut content = vec![0; bytes];
    rand::Rng::fill_bytes(&mut rand::rng(), &mut content);
    let blob = NewBlob {
        blob_id: BlobId::from_uuid(Uuid::now_v7()),
        kind: BlobKind::Photo,
        trip_id: rides.get(number as usize).map(|ride| ride.trip),
        media_type: "image/jpeg".to_owned(),
        size: bytes as u64,
        sha256: ChainHash::from_bytes(Sha256::digest(&content).into()),
        taken_at: Utc::now(),
    };
    (blob, content)
}

/// The network is back, over this link. Answers when what was there.
async fn converges(phone: &Phone, driver: &Actor, link: &Link) -> Converged {
    let (handle, running) = phone.runs(driver, client(&link.address, driver));
    let began = Instant::now();
    handle.set_network(Network::Unmetered).await.unwrap();
    let mut states = handle.states();
    let mut reached = async |is_there: fn(Pending) -> bool| {
        let there = states.wait_for(|state| is_there(state.pending));
        drop(
            tokio::time::timeout(PATIENCE, there)
                .await
                .unwrap()
                .unwrap(),
        );
        began.elapsed()
    };
    let converged = Converged {
        commands: reached(|pending| pending.commands == 0).await,
        tracks: reached(|pending| pending.segments == 0).await,
        files: reached(|pending| pending.blobs == 0).await,
    };
    handle.stop();
    running.await.unwrap();
    converged
}

async fn a_shift_reaches_the_server(shift: Shift, quality: Quality) -> Converged {
    let server = TestServer::start().await;
    let (driver, admin) = (bob(&server).await, admin(&server).await);
    let rides = given_trips(&server, &driver, shift).await;
    let phone = Phone::of(&server, &driver, shift);
    phone.learns(&driver, rides.len()).await;
    let mut device = phone.open(&driver);
    let acts = works(&mut device, &phone.clock, &rides, shift);
    drop(device);

    let link = Link::start(&server.url(""), quality, 7).await;
    let converged = converges(&phone, &driver, &link).await;
    println!(
        "{shift:?} over {quality:?}: {converged:?}; {:?}",
        link.traffic()
    );

    let device = phone.open(&driver);
    let queue = device.queue(10_000).unwrap();
    assert_eq!(queue.len() as u64, acts);
    let unanswered = queue.iter().find(|item| item.state != QueueState::Applied);
    assert_eq!(unanswered, None);
    for ride in &rides {
        let trip = driver.sees(&server, ride.trip).await;
        assert_eq!(trip.status, TripStatus::Completed);
        let shown = device.replica().trips.get(&ride.trip);
        let fare = shown.and_then(|shown| shown.fare.clone());
        assert_eq!(fare.unwrap_or_else(|| trip.fare.clone()), trip.fare);
    }
    let points: i64 = sqlx::query_scalar("SELECT sum(points)::bigint FROM sync.segments")
        .fetch_one(&server.pool)
        .await
        .unwrap();
    let checked: Vec<(String, i64)> =
        sqlx::query_as("SELECT status, count(*) FROM trips.fare_claims GROUP BY status")
            .fetch_all(&server.pool)
            .await
            .unwrap();
    assert_eq!(checked, [("verified".to_owned(), i64::from(shift.trips))]);
    let whole: i64 =
        sqlx::query_scalar("SELECT count(*) FROM sync.blobs WHERE completed_at IS NOT NULL")
            .fetch_one(&server.pool)
            .await
            .unwrap();
    assert_eq!(whole, i64::from(shift.photos));
    let books = admin.checks_integrity(&server).await;
    assert_eq!(books.ledger.imbalance_minor, 0);
    // What was measured since the last piece was packed still waits for more.
    println!("{points} points of {} are on the server", shift.points);
    assert!(points >= i64::from(shift.points) * 9 / 10, "{points}");
    drop(device.notices());
    drop(phone.folder);
    converged
}

#[tokio::test]
async fn a_shift_without_a_network_reaches_the_server_over_a_poor_link() {
    let shift = Shift {
        trips: 3,
        points: 1_700,
        photos: 2,
        photo_bytes: 20_000,
    };
    let quality = Quality {
        bits_per_s: 2_000_000,
        round_trip: Duration::from_millis(20),
        loss: 0.05,
    };
    a_shift_reaches_the_server(shift, quality).await;
}

#[tokio::test]
#[ignore = "it measures, and takes ten minutes: a shift of twelve hours over 64 kbit/s"]
async fn a_shift_of_twelve_hours_over_64_kbit_per_s() {
    let shift = Shift {
        trips: 25,
        points: 14_000,
        photos: 10,
        photo_bytes: 150_000,
    };
    let quality = Quality {
        bits_per_s: 64_000,
        round_trip: Duration::from_millis(300),
        loss: 0.05,
    };
    let converged = a_shift_reaches_the_server(shift, quality).await;
    println!(
        "commands {:.1} s (limit 5 s), tracks {:.1} s (limit 90 s), photos {:.1} s",
        converged.commands.as_secs_f64(),
        converged.tracks.as_secs_f64(),
        converged.files.as_secs_f64()
    );
}
