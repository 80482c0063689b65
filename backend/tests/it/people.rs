//! Requests, and people who make them: alice rides, bob drives.

use futures_util::future::join_all;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Method, RequestBuilder};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use wayfare_core::wire::{Driver, ErrorCode, OtpChallenge, Problem, Session, Vehicle};

use crate::harness::TestServer;

pub(crate) const ALICE: &str = "+351910000001";
pub(crate) const BOB: &str = "+351910000002";
pub(crate) const CAROL: &str = "+351910000003";

/// An answer of the server.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    /// What the server said, if it said it with this status.
    #[track_caller]
    pub(crate) fn told<T: DeserializeOwned>(self, status: u16) -> T {
        assert_eq!(self.status, status, "{}", self.body);
        serde_json::from_value(self.body).unwrap()
    }

    /// The server did it and has nothing to say.
    #[track_caller]
    pub(crate) fn done(self) {
        assert_eq!((self.status, self.body), (204, Value::Null));
    }

    /// The server refused, as every refusal is made.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: ErrorCode) -> Problem {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(self.headers[CONTENT_TYPE], "application/problem+json");
        let problem: Problem = serde_json::from_value(self.body.clone()).unwrap();
        assert_eq!(problem.code, code, "{}", self.body);
        assert_eq!(problem.status, status);
        assert!(!problem.detail.is_empty());
        assert_eq!(self.headers["x-request-id"], problem.request_id.as_str());
        problem
    }
}

/// A request to be.
#[derive(Debug)]
pub(crate) struct Call(RequestBuilder);

pub(crate) fn get(server: &TestServer, path: &str) -> Call {
    Call::new(server, Method::GET, path)
}

pub(crate) fn post(server: &TestServer, path: &str) -> Call {
    Call::new(server, Method::POST, path)
}

pub(crate) fn put(server: &TestServer, path: &str) -> Call {
    Call::new(server, Method::PUT, path)
}

pub(crate) fn patch(server: &TestServer, path: &str) -> Call {
    Call::new(server, Method::PATCH, path)
}

pub(crate) fn delete(server: &TestServer, path: &str) -> Call {
    Call::new(server, Method::DELETE, path)
}

impl Call {
    fn new(server: &TestServer, method: Method, path: &str) -> Self {
        Self(server.http.request(method, server.url(path)))
    }

    pub(crate) fn by(self, session: &Session) -> Self {
        self.token(&session.access_token)
    }

    pub(crate) fn token(self, token: &str) -> Self {
        Self(self.0.bearer_auth(token))
    }

    pub(crate) fn keyed(self, key: &str) -> Self {
        Self(self.0.header("Idempotency-Key", key))
    }

    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    pub(crate) async fn json(self, body: Value) -> Answer {
        self.carrying(&body).send().await
    }

    pub(crate) fn carrying(self, body: &Value) -> Self {
        Self(self.0.json(body))
    }

    pub(crate) async fn raw(self, content_type: &str, body: &str) -> Answer {
        Self(
            self.0
                .header(CONTENT_TYPE, content_type)
                .body(body.to_owned()),
        )
        .send()
        .await
    }

    /// Sends bytes.
    pub(crate) async fn octets(self, body: impl Into<Vec<u8>>) -> Answer {
        Self(
            self.0
                .header(CONTENT_TYPE, "application/octet-stream")
                .body(body.into()),
        )
        .send()
        .await
    }

    pub(crate) async fn send(self) -> Answer {
        self.try_send().await.unwrap()
    }

    /// The answer, or why there is none.
    pub(crate) async fn try_send(self) -> reqwest::Result<Answer> {
        let answer = self.0.send().await?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let text = answer.text().await?;
        let body = match text.as_str() {
            "" => Value::Null,
            text => serde_json::from_str(text).unwrap_or_else(|_| panic!("not JSON: {text}")),
        };
        Ok(Answer {
            status,
            headers,
            body,
        })
    }
}

/// Asks for a one-time password.
pub(crate) async fn ask_otp(server: &TestServer, phone: &str) -> Answer {
    post(server, "/v1/auth/otp")
        .json(json!({ "phone": phone }))
        .await
}

/// Sends a one-time password back.
pub(crate) async fn give_otp(server: &TestServer, challenge: &OtpChallenge, code: &str) -> Answer {
    let challenge_id = challenge.challenge_id;
    let body = json!({ "challenge_id": challenge_id, "code": code, "device_name": "test phone" });
    post(server, "/v1/auth/sessions").json(body).await
}

/// Signs in, and makes the account if there is none. Ends the wait between two passwords first.
pub(crate) async fn sign_in(server: &TestServer, phone: &str) -> Session {
    age_passwords(server, phone).await;
    let challenge: OtpChallenge = ask_otp(server, phone).await.told(201);
    let code = server.otp_code(phone).await;
    give_otp(server, &challenge, &code).await.told(201)
}

/// Makes the passwords of a phone an hour older than they are.
pub(crate) async fn age_passwords(server: &TestServer, phone: &str) {
    sqlx::query(
        "UPDATE identity.otp_challenges
         SET created_at = created_at - interval '1 hour' WHERE phone = $1",
    )
    .bind(phone)
    .execute(&server.pool)
    .await
    .unwrap();
}

/// The body that registers a vehicle.
pub(crate) fn vehicle(plate: &str) -> Value {
    json!({
        "plate": plate, "make": "Dacia", "model": "Jogger", "colour": "blue",
        "vehicle_class": "standard",
    })
}

/// Registers the person as a driver.
pub(crate) async fn register(server: &TestServer, person: &Session) -> Driver {
    let body = json!({ "name": "Bob" });
    post(server, "/v1/drivers")
        .by(person)
        .json(body)
        .await
        .told(201)
}

/// Registers a vehicle of the driver.
pub(crate) async fn register_vehicle(
    server: &TestServer,
    driver: &Session,
    plate: &str,
) -> Vehicle {
    post(server, "/v1/vehicles")
        .by(driver)
        .json(vehicle(plate))
        .await
        .told(201)
}

/// The number that a statement answers.
pub(crate) async fn count(server: &TestServer, statement: &'static str) -> i64 {
    sqlx::query_scalar(statement)
        .fetch_one(&server.pool)
        .await
        .unwrap()
}

/// Has the server open all its database connections, so that requests sent at once run at once.
pub(crate) async fn open_connections(server: &TestServer, person: &Session) {
    let calls = (0..50).map(|_| get(server, "/v1/me").by(person).send());
    for answer in join_all(calls).await {
        assert_eq!(answer.status, 200);
    }
}
