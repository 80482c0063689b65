//! What a rider has in mind, the price of it, and the request.

use rand::RngExt;
use wayfare_core::geo::LatLng;
use wayfare_core::vehicle::VehicleClass;
use wayfare_core::wire::{ErrorCode, NewTrip, Quote, QuoteRequest, Trip};

use super::Rider;
use super::search::Query;
use crate::actor::{Answer, Halt};
use crate::demand::Wish;
use crate::people;

/// How long a rider reads the quote, in simulated seconds.
const READS_QUOTE_S: std::ops::Range<f64> = 2.0..15.0;
const WANTS_XL: f64 = 0.06;
/// Riders who stop on the way, and those of them who do so twice.
const STOPS_ON_THE_WAY: f64 = 0.12;
const STOPS_TWICE: f64 = 0.35;
/// Riders who ask for a trip for somebody else.
const FOR_SOMEBODY_ELSE: f64 = 0.05;
/// Riders who want to go elsewhere when they are in the car, and when it occurs to them, in simulated
/// seconds.
const GOES_ELSEWHERE: f64 = 0.08;
const GOES_ELSEWHERE_AFTER_S: std::ops::Range<f64> = 15.0..150.0;
/// A place nearer than this to the dropoff is the same place.
const ELSEWHERE_M_MIN: f64 = 300.0;

/// What a rider has in mind with one wish.
pub(super) struct Intent {
    class: VehicleClass,
    stops: Vec<LatLng>,
    for_somebody_else: bool,
    /// What the rider looks for, if anything there has a name.
    query: Option<Query>,
    pub(super) elsewhere: Option<Elsewhere>,
}

/// Another place that will occur to the rider on the way.
pub(super) struct Elsewhere {
    pub(super) dropoff: LatLng,
    pub(super) after_s: f64,
}

impl Rider {
    /// Draws everything at once, so that it does not depend on what the others do.
    pub(super) fn intend(&mut self, wish: &Wish) -> Intent {
        let chance = &mut self.chance;
        let mut happens = |share| chance.random::<f64>() < share;
        let wants_xl = happens(WANTS_XL);
        let stops = match (happens(STOPS_ON_THE_WAY), happens(STOPS_TWICE)) {
            (false, _) => 0,
            (true, false) => 1,
            (true, true) => 2,
        };
        let for_somebody_else = happens(FOR_SOMEBODY_ELSE);
        let goes_elsewhere = happens(GOES_ELSEWHERE);
        let after_s = chance.random_range(GOES_ELSEWHERE_AFTER_S);
        let place = self.draw_place(wish.dropoff);
        let place = place.filter(|place| place.distance_m(wish.dropoff) > ELSEWHERE_M_MIN);
        let elsewhere = place.filter(|_| goes_elsewhere);
        Intent {
            class: if wants_xl {
                VehicleClass::Xl
            } else {
                VehicleClass::Standard
            },
            stops: self.draw_stops(wish, stops),
            for_somebody_else,
            query: self.draw_query(wish),
            elsewhere: elsewhere.map(|dropoff| Elsewhere { dropoff, after_s }),
        }
    }

    /// Places along the way, the first one first.
    fn draw_stops(&mut self, wish: &Wish, count: u32) -> Vec<LatLng> {
        let parts = (1..=count).map(|stop| f64::from(stop) / f64::from(count + 1));
        let on_the_way: Vec<LatLng> = parts
            .filter_map(|part| between(wish.pickup, wish.dropoff, part))
            .collect();
        on_the_way
            .into_iter()
            .filter_map(|place| self.draw_place(place))
            .collect()
    }

    /// A place where people go, near another one.
    fn draw_place(&mut self, near: LatLng) -> Option<LatLng> {
        let world = &self.phoned.world;
        world.draw_hotspot(&mut self.chance, near)
    }

