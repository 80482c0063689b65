//! What an app uses a device by.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::watch;

use super::shared::Shared;
use super::{DeviceState, Message};
use crate::id::CommandId;
use crate::sync::command::DeviceAction;
use crate::sync::device::DeviceError;
use crate::sync::engine::{Input, Network};
use crate::sync::store::{NoticeId, QueueItem};
use crate::track::segment::SegmentPoint;
use crate::wire::NewBlob;

/// A device that a [`Runner`](super::Runner) drives. Cheap to clone; any task may use it. It goes on
/// working, and keeping what is done, when the runner is gone; only nothing is sent then.
#[derive(Clone)]
pub struct DeviceHandle {
    shared: Arc<Shared>,
    states: watch::Receiver<DeviceState>,
}

impl std::fmt::Debug for DeviceHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeviceHandle").finish_non_exhaustive()
    }
}

impl DeviceHandle {
    pub(super) const fn new(shared: Arc<Shared>, states: watch::Receiver<DeviceState>) -> Self {
        Self { shared, states }
    }

    /// Does what the person wants. It is stored when this returns; see
    /// [`Device::act`](crate::sync::device::Device::act).
    pub async fn act(&self, id: CommandId, action: DeviceAction) -> Result<(), DeviceError> {
        self.shared
            .step(move |device, now| device.act(id, action, now))
            .await
    }

    /// Keeps measurements of the device's position.
    pub async fn record(&self, points: Vec<SegmentPoint>) -> Result<(), DeviceError> {
        self.shared
            .with(move |device, now| device.record(&points, now))
            .await
    }

    /// Keeps a file to be sent.
    pub async fn add_blob(&self, blob: NewBlob, content: Vec<u8>) -> Result<(), DeviceError> {
        self.shared
            .step(move |device, now| device.add_blob(&blob, &content, now))
            .await
    }

    /// The network changed.
    pub async fn set_network(&self, network: Network) -> Result<(), DeviceError> {
        let told = self.tell(Input::Network(network)).await;
        self.shared.say(Message::Network(network));
        told
    }

    /// The person signed in again.
    pub async fn signed_in(&self) -> Result<(), DeviceError> {
        let told = self.tell(Input::SignedIn).await;
        self.shared.say(Message::SignedIn);
        told
    }

    /// Somebody heard that there is something new, such as by a push message.
    pub async fn heard_push(&self) -> Result<(), DeviceError> {
        self.tell(Input::Push).await
    }

    /// A satellite fix said what time it is.
    pub async fn heard_satellite(&self, satellite: DateTime<Utc>) -> Result<(), DeviceError> {
        self.shared
            .with(move |device, now| {
                device.heard_satellite(now, satellite);
                Ok(())
            })
            .await
    }

    /// The person has seen a notice.
    pub async fn seen(&self, notice: NoticeId) -> Result<(), DeviceError> {
        self.shared.with(move |device, _| device.seen(notice)).await
    }

    /// What was done here and what became of it, newest first.
    pub async fn queue(&self, limit: u32) -> Result<Vec<QueueItem>, DeviceError> {
        self.shared.with(move |device, _| device.queue(limit)).await
    }

    /// The state of the device, and every change of it.
    pub fn states(&self) -> watch::Receiver<DeviceState> {
        self.states.clone()
    }

    /// Ends the runner. What is under way is dropped; everything is kept.
    pub fn stop(&self) {
        self.shared.say(Message::Stop);
    }

    async fn tell(&self, input: Input) -> Result<(), DeviceError> {
        self.shared
            .step(move |device, now| device.input(input, now))
            .await
    }
}
