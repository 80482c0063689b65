//! Signing in as a person with a phone: ask for the password, read the SMS, type it in.

use std::path::PathBuf;
use std::time::Duration;

use url::Url;
use wayfare_core::client::{Client, ClientError, ClientOptions};
use wayfare_core::phone::Phone;
use wayfare_core::vehicle::VehicleClass;
use wayfare_core::wire::{Driver, ErrorCode, NewDriver, NewVehicle, Role, Session, Vehicle};

use crate::inbox::{Inbox, InboxError};

const DEVICE_NAME: &str = "Wayfare city simulation";

/// A restart of the backend may take this many attempts: about two minutes.
pub const PATIENT: ClientOptions = ClientOptions {
    attempt_timeout: Duration::from_secs(20),
    attempts_max: 60,
    pause_first: Duration::from_millis(200),
    pause_max: Duration::from_secs(2),
};

/// Why somebody could not sign in.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// The API did not play along.
    #[error("{operation}: {source}")]
    Api {
        /// What was wanted.
        operation: &'static str,
        /// What came back.
        source: ClientError,
    },
    /// The password did not come.
    #[error(transparent)]
    Inbox(#[from] InboxError),
}

/// What a driver needs to be one.
#[derive(Debug, Clone)]
pub struct DriverPapers {
    /// What riders call the driver.
    pub name: String,
    /// The car.
    pub vehicle: NewVehicle,
}

/// Signs in with a number. The client keeps the session.
pub async fn sign_in(client: &Client, inbox: &Inbox, phone: &Phone) -> Result<Session, LoginError> {
    let api = |operation| move |source| LoginError::Api { operation, source };
    let awaited = inbox.expect(phone);
    let challenge = client
        .request_otp(phone)
        .await
        .map_err(api("asking for a password"))?;
    let code = awaited.code().await?;
    client
        .create_session(challenge.challenge_id, &code, DEVICE_NAME)
        .await
        .map_err(api("signing in"))
}

/// Makes the signed-in person a driver with a car, as far as that is not so already.
pub async fn become_driver(
    client: &Client,
    session: &Session,
    papers: &DriverPapers,
) -> Result<(Driver, Vehicle), LoginError> {
    let driver = if session.user.roles.contains(&Role::Driver) {
        client.driver().await
    } else {
        match client
            .create_driver(&NewDriver {
                name: papers.name.clone(),
            })
            .await
        {
            // The answer to an earlier attempt was lost on the way.
            Err(error) if error.code() == Some(ErrorCode::DriverProfile) => client.driver().await,
            other => other,
        }
    };
    let driver = driver.map_err(|source| LoginError::Api {
        operation: "becoming a driver",
        source,
    })?;
    let vehicle = match driver.vehicles.first() {
        Some(vehicle) => vehicle.clone(),
        None => client
            .create_vehicle(&papers.vehicle)
            .await
            .map_err(|source| LoginError::Api {
                operation: "registering a car",
                source,
            })?,
    };
    Ok((driver, vehicle))
}

/// What `wayfare-sim login` does.
#[derive(Debug, Clone)]
pub struct LoginOrder {
    /// Address of the API.
    pub api: Url,
    /// The number to sign in with.
    pub phone: Phone,
    /// Where the backend writes its SMS.
    pub sms_spool: PathBuf,
    /// Whether the person shall be a driver with a car.
    pub driver: bool,
}

/// Signs in and gives the access token.
pub async fn login(order: LoginOrder) -> Result<String, LoginError> {
    let client = Client::new(order.api).map_err(|source| LoginError::Api {
        operation: "reaching the API",
        source,
    })?;
    let inbox = Inbox::new(&order.sms_spool)?;
    let session = sign_in(&client, &inbox, &order.phone).await?;
    if order.driver {
        become_driver(&client, &session, &papers_of(&order.phone)).await?;
    }
    // A refresh on the way would have replaced the first token.
    let newest = client.session().unwrap_or(session);
    Ok(newest.access_token)
}

/// Papers for somebody who has none; the plate comes from the number, which nobody else has.
fn papers_of(phone: &Phone) -> DriverPapers {
    let digits = phone.as_str();
    let plate = digits
        .get(digits.len().saturating_sub(7)..)
        .unwrap_or(digits);
    DriverPapers {
        name: "Driver".to_owned(),
        vehicle: NewVehicle {
            plate: format!("WF-{plate}"),
            make: "Toyota".to_owned(),
            model: "Corolla".to_owned(),
            colour: "white".to_owned(),
            vehicle_class: VehicleClass::Standard,
            features: Vec::new(),
            seats: None,
            load_kg: None,
        },
    }
}