    /// Looks for the place, asks for a price and then for the trip.
    pub(super) async fn request(
        &mut self,
        wish: &Wish,
        intent: &Intent,
    ) -> Result<Option<Trip>, Halt> {
        let tally = self.phoned.world.tally.clone();
        let found = match &intent.query {
            Some(query) => self.look_for(wish, query).await?,
            None => None,
        };
        let wish = &Wish {
            dropoff: found.unwrap_or(wish.dropoff),
            ..*wish
        };
        let Some(quote) = self.ask_for_price(wish, intent).await? else {
            return Ok(None);
        };
        let reading_s = self.chance.random_range(READS_QUOTE_S);
        self.phoned.wait(reading_s).await?;
        if !self.take_at_its_word(&quote).await? {
            tally.turned_away("the quote promises something else than it shows");
            return Ok(None);
        }
        let races = [ErrorCode::QuoteExpired, ErrorCode::ActiveTripExists];
        let wanted = NewTrip {
            quote_id: quote.id,
            passenger: people::passenger(self.number)
                .ok()
                .filter(|_| intent.for_somebody_else),
            needs: None,
        };
        let requesting = self.phoned.client.request_trip(&wanted);
        match self
            .phoned
            .ask("asking for a trip", &races, requesting)
            .await?
        {
            Answer::Done(trip) => {
                tally.requested(&trip);
                self.tell_request(wish, &trip);
                Ok(Some(trip))
            }
            Answer::TooLate(ErrorCode::ActiveTripExists) => self.unfinished().await,
            Answer::TooLate(_) => {
                tally.turned_away("the quote expired");
                Ok(None)
            }
        }
    }

    async fn ask_for_price(&self, wish: &Wish, intent: &Intent) -> Result<Option<Quote>, Halt> {
        let tally = &self.phoned.world.tally;
        let wanted = QuoteRequest {
            waypoints: intent.stops.iter().map(|place| (*place).into()).collect(),
            ..QuoteRequest::ride(wish.pickup.into(), wish.dropoff.into())
        };
        let races = [ErrorCode::OutsideServiceArea];
        let quoting = self.phoned.client.create_quotes(&wanted);
        let Answer::Done(list) = self
            .phoned
            .ask("asking for a price", &races, quoting)
            .await?
        else {
            tally.turned_away("too near or too far for a trip");
            return Ok(None);
        };
        let mut quotes = list.quotes;
        let wanted = quotes
            .iter()
            .position(|quote| quote.vehicle_class == intent.class);
        if quotes.is_empty() {
            tally.turned_away("no quote for the class");
            return Ok(None);
        }
        Ok(Some(quotes.swap_remove(wanted.unwrap_or(0))))
    }

    /// Whether the quote is signed and right. Then the rider keeps what it promises.
    async fn take_at_its_word(&mut self, quote: &Quote) -> Result<bool, Halt> {
        let phoned = &self.phoned;
        let checking = phoned.world.proofs.check_quote(&phoned.client, quote);
        self.promise = phoned.check("the quote", checking).await?;
        if self.promise.is_some() {
            phoned.world.tally.quote_proven();
        }
        Ok(self.promise.is_some())
    }

    fn tell_request(&self, wish: &Wish, trip: &Trip) {
        let world = &self.phoned.world;
        let passenger = trip.passenger.as_ref();
        let whose = passenger.map_or_else(String::new, |who| format!(" for {}", who.name));
        let stops = match trip.waypoints.len() {
            0 => String::new(),
            1 => " with a stop".to_owned(),
            count => format!(" with {count} stops"),
        };
        world.tally.event(format!(
            "{} asks for a trip{whose} from {} to {}{stops}, {}",
            self.phoned.name,
            world.place_name(wish.pickup),
            world.place_name(wish.dropoff),
            trip.fare.total()
        ));
    }
}

/// A place on the straight line between two others; `None` where there is no such line.
fn between(from: LatLng, to: LatLng, part: f64) -> Option<LatLng> {
    let lat = from.lat() + (to.lat() - from.lat()) * part;
    let lng = from.lng() + (to.lng() - from.lng()) * part;
    LatLng::from_degrees(lat, lng).ok()
}
