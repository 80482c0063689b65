//! People with a phone: drivers and riders.
//!
//! Each is a task of its own. It speaks to the backend through the same client as the apps, and it
//! reads what it knows anew whenever it may have missed something, so a restart of the backend
//! interrupts nobody.

pub mod driver;
mod feed;
pub mod rider;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use wayfare_core::client::{Client, ClientError};
use wayfare_core::phone::Phone;
use wayfare_core::receipt::Receipt;
use wayfare_core::wire::{ErrorCode, Session, Trip};

use crate::login::{LoginError, sign_in};
use crate::proofs::{ProofError, Witness};
use crate::tally::PricedBy;
use crate::world::{Phase, World};

/// Somebody who got an answer that makes no sense tries again after this.
const RECOVERY: Duration = Duration::from_secs(3);

/// Why an actor leaves what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Halt {
    /// The day is over.
    Stopping,
    /// The session is over: sign in again.
    SignedOut,
    /// Something unexpected happened and was told; read everything anew.
    Confused,
}

/// An answer that the actor can go on with.
#[derive(Debug)]
pub(crate) enum Answer<T> {
    /// As wanted.
    Done(T),
    /// Somebody else was faster: an expected refusal.
    TooLate(ErrorCode),
}

impl<T> Answer<T> {
    pub(crate) fn done(self) -> Option<T> {
        match self {
            Self::Done(value) => Some(value),
            Self::TooLate(_) => None,
        }
    }
}

/// A phone and its owner.
#[derive(Debug)]
pub(crate) struct Phoned {
    pub(crate) world: Arc<World>,
    pub(crate) client: Client,
    /// What the owner is called in messages.
    pub(crate) name: String,
}

impl Phoned {
    /// Makes a call. Codes in `races` are normal: the other side was faster.
    pub(crate) async fn ask<T>(
        &self,
        operation: &'static str,
        races: &[ErrorCode],
        call: impl Future<Output = Result<T, ClientError>>,
    ) -> Result<Answer<T>, Halt> {
        let result = tokio::select! {
            biased;
            result = call => result,
            () = self.world.reached(Phase::Stopping) => return Err(Halt::Stopping),
        };
        let error = match result {
            Ok(value) => return Ok(Answer::Done(value)),
            Err(error) => error,
        };
        match error.code().filter(|code| races.contains(code)) {
            Some(code) => Ok(Answer::TooLate(code)),
            None => Err(self.complain(operation, &error)),
        }
    }

    /// Makes a call that nothing can come in between of.
    pub(crate) async fn ask_plainly<T>(
        &self,
        operation: &'static str,
        call: impl Future<Output = Result<T, ClientError>>,
    ) -> Result<T, Halt> {
        match self.ask(operation, &[], call).await? {
            Answer::Done(value) => Ok(value),
            Answer::TooLate(_) => Err(Halt::Confused),
        }
    }

    /// Checks something signed. What does not hold is counted and told.
    pub(crate) async fn check<T>(
        &self,
        what: &str,
        checking: impl Future<Output = Result<T, ProofError>>,
    ) -> Result<Option<T>, Halt> {
        let checked = tokio::select! {
            biased;
            checked = checking => checked,
            () = self.world.reached(Phase::Stopping) => return Err(Halt::Stopping),
        };
        match checked {
            Ok(checked) => Ok(Some(checked)),
            Err(ProofError::Api { operation, source }) => Err(self.complain(operation, &source)),
            Err(error) => {
                let text = format!("{}, {what}: {error}", self.name);
                self.world.tally.proof_failed(text);
                Ok(None)
            }
        }
    }

    /// Gets the receipt of a trip that is over, and computes it again.
    pub(crate) async fn check_receipt(
        &self,
        trip: &Trip,
        witness: Witness<'_>,
    ) -> Result<Option<Receipt>, Halt> {
        let (world, what) = (&self.world, format!("the receipt of {}", trip.id));
        let getting = self.client.receipt(trip.id);
        let races = [ErrorCode::NotFound];
        let Answer::Done(receipt) = self.ask("getting the receipt", &races, getting).await? else {
            let text = format!("{}, {what}: there is none", self.name);
            world.tally.proof_failed(text);
            return Ok(None);
        };
        let proofs = &world.proofs;
        let checking = proofs.check_receipt(&self.client, trip, &receipt.signed, witness);
        let checked = self.check(&what, checking).await?;
        if let Some(receipt) = &checked {
            world.tally.receipt_proven(trip.id, PricedBy::of(receipt));
        }
        Ok(checked)
    }

    /// Waits simulated seconds, or until the day is over.
    pub(crate) async fn wait(&self, simulated_s: f64) -> Result<(), Halt> {
        tokio::select! {
            () = self.world.clock.sleep(simulated_s) => Ok(()),
            () = self.world.reached(Phase::Stopping) => Err(Halt::Stopping),
        }
    }

    pub(crate) async fn sign_in(&self, phone: &Phone) -> Result<Session, Halt> {
        let signing_in = async {
            let _turn = self.world.logins.acquire().await;
            sign_in(&self.client, &self.world.inbox, phone).await
        };
        let result = tokio::select! {
            result = signing_in => result,
            () = self.world.reached(Phase::Stopping) => return Err(Halt::Stopping),
        };
        result.map_err(|error| self.complain_of_login(&error))
    }

    pub(crate) fn complain_of_login(&self, error: &LoginError) -> Halt {
        match error {
            LoginError::Api { operation, source } => self.complain(operation, source),
            LoginError::Inbox(error) => {
                self.world.tally.trouble(format!("{}: {error}", self.name));
                Halt::Confused
            }
        }
    }

    pub(crate) fn complain(&self, operation: &str, error: &ClientError) -> Halt {
        self.world.tally.unexpected(&self.name, operation, error);
        if error.is_signed_out() {
            Halt::SignedOut
        } else {
            Halt::Confused
        }
    }

    /// A pause after something unexpected, so that a broken backend is not hammered.
    pub(crate) async fn recover(&self) -> Result<(), Halt> {
        tokio::select! {
            () = tokio::time::sleep(RECOVERY) => Ok(()),
            () = self.world.reached(Phase::Stopping) => Err(Halt::Stopping),
        }
    }
}
