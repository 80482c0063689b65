//! The device behind its lock, and what the app sees of it.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{mpsc, watch};

use super::{Device, DeviceClock, DeviceError, DeviceTime, Effect, Message};
use crate::sync::device::KeptNotice;
use crate::sync::engine::{Network, Pending};
use crate::sync::pin_check::PinKey;
use crate::sync::replica::Replica;
use crate::sync::store::StoreHealth;

/// Is given the key for PINs when the server gave it. If it cannot keep it, the device registers again
/// when the program begins the next time.
pub type PinKeyKept = Arc<dyn Fn(&PinKey) + Send + Sync>;

/// What the app shows of a device.
#[derive(Debug, Clone, PartialEq)]
pub struct DeviceState {
    /// Trips and offers, with everything that was done here.
    pub replica: Arc<Replica>,
    /// What waits to be sent.
    pub pending: Pending,
    /// What kind of network there is.
    pub network: Network,
    /// The person has to sign in again before anything is sent.
    pub needs_sign_in: bool,
    /// How the store is.
    pub health: StoreHealth,
    /// What the person has not been told yet, oldest first.
    pub notices: Vec<KeptNotice>,
}

impl DeviceState {
    pub(super) fn of(device: &Device) -> Self {
        Self {
            replica: Arc::new(device.replica().clone()),
            pending: device.pending(),
            network: device.network(),
            needs_sign_in: device.needs_sign_in(),
            health: StoreHealth::Good,
            notices: device.notices().unwrap_or_default(),
        }
    }

    /// Shows the device as it is. Answers whether that is different.
    fn follow(&mut self, device: &Device, health: Option<StoreHealth>) -> bool {
        let before = self.clone();
        if *self.replica != *device.replica() {
            self.replica = Arc::new(device.replica().clone());
        }
        self.pending = device.pending();
        self.network = device.network();
        self.needs_sign_in = device.needs_sign_in();
        self.health = health.unwrap_or(StoreHealth::Good);
        if let Ok(notices) = device.notices() {
            self.notices = notices;
        }
        *self != before
    }
}

/// Where what happens goes.
pub(super) struct Wires {
    pub(super) messages: mpsc::UnboundedSender<Message>,
    pub(super) state: watch::Sender<DeviceState>,
    pub(super) clock: Arc<dyn DeviceClock>,
    pub(super) pin_key_kept: Option<PinKeyKept>,
}

/// The device behind its lock.
pub(super) struct Shared {
    device: Mutex<Device>,
    wires: Wires,
}

impl Shared {
    pub(super) fn new(device: Device, wires: Wires) -> Self {
        Self {
            device: Mutex::new(device),
            wires,
        }
    }

    pub(super) fn now(&self) -> DeviceTime {
        self.wires.clock.now()
    }

    pub(super) fn say(&self, message: Message) {
        // Fails if the runner is gone; then nothing is sent, and everything is kept.
        drop(self.wires.messages.send(message));
    }

    /// Uses the device on a thread that may block.
    pub(super) async fn with<T: Send + 'static>(
        self: &Arc<Self>,
        f: impl FnOnce(&mut Device, DeviceTime) -> Result<T, DeviceError> + Send + 'static,
    ) -> Result<T, DeviceError> {
        let shared = Arc::clone(self);
        let used = tokio::task::spawn_blocking(move || shared.locked(f)).await;
        used.unwrap_or(Err(DeviceError::Stopped))
    }

    /// Lets the device take a step, and passes on what is to be done, in the order of the steps.
    pub(super) async fn step(
        self: &Arc<Self>,
        f: impl FnOnce(&mut Device, DeviceTime) -> Result<Vec<Effect>, DeviceError> + Send + 'static,
    ) -> Result<(), DeviceError> {
        let shared = Arc::clone(self);
        self.with(move |device, now| {
            for effect in f(device, now)? {
                shared.say(Message::Effect(effect));
            }
            Ok(())
        })
        .await
    }

    fn locked<T>(
        &self,
        f: impl FnOnce(&mut Device, DeviceTime) -> Result<T, DeviceError>,
    ) -> Result<T, DeviceError> {
        // Whoever failed with the lock left a device that reads its store anew if need be.
        let mut device = self.device.lock().unwrap_or_else(PoisonError::into_inner);
        let had_key = device.pin_key().cloned();
        // Read under the lock, so that the device's time never goes back.
        let result = f(&mut device, self.now());
        if let (Some(kept), Some(key)) = (&self.wires.pin_key_kept, device.pin_key())
            && had_key.as_ref() != Some(key)
        {
            kept(key);
        }
        let health = result.as_ref().err().and_then(DeviceError::health);
        self.wires
            .state
            .send_if_modified(|state| state.follow(&device, health));
        result
    }
}
