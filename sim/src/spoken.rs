//! What people say to each other at the car: the rider tells the driver the PIN.
//!
//! It is the one thing that does not go over the API, as in life.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;
use wayfare_core::id::TripId;
use wayfare_core::trip::Pin;

/// PINs that were said and cars that were seen, by trip.
#[derive(Debug, Default)]
pub struct Spoken {
    pins: Mutex<HashMap<TripId, watch::Sender<Option<Pin>>>>,
    cars: Mutex<HashMap<TripId, watch::Sender<bool>>>,
}

impl Spoken {
    /// The rider says the PIN.
    pub fn tell(&self, trip: TripId, pin: Pin) {
        self.channel(trip, |sender| sender.send_replace(Some(pin)));
    }

    /// The driver waits until the rider says it.
    pub async fn hear(&self, trip: TripId) -> Pin {
        let mut listener = self.channel(trip, watch::Sender::subscribe);
        match listener.wait_for(Option::is_some).await.map(|pin| *pin) {
            Ok(Some(pin)) => pin,
            // The trip was forgotten: nobody will say it any more.
            Ok(None) | Err(_) => std::future::pending().await,
        }
    }

    /// The driver stands at the kerb and is seen, whatever the phones know.
    pub fn beckon(&self, trip: TripId) {
        let mut cars = self.cars.lock().unwrap_or_else(PoisonError::into_inner);
        cars.entry(trip).or_default().send_replace(true);
    }

    /// The rider waits until the car is seen at the kerb.
    pub async fn see_car(&self, trip: TripId) {
        let mut looking = {
            let mut cars = self.cars.lock().unwrap_or_else(PoisonError::into_inner);
            cars.entry(trip).or_default().subscribe()
        };
        if looking.wait_for(|seen| *seen).await.is_err() {
            // The trip was forgotten: no car will come any more.
            std::future::pending().await
        }
    }

    /// The trip is over, or its driver is gone.
    pub fn forget(&self, trip: TripId) {
        self.pins
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&trip);
        self.cars
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&trip);
    }

    fn channel<T>(&self, trip: TripId, with: impl FnOnce(&watch::Sender<Option<Pin>>) -> T) -> T {
        let mut pins = self.pins.lock().unwrap_or_else(PoisonError::into_inner);
        with(pins.entry(trip).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test(start_paused = true)]
    async fn the_driver_hears_the_pin_of_the_own_rider() {
        let spoken = std::sync::Arc::new(Spoken::default());
        let [mine, other] = [1, 2].map(|number| format!("trip_{number:032x}").parse().unwrap());
        spoken.tell(other, Pin::from_number(9999));
        let hearing = tokio::time::timeout(Duration::from_secs(60), spoken.hear(mine));
        let telling = async {
            tokio::time::sleep(Duration::from_secs(5)).await;
            spoken.tell(mine, Pin::from_number(1234));
        };
        let (heard, ()) = tokio::join!(hearing, telling);
        assert_eq!(heard.unwrap(), Pin::from_number(1234));
        // Said before the driver asked is heard as well.
        assert_eq!(spoken.hear(other).await, Pin::from_number(9999));
        spoken.forget(other);
        let again = tokio::time::timeout(Duration::from_secs(60), spoken.hear(other)).await;
        assert!(again.is_err());
    }
}
