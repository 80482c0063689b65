//! The operations of the API, a method each.

use reqwest::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::ClientError;
use super::transport::{Access, Call, Client};
use crate::geo::LatLng;
use crate::id::{ChallengeId, OfferId, TripId};
use crate::phone::Phone;
use crate::trip::Pin;
use crate::wire::{
    AcceptedPoints, Availability, Cancellation, CancellationCost, CashPayment, ChangeStops,
    DeclineReason, Driver, Integrity, JwkSet, LocationBatch, NewDriver, NewOtp, NewRating,
    NewSession, NewTrip, NewVehicle, Offer, OfferDecline, OfferList, OtpChallenge, PlaceList,
    PlaceView, QuoteList, QuoteRequest, Session, StartTrip, SurgeMap, TariffVersion, Trip,
    TripPage, TripReceipt, TripSide, UpdateMe, User, Vehicle,
};

const NOTHING: Option<&()> = None;

impl Client {
    async fn get<A: DeserializeOwned>(
        &self,
        operation: &'static str,
        path: &str,
        query: &[(&'static str, String)],
    ) -> Result<A, ClientError> {
        let (method, access) = (Method::GET, Access::SignedIn);
        self.call(Call {
            operation,
            method,
            path,
            query,
            body: NOTHING,
            access,
        })
        .await
    }

    async fn send<B: Serialize, A: DeserializeOwned>(
        &self,
        operation: &'static str,
        method: Method,
        path: &str,
        body: Option<&B>,
    ) -> Result<A, ClientError> {
        let access = Access::SignedIn;
        self.call(Call {
            operation,
            method,
            path,
            query: &[],
            body,
            access,
        })
        .await
    }

    async fn post<B: Serialize, A: DeserializeOwned>(
        &self,
        operation: &'static str,
        path: &str,
        body: &B,
    ) -> Result<A, ClientError> {
        self.send(operation, Method::POST, path, Some(body)).await
    }

    async fn post_anonymously<B: Serialize, A: DeserializeOwned>(
        &self,
        operation: &'static str,
        path: &str,
        body: &B,
    ) -> Result<A, ClientError> {
        let (method, access) = (Method::POST, Access::Anonymous);
        self.call(Call {
            operation,
            method,
            path,
            query: &[],
            body: Some(body),
            access,
        })
        .await
    }

    /// Asks for a one-time password by SMS.
    pub async fn request_otp(&self, phone: &Phone) -> Result<OtpChallenge, ClientError> {
        let body = NewOtp {
            phone: phone.clone(),
        };
        self.post_anonymously("create_otp", "/v1/auth/otp", &body)
            .await
    }

    /// Signs in with the password of the SMS. The client keeps the session.
    pub async fn create_session(
        &self,
        challenge_id: ChallengeId,
        code: &str,
        device_name: &str,
    ) -> Result<Session, ClientError> {
        let (code, device_name) = (code.to_owned(), device_name.to_owned());
        let body = NewSession {
            challenge_id,
            code,
            device_name,
        };
        let session: Session = self
            .post_anonymously("create_session", "/v1/auth/sessions", &body)
            .await?;
        self.sessions.set(Some(session.clone()));
        Ok(session)
    }

    /// Ends the session here and on the server. If the server cannot be reached the device is
    /// signed out all the same.
    pub async fn sign_out(&self) -> Result<(), ClientError> {
        let ended = self
            .send("end_session", Method::DELETE, "/v1/auth/session", NOTHING)
            .await;
        self.sessions.set(None);
        ended
    }

    /// The signed-in person.
    pub async fn me(&self) -> Result<User, ClientError> {
        self.get("get_me", "/v1/me", &[]).await
    }

    /// Changes the signed-in person's account.
    pub async fn update_me(&self, change: &UpdateMe) -> Result<User, ClientError> {
        self.send("update_me", Method::PATCH, "/v1/me", Some(change))
            .await
    }

    /// Registers the signed-in person as a driver.
    pub async fn create_driver(&self, driver: &NewDriver) -> Result<Driver, ClientError> {
        self.post("create_driver", "/v1/drivers", driver).await
    }

    /// The signed-in driver's profile.
    pub async fn driver(&self) -> Result<Driver, ClientError> {
        self.get("get_driver", "/v1/drivers/me", &[]).await
    }

    /// Registers a vehicle of the signed-in driver.
    pub async fn create_vehicle(&self, vehicle: &NewVehicle) -> Result<Vehicle, ClientError> {
        self.post("create_vehicle", "/v1/vehicles", vehicle).await
    }

    /// Goes online or offline.
    pub async fn set_availability(&self, wanted: &Availability) -> Result<Driver, ClientError> {
        let path = "/v1/drivers/me/availability";
        self.send("set_availability", Method::PUT, path, Some(wanted))
            .await
    }

    /// Sends positions of the signed-in driver.
    pub async fn send_locations(
        &self,
        batch: &LocationBatch,
    ) -> Result<AcceptedPoints, ClientError> {
        self.post("create_locations", "/v1/drivers/me/locations", batch)
            .await
    }

    /// The signed-in driver's open offers.
    pub async fn offers(&self) -> Result<Vec<Offer>, ClientError> {
        let list: OfferList = self.get("list_offers", "/v1/offers", &[]).await?;
        Ok(list.offers)
    }

    /// Takes an offer.
    pub async fn accept_offer(&self, offer: OfferId) -> Result<Trip, ClientError> {
        self.post("accept_offer", &format!("/v1/offers/{offer}/accept"), &())
            .await
    }

    /// Does not take an offer.
    pub async fn decline_offer(
        &self,
        offer: OfferId,
        reason: DeclineReason,
    ) -> Result<(), ClientError> {
        let path = format!("/v1/offers/{offer}/decline");
        self.post("decline_offer", &path, &OfferDecline { reason })
            .await
    }

    /// Asks what a trip would cost.
    pub async fn create_quotes(&self, wanted: &QuoteRequest) -> Result<QuoteList, ClientError> {
        self.post("create_quotes", "/v1/quotes", wanted).await
    }

    /// Asks for a trip.
    pub async fn request_trip(&self, wanted: &NewTrip) -> Result<Trip, ClientError> {
        self.post("create_trip", "/v1/trips", wanted).await
    }

    /// One of one's own trips.
    pub async fn trip(&self, trip: TripId) -> Result<Trip, ClientError> {
        self.get("get_trip", &format!("/v1/trips/{trip}"), &[])
            .await
    }

    /// A page of one's own trips on one side, newest first.
    pub async fn trips(
        &self,
        side: TripSide,
        cursor: Option<TripId>,
    ) -> Result<TripPage, ClientError> {
        let mut query = vec![("side", side.as_str().to_owned())];
        query.extend(cursor.map(|cursor| ("cursor", cursor.to_string())));
        self.get("list_trips", "/v1/trips", &query).await
    }

    /// The driver is at the pickup.
    pub async fn arrive(&self, trip: TripId) -> Result<Trip, ClientError> {
        self.post("arrive_trip", &format!("/v1/trips/{trip}/arrive"), &())
            .await
    }

    /// The rider is in the car and told the PIN.
    pub async fn start_trip(&self, trip: TripId, pin: Pin) -> Result<Trip, ClientError> {
        self.post(
            "start_trip",
            &format!("/v1/trips/{trip}/start"),
            &StartTrip { pin },
        )
        .await
    }

    /// The rider is at the dropoff.
    pub async fn complete_trip(&self, trip: TripId) -> Result<Trip, ClientError> {
        self.post("complete_trip", &format!("/v1/trips/{trip}/complete"), &())
            .await
    }

    /// Calls a trip off.
    pub async fn cancel_trip(
        &self,
        trip: TripId,
        cancellation: &Cancellation,
    ) -> Result<Trip, ClientError> {
        self.post(
            "cancel_trip",
            &format!("/v1/trips/{trip}/cancel"),
            cancellation,
        )
        .await
    }

    /// The driver has the money.
    pub async fn confirm_cash(
        &self,
        trip: TripId,
        payment: &CashPayment,
    ) -> Result<Trip, ClientError> {
        self.post(
            "create_cash_payment",
            &format!("/v1/trips/{trip}/cash-payment"),
            payment,
        )
        .await
    }

    /// Says what one thinks of the other side.
    pub async fn rate_trip(&self, trip: TripId, rating: &NewRating) -> Result<Trip, ClientError> {
        self.post(
            "create_rating",
            &format!("/v1/trips/{trip}/ratings"),
            rating,
        )
        .await
    }

    /// What it would cost to call a trip off now.
    pub async fn cancellation_cost(&self, trip: TripId) -> Result<CancellationCost, ClientError> {
        let path = format!("/v1/trips/{trip}/cancellation-fee");
        self.get("get_cancellation_fee", &path, &[]).await
    }

    /// Changes where a trip leads.
    pub async fn change_stops(
        &self,
        trip: TripId,
        stops: &ChangeStops,
    ) -> Result<Trip, ClientError> {
        let path = format!("/v1/trips/{trip}/stops");
        self.send("change_stops", Method::PUT, &path, Some(stops))
            .await
    }

    /// The car is at the next stop.
    pub async fn reach_stop(&self, trip: TripId) -> Result<Trip, ClientError> {
        let path = format!("/v1/trips/{trip}/stops/reach");
        self.post("reach_stop", &path, &()).await
    }

    /// The car goes on from a stop.
    pub async fn leave_stop(&self, trip: TripId) -> Result<Trip, ClientError> {
        let path = format!("/v1/trips/{trip}/stops/leave");
        self.post("leave_stop", &path, &()).await
    }

    /// The signed receipt of a trip that is over.
    pub async fn receipt(&self, trip: TripId) -> Result<TripReceipt, ClientError> {
        self.get("get_receipt", &format!("/v1/trips/{trip}/receipt"), &[])
            .await
    }

    /// A version of a tariff. It never changes.
    pub async fn tariff_version(
        &self,
        tariff_id: &str,
        version: u32,
    ) -> Result<TariffVersion, ClientError> {
        let path = format!("/v1/tariffs/{tariff_id}/versions/{version}");
        self.get("get_tariff_version", &path, &[]).await
    }

    /// The public keys that quotes and receipts are checked with. Nobody has to be signed in.
    pub async fn signing_keys(&self) -> Result<JwkSet, ClientError> {
        self.call(Call {
            operation: "list_signing_keys",
            method: Method::GET,
            path: "/v1/signing-keys",
            query: &[],
            body: NOTHING,
            access: Access::Anonymous,
        })
        .await
    }

    /// Streets, addresses and other places that a text may mean, the best first; near ones before
    /// far ones if a position is given.
    pub async fn search_places(
        &self,
        text: &str,
        near: Option<LatLng>,
    ) -> Result<Vec<PlaceView>, ClientError> {
        let mut query = vec![("q", text.to_owned())];
        if let Some(near) = near {
            query.push(("lat", near.lat().to_string()));
            query.push(("lng", near.lng().to_string()));
        }
        let list: PlaceList = self
            .get("search_places", "/v1/places/search", &query)
            .await?;
        Ok(list.places)
    }

    /// Where more people want to ride than there are cars.
    pub async fn surge_map(&self) -> Result<SurgeMap, ClientError> {
        self.get("get_surge_map", "/v1/surge", &[]).await
    }

    /// Whether the promises of the system hold. For admins.
    pub async fn integrity(&self) -> Result<Integrity, ClientError> {
        self.get("get_integrity", "/v1/admin/integrity", &[]).await
    }
}
