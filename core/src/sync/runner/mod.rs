//! Drives a device against a server: waits, sends, listens, and lets the app in.
//!
//! A [`Runner`] is one future. It may be dropped at any time: what is stored stays stored, and a new
//! runner with the same store goes on. Apps hold a [`DeviceHandle`], which any task may use. The
//! device itself is behind a lock and is used on threads that may block, because its store does.

mod clock;
mod handle;
mod listen;
mod shared;
mod transport;

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::{AbortHandle, JoinSet};

use super::clock::DeviceTime;
use super::device::{Answer, Device, DeviceError, Request};
use super::engine::{Call, CallId, Effect, Input, Network, Outcome};
use shared::Shared;

pub use clock::{DeviceClock, ProcessClock};
pub use handle::DeviceHandle;
pub use listen::{Listener, Nobody, Word};
pub use shared::{DeviceState, PinKeyKept};
pub use transport::Transport;

/// A timer does not run while the device sleeps: it is looked at again after this.
const NAP_MAX: Duration = Duration::from_secs(30);

/// What the tasks of the app and the store have to say to the loop.
#[derive(Debug)]
enum Message {
    Effect(Effect),
    Network(Network),
    SignedIn,
    Stop,
}

/// What a device is driven with.
pub struct Parts<T, L> {
    /// Asks the server.
    pub transport: T,
    /// Tells of news by another way, such as the live stream; [`Nobody`] if there is none.
    pub listener: L,
    /// The device's clocks.
    pub clock: Arc<dyn DeviceClock>,
    /// Keeps the key for PINs in the keystore.
    pub pin_key_kept: Option<PinKeyKept>,
}

impl<T, L> std::fmt::Debug for Parts<T, L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts").finish_non_exhaustive()
    }
}

/// Drives one device. See the module.
pub struct Runner<T, L> {
    shared: Arc<Shared>,
    messages: mpsc::UnboundedReceiver<Message>,
    transport: Arc<T>,
    listener: L,
    calls: JoinSet<Answer>,
    under_way: BTreeMap<CallId, AbortHandle>,
    wake_ms: Option<u64>,
    network: Network,
    /// The listener is asked: there is a network and a session.
    listens: bool,
    /// The engine was told that somebody listens.
    connected: bool,
}

impl<T, L> std::fmt::Debug for Runner<T, L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runner")
            .field("under_way", &self.under_way.keys())
            .finish_non_exhaustive()
    }
}

impl<T: Transport, L: Listener> Runner<T, L> {
    /// A runner of this device, and what the app uses the device by. Nothing happens until
    /// [`run`](Runner::run).
    pub fn new(device: Device, parts: Parts<T, L>) -> (Self, DeviceHandle) {
        // What comes of one step of the engine is a handful, and a step is a person's or a call's.
        let (sender, messages) = mpsc::unbounded_channel();
        let (state, states) = watch::channel(DeviceState::of(&device));
        let shared = Arc::new(Shared::new(
            device,
            shared::Wires {
                messages: sender,
                state,
                clock: parts.clock,
                pin_key_kept: parts.pin_key_kept,
            },
        ));
        let handle = DeviceHandle::new(Arc::clone(&shared), states);
        let runner = Self {
            shared,
            messages,
            transport: Arc::new(parts.transport),
            listener: parts.listener,
            calls: JoinSet::new(),
            under_way: BTreeMap::new(),
            wake_ms: None,
            network: Network::Offline,
            listens: false,
            connected: false,
        };
        (runner, handle)
    }

    /// Runs until [`DeviceHandle::stop`].
    pub async fn run(mut self) {
        self.tell(Input::Started).await;
        loop {
            tokio::select! {
                message = self.messages.recv() => match message {
                    None | Some(Message::Stop) => return,
                    Some(message) => self.hear(message).await,
                },
                ended = self.calls.join_next_with_id(), if !self.calls.is_empty() => {
                    if let Some(ended) = ended {
                        self.hear_answer(ended).await;
                    }
                }
                () = nap(self.wake_ms, &self.shared) => {
                    if self.is_time() {
                        self.wake_ms = None;
                        self.tell(Input::Tick).await;
                    }
                }
                word = next_word(&mut self.listener, self.listens) => self.hear_word(word).await,
            }
        }
    }

