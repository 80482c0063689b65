//! A driver who takes the next trip before the present one is over.

use wayfare_core::wire::{Offer, Trip};

use super::Shift;
use super::trip::is_active;
use crate::actor::Halt;

impl Shift<'_> {
    /// Takes a trip that begins where this one ends, unless there is one already.
    pub(super) async fn take_next(&mut self, offer: &Offer) -> Result<(), Halt> {
        if offer.forward && self.next.is_none() {
            self.next = self.accept(offer).await?;
        }
        Ok(())
    }

    /// Notes what became of the next trip. One that is not the driver's any more is forgotten.
    pub(super) fn note_next(&mut self, news: Trip) {
        if self.next.as_ref().is_some_and(|next| next.id == news.id) {
            self.next = Some(news).filter(is_active);
        }
    }
}