    async fn hear(&mut self, message: Message) {
        match message {
            Message::Effect(Effect::Call { id, call }) => self.ask(id, call).await,
            Message::Effect(Effect::Abandon(id)) => {
                if let Some(call) = self.under_way.remove(&id) {
                    call.abort();
                }
            }
            // The newest is made of everything that is known.
            Message::Effect(Effect::WakeAt(at)) => self.wake_ms = Some(at),
            Message::Effect(Effect::NeedsSignIn) => self.stop_listening().await,
            Message::Network(network) => {
                self.network = network;
                match network {
                    Network::Offline => self.stop_listening().await,
                    _ => self.listens = true,
                }
            }
            Message::SignedIn => self.listens = self.network != Network::Offline,
            Message::Stop => {}
        }
    }

    async fn ask(&mut self, id: CallId, call: Call) {
        let request = self
            .shared
            .with(move |device, now| device.request(call, now))
            .await;
        match request {
            Ok(Some(request)) => self.send(id, request),
            Ok(None) => {
                let outcome = Outcome::Done {
                    more: false,
                    blob: None,
                };
                self.tell(Input::Answered { call: id, outcome }).await;
            }
            Err(_) => self.lost(id).await,
        }
    }

    fn send(&mut self, id: CallId, request: Request) {
        let transport = Arc::clone(&self.transport);
        let call = self
            .calls
            .spawn(async move { transport.send(request).await });
        self.under_way.insert(id, call);
    }

    async fn hear_answer(&mut self, ended: Ended) {
        let (task, answer) = match ended {
            Ok((task, answer)) => (task, answer),
            // It was abandoned, or it failed in a way that nobody foresaw.
            Err(error) => (error.id(), Answer::Lost),
        };
        let id = self.under_way.iter().find(|(_, call)| call.id() == task);
        let Some(id) = id.map(|(id, _)| *id) else {
            return;
        };
        self.under_way.remove(&id);
        let taken = self
            .shared
            .step(move |device, now| device.answer(id, answer, now))
            .await;
        if taken.is_err() {
            self.lost(id).await;
        }
    }

    /// What was answered could not be kept, so it is asked again.
    async fn lost(&self, call: CallId) {
        let outcome = Outcome::Lost;
        self.tell(Input::Answered { call, outcome }).await;
    }

    async fn hear_word(&mut self, word: Word) {
        match word {
            Word::Connected if !self.connected => {
                self.connected = true;
                self.tell(Input::Listening(true)).await;
            }
            Word::Connected | Word::News => self.tell(Input::Push).await,
            Word::Lost => self.disconnect().await,
            Word::SignedOut => self.stop_listening().await,
        }
    }

    async fn stop_listening(&mut self) {
        self.listens = false;
        self.disconnect().await;
    }

    async fn disconnect(&mut self) {
        if std::mem::take(&mut self.connected) {
            self.tell(Input::Listening(false)).await;
        }
    }

    /// An error is in the state that the app sees; the engine comes back to it by itself.
    async fn tell(&self, input: Input) {
        drop(
            self.shared
                .step(move |device, now| device.input(input, now))
                .await,
        );
    }

    fn is_time(&self) -> bool {
        self.wake_ms
            .is_some_and(|at| at <= self.shared.now().monotonic_ms)
    }
}

type Ended = Result<(tokio::task::Id, Answer), tokio::task::JoinError>;

async fn nap(wake_ms: Option<u64>, shared: &Shared) {
    let Some(at) = wake_ms else {
        return pending().await;
    };
    let rest = at.saturating_sub(shared.now().monotonic_ms);
    tokio::time::sleep(Duration::from_millis(rest).min(NAP_MAX)).await;
}

async fn next_word<L: Listener>(listener: &mut L, listens: bool) -> Word {
    if listens {
        listener.next().await
    } else {
        pending().await
    }
}

#[cfg(test)]
mod tests;
